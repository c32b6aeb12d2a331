"""Sequence diagrams as writers put them into a page: a small part of Mermaid's `sequenceDiagram`.

Mermaid's words are used so that the page shows the same picture where it is read on GitHub:
`accTitle:`, `accDescr:`, `participant A as Name`, `A->>B: text`, `A-->>B: text` and `Note over A,B: text`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


class DiagramError(ValueError):
    """The text is no diagram; `line` counts from 1 within it."""

    def __init__(self, line: int, fault: str, remedy: str) -> None:
        super().__init__(f"{fault}; {remedy}")
        self.line, self.fault, self.remedy = line, fault, remedy


@dataclass(frozen=True)
class Step:
    """A message from one actor to another (or to itself), a reply, or a note over one or more actors."""

    kind: str  # "message", "reply" or "note"
    source: int
    target: int
    text: str


@dataclass(frozen=True)
class SequenceDiagram:
    """Actors by name, from left to right, and the steps between them by the actors' positions."""

    title: str
    description: str
    actors: tuple[str, ...]
    steps: tuple[Step, ...]


_PARTICIPANT = re.compile(r"participant\s+(\w+)(?:\s+as\s+(.+))?$")
_MESSAGE = re.compile(r"(\w+)\s*(-->>|->>)\s*(\w+)\s*:\s*(.+)$")
_NOTE = re.compile(r"Note over\s+(\w+)(?:\s*,\s*(\w+))?\s*:\s*(.+)$")


def parse_sequence(text: str) -> SequenceDiagram:
    """Read a diagram. Raises `DiagramError` at the first line that cannot be read."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or lines[0][1] != "sequenceDiagram":
        raise DiagramError(1, "the diagram does not begin with sequenceDiagram", "only sequence diagrams are drawn here")
    labels = {"accTitle": "", "accDescr": ""}
    actors: dict[str, str] = {}
    steps: list[Step] = []

    def position(name: str, number: int) -> int:
        if name not in actors:
            raise DiagramError(number, f"there is no participant {name}", f"write participant {name} above")
        return list(actors).index(name)

    for number, line in lines[1:]:
        key, _, value = line.partition(":")
        if key in labels:
            labels[key] = value.strip()
        elif match := _PARTICIPANT.match(line):
            actors[match.group(1)] = (match.group(2) or match.group(1)).strip()
        elif match := _MESSAGE.match(line):
            source, arrow, target, message = match.groups()
            kind = "reply" if arrow == "-->>" else "message"
            steps.append(Step(kind, position(source, number), position(target, number), message))
        elif match := _NOTE.match(line):
            first, last, note = match.groups()
            steps.append(Step("note", position(first, number), position(last or first, number), note))
        else:
            raise DiagramError(number, f"{line!r} cannot be read", "write participant A as Name, A->>B: text, A-->>B: text or Note over A,B: text")
    for key, value in labels.items():
        if not value:
            raise DiagramError(1, f"the diagram has no {key}", "give it a title and a description, for readers who do not see it")
    if len(actors) < 2 or not steps:
        raise DiagramError(1, "the diagram has fewer than two participants or no step", "add them")
    return SequenceDiagram(labels["accTitle"], labels["accDescr"], tuple(actors.values()), tuple(steps))
