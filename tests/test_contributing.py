"""What a contributor gets from the command line: new files, mended files, explanations, tasks."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml
from project import ROOT

from macros import drafting
from macros.findings import FORMATS
from macros.load import FOLDERS, read_yaml
from macros.model import Dataset, Finding, Place
from macros.queries import read_before
from macros.rules import RULES, docs, rule_name
from macros.rules.explanation import explain
from macros.tidy import tidied


def dev(*arguments: str, root: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "macros", "--root", str(root), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def repository(project: Path) -> Path:
    """The small project as a repository, with navigation and owners."""
    nav = ["nav:", "  - Guidance:", "      - guidance/index.md", "      - guidance/yanking.md", "  - Capabilities:", "      - capabilities/index.md"]
    nav += ["      - capabilities/mfa.md", "      - capabilities/yanking.md", "  - Registries:", "      - registries/index.md", "      - registries/compare.md"]
    nav += ["      - registries/example.md", "      - registries/mirror.md", "  - Incidents:", "      - incidents/index.md", "      - incidents/theft-2025.md", ""]
    (project / "mkdocs.yml").write_text("\n".join(nav))
    (project / ".github").mkdir()
    (project / ".github/CODEOWNERS").write_text("* @org/team\n/data/registries/example.yaml @org/team\n/data/registries/mirror.yaml  @org/team\n")
    for path in navigation(project):
        page = project / "docs" / path
        page.parent.mkdir(exist_ok=True)
        if not page.exists():
            page.write_text("---\ndescription: An example.\n---\n\n# Overview\n")
    (project / "mkdocs.yml").write_text((project / "mkdocs.yml").read_text().replace("nav:\n", "nav:\n  - Home: index.md\n"))
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "Begin")
    return project


# ------------------------------------------------------------------ new files


def navigation(root: Path) -> list[str]:
    return re.findall(r"- (\S+\.md)", (root / "mkdocs.yml").read_text())


def test_a_new_registry_asks_for_what_it_needs_and_is_listed(repository: Path) -> None:
    run = dev("new", "registry", "fresh", "--name", "Fresh: packages", root=repository)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Written: docs/registries/fresh.md, data/registries/fresh.yaml, mkdocs.yml, .github/CODEOWNERS\n")
    assert navigation(repository)[6:10] == ["registries/compare.md", "registries/example.md", "registries/fresh.md", "registries/mirror.md"]
    assert (repository / ".github/CODEOWNERS").read_text().splitlines()[2] == "/data/registries/fresh.yaml   @org/team"
    asked = dev("check", root=repository).stdout.splitlines()
    assert [line.partition(": ")[2].partition(";")[0] for line in asked] == [f"'{key}' has no value" for key in ("ecosystem", "operator", "url", "client", "description", "user_accounts", "packages")]


def test_a_new_registry_that_is_filled_in_has_nothing_to_mend_and_knows_nothing(repository: Path) -> None:
    dev("new", "registry", "fresh", root=repository)
    path = repository / "data/registries/fresh.yaml"
    answers = {"ecosystem": "Fresh", "operator": "Fresh Foundation", "url": "https://fresh.example/", "client": "fresh", "description": "A registry.", "user_accounts": "yes", "packages": "built"}
    text = path.read_text()
    for key, answer in answers.items():
        text = re.sub(rf"^(\s*{key}:)  ", rf"\1 {answer}  ", text, count=1, flags=re.MULTILINE)
    path.write_text(text)
    run = dev("check", root=repository)
    assert (run.returncode, run.stdout) == (0, "Nothing to mend. 6 claims: 1 supported, 4 unknown, 1 not-applicable\n")


def test_a_new_claim_is_unknown_and_offers_every_column(repository: Path) -> None:
    text = re.sub(r"^  mfa:\n(    .*\n)*", "", (repository / "data/registries/example.yaml").read_text(), flags=re.MULTILINE)
    (repository / "data/registries/example.yaml").write_text(text)
    assert dev("new", "claim", "example", "mfa", root=repository).returncode == 0
    written = (repository / "data/registries/example.yaml").read_text()
    assert written.startswith(text) and "    status: unknown " in written.removeprefix(text)
    asked = dev("check", root=repository).stdout
    assert "'summary' has no value" in asked and "'note' has no value" in asked
    for key, answer in {"summary": "Nothing says so.", "note": "The documentation was read."}.items():
        written = re.sub(rf"^(    {key}:)  ", rf"\1 {answer}  ", written, flags=re.MULTILINE)
    (repository / "data/registries/example.yaml").write_text(written)
    assert dev("check", root=repository).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("registry", "Fresh"), "'Fresh' is no id; use lower-case letters, digits and single hyphens"),
        (("registry", "example"), "docs/registries/example.md is there already"),
        (("capability", "sbom"), "a capability needs --track authentication or authorization or general or client"),
        (("claim", "exmaple", "mfa"), "there is no registry 'exmaple'; did you mean 'example'? A new one begins with: python3 dev.py new registry exmaple"),
        (("claim", "example", "mfaa"), "there is no capability 'mfaa'; did you mean 'mfa'?"),
        (("claim", "example"), "name the capability too: python3 dev.py new claim example CAPABILITY; data/capabilities/ has them"),
        (("claim", "example", "mfa"), "data/registries/example.yaml:29 has a claim on mfa; change that one"),
    ],
)
def test_what_cannot_be_new_is_refused_and_nothing_is_written(repository: Path, arguments: tuple[str, ...], says: str) -> None:
    run = dev("new", *arguments, root=repository)
    assert run.returncode == 2 and run.stderr.startswith(says), run.stderr
    assert subprocess.run(["git", "status", "--porcelain"], cwd=repository, capture_output=True, text=True, check=True).stdout == ""


def test_a_claim_on_what_does_not_apply_is_refused_with_the_reason(repository: Path) -> None:
    path = repository / "data/registries/mirror.yaml"
    path.write_text(path.read_text().partition("claims:")[0] + "claims: {}\n")
    run = dev("new", "claim", "mirror", "mfa", root=repository)
    assert run.returncode == 2 and run.stderr == "mfa does not apply to mirror: Without user accounts there is nobody to authenticate.\nIf that is wrong, correct its traits.\n"


def test_an_id_that_was_used_before_is_not_used_again(repository: Path) -> None:
    (repository / "tests").mkdir()
    (repository / "tests/release.json").write_text(json.dumps({"ids": {"registries": ["example", "gone"]}}))
    run = dev("new", "registry", "gone", root=repository)
    assert run.returncode == 2 and "ids are for ever" in run.stderr


@pytest.mark.parametrize(("kind", "page"), [("incident", "incidents/fresh.md"), ("page", "guidance/fresh.md"), ("capability", "capabilities/fresh.md")])
def test_a_new_file_of_each_kind_is_in_the_navigation_and_says_what_is_missing(repository: Path, kind: str, page: str) -> None:
    options = ["--track", "general"] if kind == "capability" else []
    run = dev("new", kind, "fresh", "--name", "Fresh thing", *options, root=repository)
    assert run.returncode == 0, run.stderr
    assert page in navigation(repository)
    run = dev("check", root=repository)
    assert run.returncode == 1 and "fresh" in run.stdout and "Traceback" not in run.stderr


@pytest.mark.parametrize("capability", ["deprecation", "trusted-publishing", "mfa"])
def test_no_line_of_a_claim_can_be_taken_without_an_answer(real: Dataset, capability: str) -> None:
    """With every comment taken off, each key that was offered asks for its value."""
    registry = "id: fresh\nname: Fresh\necosystem: Fresh\noperator: Fresh\nurl: https://fresh.example/\nclient: fresh\ndescription: Fresh.\ntraits: {user_accounts: yes, packages: built}\nclaims: {}\n"
    text = drafting.with_claim(registry, capability, real)
    text = re.sub(r"^    #     # .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^    # ((?:  )*(?:- )?[\w-]+:)", r"    \1", text, flags=re.MULTILINE)
    asked = [re.match(r"'([\w-]+)' has no value", finding.fault)[1] for finding in read_yaml(text.encode(), "fresh.yaml").findings]
    columns = [column.id for column in real.capabilities[capability].details]
    assert asked == ["since", "summary", "note", *columns, "url", "title", "kind", "published", "checked"] and columns


@pytest.mark.parametrize("kind", ["registry", "capability", "incident"])
def test_a_draft_is_in_good_form(real: Dataset, kind: str) -> None:
    files = drafting.drafts(kind, "fresh", "Fresh", real, "general")
    text = files[f"data/{drafting.RECORDS[kind]}/fresh.yaml"]
    assert list(yaml.safe_load(text)) == [key for key in FOLDERS[drafting.RECORDS[kind]].model_fields if re.search(rf"^{key}:", text, re.MULTILINE)]
    assert tidied(text, FOLDERS[drafting.RECORDS[kind]]) == text


# ---------------------------------------------------------- check, fix, explain


@pytest.mark.parametrize("given", ["data/registries/nope.yaml", "nope", "../outside.yaml"])
def test_check_of_what_is_not_there_is_no_success(repository: Path, given: str) -> None:
    run = dev("check", given, root=repository)
    assert (run.returncode, run.stdout) == (2, "") and f"there is no {given} in this project" in run.stderr


def test_check_of_a_path_says_that_there_is_more_elsewhere(repository: Path) -> None:
    broken(repository)
    run = dev("check", "docs", root=repository)
    assert (run.returncode, run.stdout) == (0, "") and "4 more elsewhere" in run.stderr
    assert "mirror" not in dev("check", str(repository / "data/registries/example.yaml"), root=repository).stdout


def test_check_names_what_fix_would_mend(repository: Path) -> None:
    path = repository / "data/registries/example.yaml"
    path.write_text(path.read_text().replace("operator: Example Foundation", "operator: Example: the foundation"))
    run = dev("check", root=repository)
    assert run.returncode == 1 and "`python3 dev.py fix data/registries/example.yaml` mends some of it" in run.stderr
    assert dev("fix", root=repository).returncode == 0
    assert dev("check", root=repository).returncode == 0


def test_a_file_that_is_of_no_kind_is_named_and_left_alone(repository: Path) -> None:
    (repository / "data/registry").mkdir()
    (repository / "data/registry/foo.yaml").write_text("id: foo\n")
    (repository / "data/note.yaml").write_text("a: b\n")
    found = dev("check", root=repository).stdout.splitlines()
    assert found == [
        "data/note.yaml:1:1: note is no file of data; use one of addresses, lexicon, model, waivers [shape]",
        "data/registry:1:1: registry is no folder of data; did you mean 'registries'? [shape]",
    ]
    assert dev("fix", "--all", root=repository).returncode == 0


def test_line_ends_that_git_hides_are_mended(repository: Path) -> None:
    (repository / ".gitattributes").write_text("* text=auto eol=lf\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "Line ends")
    path = repository / "data/registries/mirror.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "Mended: data/registries/mirror.yaml\n" in dev("fix", root=repository).stdout
    assert b"\r" not in path.read_bytes()


def broken(root: Path) -> None:
    for name in ("example", "mirror"):
        path = root / f"data/registries/{name}.yaml"
        path.write_text(path.read_text().replace("client:", "cleint:"))


def test_check_tells_of_what_you_changed_first(repository: Path) -> None:
    broken(repository)
    git(repository, "commit", "--quiet", "--all", "-m", "Break")
    path = repository / "data/registries/example.yaml"
    path.write_text(path.read_text() + "# A remark.\n")
    run = dev("check", root=repository)
    assert run.returncode == 1
    assert {line.partition(":")[0] for line in run.stdout.splitlines()} == {"data/registries/example.yaml"}
    assert "2 more in files that you did not change; `python3 dev.py check --all` shows them" in run.stderr
    run = dev("check", "--all", root=repository)
    assert {line.partition(":")[0] for line in run.stdout.splitlines()} == {"data/registries/example.yaml", "data/registries/mirror.yaml"}


def test_faults_elsewhere_are_not_hidden_when_yours_are_mended(repository: Path) -> None:
    broken(repository)
    git(repository, "commit", "--quiet", "--all", "-m", "Break")
    (repository / "docs/index.md").write_text((repository / "docs/index.md").read_text() + "\nA line.\n")
    run = dev("check", root=repository)
    assert run.returncode == 1 and len(run.stdout.splitlines()) == 4


FINDING = Finding(Place("data/registries/a,b.yaml", 3, 7), "'x: 100%' is wrong", "write\ny", "shape")


def test_findings_come_as_text_json_and_annotations() -> None:
    assert FORMATS["text"]([FINDING]) == "data/registries/a,b.yaml:3:7: 'x: 100%' is wrong; write\ny [shape]\n"
    assert json.loads(FORMATS["json"]([FINDING])) == [{"file": "data/registries/a,b.yaml", "line": 3, "column": 7, "fault": "'x: 100%' is wrong", "remedy": "write\ny", "rule": "shape"}]
    assert FORMATS["github"]([FINDING]) == "::error file=data/registries/a%2Cb.yaml,line=3,col=7,title=shape::'x: 100%25' is wrong; write%0Ay\n"


@pytest.mark.parametrize(("format", "start"), [("json", '[\n {\n  "file": "data/registries/example.yaml"'), ("github", "::error file=data/registries/example.yaml,line=")])
def test_check_writes_the_other_forms_of_everything(repository: Path, format: str, start: str) -> None:
    broken(repository)
    run = dev("check", "--format", format, root=repository)
    assert run.returncode == 1 and run.stdout.startswith(start) and "mirror.yaml" in run.stdout


def test_check_in_json_is_an_empty_list_when_all_is_well(repository: Path) -> None:
    run = dev("check", "--format", "json", root=repository)
    assert (run.returncode, json.loads(run.stdout)) == (0, [])


def test_fix_mends_what_you_changed_and_nothing_else(repository: Path) -> None:
    example, mirror = (repository / f"data/registries/{name}.yaml" for name in ("example", "mirror"))
    # Form alone: the last two lines of the head change places.
    for path in (example, mirror):
        path.write_text(re.sub(r"^(client: .*\n)(description: .*\n)", r"\2\1", path.read_text(), flags=re.MULTILINE))
    git(repository, "commit", "--quiet", "--all", "-m", "Turn around")
    example.write_text(example.read_text() + "\n\n")
    untouched = mirror.read_bytes()
    shown = dev("fix", "--show", root=repository)
    assert "+client: exampletool" in shown.stdout and example.read_text().endswith("\n\n")
    run = dev("fix", root=repository)
    assert (run.returncode, run.stdout) == (0, "Mended: data/registries/example.yaml\n")
    assert example.read_text().index("client:") < example.read_text().index("description:") and mirror.read_bytes() == untouched
    assert dev("fix", root=repository).stdout == "Nothing to mend in 1 data file\n"
    assert dev("fix", "--all", root=repository).stdout == "Mended: data/registries/mirror.yaml\n"


def test_fix_of_nothing_says_so(repository: Path) -> None:
    run = dev("fix", "data/registries/nowhere.yaml", root=repository)
    assert run.returncode == 2 and "there is no data/registries/nowhere.yaml in this project" in run.stderr


@pytest.mark.parametrize("rule", [*map(rule_name, RULES), "yaml", "shape", "waivers-are-needed"])
def test_every_rule_is_explained_with_what_it_refuses(rule: str) -> None:
    text = explain(rule, docs(), ROOT)
    assert text.startswith(f"{rule}\n\n  ") and "Traceback" not in text
    if (ROOT / "tests/examples/bad" / rule).is_dir():
        assert "Refused, as in tests/examples/bad/" in text and "  → " in text


def test_explain_shows_the_line_the_fault_and_the_cases() -> None:
    text = explain("evidence-is-primary", docs(), ROOT)
    assert "  Whoever states a fact shows a primary source" in text
    assert re.search(r"  \d+ \| status: \w+\n  → the status \w+ has no primary source", text)
    assert "Accepted: tests/examples/good/evidence-is-primary/" in text
    assert "Cases in docs/about/guidelines.md:\n  The documentation says nothing about it" in text


def test_explain_knows_every_name_and_says_what_it_does_not_know(repository: Path) -> None:
    assert dev("explain", "[evidence-is-primary]", root=ROOT).returncode == 0
    assert "evidence-is-primary\n  Whoever" in dev("explain", root=ROOT).stdout
    run = dev("explain", "evidence-primary", root=ROOT)
    assert run.returncode == 2 and "did you mean 'evidence-is-primary'?" in run.stderr


def test_rules_that_guidelines_name_exist() -> None:
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+){2,})`", (ROOT / "docs/about/guidelines.md").read_text()))
    assert len(named & docs().keys()) > 10
    capabilities = {path.stem for folder in ("capabilities", "incidents") for path in (ROOT / "data" / folder).glob("*.yaml")}
    assert named - docs().keys() - capabilities == set()


# ------------------------------------------------------------------------ stale


def test_stale_lists_what_was_read_longest_ago_as_tasks(repository: Path) -> None:
    run = dev("stale", "--months", "0", root=repository)
    assert run.returncode == 0
    first, address = run.stdout.splitlines()[:2]
    assert first == "- [ ] Example, Yanking: last read on 2026-01-31 (data/registries/example.yaml:10)"
    assert address == "      https://docs.example.org/yank"


def test_stale_asks_of_one_registry_and_since_when(real: Dataset) -> None:
    found = read_before(real, date(2026, 8, 1), "npm")
    assert found and {cell.registry.id for _, cell in found} == {"npm"}
    assert [day for day, _ in found] == sorted(day for day, _ in found) and found[-1][0] < date(2026, 8, 1)
    assert read_before(real, date(2000, 1, 1)) == []


def test_stale_of_an_unknown_registry_says_so(repository: Path) -> None:
    run = dev("stale", "--registry", "exmaple", root=repository)
    assert run.returncode == 2 and "did you mean 'example'?" in run.stderr
