"""The questions that pages and exports ask of the dataset. Pure: records in, records out.

Registries are listed by name and claims by date; nothing here ranks registries by how well they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from macros.model import Capability, Claim, Column, Dataset, DetailValue, Place, Registry, Status, StatusReport, Track

# Where a registry has no claim at all, nobody has looked yet.
_NOT_LOOKED = Claim(status=Status.UNKNOWN, summary="Nobody has researched this yet.")


@dataclass(frozen=True)
class Value:
    """One detail of a claim; `value` is `None` where it is not established."""

    column: Column
    value: DetailValue | None
    note: str | None = None


@dataclass(frozen=True)
class Cell:
    """What one registry does about one capability; `place` is where a contributor mends it."""

    registry: Registry
    capability: Capability
    claim: Claim
    values: tuple[Value, ...]
    place: Place

    @property
    def detailed(self) -> bool:
        """Whether any of its columns is filled."""
        return any(value.value is not None for value in self.values)


def _chosen(capability: Capability, columns: Sequence[str]) -> tuple[Column, ...]:
    return tuple(column for column in capability.details if not columns or column.id in columns)


def cell(dataset: Dataset, registry: Registry, capability: Capability, columns: Sequence[str] = ()) -> Cell:
    """The claim of a registry about a capability with its typed details: all columns, or those named, in the capability's order."""
    claim = registry.claims.get(capability.id, _NOT_LOOKED)
    place = dataset.place("registries", registry.id, "claims", capability.id)
    values = []
    for column in _chosen(capability, columns):
        detail = claim.details.get(column.id)
        values.append(Value(column, column.parse(detail.value), detail.note) if detail else Value(column, None))
    return Cell(registry, capability, claim, tuple(values), place)


def registries_by_name(dataset: Dataset) -> list[Registry]:
    return sorted(dataset.registries.values(), key=lambda registry: registry.name.casefold())


@dataclass(frozen=True)
class Comparison:
    """All registries on one capability. Where it applies to none of a registry's kind, the cell says so."""

    capability: Capability
    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]


def comparison(dataset: Dataset, capability_id: str, columns: Sequence[str] = ()) -> Comparison:
    """Registries × the capability's columns, registries by name. `KeyError` for an unknown capability."""
    capability = dataset.capabilities[capability_id]
    cells = tuple(cell(dataset, registry, capability, columns) for registry in registries_by_name(dataset))
    return Comparison(capability, _chosen(capability, columns), cells)


def adopters(dataset: Dataset, capability_id: str) -> list[Cell]:
    """Who supports the capability, wholly or in part: oldest first, undated last, then by name."""
    cells = comparison(dataset, capability_id).cells
    having = [cell for cell in cells if cell.claim.status in (Status.SUPPORTED, Status.PARTIAL)]
    return sorted(having, key=lambda cell: (cell.claim.since is None, cell.claim.since or "", cell.registry.name.casefold()))


@dataclass(frozen=True)
class Matrix:
    """Registries × capabilities; `rows` holds one tuple of cells per registry, in the order of `capabilities`."""

    capabilities: tuple[Capability, ...]
    rows: tuple[tuple[Cell, ...], ...]


def matrix(dataset: Dataset, capability_ids: Sequence[str] = ()) -> Matrix:
    """Several capabilities, or all of them by track and level, for every registry."""
    capabilities = tuple(dataset.capabilities[id] for id in capability_ids) or tuple(capability for _, group in by_track(dataset) for capability in group)
    rows = tuple(tuple(cell(dataset, registry, capability) for capability in capabilities) for registry in registries_by_name(dataset))
    return Matrix(capabilities, rows)


def by_track(dataset: Dataset) -> list[tuple[Track, list[Capability]]]:
    """Capabilities by track in the model's order; within a track by level, those outside the levels last, then by name."""
    return [
        (track, group)
        for track in dataset.model.tracks
        if (group := sorted((c for c in dataset.capabilities.values() if c.track == track.id), key=lambda c: (c.level or 9, c.name.casefold())))
    ]


@dataclass(frozen=True)
class Profile:
    """One registry: its record and its cells by track."""

    registry: Registry
    tracks: tuple[tuple[Track, tuple[Cell, ...]], ...]
    place: Place


def profile(dataset: Dataset, registry_id: str) -> Profile:
    """Everything that is known of one registry. `KeyError` for an unknown one."""
    registry = dataset.registries[registry_id]
    tracks = tuple((track, tuple(cell(dataset, registry, capability) for capability in group)) for track, group in by_track(dataset))
    return Profile(registry, tracks, dataset.place("registries", registry_id))


def reports_newest_first(dataset: Dataset) -> list[StatusReport]:
    return sorted(dataset.reports.values(), key=lambda report: report.id, reverse=True)


def claims_by_status(dataset: Dataset) -> dict[Status, int]:
    """How many claims have each status, in the order of the vocabulary; a registry without a claim counts as unknown."""
    counts = dict.fromkeys(Status, 0)
    for row in matrix(dataset).rows:
        for each in row:
            counts[each.claim.status] += 1
    return counts
