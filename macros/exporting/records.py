"""The shapes of the open data, version 1, and how records become them.

These models are the interface: the JSON Schemas and the OpenAPI description are generated from them. Fields may be added
within a version; none changes its type or meaning, and none goes. Dates are text, as exact as their source.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from macros.model import Capability, Claim, Dataset, DetailValue, Duration, Evidence, Hindsight, PastState, Registry, Upcoming
from macros.queries import Cell, Event, cells, unlocked_by

# Major changes with the address, minor with what is added to the interface, patch with nothing but words.
SCHEMA_VERSION = "1.0.0"

Status = Literal["supported", "partial", "planned", "declined", "unsupported", "unknown", "not-applicable"]
Precision = Literal["year", "month", "day"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceShape(Shape):
    """A text that somebody read."""

    url: str
    title: str
    kind: str
    published: str | None
    checked: str


class PastShape(Shape):
    """What held before."""

    status: Status
    since: str | None
    until: str | None
    summary: str
    evidence: list[EvidenceShape]


class UpcomingShape(Shape):
    """A change that is announced for a date."""

    date: str
    summary: str
    evidence: list[EvidenceShape]


class HindsightShape(Shape):
    """What those who built it would do otherwise today."""

    summary: str
    evidence: list[EvidenceShape]


class ClaimShape(Shape):
    """What one registry does about one capability. `applies` follows from the registry's traits; `researched` says whether anybody has looked."""

    registry: str
    capability: str
    track: str
    level: int | None
    applies: bool
    researched: bool
    status: Status
    since: str | None
    since_precision: Precision | None
    summary: str
    note: str | None
    details: dict[str, str | bool | list[str]]
    detail_notes: dict[str, str]
    evidence: list[EvidenceShape]
    history: list[PastShape]
    upcoming: list[UpcomingShape]
    hindsight: list[HindsightShape]
    page: str


class TraitsShape(Shape):
    """What kind of registry it is."""

    user_accounts: bool
    packages: str
    note: str | None


class ContactShape(Shape):
    """Where a vulnerability of the registry itself is reported."""

    to: str
    note: str | None
    evidence: list[EvidenceShape]


class RegistryShape(Shape):
    """A registry with all its claims, by track, level and name of the capability."""

    id: str
    name: str
    ecosystem: str
    operator: str
    url: str
    client: str
    description: str
    traits: TraitsShape
    security_contact: ContactShape | None
    policies: list[EvidenceShape]
    page: str
    claims: list[ClaimShape]


class AppliesShape(Shape):
    """When a capability applies: every trait that is given must have one of its values."""

    user_accounts: list[bool] | None
    packages: list[str] | None
    reason: str


class EffortShape(Shape):
    """How much work it is, roughly."""

    size: Literal["small", "medium", "large"]
    reason: str


class ColumnShape(Shape):
    """A detail that claims about this capability can have; `choices` are the values that it can take, with their meanings."""

    id: str
    name: str
    type: str
    help: str
    choices: dict[str, str] | None


class CapabilityShape(Shape):
    """A capability with all claims about it, by name of the registry."""

    id: str
    name: str
    track: str
    level: int | None
    statement: str
    why: str
    verify: str
    applies: AppliesShape | None
    requires: list[str]
    unlocks: list[str]
    effort: EffortShape
    columns: list[ColumnShape]
    guidance: str | None
    page: str
    claims: list[ClaimShape]


class EventShape(Shape):
    """A dated change: what held before, if that is known, and what came."""

    date: str
    precision: Precision
    registry: str
    capability: str
    before: Status | None
    after: Status
    summary: str
    source: str | None


class Entry(Shape):
    """One file of the index."""

    id: str
    name: str
    data: str
    page: str


class IndexShape(Shape):
    """What there is. `as_of` is the newest day on which any evidence was read."""

    schema_version: str
    as_of: str
    license: str
    registries: list[Entry]
    capabilities: list[Entry]
    files: list[str]


class FileShape(Shape):
    """One published file; `sha256` in hexadecimal, `size` in bytes."""

    sha256: str
    size: int


class ManifestShape(Shape):
    """Every file of the release but this one, by its path below `data/v1/`."""

    schema_version: str
    files: dict[str, FileShape]


# ------------------------------------------------------- records to shapes


def _evidence(evidence: Evidence) -> EvidenceShape:
    return EvidenceShape(url=evidence.url, title=evidence.title, kind=evidence.kind, published=evidence.published, checked=evidence.checked.isoformat())


def _all(evidence: list[Evidence]) -> list[EvidenceShape]:
    return [_evidence(each) for each in evidence]


def _past(state: PastState) -> PastShape:
    return PastShape(status=state.status, since=state.since, until=state.until, summary=state.summary, evidence=_all(state.evidence))


def _upcoming(event: Upcoming) -> UpcomingShape:
    return UpcomingShape(date=event.date, summary=event.summary, evidence=_all(event.evidence))


def _hindsight(record: Hindsight) -> HindsightShape:
    return HindsightShape(summary=record.summary, evidence=_all(record.evidence))


def _value(value: DetailValue) -> str | bool | list[str]:
    if isinstance(value, Duration):
        return value.iso
    return list(value) if isinstance(value, tuple) else value


class Shapes:
    """Makes the shapes of one dataset; `site_url` is the site's root, with a slash at its end."""

    def __init__(self, dataset: Dataset, site_url: str) -> None:
        self._dataset, self._site_url = dataset, site_url

    def page(self, path: str) -> str:
        return f"{self._site_url}{path}"

    def claim(self, cell: Cell) -> ClaimShape:
        established = [value for value in cell.values if value.value is not None]
        claim: Claim = cell.claim
        return ClaimShape(
            registry=cell.registry.id,
            capability=cell.capability.id,
            track=cell.capability.track,
            level=cell.capability.level,
            applies=self._dataset.applies(cell.capability, cell.registry),
            researched=cell.researched,
            status=claim.status,
            since=claim.since,
            since_precision=claim.since.precision if claim.since else None,
            summary=claim.summary,
            note=claim.note,
            details={value.column.id: _value(value.value) for value in established},  # type: ignore[arg-type]
            detail_notes={value.column.id: value.note for value in established if value.note},
            evidence=_all(claim.evidence),
            history=[_past(state) for state in claim.history],
            upcoming=[_upcoming(event) for event in claim.upcoming],
            hindsight=[_hindsight(record) for record in claim.hindsight],
            page=self.page(f"registries/{cell.registry.id}/#{cell.capability.id}"),
        )

    def claims(self) -> list[ClaimShape]:
        """Every registry with every capability: by registry id, then by track, level and name."""
        return [self.claim(each) for each in sorted(cells(self._dataset), key=lambda each: each.registry.id)]

    def registry(self, registry: Registry, claims: list[ClaimShape]) -> RegistryShape:
        contact = registry.security_contact
        return RegistryShape(
            **{name: getattr(registry, name) for name in ("id", "name", "ecosystem", "operator", "url", "client", "description")},
            traits=TraitsShape(user_accounts=registry.traits.user_accounts, packages=registry.traits.packages, note=registry.traits.note),
            security_contact=ContactShape(to=contact.to, note=contact.note, evidence=_all(contact.evidence)) if contact else None,
            policies=_all(registry.policies),
            page=self.page(f"registries/{registry.id}/"),
            claims=[claim for claim in claims if claim.registry == registry.id],
        )

    def capability(self, capability: Capability, claims: list[ClaimShape]) -> CapabilityShape:
        applies = self._dataset.applicability(capability)
        names = {registry.id: registry.name.casefold() for registry in self._dataset.registries.values()}
        return CapabilityShape(
            **{name: getattr(capability, name) for name in ("id", "name", "track", "level", "statement", "why", "verify", "requires")},
            applies=AppliesShape(user_accounts=applies.when.user_accounts, packages=applies.when.packages, reason=applies.reason) if applies else None,
            unlocks=[other.id for other in unlocked_by(self._dataset, capability.id)],
            effort=EffortShape(size=capability.effort.size, reason=capability.effort.reason),
            columns=[ColumnShape(id=c.id, name=c.name, type=c.type, help=c.help, choices=c.choices) for c in capability.details],
            guidance=self.page(f"guidance/{capability.guidance}/") if capability.guidance else None,
            page=self.page(f"capabilities/{capability.id}/"),
            claims=sorted((claim for claim in claims if claim.capability == capability.id), key=lambda claim: names[claim.registry]),
        )

    def event(self, event: Event) -> EventShape:
        return EventShape(
            date=event.date,
            precision=event.date.precision,
            registry=event.cell.registry.id,
            capability=event.cell.capability.id,
            before=event.before.status if event.before else None,
            after=event.after.status,
            summary=event.after.summary,
            source=event.proof.url if event.proof else None,
        )
