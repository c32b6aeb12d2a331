"""Where a registry stands on the model, item by item. Pure: records in, records out.

There are no totals, ranks or averages here: a level is a list of items, and what may be said of it is whether all that
apply are met, or how many are at least and at most, where some are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from graphlib import TopologicalSorter

from macros.model import Applicability, Capability, Dataset, Status, Term, Track
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


_SIZES = ("small", "medium", "large")


def order_of_work(dataset: Dataset) -> list[Capability]:
    """Every capability in an order in which it can be built: what is required before what requires it.

    Where that leaves a choice, what a lower level asks for comes first, directly or because something of that level
    requires it, then the smaller effort, then the order of the model. The order is the same for every registry;
    leaving out what one of them has never puts anything before what it requires. `ValueError` where requirements run in a circle.
    """
    in_order = capabilities_in_order(dataset)
    beyond = len(dataset.model.levels) + 1
    asked_by = {capability.id: capability.level or beyond for capability in in_order}
    requirements = {capability.id: capability.requires for capability in in_order}
    for id in reversed(tuple(TopologicalSorter(requirements).static_order())):
        for required in requirements[id]:
            asked_by[required] = min(asked_by[required], asked_by[id])
    rank = {c.id: (asked_by[c.id], _SIZES.index(c.effort.size), place) for place, c in enumerate(in_order)}
    ordered: dict[str, Capability] = {}
    while waiting := [c for c in in_order if c.id not in ordered]:
        ready = [c for c in waiting if all(required in ordered for required in c.requires)]
        following = min(ready, key=lambda c: rank[c.id])
        ordered[following.id] = following
    return list(ordered.values())


@dataclass(frozen=True)
class Gap:
    """An item that applies and is not wholly met: what has to come first, what it opens up, and who did it.

    `first` are requirements that the registry does not meet yet; `unlocks` what requires this item and is not met either;
    `done_by` registries that support it, oldest first.
    """

    cell: Cell
    first: tuple[Cell, ...]
    unlocks: tuple[Cell, ...]
    done_by: tuple[Cell, ...]


def done_by(dataset: Dataset, capability_id: str) -> tuple[Cell, ...]:
    """The registries that support a capability wholly, oldest first, undated last."""
    return tuple(each for each in adopters(dataset, capability_id) if each.claim.status is Status.SUPPORTED)


def roadmap(dataset: Dataset, registry_id: str) -> list[Gap]:
    """What a registry lacks or has in part, in the order of work. What is unknown is no gap. `KeyError` for an unknown registry."""
    registry = dataset.registries[registry_id]

    def lacking(capabilities: Iterable[Capability]) -> tuple[Cell, ...]:
        cells = (cell(dataset, registry, capability) for capability in capabilities)
        return tuple(each for each in cells if outcome(each.claim.status) in _LACKING)

    return [
        Gap(
            here,
            lacking(dataset.capabilities[id] for id in here.capability.requires),
            lacking(unlocked_by(dataset, here.capability.id)),
            done_by(dataset, here.capability.id),
        )
        for here in lacking(order_of_work(dataset))
    ]


@dataclass(frozen=True)
class Question:
    """One item of the model as it is asked of a registry that is not on this site: when it applies, what it opens up, and who did it."""

    capability: Capability
    applicability: Applicability | None
    unlocks: tuple[Capability, ...]
    done_by: tuple[Cell, ...]


@dataclass(frozen=True)
class QuestionLevel:
    """The questions of one level; `level` is `None` for what stands outside the levels of the model."""

    level: Term | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """Every item as a question, by track and level, and the order of work that makes a roadmap of the answers."""

    tracks: tuple[tuple[Track, tuple[QuestionLevel, ...]], ...]
    order_of_work: tuple[Capability, ...]


def questionnaire(dataset: Dataset) -> Questionnaire:
    def question(capability: Capability) -> Question:
        return Question(capability, dataset.applicability(capability), unlocked_by(dataset, capability.id), done_by(dataset, capability.id))

    tracks = tuple(
        (track, tuple(QuestionLevel(each.level, tuple(question(c) for c in each.capabilities)) for each in by_level(dataset, group)))
        for track, group in by_track(dataset)
    )
    return Questionnaire(tracks, tuple(order_of_work(dataset)))
