"""What two states of the data say differently, in words that a reviewer can judge."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from project import ROOT

from macros.cli import main
from macros.differences import as_markdown, differences
from macros.model import Claim, Dataset


def changed(dataset: Dataset, **fields: object) -> Dataset:
    example = dataset.registries["example"]
    claim = Claim.model_validate({**example.claims["yanking"].model_dump(mode="json", exclude_defaults=True), **fields})
    return replace(dataset, registries={**dataset.registries, "example": example.model_copy(update={"claims": {**example.claims, "yanking": claim}})})


def said(before: Dataset, after: Dataset) -> list[str]:
    return [str(each) for each in differences(before, after)]


EVIDENCE = {"url": "https://docs.example.org/yank", "title": "Yanking", "kind": "docs", "published": "2015", "checked": "2026-01-31"}
NEW = {"url": "https://example.org/news", "title": "News", "kind": "announcement", "checked": "2026-02-01"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "planned", "since": None, "evidence": [EVIDENCE, NEW]}, ["supported since 2014-11 → planned (https://example.org/news)", "source added (https://example.org/news)"]),
        ({"since": "2015"}, ["supported since 2014-11 → supported since 2015 (https://docs.example.org/yank)"]),
        ({"summary": "Other words."}, ["summary changed"]),
        ({"evidence": [{**EVIDENCE, "checked": "2026-02-01"}]}, ["1 source read again"]),
        ({"evidence": []}, ["source removed (https://docs.example.org/yank)"]),
        ({"details": {"term": "hide", "window": "72 hours"}}, ["clients: exampletool → not established", "granularity: version → not established", "reason: none → not established", "reversible: yes → not established", "term: yank → hide"]),
    ],
)
def test_a_changed_claim_is_told_in_words(dataset: Dataset, fields: dict, expected: list[str]) -> None:
    assert said(dataset, changed(dataset, **fields)) == [f"Example: Yanking: {each}" for each in expected]


def test_the_same_data_differ_in_nothing(dataset: Dataset) -> None:
    assert differences(dataset, dataset) == []


def test_what_comes_and_goes_is_named(dataset: Dataset) -> None:
    less = replace(dataset, registries={"example": dataset.registries["example"]}, threats={})
    assert said(dataset, less) == ["A mirror: removed", "Threat theft: removed"]
    assert said(less, dataset) == ["A mirror: added, with 1 claims", "Threat theft: added"]


def test_as_markdown_each_registry_has_a_heading_and_each_source_a_link(dataset: Dataset) -> None:
    found = differences(dataset, changed(dataset, status="planned", since=None, evidence=[EVIDENCE, NEW]))
    assert as_markdown(found).splitlines() == [
        "### Example",
        "",
        "- **Yanking**: supported since 2014-11 → planned ([source](https://example.org/news))",
        "- **Yanking**: source added ([source](https://example.org/news))",
    ]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments], cwd=folder, check=True, capture_output=True)


def test_the_command_compares_with_a_revision_and_refuses_what_git_does_not_know(project: Path, capsys: pytest.CaptureFixture) -> None:
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    assert main(["--root", str(project), "diff", "HEAD"]) == 0
    assert capsys.readouterr().out == "The data say the same as in HEAD.\n"
    path = project / "data/registries/example.yaml"
    path.write_text(path.read_text().replace("since: 2014-11\n", "since: 2015\n", 1))
    assert main(["--root", str(project), "diff", "HEAD"]) == 0
    assert "Example: Yanking: supported since 2014-11 → supported since 2015" in capsys.readouterr().out
    for revision in ("nonsense", "--output=stolen"):
        assert main(["--root", str(project), "diff", *(["--"] if revision.startswith("-") else []), revision]) == 2
        assert "git knows no revision" in capsys.readouterr().err
    assert not (project / "stolen").exists()


def test_the_repository_can_be_compared_with_its_past(tmp_path: Path) -> None:
    """With real data, in a repository of its own: one changed cell is one line."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    path = tmp_path / "data/registries/pypi.yaml"
    path.write_text(path.read_text().replace("    since: 2023-04-20\n", "    since: 2023-04-21\n", 1))
    run = subprocess.run([sys.executable, "-m", "macros", "--root", str(tmp_path), "diff", "HEAD", "--markdown"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.startswith("### PyPI\n\n- **Trusted publishing**: supported since 2023-04-20 → supported since 2023-04-21 ([source](https://"), run.stderr
