"""Where a registry stands: item by item, without a grade, and never better than the evidence."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from macros.assessment import LevelAssessment, Outcome, assess, order_of_work, outcome, questionnaire, roadmap
from macros.model import Claim, Dataset, Status

# From what says least for a registry to what says most; a claim may only rise by evidence.
RISING = [Status.UNKNOWN, Status.UNSUPPORTED, Status.DECLINED, Status.PLANNED, Status.PARTIAL, Status.SUPPORTED]


def levels(dataset: Dataset, registry: str = "example") -> Iterator[LevelAssessment]:
    for track in assess(dataset, registry):
        yield from track.levels


def with_statuses(dataset: Dataset, **statuses: Status) -> Dataset:
    claims = {id: Claim(status=status, summary="Set by the test.") for id, status in statuses.items()}
    return replace(dataset, registries={"example": dataset.registries["example"].model_copy(update={"claims": claims})})


def test_items_stand_by_track_and_level_with_those_outside_the_levels_last(dataset: Dataset) -> None:
    shown = [(track.track.id, [level.level and level.level.id for level in track.levels]) for track in assess(dataset, "example")]
    assert shown == [("authentication", ["level-1"]), ("general", [None])]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUPPORTED, Outcome.MET),
        (Status.PARTIAL, Outcome.PARTLY),
        (Status.PLANNED, Outcome.NOT_MET),
        (Status.DECLINED, Outcome.NOT_MET),
        (Status.UNSUPPORTED, Outcome.NOT_MET),
        (Status.UNKNOWN, Outcome.UNKNOWN),
        (Status.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
    ],
)
def test_each_status_has_its_outcome(dataset: Dataset, status: Status, expected: Outcome) -> None:
    level = next(levels(with_statuses(dataset, mfa=status)))
    assert {outcome: [cell.capability.id for cell in cells] for outcome, cells in level.items.items() if cells} == {expected: ["mfa"]}


def test_nothing_is_not_applicable_by_opinion_alone(dataset: Dataset) -> None:
    """Traits decide: without accounts authentication does not apply, and the level has no item that could be met."""
    level = next(levels(dataset, "mirror"))
    assert (level.applicable, level.all_met) == (0, None)


@pytest.mark.parametrize(("status", "expected"), [(Status.SUPPORTED, True), (Status.PARTIAL, False), (Status.UNSUPPORTED, False), (Status.UNKNOWN, None)])
def test_a_level_is_met_only_when_all_of_it_is_established(dataset: Dataset, status: Status, expected: bool | None) -> None:
    assert next(levels(with_statuses(dataset, mfa=status))).all_met is expected


def test_an_unknown_is_between_at_least_and_at_most(dataset: Dataset) -> None:
    level = next(levels(with_statuses(dataset, mfa=Status.UNKNOWN)))
    assert (level.at_least, level.at_most, level.applicable) == (0, 1, 1)


def test_more_evidence_never_lowers_what_is_met(dataset: Dataset) -> None:
    for before, after in product(RISING, RISING):
        if RISING.index(after) < RISING.index(before):
            continue
        for low, high in zip(levels(with_statuses(dataset, mfa=before, yanking=before)), levels(with_statuses(dataset, mfa=after, yanking=after)), strict=True):
            assert high.at_least >= low.at_least
            assert low.at_least <= low.at_most <= low.applicable


def test_every_registry_can_be_assessed_and_every_item_counts_once(real: Dataset) -> None:
    for id in real.registries:
        seen = [cell.capability.id for level in levels(real, id) for cells in level.items.values() for cell in cells]
        assert sorted(seen) == sorted(real.capabilities)
        for level in levels(real, id):
            unknown = level.items[Outcome.UNKNOWN]
            assert level.at_most - level.at_least == len(unknown)
            assert not (level.all_met and unknown)
            for outcome, cells in level.items.items():
                assert all((cell.claim.status is Status.NOT_APPLICABLE) == (outcome is Outcome.NOT_APPLICABLE) for cell in cells)


def test_a_gap_tells_what_comes_first_what_it_unlocks_and_who_did_it(dataset: Dataset) -> None:
    """In the small project a second factor requires yanking."""
    other = dataset.registries["example"].model_copy(update={"id": "other", "name": "Other"})
    example = with_statuses(dataset, mfa=Status.UNSUPPORTED, yanking=Status.PARTIAL).registries["example"]
    found = roadmap(replace(dataset, registries={"example": example, "other": other}), "example")
    ids = lambda cells: [each.capability.id for each in cells]  # noqa: E731
    assert [(gap.cell.capability.id, ids(gap.first), ids(gap.unlocks), [each.registry.id for each in gap.done_by]) for gap in found] == [
        ("yanking", [], ["mfa"], ["other"]),
        ("mfa", ["yanking"], [], []),
    ]


@pytest.mark.parametrize("status", [Status.SUPPORTED, Status.UNKNOWN, Status.NOT_APPLICABLE])
def test_what_is_there_unknown_or_ruled_out_is_no_gap(dataset: Dataset, status: Status) -> None:
    assert [gap.cell.capability.id for gap in roadmap(with_statuses(dataset, mfa=status, yanking=Status.SUPPORTED), "example")] == []


def test_every_gap_of_every_registry_is_partly_met_or_not_met(real: Dataset) -> None:
    for id in real.registries:
        assert {outcome(gap.cell.claim.status) for gap in roadmap(real, id)} <= {Outcome.PARTLY, Outcome.NOT_MET}


def test_what_is_required_comes_first_in_every_roadmap(real: Dataset) -> None:
    for id in real.registries:
        steps = [gap.cell.capability.id for gap in roadmap(real, id)]
        for gap in roadmap(real, id):
            for required in gap.first:
                assert steps.index(required.capability.id) < steps.index(gap.cell.capability.id), (id, gap.cell.capability.id)


def test_of_what_can_be_begun_the_lower_level_comes_first_then_the_smaller_effort(real: Dataset) -> None:
    """What nothing requires and what requires nothing stands in this order, whatever else there is."""
    required = {id for capability in real.capabilities.values() for id in capability.requires}
    free = [c for c in order_of_work(real) if not c.requires and c.id not in required]
    sizes = ["small", "medium", "large"]
    ranks = [(c.level or 9, sizes.index(c.effort.size)) for c in free]
    assert len(free) > 10 and ranks == sorted(ranks)


def test_what_a_lower_level_requires_is_drawn_forward(dataset: Dataset) -> None:
    """Yanking has no level, but a second factor, of level 1, requires it in the small project."""
    assert [c.id for c in order_of_work(dataset)] == ["yanking", "mfa"]
    loose = {**dataset.capabilities, "mfa": dataset.capabilities["mfa"].model_copy(update={"requires": []})}
    assert [c.id for c in order_of_work(replace(dataset, capabilities=loose))] == ["mfa", "yanking"]


def test_requirements_in_a_circle_are_an_error_not_an_endless_loop(dataset: Dataset) -> None:
    circle = {**dataset.capabilities, "yanking": dataset.capabilities["yanking"].model_copy(update={"requires": ["mfa"]})}
    with pytest.raises(ValueError, match="cycle"):
        order_of_work(replace(dataset, capabilities=circle))


def test_the_questionnaire_asks_everything_once(real: Dataset) -> None:
    asked = questionnaire(real)
    ids = [question.capability.id for _, levels in asked.tracks for level in levels for question in level.questions]
    assert sorted(ids) == sorted(real.capabilities) == sorted(c.id for c in asked.order_of_work)
