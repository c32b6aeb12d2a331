"""Findings in the forms that people and machines read: text, JSON, and the annotations of GitHub Actions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from macros.model import Finding


def as_text(findings: Iterable[Finding]) -> str:
    """`file:line:column: what is wrong; how to mend it [rule]`, a line each."""
    return "".join(f"{finding}\n" for finding in findings)


def as_json(findings: Iterable[Finding]) -> str:
    """A list of objects with `file`, `line`, `column`, `fault`, `remedy` and `rule`."""
    entries = [
        {"file": each.place.file, "line": each.place.line, "column": each.place.column, "fault": each.fault, "remedy": each.remedy, "rule": each.rule}
        for each in findings
    ]
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def as_annotations(findings: Iterable[Finding]) -> str:
    """Workflow commands, by which GitHub shows each finding at its line of a pull request.

    Escaped as https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands has it.
    """

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def value(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    lines = []
    for each in findings:
        where = f"file={value(each.place.file)},line={each.place.line},col={each.place.column},title={value(each.rule)}"
        lines.append(f"::error {where}::{data(f'{each.fault}; {each.remedy}')}\n")
    return "".join(lines)


FORMATS: dict[str, Callable[[Iterable[Finding]], str]] = {"text": as_text, "json": as_json, "github": as_annotations}
