"""The open data as CSV (RFC 4180, UTF-8): lists in one field are separated by a space or, where they hold words, by a semicolon."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from macros.exporting.records import CapabilityShape, ClaimShape

CLAIM_COLUMNS = ("registry", "capability", "track", "level", "applies", "status", "since", "since_precision", "summary", "note", "evidence", "checked")


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(value) if isinstance(value, list) else value


def _checked(claim: ClaimShape) -> str:
    return max((evidence.checked for evidence in claim.evidence), default="")


def claims_csv(claims: Iterable[ClaimShape]) -> bytes:
    """One row per claim; `evidence` has the addresses, `checked` the newest reading."""

    def row(claim: ClaimShape) -> list[object]:
        evidence = {"evidence": " ".join(each.url for each in claim.evidence), "checked": _checked(claim)}
        return [evidence[name] if name in evidence else _cell(getattr(claim, name)) for name in CLAIM_COLUMNS]

    return _csv([CLAIM_COLUMNS, *map(row, claims)])


def capability_csv(capability: CapabilityShape) -> bytes:
    """One row per registry with the capability's own columns, typed as in the JSON; durations are ISO 8601."""
    columns = [column.id for column in capability.columns]
    head = ["registry", "status", "since", *columns]
    return _csv([head, *([claim.registry, claim.status, claim.since or "", *(_cell(claim.details.get(column)) for column in columns)] for claim in capability.claims)])
