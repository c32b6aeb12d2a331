"""Where a registry stands on the model, item by item. Pure: records in, records out.

There are no totals, ranks or averages here: a level is a list of items, and what may be said of it is whether all that
apply are met, or how many are at least and at most, where some are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from macros.model import Capability, Dataset, Status, Term, Track
from macros.queries import Cell, adopters, by_level, by_track, capabilities_in_order, cell, unlocked_by


class Outcome(StrEnum):
    """What a status means for one item of the model."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


# What is planned or declined is not there, whatever the reasons.
_OUTCOMES = {
    Status.SUPPORTED: Outcome.MET,
    Status.PARTIAL: Outcome.PARTLY,
    Status.PLANNED: Outcome.NOT_MET,
    Status.DECLINED: Outcome.NOT_MET,
    Status.UNSUPPORTED: Outcome.NOT_MET,
    Status.UNKNOWN: Outcome.UNKNOWN,
    Status.NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
}
# What applies and is not wholly there.
_LACKING = (Outcome.PARTLY, Outcome.NOT_MET)


def outcome(status: Status) -> Outcome:
    return _OUTCOMES[status]


@dataclass(frozen=True)
class LevelAssessment:
    """One level of one track; `level` is `None` for what stands outside the levels of the model."""

    level: Term | None
    items: dict[Outcome, tuple[Cell, ...]]

    @property
    def applicable(self) -> int:
        return sum(len(cells) for outcome, cells in self.items.items() if outcome is not Outcome.NOT_APPLICABLE)

    @property
    def at_least(self) -> int:
        """How many items are met for certain."""
        return len(self.items[Outcome.MET])

    @property
    def at_most(self) -> int:
        """How many would be met if everything unknown turned out to be."""
        return self.at_least + len(self.items[Outcome.UNKNOWN])

    @property
    def all_met(self) -> bool | None:
        """Whether every item that applies is met; `None` where that hangs on what is unknown, or where none applies."""
        if not self.applicable:
            return None
        if self.at_most < self.applicable:
            return False
        return True if self.at_least == self.applicable else None


@dataclass(frozen=True)
class TrackAssessment:
    """One track, level by level, with what stands outside the levels last."""

    track: Track
    levels: tuple[LevelAssessment, ...]


def assess(dataset: Dataset, registry_id: str) -> list[TrackAssessment]:
    """Every item of the model for one registry, by track, level and outcome. `KeyError` for an unknown registry."""
    registry = dataset.registries[registry_id]
    assessments = []
    for track, capabilities in by_track(dataset):
        levels = []
        for each in by_level(dataset, capabilities):
            cells = [cell(dataset, registry, capability) for capability in each.capabilities]
            by_outcome = {kind: tuple(item for item in cells if outcome(item.claim.status) is kind) for kind in Outcome}
            levels.append(LevelAssessment(each.level, by_outcome))
        assessments.append(TrackAssessment(track, tuple(levels)))
    return assessments


@dataclass(frozen=True)
class Gap:
    """An item that applies and is not wholly met: what has to come first, what it opens up, and who did it.

    `first` are requirements that the registry does not meet yet; `unlocks` what requires this item; `done_by` registries
    that support it, oldest first.
    """

    cell: Cell
    first: tuple[Cell, ...]
    unlocks: tuple[Capability, ...]
    done_by: tuple[Cell, ...]


def gaps(dataset: Dataset, registry_id: str) -> list[Gap]:
    """What a registry lacks or has in part, by track, level and name. What is unknown is no gap. `KeyError` for an unknown registry."""
    registry = dataset.registries[registry_id]
    found = []
    for capability in capabilities_in_order(dataset):
        here = cell(dataset, registry, capability)
        if outcome(here.claim.status) not in _LACKING:
            continue
        required = [cell(dataset, registry, dataset.capabilities[id]) for id in capability.requires]
        found.append(
            Gap(
                here,
                tuple(each for each in required if outcome(each.claim.status) in _LACKING),
                unlocked_by(dataset, capability.id),
                tuple(each for each in adopters(dataset, capability.id) if each.claim.status is Status.SUPPORTED),
            )
        )
    return found
