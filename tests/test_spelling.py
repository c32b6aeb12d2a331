"""What readers read is spelled right: pages, data and the project's own documents."""

import subprocess
import sysconfig
from pathlib import Path

import pytest
from project import ROOT

TYPOS = Path(sysconfig.get_path("scripts")) / "typos"


def spelling(*paths: Path | str) -> list[str]:
    run = subprocess.run([TYPOS, "--format", "brief", "--config", ROOT / "pyproject.toml", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 2), run.stderr
    return run.stdout.splitlines()


@pytest.mark.parametrize("path", ["docs", "data", "macros", "tools", "README.md", "CONTRIBUTING.md", "HACKING.md", "SECURITY.md", "dev.py", "mkdocs.yml", ".github", ".githooks", ".vscode"])
def test_nothing_is_misspelled(path: str) -> None:
    assert spelling(path) == []


def test_a_misspelled_word_is_found_and_an_address_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Colour\n\nA teh [page](https://example.org/teh).\n")
    assert [line.partition(": error: ")[2] for line in spelling(page)] == ["`Colour` should be `Color`", "`teh` should be `the`"]
