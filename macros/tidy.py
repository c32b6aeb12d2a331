"""Mends what can be mended without judgment in a file of `data/`: line ends, spaces, quotes, dates, the order of keys, long lines.

Text in, text out. Comments and everything else stay as they were written. What the file says is the same afterwards, except
where it could not be read, or said `true` for `yes` or `2026/4/1` for `2026-04-01`.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from macros.load import SafeLoader, outside_blocks

# Longer lines of running text are wrapped. Addresses cannot be, and shorter lines are left as their author broke them.
WIDTH = 140

_FIELD = re.compile(r"(?P<key>\s*(?:- +)*[\w-]+:) +(?P<value>\S.*)$")
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?")
_DATES = {"since", "until", "published", "checked", "date"}
_TRUTH = {"true": "yes", "True": "yes", "TRUE": "yes", "false": "no", "False": "no", "FALSE": "no"}


def tidied(text: str, record: type[BaseModel]) -> str:
    """The same file in good form. `record` is what the file holds; the order of its fields is the order of keys."""
    text = next((better for better in _candidates(text) if _reads(better)), _clean(text, None))
    try:
        text = _typed(text)
        before = _value(text)
        ordered = _wrapped(_ordered(text, record))
        return ordered if _value(ordered) == before else text
    except yaml.YAMLError:
        # What is left has to be mended by hand; `check` names the place.
        return text


def _candidates(text: str) -> Iterator[str]:
    """The text with tabs as so many spaces and quotes where they are needed; which one was meant shows when it is read."""
    for width in (2, 4):
        yield "\n".join(_quoted(_clean(text, width).split("\n")))


def _reads(text: str) -> bool:
    try:
        _compose(text)
    except yaml.YAMLError:
        return False
    return True


def _clean(text: str, tab: int | None) -> str:
    """With line ends, spaces and, if it is said how wide they are, tabs as they should be."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [re.sub(r"^([ -]*(?:[\w-]+:)? *)\u00a0+", r"\1 ", line) for line in lines]
    lines = [(line if tab is None else line.replace("\t", " " * tab)).rstrip() for line in lines]
    return "\n".join(lines).strip("\n") + "\n"


def _quoted(lines: list[str]) -> list[str]:
    """Quotes around values that YAML would read as something else, or cut off at a number sign."""
    result = list(lines)
    for index, line in outside_blocks(lines):
        field = _FIELD.match(line)
        if not field:
            continue
        # Two spaces before a number sign begin a comment, as they do all over `data/`.
        value, comment = re.match(r"(.*?)(\s\s+#.*|\s+# .*)?$", field["value"]).groups()  # type: ignore[union-attr]
        unreadable = value[0] in "@%`&*!" or (value[0] not in "\"'[{|>#" and (re.search(r":( |$)| #", value) is not None))
        # A quotation at the beginning is no quoted value.
        quotation = re.match(r"""(["'])(?:(?!\1).)*\1\s*\S""", value) and not re.fullmatch(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\"""", value)
        # So is a bracket that closes before the text ends.
        bracketed = re.match(r"(\[[^\]]*\]|\{[^}]*\})\s*[^\s,#]", value)
        if unreadable or quotation or bracketed:
            result[index] = f"{field['key']} {json.dumps(value, ensure_ascii=False)}{comment or ''}"
    return result


def _compose(text: str) -> Node:
    return yaml.compose(text, SafeLoader)


def _value(text: str) -> Any:
    """What a file says, as text, lists and mappings with their keys in any order."""
    def plain(node: Node) -> Any:
        if isinstance(node, MappingNode):
            return {plain(key): plain(value) for key, value in node.value}
        return [plain(item) for item in node.value] if isinstance(node, SequenceNode) else node.value

    root = _compose(text)
    return root and plain(root)


def _typed(text: str) -> str:
    """Dates and yes or no as the model wants them, where what is meant is beyond doubt."""
    found: list[tuple[ScalarNode, str]] = []

    def look(node: Node, key: str) -> None:
        if isinstance(node, MappingNode):
            for name, value in node.value:
                look(value, name.value)
        elif isinstance(node, SequenceNode):
            for item in node.value:
                look(item, key)
        elif not node.style:
            if node.value in _TRUTH:
                found.append((node, _TRUTH[node.value]))
            elif key in _DATES and (match := _DATE.fullmatch(node.value)):
                found.append((node, "-".join(part.zfill(2) for part in match.groups() if part)))

    if (root := _compose(text)) is not None:
        look(root, "")
    lines = text.split("\n")
    for node, better in reversed(found):
        line, start, end = node.start_mark.line, node.start_mark.column, node.end_mark.column
        lines[line] = lines[line][:start] + better + lines[line][end:]
    return "\n".join(lines)


# ------------------------------------------------------------- order of keys


def _record_in(annotation: Any) -> type[BaseModel] | None:
    """The record that a field holds, in a list, by key or by itself."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _record_in(argument))), None)


def _mappings(node: Node, record: type[BaseModel]) -> Iterator[tuple[MappingNode, type[BaseModel]]]:
    """Every mapping in block form whose keys are the fields of a record."""
    if not isinstance(node, MappingNode):
        return
    if not node.flow_style:
        yield node, record
    for key, value in node.value:
        field = record.model_fields.get(key.value)
        inner = _record_in(field.annotation) if field else None
        if not field or not inner:
            continue
        if isinstance(value, SequenceNode):
            children = value.value
        elif get_origin(field.annotation) is dict and isinstance(value, MappingNode):
            children = [child for _, child in value.value]
        else:
            children = [value]
        for child in children:
            yield from _mappings(child, inner)


def _ordered(text: str, record: type[BaseModel]) -> str:
    while True:
        for node, its in _mappings(_compose(text), record):
            keys = [key.value for key, _ in node.value]
            wanted = _in_order(keys, list(its.model_fields))
            if wanted != keys:
                text = _reordered(text, node, wanted)
                break
        else:
            return text


def _in_order(keys: list[str], fields: list[str]) -> list[str]:
    """Known keys in the order of the fields; an unknown one stays behind the key that it followed."""
    ranks, rank = {}, -1.0
    for key in keys:
        rank = float(fields.index(key)) if key in fields else rank + 0.001
        ranks[key] = rank
    return sorted(keys, key=ranks.__getitem__)


def _reordered(text: str, node: MappingNode, wanted: list[str]) -> str:
    """The text with the keys of one mapping in another order; a comment goes with the key below it."""
    lines = text.split("\n")
    first, column = node.start_mark.line, node.start_mark.column
    last = node.end_mark.line + (1 if node.end_mark.column > column else 0)
    indent = " " * column
    # What stands at the end and is less indented belongs to what follows.
    while last > first and (not lines[last - 1].strip() or (lines[last - 1].lstrip().startswith("#") and not lines[last - 1].startswith(indent))):
        last -= 1
    # The first key of an item stands behind its hyphen.
    before, lines[first] = lines[first][:column], indent + lines[first][column:]
    starts = [key.start_mark.line for key, _ in node.value]
    for number, start in enumerate(starts[1:], 1):
        while lines[start - 1].startswith(f"{indent}#"):
            start -= 1
        starts[number] = start
    chunks = {key.value: lines[start:end] for (key, _), start, end in zip(node.value, starts, [*starts[1:], last], strict=True)}
    moved = [line for key in wanted for line in chunks[key]]
    moved[0] = before + moved[0][column:]
    return "\n".join([*lines[:first], *moved, *lines[last:]])


# ---------------------------------------------------------------- long lines


def _wrapped(text: str) -> str:
    lines = text.split("\n")
    outside = dict(outside_blocks(lines))
    result: list[str] = []
    folded = False
    for index, line in enumerate(lines):
        if index in outside:
            folded = bool(re.search(r">[+-]?$", line))
        if len(line) <= WIDTH:
            result.append(line)
        elif index not in outside:
            indent = line[: len(line) - len(line.lstrip())]
            # In folded text a line end is a space; elsewhere it would be a line end.
            result += _folded(line.strip(), indent) if folded else [line]
        else:
            field = _FIELD.match(line)
            if field and re.match(r"[^\"'\[{>|#]", field["value"]) and " " in field["value"] and " #" not in field["value"]:
                inner = " " * (len(re.match(r"\s*(?:- +)*", line).group()) + 2)  # type: ignore[union-attr]
                result += [f"{field['key']} >-", *_folded(field["value"], inner)]
            else:
                result.append(line)
    return "\n".join(result)


def _folded(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
