"""Reads `data/` into records, remembering where every value stands.

YAML is read strictly: plain values stay text until the model gives them a type, so that `no`, `1.10` and `2023-02-30`
mean what is written; duplicate keys, aliases and tags are refused. Faults become findings, all of them at once;
a file with faults is left out of the dataset and named in `Dataset.broken`.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from macros.model import Addresses, Capability, Dataset, Finding, Incident, Lexicon, Model, Place, Registry, StatusReport, Threat, Waivers
from macros.store import read_files

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # libyaml is an option of PyYAML; without it loading is slower, not different
    from yaml import SafeLoader  # type: ignore[assignment]


class _Loader(SafeLoader):
    """Takes every plain value for text, as the model gives types; to guess them costs a third of reading."""

    yaml_implicit_resolvers: dict = {}


FOLDERS: dict[str, type[BaseModel]] = {
    "capabilities": Capability,
    "registries": Registry,
    "reports": StatusReport,
    "threats": Threat,
    "incidents": Incident,
}
# Files of their own in `data/`; only the model must be there.
SINGLES: dict[str, type[BaseModel]] = {"model": Model, "lexicon": Lexicon, "waivers": Waivers, "addresses": Addresses}

_BLOCK = re.compile(r"(?P<before>\s*(?:- +)*)(?:[\w-]+: +)?[>|][+-]?$")
# A value that goes on behind a number sign. Comments have a space behind theirs.
_CUT = re.compile(r"""\s*(?:- +)*[\w-]+: +[^\s"'\[{>|#].*?\s(?P<lost>#\S.*)""")
# What stands for text, lists and mappings that have no tag.
_PLAIN_TAGS = {"str", "seq", "map"}


@dataclass(frozen=True)
class Document:
    """One YAML file: its value (text, lists and mappings), the places of its values and its keys, and its faults."""

    value: Any
    places: dict[tuple, Place]
    keys: dict[tuple, Place]
    findings: tuple[Finding, ...]


def read_yaml(text: bytes, file: str) -> Document:
    """Read one YAML document strictly. `file` is the name that findings carry."""
    reader = _Reader(file)
    value = reader.read(text)
    return Document(value, reader.places, reader.keys, tuple(reader.findings))


def _cause(text: str, place: Place) -> tuple[Place, str, str] | None:
    """What commonly lies behind a fault of syntax, with its own place and remedy: YAML notices only where it gets lost."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            return Place(place.file, number), "the marks of a merge stand here", "keep one of the two sides"
    for number, line in enumerate(lines[: place.line - 1], 1):
        if re.search(r""":\s+(["'])(?:(?!\1)[^\\])*$""", line):
            return Place(place.file, number, line.index(":") + 1), f"a quote opens in line {number} and does not end there", "close it"
    outside = [(index + 1, line) for index, line in outside_blocks(lines) if index < place.line and line.strip() and not line.lstrip().startswith("#")]
    for number, line in reversed(outside[-2:]):
        if re.fullmatch(r"\s*(?:- +)*[a-z][\w-]*(?: +[^:]*|:\S[^:]*)", line):
            return Place(place.file, number, len(line) - len(line.lstrip()) + 1), "there is no colon with a space behind the key", "write key: value"
        if re.match(r"\s*(?:- +)*[\w-]+: +[^\"'\[{>|#].*: ", line):
            return Place(place.file, number), "a colon in a text is read as that of a key", "put quotes around the whole value"
    for number, line in reversed(outside[-3:]):
        indent = len(line) - len(line.lstrip())
        if indent % 2:
            return Place(place.file, number, indent + 1), f"this line is indented by {indent} {'space' if indent == 1 else 'spaces'}", "line it up with its neighbors, by steps of two"
    return None


def outside_blocks(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines that are not inside running text, with their indices."""
    inside = -1
    for index, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if inside >= 0 and (not line or indent > inside):
            continue
        inside = -1
        if block := _BLOCK.match(line):
            inside = len(block["before"])
        yield index, line


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[tuple, Place] = {}
        self.keys: dict[tuple, Place] = {}
        self.findings: list[Finding] = []
        self._seen: set[int] = set()

    def read(self, data: bytes) -> Any:
        if data.startswith(b"\xef\xbb\xbf"):
            self._fault(Place(self.file), "the file begins with a byte order mark", "save it as UTF-8 without BOM")
            data = data[3:]
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._fault(Place(self.file, line), "the file is not UTF-8", "save it as UTF-8")
            return None
        for number, line in enumerate(text.split("\n"), 1):
            if "\r" in line:
                self._fault(Place(self.file, number, line.index("\r") + 1), "the line ends in CR LF", "save the file with LF line ends")
                break
        text = text.replace("\r\n", "\n")
        tabs = [(number, line.index("\t") + 1) for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
        for index, line in outside_blocks(text.split("\n")):
            if cut := _CUT.match(line):
                self._fault(Place(self.file, index + 1, cut.start("lost") + 1), f"YAML takes {cut['lost']!r} for a comment", "put quotes around the whole value")
        for number, line in enumerate(text.split("\n"), 1):
            if unseen := re.match(r"[ -]*(?:[\w-]+:)? *\u00a0", line):
                self._fault(Place(self.file, number, unseen.end()), "there is a space of the kind that does not break lines", "write an ordinary one")
                text = text.replace("\u00a0", " ")
        for number, column in tabs:
            self._fault(Place(self.file, number, column), "there is a tab", "use spaces")
        try:
            node = yaml.compose(text.replace("\t", "  "), _Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)
            if cause := _cause(text, place):
                self._fault(*cause)
            else:
                context = f" {error.context}" if error.context else ""
                self._fault(place, f"this is not YAML: {error.problem}{context}", "check the indentation, colons and quotes here and in the line above")
            return None
        except yaml.YAMLError as error:
            self._fault(Place(self.file), f"this is not YAML: {str(error).splitlines()[0]}", "remove the character")
            return None
        if node is None:
            self._fault(Place(self.file), "the file is empty", "see data/README.md for what belongs into it")
            return None
        return self._value(node, ())

    def _fault(self, place: Place, fault: str, remedy: str) -> None:
        self.findings.append(Finding(place, fault, remedy, "yaml"))

    def _place(self, node: Node) -> Place:
        mark = node.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _value(self, node: Node, path: tuple) -> Any:
        self.places.setdefault(path, self._place(node))
        if id(node) in self._seen:
            self._fault(self._place(node), "an alias repeats another value", "write the value out")
            return None
        self._seen.add(id(node))
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
            self._fault(self._place(node), f"the tag {node.tag} is not used here", "remove it")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        if node.value in ("", "~", "null") and not node.style:
            named = path and isinstance(path[-1], str)
            self._fault(self._place(node), f"{path[-1]!r} has no value" if named else "there is a list item without a value", "give it one, or remove it if it may be left out")
        return node.value

    def _mapping(self, node: MappingNode, path: tuple) -> dict:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._fault(self._place(key_node), "a key must be a word", "write key: value")
                continue
            key = key_node.value
            here = self._place(key_node)
            if key in result:
                first = self.keys[(*path, key)]
                self._fault(here, f"the key {key!r} is here twice, first in line {first.line}", "keep one of them")
                continue
            self.keys[(*path, key)] = here
            if not isinstance(value_node, ScalarNode):
                self.places[(*path, key)] = here
            result[key] = self._value(value_node, (*path, key))
        return result


# ------------------------------------------------------------ faults of shape


def nearest(word: str, words: Any) -> str:
    """`did you mean 'x'?` for the nearest of the words, or all of them where none is near and they are few."""
    words = sorted(str(candidate) for candidate in words)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"use one of {', '.join(words)}" if 0 < len(words) <= 30 else "see data/README.md"


@lru_cache
def _keys_of(record: type[BaseModel]) -> frozenset[str]:
    """Every key that may occur anywhere in a record of this type."""
    keys: set[str] = set()
    open_types: list[Any] = [record]
    seen: set[Any] = set()
    while open_types:
        current = open_types.pop()
        if current in seen:
            continue
        seen.add(current)
        if isinstance(current, type) and issubclass(current, BaseModel):
            keys.update(current.model_fields)
            open_types.extend(info.annotation for info in current.model_fields.values())
        else:
            open_types.extend(argument for argument in get_args(current) if not isinstance(argument, str))
    return frozenset(keys)


def _shape_finding(error: Any, document: Document, record: type[BaseModel]) -> Finding:
    path = error["loc"]
    kind, context, name = error["type"], error.get("ctx", {}), path[-1] if path else ""
    place = next(document.places[path[:length]] for length in range(len(path), -1, -1) if path[:length] in document.places)
    if kind == "extra_forbidden":
        place = document.keys.get(path, place)
        return Finding(place, f"the key {name!r} is not known here", nearest(str(name), _keys_of(record)), "shape")
    if kind == "missing":
        return Finding(place, f"the key {name!r} is missing", "add it", "shape")
    if kind in ("enum", "literal_error"):
        given = error["input"]
        words = re.findall(r"'([^']+)'", context["expected"])
        return Finding(place, f"{given!r} is not allowed for {name!r}", nearest(str(given), words), "shape")
    if kind == "value_error":
        fault, _, remedy = str(context["error"]).partition("; ")
        return Finding(place, fault, remedy or "see data/README.md", "shape")
    if kind.startswith("int_"):
        return Finding(place, f"{error['input']!r} is no number", "see data/README.md for the form", "shape")
    # What pydantic calls its own steps is of no use to anybody.
    named = [str(step) for step in path if "[" not in str(step)]
    expected = {
        "string_type": "a text is expected here",
        "list_type": "a list is expected here, as in [first, second] or with a hyphen before each item",
        "dict_type": "keys with values are expected here",
        "model_type": "keys with values are expected here",
        "string_too_short": "the text is empty",
        "too_short": "the list is empty",
    }.get(kind, error["msg"][0].lower() + error["msg"][1:])
    return Finding(place, f"{'.'.join(named)}: {expected}", "see data/README.md for the form", "shape")


# ------------------------------------------------------------------- loading


@dataclass(frozen=True)
class _File:
    record: Any
    places: dict[tuple, Place]
    findings: tuple[Finding, ...]


def stamp(path: Path) -> tuple[int, int]:
    """Tells one state of a file from another: the time of its last change and its size."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=1024)
def _load_file(path: Path, stamp: tuple[int, int], name: str, record: type[BaseModel]) -> _File:
    """One file as a record; a file with the same stamp is not read again."""
    return read_files.read(name, path.read_bytes(), lambda content: _read_record(content, name, record))


def _read_record(content: bytes, name: str, record: type[BaseModel]) -> _File:
    document = read_yaml(content, name)
    findings = list(document.findings)
    value = None
    if document.value is not None:
        try:
            value = record.model_validate(document.value)
        except ValidationError as error:
            # What is empty is said to be empty, and not in a second way to be of the wrong form.
            empty = {finding.place for finding in document.findings}
            findings.extend(found for fault in error.errors() if (found := _shape_finding(fault, document, record)).place not in empty)
    return _File(value if not findings else None, document.places, tuple(dict.fromkeys(findings)))


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """For steps that make much and throw away little: looking for garbage again and again doubles their time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@collecting_no_garbage()
def load(root: Path) -> tuple[Dataset | None, list[Finding]]:
    """The dataset of `root/data` and every fault of form in it.

    The dataset is `None` only where `data/model.yaml` itself cannot be read.
    """
    data = root / "data"
    findings: list[Finding] = []
    places: dict[tuple, dict[tuple, Place]] = {}
    records: dict[str, dict[str, Any]] = {}
    broken: set[tuple[str, str]] = set()

    for folder, record in FOLDERS.items():
        records[folder] = {}
        for path in sorted((data / folder).glob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix != ".yaml":
                if not path.name.startswith("."):
                    findings.append(Finding(Place(name), "this file is no .yaml file", f"rename it to {path.stem}.yaml, or remove it", "shape"))
                continue
            loaded = _load_file(path, stamp(path), name, record)
            findings.extend(loaded.findings)
            prefix = (folder, path.stem)
            places[prefix] = loaded.places
            if loaded.record is None:
                broken.add(prefix)
            elif loaded.record.id != path.stem:
                place = loaded.places[("id",)]
                findings.append(
                    Finding(place, f"the id {loaded.record.id!r} is not the name of the file, {path.stem!r}", f"write id: {path.stem}, or rename the file", "shape")
                )
                broken.add(prefix)
            else:
                records[folder][path.stem] = loaded.record

    for path in sorted(data.glob("*")):
        word = path.stem if path.suffix == ".yaml" else path.name
        if path.name.startswith(".") or word in {*FOLDERS, *SINGLES, "schema", "README.md"}:
            continue
        kind, words = ("folder", FOLDERS) if path.is_dir() else ("file", SINGLES)
        findings.append(Finding(Place(path.relative_to(root).as_posix()), f"{word} is no {kind} of data", nearest(word, words), "shape"))

    singles: dict[str, Any] = {}
    for name, record in SINGLES.items():
        path = data / f"{name}.yaml"
        if not path.is_file():
            continue
        loaded = _load_file(path, stamp(path), path.relative_to(root).as_posix(), record)
        findings.extend(loaded.findings)
        places[(name,)] = loaded.places
        singles[name] = loaded.record
    if "model" not in singles:
        findings.append(Finding(Place("data/model.yaml"), "the file is missing", "restore it", "shape"))
    if singles.get("model") is None:
        return None, findings
    lists = {
        "words": (singles.get("lexicon") or Lexicon()).words,
        "waivers": (singles.get("waivers") or Waivers()).waivers,
        "addresses": (singles.get("addresses") or Addresses()).addresses,
    }
    whole = Dataset(singles["model"], **records, **{name: tuple(each) for name, each in lists.items()}, places=places, broken=frozenset(broken))
    return whole, findings
