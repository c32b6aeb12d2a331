"""What the documents for contributors show works as they show it."""

import re
import shlex
import textwrap
from pathlib import Path

import pytest
import yaml
from project import ROOT, TODAY

from macros import differences
from macros.load import load
from macros.model import Dataset, Registry
from macros.pages import read_page
from macros.rules import claims, docs
from macros.rules.pages import GUIDANCE_SKELETON, diagrams_can_be_drawn, macro_calls_are_right
from macros.rules.site import Site
from macros.site import macro_signatures
from macros.tidy import tidied

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "HACKING.md", "SECURITY.md", "data/README.md", "docs/about/contributing.md", "docs/about/style.md", "docs/about/guidelines.md"]


def blocks(text: str, language: str) -> list[str]:
    """Fenced code of a language, also inside a list."""
    found = re.findall(rf"^( *)(`{{3,}}){language}\n(.*?)^\1\2$", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(body) for _, _, body in found]


def test_the_worked_correction_says_in_words_what_the_document_shows(project: Path) -> None:
    before, change = (textwrap.indent(block, indent) for block, indent in zip(blocks(CONTRIBUTING, "yaml"), ("  ", "    "), strict=False))
    path = project / "data/registries/example.yaml"
    head, _, tail = path.read_text().partition("  yanking:\n")
    rest = tail[tail.index("  mfa:") :]
    path.write_text(head + before + rest)
    old, faults = load(project)
    assert faults == []
    path.write_text(head + before[: before.index("      reason:")] + change + rest)
    new, faults = load(project)
    assert faults == []
    shown = "".join(f"{each}\n" for each in differences.differences(old, new))
    assert shown in blocks(CONTRIBUTING, "text")


def test_the_worked_rule_finds_what_its_example_expects(project: Path) -> None:
    code = next(block for block in blocks(CONTRIBUTING, "python") if "summaries_are_sentences" in block)
    namespace = dict(vars(claims))
    exec(code, namespace)  # noqa: S102
    place, expected = re.search(r"# expect (\d+:\d+) (.+)", CONTRIBUTING).groups()
    path = project / "data/registries/example.yaml"
    lines = path.read_text().splitlines()
    # Two lines of comments stand at the top of an example.
    path.write_text("\n".join(["# replaces", "# expect", *lines]).replace("Owners can yank a version.", "Owners can yank a version"))
    dataset, _ = load(project)
    found = list(namespace["summaries_are_sentences"](Site(dataset, {}, {}, TODAY)))
    assert [(f"{each.place.line}:{each.place.column}", each.fault) for each in found] == [(place, expected)]


def test_the_lines_to_copy_into_a_page_are_right(real: Dataset) -> None:
    for text in blocks(CONTRIBUTING, "markdown"):
        page = read_page(text, "guidance/example.md", "docs/guidance/example.md")
        site = Site(real, {page.path: page}, macro_signatures(), TODAY)
        assert page.calls or page.fences
        assert [*macro_calls_are_right(site), *diagrams_can_be_drawn(site)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_a_document_names_is_there(document: str) -> None:
    commands = set(re.findall(r"python3 dev\.py ([a-z]+)", (ROOT / document).read_text()))
    known = set(re.findall(r"^    python3 dev\.py ([a-z]+)", (ROOT / "dev.py").read_text(), re.MULTILINE))
    assert commands <= known, commands - known


def test_every_command_that_calls_ours_takes_what_the_documents_give_it() -> None:
    from macros.cli import _parser

    called = 0
    for document in DOCUMENTS:
        for line in re.findall(r"python3 dev\.py ((?:new|check|fix|explain|diff|stale)[^`\n#]*)", (ROOT / document).read_text()):
            if " " not in line.strip():
                continue  # only named
            _parser().parse_args(shlex.split(line))
            called += 1
    assert called > 10


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_inside_the_repository_leads_somewhere(document: str) -> None:
    path = ROOT / document
    targets = re.findall(r"\]\((?!https?:|mailto:|<)([^)\s]+)\)", path.read_text())
    targets += re.findall(r"\]\(https://github\.com/ossf/wg-securing-software-repos/blob/main/((?:CONTRIBUTING|HACKING)[^)\s]*)\)", path.read_text())
    for target in targets:
        name, _, anchor = target.partition("#")
        base = ROOT if name.startswith(("CONTRIBUTING", "HACKING")) else path.parent
        other = (base / name).resolve() if name else path
        assert other.exists(), target
        if anchor and other.suffix == ".md":
            headings = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", other.read_text(), re.MULTILINE)]
            assert anchor in headings, target


def test_the_commented_registry_is_what_it_teaches(real: Dataset) -> None:
    text = next(block for block in blocks((ROOT / "data/README.md").read_text(), "yaml") if block.startswith("# yaml-language-server: $schema=../schema/registry.json"))
    registry = Registry.model_validate(yaml.load(text, yaml.BaseLoader))
    assert tidied(text, Registry) == text
    fields = {name for name in Registry.model_fields}
    assert fields == set(yaml.load(text, yaml.BaseLoader))
    claim = registry.claims["yanking"]
    assert claim.model_fields_set == set(type(claim).model_fields)
    columns = {column.id: column for column in real.capabilities["yanking"].details}
    for id, detail in claim.details.items():
        columns[id].parse(detail.value)


def test_the_style_page_has_the_sections_of_the_skeleton() -> None:
    table = (ROOT / "docs/about/style.md").read_text().partition("| Section |")[2]
    assert tuple(re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[1:]) == GUIDANCE_SKELETON


def test_a_rule_that_a_document_names_exists() -> None:
    for document in ("data/README.md", "HACKING.md", "README.md"):
        named = set(re.findall(r"rule: ([a-z-]+)", (ROOT / document).read_text()))
        assert named <= docs().keys(), document


