"""A rule in words, with the examples that its tests use."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

# Faults that are found before any rule is asked.
BEFORE_RULES = {
    "yaml": """The file can be read as YAML, and says what its author meant: nothing twice, nothing empty, no tabs, quotes where YAML needs them.

    Refused                                  Write
    title: Issue #12: yank                   title: "Issue #12: yank"
    summary: "Yank" is its word.             summary: >-, and the text in the next line, indented
    status:planned                           status: planned
    note:                                    note: Some words. (or no such key)
    a line indented by 3, 5 or 7 spaces      2, 4 or 6, as its neighbors

    `python3 dev.py fix` mends quotes, tabs and line ends.""",
    "shape": """Every key is known, every key that is needed is there, and every value has the form that the model gives it.

    Refused                                  Write
    text: Owners can yank.                   summary: Owners can yank.
    status: Supported                        status: supported
    since: March 2026                        since: 2026-03
    checked: 2026-03                         checked: 2026-03-14
    reversible: Yes                          reversible: yes
    granularity: version                     granularity: [version]
    url: example.org/yank                    url: https://example.org/yank

    data/README.md shows every key of a registry in one commented file.""",
}


def explain(rule: str, docs: Mapping[str, str], root: Path) -> str:
    """What the rule asks and why, what it refuses and what it accepts, and the cases that speak of it.

    `docs` has the docstring of each rule by name; `root` is the project, whose tests and guidelines hold the examples.
    """
    lines = [rule, "", *_indented(inspect.cleandoc(docs[rule]))]
    for path in sorted((root / "tests" / "examples" / "bad" / rule).glob("*")):
        lines += ["", f"Refused, as in {path.relative_to(root).as_posix()}:", *_refused(path)]
    good = sorted((root / "tests" / "examples" / "good" / rule).glob("*"))
    lines += ["", *(f"Accepted: {path.relative_to(root).as_posix()}" for path in good)] if good else []
    lines += _cases(rule, root)
    return "\n".join(lines) + "\n"


def _indented(lines: str | list[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in (lines.splitlines() if isinstance(lines, str) else lines)]


def _refused(path: Path) -> Iterator[str]:
    """Each line of an example that is at fault, and what is said of it."""
    for file in sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]:
        text = file.read_text(encoding="utf-8").splitlines()
        for expected in re.findall(r"(?:#|<!--) expect (.+?)(?: -->)?$", "\n".join(text), re.MULTILINE):
            place, _, fault = expected.partition(" ")
            number = int(place.partition(":")[0])
            # Of a folder the file with the expectation need not be the one at fault.
            line = text[number - 1].strip() if number <= len(text) and not path.is_dir() else ""
            yield from _indented([*([f"{number} | {line}"] if line else []), f"→ {fault}"])


def _cases(rule: str, root: Path) -> Iterator[str]:
    guidelines = root / "docs" / "about" / "guidelines.md"
    title, found = "", []
    for line in guidelines.read_text(encoding="utf-8").splitlines() if guidelines.is_file() else []:
        if line.startswith("### "):
            title = line.removeprefix("### ")
        elif f"`{rule}`" in line and title and title not in found:
            found.append(title)
    if found:
        yield from ["", "Cases in docs/about/guidelines.md:", *_indented(found)]
