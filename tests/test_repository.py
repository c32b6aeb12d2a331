"""What contributors meet around the facts: issue forms, owners, editor, hook, and the steps of workflows that write."""

import json
import os
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import jsonschema
import pytest
import yaml
from project import ROOT
from test_workflows import tool

from macros.site import macro_signatures

FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
FACTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "data").rglob("*.yaml"))
SETTINGS = json.loads((ROOT / ".vscode/settings.json").read_text())
SNIPPETS = json.loads((ROOT / ".vscode/claims.code-snippets").read_text())


def fields(form: Path) -> list[dict]:
    return [field for field in yaml.safe_load(form.read_text())["body"] if field["type"] != "markdown"]


# Issue forms and updates

def test_the_issue_forms_are_valid() -> None:
    assert len(FORMS) == 4
    run = tool("check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", *map(str, FORMS))
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(("schema", "path"), [("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"), ("vendor.dependabot", ".github/dependabot.yml")])
def test_the_configuration_is_valid(schema: str, path: str) -> None:
    run = tool("check-jsonschema", "--builtin-schema", schema, path)
    assert run.returncode == 0, run.stdout


def test_a_form_without_a_label_would_be_found(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text("name: Bad form\ndescription: It has a field without a label.\nbody:\n  - type: input\n    id: page\n    attributes: {}\n")
    assert tool("check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", str(bad)).returncode != 0


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_ids_of_a_form_are_unique(form: Path) -> None:
    ids = [field["id"] for field in fields(form)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("wrong-fact.yml", {"where": "input", "says": "textarea", "wrong": "textarea", "source": "textarea"}),
        ("site-bug.yml", {"page": "input", "what": "textarea", "browser": "input"}),
    ],
)
def test_the_fields_that_the_site_fills_in_are_there(form: str, expected: dict[str, str]) -> None:
    found = {field["id"]: field["type"] for field in fields(ROOT / ".github/ISSUE_TEMPLATE" / form)}
    assert expected.items() <= found.items()


def test_a_wrong_fact_needs_a_source_and_a_broken_site_no_browser() -> None:
    required = {field["id"] for form in ("wrong-fact.yml", "site-bug.yml") for field in fields(ROOT / ".github/ISSUE_TEMPLATE" / form) if field.get("validations", {}).get("required")}
    assert {"wrong", "source"} <= required and "browser" not in required


def test_the_links_beside_the_forms_stand_on_the_page_of_the_working_group() -> None:
    page = (ROOT / "docs/about/index.md").read_text()
    repository = re.search(r"^repo_url: (\S+)", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)[1]
    for link in yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/config.yml").read_text())["contact_links"]:
        assert link["url"] == f"{repository}/security/policy" or f"({link['url']})" in page
    assert f"{repository}/security/advisories/new" in (ROOT / "SECURITY.md").read_text()


# Owners

def owned(text: str) -> list[str]:
    """The registry files that have a line, each of which must name somebody."""
    lines = [line.split() for line in text.splitlines() if line.startswith("/data/registries/")]
    for pattern, *owners in lines:
        assert owners and all(re.fullmatch(r"@[\w-]+(/[\w-]+)?", owner) for owner in owners), pattern
    return sorted(pattern for pattern, *_ in lines)


def test_every_registry_has_one_line_in_codeowners() -> None:
    registries = [f"/{path}" for path in FACTS if path.startswith("data/registries/")]
    assert len(registries) > 20
    assert owned((ROOT / ".github/CODEOWNERS").read_text()) == registries


def test_a_line_without_an_owner_would_be_found() -> None:
    with pytest.raises(AssertionError, match="example"):
        owned("/data/registries/example.yaml\n")


# Editors

def schemas_of(path: str) -> list[str]:
    """The schemas that the editor would use for a file."""
    return [schema for schema, pattern in SETTINGS["yaml.schemas"].items() if fnmatch(f"/{path}", pattern)]


@pytest.mark.parametrize("path", FACTS)
def test_the_editor_and_the_first_line_of_a_file_name_the_same_schema(path: str) -> None:
    first = (ROOT / path).read_text().partition("\n")[0]
    modeline = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert modeline, first
    named = ((ROOT / path).parent / modeline[1]).resolve()
    assert named.is_file()
    assert schemas_of(path) == [named.relative_to(ROOT).as_posix()]


def test_every_schema_is_used() -> None:
    assert sorted(SETTINGS["yaml.schemas"]) == sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "data/schema").glob("*.json"))


def test_the_container_has_the_extensions_that_the_editor_recommends() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    recommended = json.loads((ROOT / ".vscode/extensions.json").read_text())["recommendations"]
    assert container["customizations"]["vscode"]["extensions"] == recommended
    assert container["forwardPorts"] == [8000]


def filled(snippet: dict) -> str:
    """What the snippet writes where its author only presses the tabulator."""
    text = "\n".join(snippet["body"])
    for variable, value in {"CURRENT_YEAR": "2026", "CURRENT_MONTH": "01", "CURRENT_DATE": "31"}.items():
        text = text.replace(f"${variable}", value)
    text = re.sub(r"\$\{TM_SELECTED_TEXT:([^{}]*)\}", r"\1", text)
    text = re.sub(r"\$\{\d+\|([^,|]*)[^|]*\|\}", r"\1", text)
    text = re.sub(r"\$\{\d+:([^{}]*)\}", r"\1", text)
    assert "$" not in text, text
    return text


def of_scope(scope: str) -> list[str]:
    return [name for name, snippet in SNIPPETS.items() if snippet["scope"] == scope]


@pytest.mark.parametrize(
    ("name", "schema", "definition"),
    [
        ("Claim", "registry", "Claim"),
        ("Evidence", "registry", "Evidence"),
        ("Earlier state", "registry", "PastState"),
        ("Announced change", "registry", "Upcoming"),
        ("Line of a timeline", "incident", "TimelineEntry"),
    ],
)
def test_a_snippet_fits_the_schema(name: str, schema: str, definition: str) -> None:
    # As the data are read: every scalar is text.
    value = yaml.load(filled(SNIPPETS[name]), yaml.BaseLoader)
    records = list(value.values()) if isinstance(value, dict) else value
    assert len(records) == 1
    shape = json.loads((ROOT / f"data/schema/{schema}.json").read_text())
    jsonschema.validate(records[0], {"$ref": f"#/$defs/{definition}", "$defs": shape["$defs"]}, jsonschema.Draft202012Validator)


def test_no_snippet_of_data_is_left_out_above() -> None:
    assert of_scope("yaml") == ["Claim", "Evidence", "Earlier state", "Announced change", "Line of a timeline"]


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_choices_of_a_snippet_are_words_of_the_model(name: str) -> None:
    definitions = json.loads((ROOT / "data/schema/registry.json").read_text())["$defs"]
    words = {*definitions["Status"]["enum"], *definitions["EvidenceKind"]["enum"]}
    for choices in re.findall(r"\$\{\d+\|([^|]*)\|\}", "\n".join(SNIPPETS[name]["body"])):
        assert set(choices.split(",")) <= words


@pytest.mark.parametrize("name", of_scope("markdown"))
def test_a_snippet_for_pages_calls_a_macro_or_is_a_link(name: str) -> None:
    text = filled(SNIPPETS[name])
    call = re.fullmatch(r'<!--\[\[ (\w+)\("([\w-]+)"\) \]\]-->', text)
    if call:
        macro_signatures()[call[1]].bind(call[2])
        assert (ROOT / f"data/capabilities/{call[2]}.yaml").exists()
    else:
        assert re.fullmatch(r"\[[^\]]+\]\(https://\)", text)


# The hook

HOOK = ROOT / ".githooks/pre-commit"


def test_the_hook_can_be_run() -> None:
    assert os.access(HOOK, os.X_OK)
    assert HOOK.read_text().startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n", HOOK], check=False).returncode == 0


@pytest.mark.parametrize("status", [0, 1])
def test_the_hook_lets_a_commit_pass_or_refuses_it(tmp_path: Path, status: int) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "dev.py").write_text(f"import sys\nprint('the fault') if {status} else None\nsys.exit({status} if sys.argv[1:] == ['check'] else 9)\n")
    git(tmp_path, "add", ".")
    run = git(tmp_path, "-c", f"core.hooksPath={HOOK.parent}", "commit", "-m", "x", check=False)
    assert run.returncode == status
    assert ("the fault" in run.stdout + run.stderr) == ("--no-verify" in run.stderr) == bool(status)


# The steps of workflows that write

def git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    # The settings of whoever runs the tests must not matter, nor a hook's of a commit that runs them.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=check)


def step(workflow: str, job: str, name: str) -> dict:
    steps = yaml.safe_load((ROOT / ".github/workflows" / workflow).read_text())["jobs"][job]["steps"]
    [found] = [step for step in steps if step.get("name") == name]
    return found


def run_step(step: dict, folder: Path, gh: str) -> list[str]:
    """Run a step's script as GitHub does, with a `gh` that answers lists with `gh` and notes its calls; return the calls."""
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("needs bash")
    tools = folder.parent / "tools"
    tools.mkdir()
    calls = tools / "calls"
    calls.touch()
    stub = tools / "gh"
    stub.write_text(f'#!/bin/sh\necho "$1 $2 $3" >> "{calls}"\nif [ "$2" = list ]; then printf "%s" "$ANSWER"; fi\n')
    stub.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT")}
    environment |= {name: value for name, value in step["env"].items() if "${{" not in value}
    environment |= {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "ANSWER": gh, "RUNNER_TEMP": str(folder.parent), "GIT_CONFIG_GLOBAL": os.devnull}
    environment |= {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "example/example", "GITHUB_RUN_ID": "7"}
    run = subprocess.run([bash, "-e", "-c", step["run"]], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return calls.read_text().splitlines()


NOTHING, SOMETHING = "Nothing to mend.\n", "# Evidence\n\n- an address is gone\n"


@pytest.mark.parametrize(
    ("report", "issue", "expected"),
    [
        (NOTHING, "", []),
        (NOTHING, "12 CLOSED", []),
        (NOTHING, "12 OPEN", ["issue edit 12", "issue close 12"]),
        (SOMETHING, "", ["issue create --title"]),
        (SOMETHING, "12 OPEN", ["issue edit 12"]),
        (SOMETHING, "12 CLOSED", ["issue edit 12", "issue reopen 12"]),
    ],
)
def test_the_evidence_report_is_one_issue(tmp_path: Path, report: str, issue: str, expected: list[str]) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "report.md").write_text(report)
    first, *others = run_step(step("evidence.yml", "tell", "Write, reopen or close the issue"), folder, issue)
    assert first.startswith("issue list")
    assert others == expected
    assert (folder / "body.md").read_text() == report


def test_a_long_evidence_report_is_cut_at_a_line_and_fits(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "report.md").write_text("- é is gone\n" * 20_000, encoding="utf-8")
    run_step(step("evidence.yml", "tell", "Write, reopen or close the issue"), folder, "")
    *lines, empty, last = (folder / "body.md").read_text(encoding="utf-8").splitlines()
    assert set(lines) == {"- é is gone"} and len(lines) > 4_000
    assert empty == "" and last.endswith("/example/example/actions/runs/7")
    assert len((folder / "body.md").read_bytes()) < 65_536


@pytest.mark.parametrize(("already_open", "creates"), [("0", True), ("1", False)])
def test_new_lock_files_are_proposed_by_one_pull_request(tmp_path: Path, already_open: str, creates: bool) -> None:
    origin, folder, locks = tmp_path / "origin.git", tmp_path / "work", tmp_path / "locks"
    git(tmp_path, "init", "--quiet", "--bare", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(folder))
    locks.mkdir()
    for name in ("requirements.lock", "requirements-test.lock"):
        (folder / name).write_text("old\n")
        (locks / name).write_text("new\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "Start")
    git(folder, "push", "--quiet", "origin", "HEAD:refs/heads/main", "HEAD:refs/heads/update-dependencies")
    calls = run_step(step("update.yml", "propose", "Push the branch and open the pull request"), folder, already_open)
    assert ("pr create --head" in calls) == creates
    assert git(origin, "show", "update-dependencies:requirements.lock").stdout == "new\n"
    assert git(origin, "show", "main:requirements.lock").stdout == "old\n"
    assert git(origin, "rev-list", "--count", "main..update-dependencies").stdout == "1\n"
