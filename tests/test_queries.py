"""The answers that pages are made of."""

from dataclasses import replace

import pytest

from macros import queries
from macros.model import Claim, Dataset, Duration, PartialDate, Status, Upcoming


def with_registries(dataset: Dataset, **since: str | None) -> Dataset:
    """The dataset with copies of its example, each with another date since which it yanks."""
    example = dataset.registries["example"]
    copies = {}
    for name, date in since.items():
        claim = example.claims["yanking"].model_copy(update={"since": date and PartialDate(date)})
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


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SUPPORTED, Status.PARTIAL}))
def test_only_who_has_it_is_an_adopter(dataset: Dataset, status: Status) -> None:
    example = dataset.registries["example"]
    changed = example.model_copy(update={"claims": {"yanking": Claim(status=status, summary="Changed.")}})
    assert queries.adopters(replace(dataset, registries={"example": changed}), "yanking") == []


def test_the_matrix_has_a_cell_for_every_pair_by_track_or_by_registry(dataset: Dataset) -> None:
    view = queries.matrix(dataset)
    assert [(track.id, [capability.id for capability, _ in rows]) for track, rows in view.tracks] == [("authentication", ["mfa"]), ("general", ["yanking"])]
    assert [registry.id for registry in view.registries] == ["mirror", "example"]
    assert [[cell.claim.status for cell in view.row(registry)] for registry in view.registries] == [["not-applicable", "unknown"], ["unknown", "supported"]]
    assert [capability.id for capability in view.capabilities] == ["mfa", "yanking"]


def test_what_the_traits_rule_out_is_not_applicable_without_a_claim_and_says_why(dataset: Dataset) -> None:
    mirror = dataset.registries["mirror"].model_copy(update={"claims": {}})
    cell = queries.comparison(replace(dataset, registries={"mirror": mirror}), "mfa").cells[0]
    assert (cell.claim.status, cell.claim.summary) == (Status.NOT_APPLICABLE, "Without user accounts there is nobody to authenticate.")
    assert not cell.researched


def test_a_claims_own_words_stand_before_those_of_the_traits(dataset: Dataset) -> None:
    cell = queries.comparison(dataset, "mfa").cells[0]
    assert (cell.claim.status, cell.claim.summary) == (Status.NOT_APPLICABLE, "There are no accounts.")


def in_time(dataset: Dataset, claim: dict, *history: dict) -> list[tuple]:
    """The events of one claim with a past, as (date, status before, status after, what came)."""
    evidence = [{"url": "https://example.org/a", "title": "A", "kind": "docs", "checked": "2026-01-31"}]
    states = [{"summary": f"State {number}.", "evidence": evidence, **state} for number, state in enumerate(history, 1)]
    record = Claim.model_validate({"summary": "Now.", "evidence": evidence, **claim, "history": states})
    example = dataset.registries["example"].model_copy(update={"claims": {"yanking": record}})
    found = queries.events(replace(dataset, registries={"example": example}))
    return [(event.date, event.before and str(event.before.status), str(event.after.status), event.after.summary) for event in found]


def test_a_claim_without_a_past_begins_on_its_date(dataset: Dataset) -> None:
    assert in_time(dataset, {"status": "supported", "since": "2023-04"}) == [("2023-04", None, "supported", "Now.")]
    assert in_time(dataset, {"status": "supported"}) == []


def test_each_change_tells_what_was_before_and_what_came(dataset: Dataset) -> None:
    assert in_time(
        dataset,
        {"status": "supported", "since": "2025-07-11"},
        {"status": "planned", "since": "2024-12-13", "until": "2025-07-11"},
        {"status": "supported", "since": "2025-07-11", "until": "2025-11-19"},
    ) == [
        ("2025-11-19", "supported", "supported", "Now."),
        ("2025-07-11", "planned", "supported", "State 2."),
        ("2024-12-13", None, "planned", "State 1."),
    ]


def test_a_change_without_a_date_is_not_listed_and_a_withdrawal_is(dataset: Dataset) -> None:
    assert in_time(dataset, {"status": "supported"}, {"status": "partial", "since": "2020"}) == [("2020", None, "partial", "State 1.")]
    assert in_time(dataset, {"status": "unsupported"}, {"status": "supported", "since": "2013", "until": "2023-05-23"}) == [
        ("2023-05-23", "supported", "unsupported", "Now."),
        ("2013", None, "supported", "State 1."),
    ]


def test_the_newest_change_comes_first_and_a_month_stands_at_its_beginning(dataset: Dataset) -> None:
    events = queries.events(with_registries(dataset, a=PartialDate("2026"), b=PartialDate("2026-04-20"), c=PartialDate("2026-04"), d=PartialDate("2025-12-31")))
    now = [event.cell.registry.id for event in events if event.after is event.cell.claim]
    assert now == ["b", "c", "a", "d"]


def test_a_change_shows_the_source_of_its_own_time(dataset: Dataset) -> None:
    example = dataset.registries["example"]
    docs = example.claims["yanking"].evidence[0]
    news = docs.model_copy(update={"url": "https://example.org/news", "published": PartialDate("2014-11-03")})
    claim = example.claims["yanking"].model_copy(update={"evidence": [docs, news]})
    now = queries.events(replace(dataset, registries={"example": example.model_copy(update={"claims": {"yanking": claim}})}))[0]
    assert now.proof == news


def announcing(dataset: Dataset, *dates: str) -> Dataset:
    example = dataset.registries["example"]
    claim = example.claims["yanking"]
    coming = [Upcoming(date=date, summary=f"For {date}.", evidence=claim.evidence) for date in dates]
    return replace(dataset, registries={"example": example.model_copy(update={"claims": {"yanking": claim.model_copy(update={"upcoming": coming})}})})


def test_announced_dates_come_soonest_first_until_something_was_read_after_them(dataset: Dataset) -> None:
    data = announcing(dataset, "2027", "2026-01-30", "2026-02", "2026-01")
    assert [each.event.date for each in queries.still_to_come(data)] == ["2026-01", "2026-02", "2027"]
    assert [each.event.date for each in queries.health(data).overdue] == ["2026-01-30"]


def test_data_health_counts_and_names_what_is_unknown_and_what_was_read_longest_ago(dataset: Dataset) -> None:
    health = queries.health(dataset)
    assert str(health.as_of) == "2026-01-31"
    counts = {count.registry.id: ({str(status): n for status, n in count.statuses.items() if n}, count.unresearched) for count in health.counts}
    assert counts == {"mirror": ({"not-applicable": 1}, 1), "example": ({"supported": 1, "unknown": 1}, 0)}
    assert (health.total[Status.UNKNOWN], health.unresearched) == (1, 1)
    assert [(registry.id, [cell.capability.id for cell in cells]) for registry, cells in health.unknown] == [("example", ["mfa"])]
    assert [(str(day), cell.capability.id) for day, cell in health.oldest] == [("2026-01-31", "yanking")]
    assert [event.date for event in health.lately] == ["2014-11", "2012"]


def test_claims_are_counted_by_status(dataset: Dataset) -> None:
    counts = {str(status): number for status, number in queries.claims_by_status(dataset).items() if number}
    assert counts == {"supported": 1, "unknown": 2, "not-applicable": 1}


def test_every_core_registry_answers_for_every_capability(real: Dataset) -> None:
    core = {"npm", "pypi", "rubygems", "crates-io", "nuget", "maven-central", "packagist", "pub-dev", "go", "homebrew", "hex", "conda-forge"}
    assert core <= set(real.registries)
    cells = [cell for cell in queries.cells(real) if cell.registry.id in core]
    assert len(cells) == 12 * 53
    missing = [(cell.registry.id, cell.capability.id) for cell in cells if not cell.researched and cell.claim.status is not Status.NOT_APPLICABLE]
    assert missing == []
    # At most one in eight is unknown.
    assert sum(cell.claim.status is Status.UNKNOWN for cell in cells) <= 12 * 53 / 8


def test_every_registry_answers_for_the_headline_capabilities(real: Dataset) -> None:
    headline = {"trusted-publishing", "build-provenance", "yanking", "owner-deletion", "mfa", "index-signing", "malware-reporting", "malware-detection", "quarantine", "malware-advisories"}
    assert len(real.registries) >= 25
    missing = [
        (cell.registry.id, cell.capability.id)
        for cell in queries.cells(real)
        if cell.capability.id in headline and not cell.researched and cell.claim.status is not Status.NOT_APPLICABLE
    ]
    assert missing == []


def test_every_capability_has_guidance_and_answers_a_threat(real: Dataset) -> None:
    views = [queries.capability(real, id) for id in real.capabilities]
    assert [view.capability.id for view in views if not view.capability.guidance] == []
    assert [view.capability.id for view in views if not view.answers] == []


def test_a_reader_can_walk_from_an_incident_to_a_registry_and_back(real: Dataset) -> None:
    """Incident → threat → capability → registry → incident."""
    assert len(real.incidents) >= 15
    for incident in queries.incidents_newest_first(real):
        view = queries.incident(real, incident.id)
        assert view.threats and view.missing, incident.id
        for threat in view.threats:
            assert incident in queries.incidents_of(real, threat=threat.id)
        for each in view.missing:
            assert incident in queries.capability(real, each.capability.id).incidents
            assert len(each.cells) == len(view.registries)
        for registry in view.registries:
            assert incident in queries.profile(real, registry.id).incidents


def test_prior_art_sorts_each_adopters_sources_and_names_each_once(dataset: Dataset) -> None:
    example = dataset.registries["example"]
    claim = example.claims["yanking"]
    code = claim.evidence[0].model_copy(update={"url": "https://example.org/code", "kind": "code"})
    changed = claim.model_copy(update={"evidence": [claim.evidence[0], code, claim.evidence[0]]})
    art = queries.prior_art(replace(dataset, registries={"example": example.model_copy(update={"claims": {"yanking": changed}})}), "yanking")
    assert [each.cell.registry.id for each in art] == ["example"]
    assert {name: [evidence.url for evidence in found] for name, found in art[0].evidence.items()} == {
        "Design": ["https://docs.example.org/yank"],
        "Code": ["https://example.org/code"],
        "Announcement": [],
        "Audit and reports": [],
    }


def test_a_registrys_own_words_come_from_its_claims(dataset: Dataset) -> None:
    words = queries.own_words(dataset)
    assert [capability.id for capability in words.capabilities] == ["yanking"]
    assert {registry.id: [cell.values[0].value for cell in cells] for registry, cells in words.rows} == {"mirror": [None], "example": ["yank"]}


def test_the_model_and_what_is_proposed_beyond_it_are_apart(real: Dataset) -> None:
    def items(proposed: bool) -> list[str]:
        return [capability.id for _, levels in queries.principles(real, proposed) for each in levels for capability in each.capabilities]

    model, beyond = items(False), items(True)
    assert (len(model), len(beyond)) == (32, 21)
    assert sorted(model + beyond) == sorted(real.capabilities)
    assert all(real.capabilities[id].level for id in model) and not any(real.capabilities[id].level for id in beyond)
