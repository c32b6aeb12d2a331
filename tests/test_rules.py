"""Every rule accepts its good examples and refuses its bad ones, at the right place and with a remedy.

An example is a file in `examples/good/<rule>/` or `examples/bad/<rule>/`. A comment at its top names the file of the
small project that it replaces; in a bad one, `expect LINE:COLUMN text` comments name all findings of the rule.
Where one file is not enough, an example is a folder whose files are laid over the small project.
"""

import re
import shutil
from pathlib import Path

import pytest
from project import EXAMPLES, FAR_DAY, ROOT, TODAY

from macros.load import load
from macros.model import Finding
from macros.pages import read_navigation, read_pages
from macros.rules import RULES, check, rule_name
from macros.rules.site import Site
from macros.site import macro_signatures

def examples(kind: str) -> list:
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in sorted((EXAMPLES / kind).glob("*/*"))]


def findings_with(example: Path, project: Path) -> list[Finding]:
    """What the small project has to mend when the example takes the place of one of its files."""
    if example.is_dir():
        shutil.copytree(example, project, dirs_exist_ok=True)
    else:
        target = re.search(r"^(?:#|<!--) replaces (\S+)", example.read_text(), re.MULTILINE).group(1)
        (project / target).write_text(example.read_text())
    dataset, shape = load(project)
    return [*shape, *check(Site(dataset, read_pages(project), macro_signatures(), TODAY, read_navigation(project)))]


@pytest.mark.parametrize("example", examples("good"))
def test_good_example_has_no_finding(example: Path, project: Path) -> None:
    assert [str(finding) for finding in findings_with(example, project)] == []


@pytest.mark.parametrize("example", examples("bad"))
def test_bad_example_has_exactly_the_findings_it_expects(example: Path, project: Path) -> None:
    files = sorted(path for path in example.rglob("*") if path.is_file()) if example.is_dir() else [example]
    expected = [line for file in files for line in re.findall(r"(?:#|<!--) expect (.+?)(?: -->)?$", file.read_text(), re.MULTILINE)]
    found = [finding for finding in findings_with(example, project) if finding.rule == example.parent.name]
    assert [f"{finding.place.line}:{finding.place.column} {finding.fault}" for finding in found] == expected
    assert all(finding.remedy for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_every_rule_has_examples_and_says_why(rule) -> None:
    for kind in ("good", "bad"):
        assert list((EXAMPLES / kind / rule_name(rule)).glob("*")), f"no {kind} example of {rule_name(rule)}"
    assert rule.__doc__


def test_the_site_itself_has_nothing_to_mend() -> None:
    dataset, shape = load(ROOT)
    findings = [*shape, *check(Site(dataset, read_pages(ROOT), macro_signatures(), FAR_DAY, read_navigation(ROOT)))]
    assert [str(finding) for finding in findings] == []
