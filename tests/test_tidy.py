"""What `fix` mends, and what it leaves alone."""

from pathlib import Path

import pytest
import yaml
from project import ROOT

from macros.load import FOLDERS
from macros.model import Incident, Registry
from macros.tidy import WIDTH, tidied

LONG = " ".join(["word"] * 60)


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("\ufeffid: npm\r\nname: npm  \r\n\r\n\r\n", "id: npm\nname: npm\n"),
        ("claims:\n\tmfa:\n\t\tstatus: planned\n", "claims:\n  mfa:\n    status: planned\n"),
        ("name: npm: the registry\n", 'name: "npm: the registry"\n'),
        ("operator: GitHub, see #12 there\n", 'operator: "GitHub, see #12 there"\n'),
        ("client: npm  # the command\n", "client: npm  # the command\n"),
        ("client: npm # the command\n", "client: npm # the command\n"),
        ("name: @npm\n", 'name: "@npm"\n'),
        ('description: "Yank" is its word\n', 'description: "\\"Yank\\" is its word"\n'),
        ("name: 'It''s it'\n", "name: 'It''s it'\n"),
        ("name: [npm] the registry\n", 'name: "[npm] the registry"\n'),
        ("operator:\u00a0npm\n", "operator: npm\n"),
        ("claims:\n  mfa:\n\tstatus: planned\n    since: 2026\n", "claims:\n  mfa:\n    status: planned\n    since: 2026\n"),
        ("url: https://example.org/a#b\n", "url: https://example.org/a#b\n"),
        ("traits: {user_accounts: true, packages: built}\n", "traits: {user_accounts: yes, packages: built}\n"),
        ("claims:\n  mfa:\n    status: planned\n    since: 2026/4/1\n", "claims:\n  mfa:\n    status: planned\n    since: 2026-04-01\n"),
        ("claims:\n  mfa:\n    since: 2026-4\n", "claims:\n  mfa:\n    since: 2026-04\n"),
        ("name: npm\n# Its id.\nid: npm\n", "# Its id.\nid: npm\nname: npm\n"),
        (
            "claims:\n  mfa:\n    evidence:\n      - title: A\n        url: https://a.example/\n        checked: 2026-01-01\n        kind: docs\n    # why\n    status: planned\n  sbom:\n    status: unknown\n",
            "claims:\n  mfa:\n    # why\n    status: planned\n    evidence:\n      - url: https://a.example/\n        title: A\n        kind: docs\n        checked: 2026-01-01\n  sbom:\n    status: unknown\n",
        ),
        ("claims:\n  mfa:\n    sumary: x\n    status: planned\n", "claims:\n  mfa:\n    sumary: x\n    status: planned\n"),
        ("description: >-\n  A text: with a colon #1.\n", "description: >-\n  A text: with a colon #1.\n"),
    ],
)
def test_mends(written: str, mended: str) -> None:
    assert tidied(written, Registry) == mended
    assert tidied(mended, Registry) == mended


@pytest.mark.parametrize("form", ["description: {}\n", "description: >-\n  {}\n  {}\n"])
def test_wraps_long_lines_of_running_text_and_says_the_same(form: str) -> None:
    written = form.replace("{}", LONG)
    mended = tidied(written, Registry)
    assert max(map(len, mended.splitlines())) <= WIDTH
    assert yaml.safe_load(mended) == yaml.safe_load(written)


def test_what_it_cannot_read_it_leaves_to_its_author() -> None:
    written = "id: npm\nclaims: [\n"
    assert tidied(written, Registry) == written


def test_an_empty_file_stays_one() -> None:
    assert tidied("", Incident) == "\n"


@pytest.mark.parametrize("path", sorted((ROOT / "data").glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_file_says_the_same_afterwards(path: Path) -> None:
    before = path.read_text()
    after = tidied(before, FOLDERS[path.parent.name])
    assert yaml.load(after, yaml.BaseLoader) == yaml.load(before, yaml.BaseLoader)
    assert tidied(after, FOLDERS[path.parent.name]) == after
    comments = [line.strip() for line in before.splitlines() if line.lstrip().startswith("#")]
    assert [line.strip() for line in after.splitlines() if line.lstrip().startswith("#")] == comments
