"""The answers that pages are made of."""

from dataclasses import replace

import pytest

from macros import queries
from macros.model import Claim, Dataset, Duration, Status


def with_registries(dataset: Dataset, **since: str | None) -> Dataset:
    """The dataset with copies of its example, each with another date since which it yanks."""
    example = dataset.registries["example"]
    copies = {}
    for name, date in since.items():
        claim = example.claims["yanking"].model_copy(update={"since": date})
        copies[name] = example.model_copy(update={"id": name, "name": name, "claims": {"yanking": claim}})
    return replace(dataset, registries=copies)


def test_a_comparison_has_every_registry_by_name(dataset: Dataset) -> None:
    view = queries.comparison(dataset, "yanking")
    assert [cell.registry.name for cell in view.cells] == ["A mirror", "Example"]
    assert [column.id for column in view.columns] == ["term", "reversible", "reason", "granularity", "clients", "window"]


def test_a_registry_without_a_claim_is_unknown_and_not_a_no(dataset: Dataset) -> None:
    cell = queries.comparison(dataset, "yanking").cells[0]
    assert cell.claim.status is Status.UNKNOWN
    assert not cell.detailed


def test_details_are_typed(dataset: Dataset) -> None:
    values = {value.column.id: value.value for value in queries.comparison(dataset, "yanking").cells[1].values}
    assert values == {"term": "yank", "reversible": True, "reason": "none", "granularity": ("version",), "clients": ("exampletool",), "window": Duration("72 hours")}


def test_columns_can_be_chosen(dataset: Dataset) -> None:
    view = queries.comparison(dataset, "yanking", ["window", "term"])
    assert [column.id for column in view.columns] == ["term", "window"]


def test_adopters_come_by_date_with_the_undated_last(dataset: Dataset) -> None:
    found = queries.adopters(with_registries(dataset, b="2020", a=None, d="2019-12-31", c="2020-01"), "yanking")
    assert [cell.registry.id for cell in found] == ["d", "b", "c", "a"]


@pytest.mark.parametrize("status", set(Status) - {Status.SUPPORTED, Status.PARTIAL})
def test_only_who_has_it_is_an_adopter(dataset: Dataset, status: Status) -> None:
    example = dataset.registries["example"]
    changed = example.model_copy(update={"claims": {"yanking": Claim(status=status, summary="Changed.")}})
    assert queries.adopters(replace(dataset, registries={"example": changed}), "yanking") == []


def test_the_matrix_has_a_cell_for_every_pair(dataset: Dataset) -> None:
    view = queries.matrix(dataset)
    assert [capability.id for capability in view.capabilities] == ["mfa", "yanking"]
    assert [[cell.claim.status for cell in row] for row in view.rows] == [["not-applicable", "unknown"], ["unknown", "supported"]]


def test_claims_are_counted_by_status(dataset: Dataset) -> None:
    counts = {str(status): number for status, number in queries.claims_by_status(dataset).items() if number}
    assert counts == {"supported": 1, "unknown": 2, "not-applicable": 1}


def test_every_core_registry_answers_for_every_capability(real: Dataset) -> None:
    core = {"npm", "pypi", "rubygems", "crates-io", "nuget", "maven-central", "packagist", "pub-dev", "go", "homebrew", "hex", "conda-forge"}
    assert core <= set(real.registries)
    missing = [(id, capability) for id in core for capability in real.capabilities if capability not in real.registries[id].claims]
    assert missing == []
