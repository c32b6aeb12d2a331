"""Records to bytes: the open data that is published beside the pages, and the schemas of `data/`."""

from __future__ import annotations

import json
import posixpath
from typing import Any

from macros import rendering
from macros.load import FOLDERS, SINGLES
from macros.model import Claim, Dataset, DetailValue, Duration, Evidence
from macros.queries import Cell, cells


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "url": evidence.url,
        "title": evidence.title,
        "kind": str(evidence.kind),
        "published": evidence.published,
        "checked": evidence.checked.isoformat(),
    }


def _value(value: DetailValue) -> Any:
    if isinstance(value, Duration):
        return value.iso
    return list(value) if isinstance(value, tuple) else value


def _history(claim: Claim) -> list[dict[str, Any]]:
    return [
        {
            "status": str(state.status),
            "since": state.since,
            "until": state.until,
            "summary": state.summary,
            "evidence": [_evidence(evidence) for evidence in state.evidence],
        }
        for state in claim.history
    ]


def _claim(cell: Cell) -> dict[str, Any]:
    established = [value for value in cell.values if value.value is not None]
    return {
        "registry": cell.registry.id,
        "capability": cell.capability.id,
        "status": str(cell.claim.status),
        "since": cell.claim.since,
        "summary": cell.claim.summary,
        "note": cell.claim.note,
        "details": {value.column.id: _value(value.value) for value in established},  # type: ignore[arg-type]
        "detail_notes": {value.column.id: value.note for value in established if value.note},
        "evidence": [_evidence(evidence) for evidence in cell.claim.evidence],
        "history": _history(cell.claim),
        "upcoming": [
            {"date": event.date, "summary": event.summary, "evidence": [_evidence(evidence) for evidence in event.evidence]}
            for event in cell.claim.upcoming
        ],
    }


def open_data(dataset: Dataset) -> dict[str, bytes]:
    """The published data as `{path below the site: bytes}`.

    `data/v1/claims.json` is a list with one object per registry and capability, sorted by registry id and then by
    track, level and name. Booleans are `true` and `false`, durations ISO 8601, dates as exact as their source.
    A detail that is not established is absent.
    """
    by_id = sorted(cells(dataset), key=lambda cell: cell.registry.id)
    return {"data/v1/claims.json": _json([_claim(cell) for cell in by_id])}


def redirects(dataset: Dataset) -> dict[str, bytes]:
    """A page for each address that was published before, with and without `.html`, as `{path below the site: bytes}`."""
    files = {}
    for address in dataset.addresses:
        for path in (f"{address.old}.html", f"{address.old}/index.html"):
            target = posixpath.relpath(address.target or ".", posixpath.dirname(path) or ".") + "/"
            files[path] = rendering.redirect(target).encode()
    return files


def schemas() -> dict[str, bytes]:
    """JSON Schemas of the files in `data/`, generated from the model, as `{path below the project: bytes}`."""
    records = {**SINGLES, **FOLDERS}
    singular = {"capabilities": "capability", "registries": "registry", "reports": "report", "threats": "threat", "incidents": "incident"}
    result = {}
    for name, record in records.items():
        schema = record.model_json_schema(mode="validation")
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        result[f"data/schema/{singular.get(name, name)}.json"] = _json(schema)
    return result
