"""Reads `docs/` as far as the rules need it: sections, links and macro calls, each with its place.

This is a reader of structure, not a Markdown parser: it knows headings, fenced code, https links and macro calls.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Annotated

from macros.load import collecting_no_garbage, stamp
from macros.model import Place
from macros.store import read_files

# A macro call, or one of the two lines around a diagram; `whole` is missing where the end does not come.
_CALL = re.compile(r"<!--\[(?P<kind>[\[%])(?P<whole>(?P<source>(?:(?!<!--|-->).)*?)[\]%]\]-->)?", re.DOTALL)
DRAW, DRAWN = "<!--[% call sequence() %]-->", "<!--[% endcall %]-->"
_META = re.compile(r"---\n.*?\n---\n", re.DOTALL)
_DESCRIPTION = re.compile(r"^description: *(.*)$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([\w-]*)")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*(?:\{[^}]*\})?\s*$")
_REFERENCE = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])+\]\((?!https?:|mailto:|#)([^\s)]+?)(?:#[^\s)]*)?(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"`[^`]*`")
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])+)\]\((https://[^\s)]+)(?:\s+\"[^\"]*\")?\)")


@dataclass(frozen=True)
class Call:
    """A macro call in a page. `fault` is set where it is no call with plain values."""

    place: Place
    name: str
    arguments: tuple = ()
    options: tuple[tuple[str, object], ...] = ()
    alone: bool = True
    fault: str | None = None


@dataclass(frozen=True)
class Link:
    """An https link in prose; under `Page.references` one to another file, without its anchor."""

    place: Place
    text: str
    url: str


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, its text without the fences, and the lines before and behind it; `place` is its first inner line."""

    place: Place
    language: str
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class Section:
    """A heading and what follows up to the next heading of any level."""

    place: Place
    level: int
    title: str


@dataclass(frozen=True)
class Page:
    """One Markdown page; `path` is relative to `docs/`. `prose` holds the lines outside fenced code and front matter, with their numbers."""

    path: str
    description: str
    sections: tuple[Section, ...]
    links: tuple[Link, ...]
    references: tuple[Link, ...]
    calls: tuple[Call, ...]
    fences: tuple[Fence, ...]
    prose: tuple[tuple[int, str], ...] = ()

    def within(self, section: Section) -> tuple[int, float]:
        """First and last line of a section, its subsections included."""
        ends = (other.place.line - 1 for other in self.sections if other.place.line > section.place.line and other.level <= section.level)
        return section.place.line, next(ends, float("inf"))


def blanked(pattern: re.Pattern, line: str) -> str:
    """The line with spaces in the place of what matches, so that columns stay."""
    return pattern.sub(lambda match: " " * len(match.group()), line)


def _parse_call(source: str, place: Place, alone: bool) -> Call:
    try:
        node = ast.parse(source.strip(), mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            raise ValueError
        arguments = tuple(ast.literal_eval(argument) for argument in node.args)
        options = tuple((option.arg or "**", ast.literal_eval(option.value)) for option in node.keywords)
    except (SyntaxError, ValueError):
        return Call(place, source.strip(), alone=alone, fault="this is no macro call with plain values")
    return Call(place, node.func.id, arguments, options, alone)


def read_page(text: str, path: str, file: str) -> Page:
    """The structure of one page; `file` is the name that findings carry."""
    sections, links, references, fences, prose = [], [], [], [], []
    fence_mark, fence_start, fence_language, fence_lines = "", 0, "", []
    lines = text.splitlines()
    meta = _META.match(text)
    for number, line in enumerate(lines, 1):
        if meta and number <= meta.group().count("\n"):
            continue
        if match := _FENCE.match(line):
            mark = match.group(1)
            if not fence_mark:
                fence_mark, fence_start, fence_language, fence_lines = mark, number, match.group(2), []
                continue
            if mark.startswith(fence_mark) and line.strip() == mark:
                before = lines[fence_start - 2].strip() if fence_start > 1 else ""
                after = lines[number].strip() if number < len(lines) else ""
                fences.append(Fence(Place(file, fence_start + 1), fence_language, "\n".join(fence_lines), before, after))
                fence_mark = ""
                continue
        if fence_mark:
            fence_lines.append(line)
            continue
        prose.append((number, line))
        if match := _HEADING.match(line):
            sections.append(Section(Place(file, number), len(match.group(1)), match.group(2)))
        for match in _LINK.finditer(line):
            links.append(Link(Place(file, number, match.start() + 1), match.group(1), match.group(2)))
        for match in _REFERENCE.finditer(blanked(CODE, line)):
            references.append(Link(Place(file, number, match.start() + 1), "", match.group(1)))
    calls = []
    for match in _CALL.finditer(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        after = text[match.end() :].partition("\n")[0]
        around = text[line_start : match.start()] + after
        place = Place(file, text.count("\n", 0, match.start()) + 1, match.start() - line_start + 1)
        if match["whole"] is None:
            calls.append(Call(place, after.strip(" ->"), fault="this macro call does not end"))
        elif match["kind"] == "[":
            calls.append(_parse_call(match["source"], place, not around.strip()))
        elif match.group() not in (DRAW, DRAWN):
            calls.append(Call(place, match["source"].strip(), fault="this is no call that pages may make"))
    description = _DESCRIPTION.search(meta.group()) if meta else None
    return Page(path, description.group(1).strip() if description else "", tuple(sections), tuple(links), tuple(references), tuple(calls), tuple(fences), tuple(prose))


@lru_cache(maxsize=1024)
def _read_file(file: Path, stamp: tuple[int, int], path: str) -> Page:
    """One page; a file with the same stamp is not read again."""
    return read_files.read(f"docs/{path}", file.read_bytes(), lambda content: read_page(_text_of(content), path, f"docs/{path}"))


def _text_of(content: bytes) -> str:
    """As `Path.read_text` has it, with one kind of line end."""
    return TextIOWrapper(BytesIO(content), encoding="utf-8", errors="replace").read()


@collecting_no_garbage()
def read_pages(root: Path) -> dict[str, Page]:
    """Every Markdown page of `root/docs`, by its path below `docs/`; unchanged pages are not read again."""
    files = {file.relative_to(root / "docs").as_posix(): file for file in sorted((root / "docs").rglob("*.md"))}
    return {path: _read_file(file, stamp(file), path) for path, file in files.items()}


def read_navigation(root: Path) -> dict[str, Place] | None:
    """The place of each page that `mkdocs.yml` lists, by path below `docs/`; `None` where there is no such file, as in the small projects of tests."""
    config = root / "mkdocs.yml"
    if not config.is_file():
        return None
    found = {}
    for number, line in enumerate(config.read_text(encoding="utf-8").splitlines(), 1):
        if match := re.fullmatch(r" +- (?:[^:#]+: )?([\w/-]+\.md)", line):
            found[match[1]] = Place("mkdocs.yml", number, match.start(1) + 1)
    return found


# ------------------------------------------------------- kinds of macro argument


@dataclass(frozen=True)
class Refers:
    """Annotates a macro's parameter with the group of ids that it names: `registries`, `capabilities`, `incidents` or `columns`."""

    group: str


CapabilityId = Annotated[str, Refers("capabilities")]
IncidentId = Annotated[str, Refers("incidents")]
RegistryId = Annotated[str, Refers("registries")]
ColumnId = Annotated[str, Refers("columns")]
