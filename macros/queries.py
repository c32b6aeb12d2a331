"""The questions that pages and exports ask of the dataset. Pure: records in, records out.

Registries are listed by name and claims by date; nothing here ranks registries by how well they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, wraps
from itertools import groupby, pairwise
from typing import Concatenate, ParamSpec, TypeVar

from macros.model import (
    Answer,
    Applicability,
    Capability,
    Claim,
    Column,
    Control,
    Dataset,
    DetailValue,
    Evidence,
    EvidenceKind,
    Incident,
    PartialDate,
    PastState,
    Place,
    Registry,
    Status,
    StatusReport,
    Term,
    Threat,
    Track,
    Upcoming,
)

# Where a registry has no claim at all, nobody has looked yet.
_NOT_LOOKED = Claim(status=Status.UNKNOWN, summary="Nobody has researched this yet.")


_Given, _Answer = ParamSpec("_Given"), TypeVar("_Answer")


def _remembered(query: Callable[Concatenate[Dataset, _Given], _Answer]) -> Callable[Concatenate[Dataset, _Given], _Answer]:
    """Of one dataset the same question has one answer, and hundreds of tables ask it. What was answered must not be changed."""

    @wraps(query)
    def ask(dataset: Dataset, *given: _Given.args, **named: _Given.kwargs) -> _Answer:
        key = (query, *given, *named.items())
        if key not in dataset.remembered:
            dataset.remembered[key] = query(dataset, *given, **named)
        return dataset.remembered[key]

    return ask


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
    columns: tuple[Column, ...]
    place: Place

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """The typed details, one per column. Most questions ask for none of them, so they are parsed only here."""
        found = []
        for column in self.columns:
            detail = self.claim.details.get(column.id)
            found.append(Value(column, column.parse(detail.value), detail.note) if detail else Value(column, None))
        return tuple(found)

    @property
    def detailed(self) -> bool:
        """Whether any of its columns is filled."""
        return any(value.value is not None for value in self.values)

    @property
    def researched(self) -> bool:
        """Whether the registry's file says anything about the capability."""
        return self.capability.id in self.registry.claims


def _chosen(capability: Capability, columns: Sequence[str]) -> tuple[Column, ...]:
    return tuple(column for column in capability.details if not columns or column.id in columns)


def _without_claim(dataset: Dataset, registry: Registry, capability: Capability) -> Claim:
    """What holds where a registry's file says nothing: not applicable if its traits rule the capability out, else unknown."""
    if dataset.applies(capability, registry):
        return _NOT_LOOKED
    return Claim(status=Status.NOT_APPLICABLE, summary=dataset.applicability(capability).reason)  # type: ignore[union-attr]


def cell(dataset: Dataset, registry: Registry, capability: Capability, columns: Sequence[str] = ()) -> Cell:
    """The claim of a registry about a capability with its typed details: all columns, or those named, in the capability's order."""
    return _cell(dataset, registry.id, capability.id, tuple(columns))


@_remembered
def _cell(dataset: Dataset, registry_id: str, capability_id: str, columns: tuple[str, ...]) -> Cell:
    registry, capability = dataset.registries[registry_id], dataset.capabilities[capability_id]
    claim = registry.claims.get(capability.id) or _without_claim(dataset, registry, capability)
    place = dataset.place("registries", registry.id, "claims", capability.id)
    return Cell(registry, capability, claim, _chosen(capability, columns), place)


@_remembered
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


@_remembered
def adopters(dataset: Dataset, capability_id: str) -> list[Cell]:
    """Who supports the capability, wholly or in part: oldest first, undated last, then by name."""
    cells = comparison(dataset, capability_id).cells
    having = [cell for cell in cells if cell.claim.status in (Status.SUPPORTED, Status.PARTIAL)]
    return sorted(having, key=lambda cell: (cell.claim.since is None, cell.claim.since or "", cell.registry.name.casefold()))


@dataclass(frozen=True)
class Matrix:
    """Registries × capabilities: for each track its capabilities, each with one cell per registry, in the order of `registries`."""

    registries: tuple[Registry, ...]
    tracks: tuple[tuple[Track, tuple[tuple[Capability, tuple[Cell, ...]], ...]], ...]

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        return tuple(capability for _, rows in self.tracks for capability, _ in rows)

    def row(self, registry: Registry) -> tuple[Cell, ...]:
        """The cells of one registry, in the order of `capabilities`."""
        place = self.registries.index(registry)
        return tuple(cells[place] for _, rows in self.tracks for _, cells in rows)


def matrix(dataset: Dataset) -> Matrix:
    """All registries by name with every capability in the order of the model."""
    registries = tuple(registries_by_name(dataset))
    tracks = tuple(
        (track, tuple((capability, tuple(cell(dataset, registry, capability) for registry in registries)) for capability in group))
        for track, group in by_track(dataset)
    )
    return Matrix(registries, tracks)


def cells(dataset: Dataset) -> Iterator[Cell]:
    """Every registry with every capability: registries by name, capabilities by track, level and name."""
    for registry in registries_by_name(dataset):
        for capability in capabilities_in_order(dataset):
            yield cell(dataset, registry, capability)


@_remembered
def by_track(dataset: Dataset) -> list[tuple[Track, list[Capability]]]:
    """Capabilities by track in the model's order; within a track by level, those outside the levels last, then by name."""
    return [
        (track, group)
        for track in dataset.model.tracks
        if (group := sorted((c for c in dataset.capabilities.values() if c.track == track.id), key=lambda c: (c.level or 9, c.name.casefold())))
    ]


@_remembered
def capabilities_in_order(dataset: Dataset) -> list[Capability]:
    """Every capability, by track, level and name."""
    return [capability for _, group in by_track(dataset) for capability in group]


def unlocked_by(dataset: Dataset, capability_id: str) -> tuple[Capability, ...]:
    """The capabilities that require this one."""
    return tuple(other for other in capabilities_in_order(dataset) if capability_id in other.requires)


@dataclass(frozen=True)
class Profile:
    """One registry: its record, its cells by track, what it plans and what it declined, its changes and incidents, newest first."""

    registry: Registry
    tracks: tuple[tuple[Track, tuple[Cell, ...]], ...]
    intended: tuple[Cell, ...]
    upcoming: tuple[Announcement, ...]
    events: tuple[Event, ...]
    incidents: tuple[Incident, ...]
    as_of: date
    place: Place


def profile(dataset: Dataset, registry_id: str) -> Profile:
    """Everything that is known of one registry. `KeyError` for an unknown one."""
    registry = dataset.registries[registry_id]
    tracks = tuple((track, tuple(cell(dataset, registry, capability) for capability in group)) for track, group in by_track(dataset))
    every = [each for _, group in tracks for each in group]
    return Profile(
        registry,
        tracks,
        tuple(each for each in every if each.claim.status in (Status.PLANNED, Status.DECLINED)),
        tuple(_not_passed(dataset, _announcements(every))),
        tuple(_newest_first(event for each in every for event in _events_of(each))),
        tuple(incidents_of(dataset, registry=registry_id)),
        as_of(dataset),
        dataset.place("registries", registry_id),
    )


def reports_newest_first(dataset: Dataset) -> list[StatusReport]:
    return sorted(dataset.reports.values(), key=lambda report: report.id, reverse=True)


# ------------------------------------------------- threats, incidents, prior art


@dataclass(frozen=True)
class Answered:
    """A capability's answer to a threat."""

    threat: Threat
    answer: Answer


def answers(dataset: Dataset, capability_id: str) -> list[Answered]:
    """The threats that a capability answers, by name."""
    found = [Answered(threat, answer) for threat in dataset.threats.values() for answer in threat.answers if answer.capability == capability_id]
    return sorted(found, key=lambda each: each.threat.name.casefold())


def incidents_newest_first(dataset: Dataset) -> list[Incident]:
    return sorted(dataset.incidents.values(), key=lambda incident: (incident.date.earliest, incident.id), reverse=True)


def incidents_of(dataset: Dataset, *, registry: str = "", threat: str = "", missing: str = "") -> list[Incident]:
    """Incidents in a registry, of a threat, or that a capability would have changed; newest first."""
    return [
        incident
        for incident in incidents_newest_first(dataset)
        if (not registry or registry in incident.registries)
        and (not threat or threat in incident.threats)
        and (not missing or missing in {control.capability for control in incident.missing})
    ]


@dataclass(frozen=True)
class ThreatView:
    """A threat with the capabilities that answer it and the incidents in which it came true."""

    threat: Threat
    answers: tuple[tuple[Capability, Answer], ...]
    incidents: tuple[Incident, ...]


def threats(dataset: Dataset) -> list[ThreatView]:
    """Every threat by name."""
    return [
        ThreatView(threat, tuple((dataset.capabilities[answer.capability], answer) for answer in threat.answers), tuple(incidents_of(dataset, threat=threat.id)))
        for threat in sorted(dataset.threats.values(), key=lambda threat: threat.name.casefold())
    ]


@dataclass(frozen=True)
class ControlNow:
    """A capability in an incident, and what the registries that were hit do about it now."""

    control: Control
    capability: Capability
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class IncidentView:
    """One incident with its threats and the capabilities that were there or were missing."""

    incident: Incident
    registries: tuple[Registry, ...]
    threats: tuple[Threat, ...]
    present: tuple[ControlNow, ...]
    missing: tuple[ControlNow, ...]
    place: Place


def incident(dataset: Dataset, incident_id: str) -> IncidentView:
    """`KeyError` for an unknown incident."""
    record = dataset.incidents[incident_id]
    registries = tuple(dataset.registries[id] for id in record.registries)

    def now(controls: Sequence[Control]) -> tuple[ControlNow, ...]:
        capabilities = [dataset.capabilities[control.capability] for control in controls]
        return tuple(
            ControlNow(control, capability, tuple(cell(dataset, registry, capability) for registry in registries))
            for control, capability in zip(controls, capabilities, strict=True)
        )

    threats = tuple(dataset.threats[id] for id in record.threats)
    return IncidentView(record, registries, threats, now(record.present), now(record.missing), dataset.place("incidents", incident_id))


@dataclass(frozen=True)
class CapabilityView:
    """A capability with its place in the model: what it needs and unlocks, which threats it answers, which incidents it would have changed."""

    capability: Capability
    applicability: Applicability | None
    requires: tuple[Capability, ...]
    unlocks: tuple[Capability, ...]
    answers: tuple[Answered, ...]
    incidents: tuple[Incident, ...]
    place: Place


def capability(dataset: Dataset, capability_id: str) -> CapabilityView:
    """`KeyError` for an unknown capability."""
    record = dataset.capabilities[capability_id]
    return CapabilityView(
        record,
        dataset.applicability(record),
        tuple(dataset.capabilities[other] for other in record.requires),
        unlocked_by(dataset, capability_id),
        tuple(answers(dataset, capability_id)),
        tuple(incidents_of(dataset, missing=capability_id)),
        dataset.place("capabilities", capability_id),
    )


@dataclass(frozen=True)
class ModelLevel:
    """The items of one level of a track; `level` is `None` for what is proposed beyond the levels."""

    level: Term | None
    capabilities: tuple[Capability, ...]


def by_level(dataset: Dataset, capabilities: Sequence[Capability]) -> list[ModelLevel]:
    """Capabilities by level, those outside the levels last; a level without any is left out."""
    groups = []
    for level in (*dataset.model.levels, None):
        number = int(level.id.removeprefix("level-")) if level else None
        if items := tuple(capability for capability in capabilities if capability.level == number):
            groups.append(ModelLevel(level, items))
    return groups


def principles(dataset: Dataset, proposed: bool = False) -> list[tuple[Track, tuple[ModelLevel, ...]]]:
    """The model, track by track and level by level; with `proposed`, what stands outside its levels instead."""
    tracks = [(track, tuple(each for each in by_level(dataset, group) if (each.level is None) is proposed)) for track, group in by_track(dataset)]
    return [(track, levels) for track, levels in tracks if levels]


# What a reader who wants to build the same looks for, by the kind of evidence.
PRIOR_ART = {
    "Design": (EvidenceKind.SPEC, EvidenceKind.POLICY, EvidenceKind.DOCS),
    "Code": (EvidenceKind.CODE,),
    "Announcement": (EvidenceKind.ANNOUNCEMENT,),
    "Audit and reports": (EvidenceKind.AUDIT, EvidenceKind.REPORT),
}


def one_per_address(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The first piece of evidence for each address, in the order given."""
    return list({each.url: each for each in reversed(evidence)}.values())[::-1]


@dataclass(frozen=True)
class PriorArt:
    """One adopter's evidence by what it is good for, with what its builders would do otherwise."""

    cell: Cell
    evidence: dict[str, tuple[Evidence, ...]]


def prior_art(dataset: Dataset, capability_id: str) -> list[PriorArt]:
    """The adopters of a capability, oldest first, each with its sources by kind. An address is named once per adopter."""
    found = []
    for adopter in adopters(dataset, capability_id):
        sources = [*adopter.claim.evidence, *(each for state in adopter.claim.history for each in state.evidence)]
        once = one_per_address(sources)
        found.append(PriorArt(adopter, {name: tuple(each for each in once if each.kind in kinds) for name, kinds in PRIOR_ART.items()}))
    return found


# ------------------------------------------------------------------- lexicon

# Columns with this id hold the registry's own word for what the capability is.
OWN_WORD = "term"


@dataclass(frozen=True)
class OwnWords:
    """Registries × the capabilities for which ecosystems have words of their own; a value is `None` where it is not established."""

    capabilities: tuple[Capability, ...]
    rows: tuple[tuple[Registry, tuple[Cell, ...]], ...]


def own_words(dataset: Dataset) -> OwnWords:
    capabilities = tuple(capability for capability in capabilities_in_order(dataset) if any(column.id == OWN_WORD for column in capability.details))
    rows = tuple((registry, tuple(cell(dataset, registry, capability, [OWN_WORD]) for capability in capabilities)) for registry in registries_by_name(dataset))
    return OwnWords(capabilities, rows)


# ----------------------------------------------------------------- in time


@dataclass(frozen=True)
class Event:
    """A day on which something changed: what held `before` (`None` where that is not known) and what came `after`."""

    date: PartialDate
    cell: Cell
    before: PastState | None
    after: PastState | Claim

    @property
    def proof(self) -> Evidence | None:
        """The source to show first: one that was published in the time of the change, else the first."""
        evidence = self.after.evidence
        fresh = (each for each in evidence if each.published and _overlap(each.published, self.date))
        return next(fresh, evidence[0] if evidence else None)


def _overlap(one: PartialDate, other: PartialDate) -> bool:
    return one.earliest <= other.latest and other.earliest <= one.latest


def _events_of(cell: Cell) -> Iterator[Event]:
    """The changes of one claim, from old to new. A change whose date nobody established is none."""
    states: list[PastState | Claim] = [*cell.claim.history, cell.claim]
    if states[0].since:
        yield Event(states[0].since, cell, None, states[0])
    for before, after in pairwise(states):
        assert isinstance(before, PastState)
        # A claim's `since` is when its status began; a later change within that status is dated by the end of the state before.
        begun = after.since if after.since and (before.until is None or after.since.earliest >= before.until.earliest) else None
        when = begun or before.until
        if when and when != before.since:
            yield Event(when, cell, before, after)


def _newest_first(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.date.earliest, reverse=True)


def events(dataset: Dataset) -> list[Event]:
    """Every dated change, newest first: what is only known to its month or year stands where that began. Of one date, by registry and capability."""
    return _newest_first(event for each in cells(dataset) for event in _events_of(each))


@dataclass(frozen=True)
class Announcement:
    """A change that somebody announced for a date."""

    cell: Cell
    event: Upcoming


@_remembered
def as_of(dataset: Dataset) -> date:
    """The newest day on which any evidence of a claim was read. It stands for today, so that the same data always gives the same pages."""
    claims = (claim for registry in dataset.registries.values() for claim in registry.claims.values())
    return max((evidence.checked for claim in claims for evidence in claim.evidence), default=date.min)


def announcements(dataset: Dataset) -> list[Announcement]:
    """Everything that was announced for a date, soonest first; the date may have passed since."""
    return _announcements(cells(dataset))


def _announcements(cells: Iterable[Cell]) -> list[Announcement]:
    found = [Announcement(each, event) for each in cells for event in each.claim.upcoming]
    return sorted(found, key=lambda announcement: announcement.event.date.earliest)


def still_to_come(dataset: Dataset) -> list[Announcement]:
    """Announcements whose date had not passed by the newest reading."""
    return _not_passed(dataset, announcements(dataset))


def _not_passed(dataset: Dataset, announcements: Iterable[Announcement]) -> list[Announcement]:
    day = as_of(dataset)
    return [each for each in announcements if each.event.date.latest >= day]


# ------------------------------------------------------------ state of the data


def last_read(claim: Claim) -> date | None:
    """The day of the latest reading of a claim's evidence; `None` where it has none."""
    return max((evidence.checked for evidence in claim.evidence), default=None)


@dataclass(frozen=True)
class Count:
    """How many cells of a registry have each status; `unresearched` counts those where nobody has looked, which are in no status."""

    registry: Registry
    statuses: dict[Status, int]
    unresearched: int
    oldest: date | None


@dataclass(frozen=True)
class Health:
    """The state of the data: counts per registry, the claims whose evidence was read longest ago, what is unknown and what is overdue.

    `as_of` is the newest day on which anything was read, `readings` the days of all readings.
    """

    as_of: date
    readings: tuple[date, ...]
    counts: tuple[Count, ...]
    oldest: tuple[tuple[date, Cell], ...]
    unknown: tuple[tuple[Registry, tuple[Cell, ...]], ...]
    overdue: tuple[Announcement, ...]
    lately: tuple[Event, ...]

    @property
    def total(self) -> dict[Status, int]:
        return {status: sum(count.statuses[status] for count in self.counts) for status in Status}

    @property
    def unresearched(self) -> int:
        return sum(count.unresearched for count in self.counts)


def health(dataset: Dataset, oldest: int = 20, lately: int = 12) -> Health:
    """The state of the data, with the `oldest` claims by reading and the `lately` newest changes."""
    counts, unknown, read = [], [], []
    for registry, group in groupby(cells(dataset), key=lambda each: each.registry):
        every = list(group)
        written = [each for each in every if each.researched or each.claim.status is Status.NOT_APPLICABLE]
        statuses = {status: sum(each.claim.status is status for each in written) for status in Status}
        readings = [(day, each) for each in every if (day := last_read(each.claim))]
        counts.append(Count(registry, statuses, len(every) - len(written), min((day for day, _ in readings), default=None)))
        read += readings
        if missing := tuple(each for each in written if each.claim.status is Status.UNKNOWN):
            unknown.append((registry, missing))
    read.sort(key=lambda pair: pair[0])
    today = as_of(dataset)
    return Health(
        today,
        tuple(evidence.checked for registry in dataset.registries.values() for claim in registry.claims.values() for evidence in claim.evidence),
        tuple(counts),
        tuple(read[:oldest]),
        tuple(unknown),
        tuple(each for each in announcements(dataset) if each.event.date.latest < today),
        tuple(events(dataset)[:lately]),
    )


def cited(dataset: Dataset) -> Iterator[tuple[tuple[str | int, ...], Evidence]]:
    """Every piece of evidence with the path to it, as `Dataset.place` takes it: of claims, then of registries, reports and incidents."""

    def listed(path: tuple[str | int, ...], evidence: Iterable[Evidence]) -> Iterator[tuple[tuple[str | int, ...], Evidence]]:
        return (((*path, index), each) for index, each in enumerate(evidence))

    for registry in dataset.registries.values():
        for capability, claim in registry.claims.items():
            path = ("registries", registry.id, "claims", capability)
            yield from listed((*path, "evidence"), claim.evidence)
            for key in ("history", "upcoming", "hindsight"):
                for number, record in enumerate(getattr(claim, key)):
                    yield from listed((*path, key, number, "evidence"), record.evidence)
        yield from listed(("registries", registry.id, "policies"), registry.policies)
        if registry.security_contact:
            yield from listed(("registries", registry.id, "security_contact", "evidence"), registry.security_contact.evidence)
    for group in ("reports", "incidents"):
        for record in getattr(dataset, group).values():
            yield from listed((group, record.id, "evidence"), record.evidence)


def read_before(dataset: Dataset, day: date, registry: str | None = None) -> list[tuple[date, Cell]]:
    """The claims whose newest source was read before a day, with the day on which it was, oldest first; of one registry, if it is named."""
    read = [(last, each) for each in cells(dataset) if registry in (None, each.registry.id) and (last := last_read(each.claim)) and last < day]
    return sorted(read, key=lambda pair: pair[0])


def claims_by_status(dataset: Dataset) -> dict[Status, int]:
    """How many cells have each status, in the order of the vocabulary; where nobody has looked counts as unknown."""
    statuses = [each.claim.status for each in cells(dataset)]
    return {status: statuses.count(status) for status in Status}
