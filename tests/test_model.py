"""Values keep what their source says, and refuse what no source can say."""

from datetime import date

import pytest
from pydantic import ValidationError

from macros.model import Claim, Column, Condition, Duration, Evidence, PartialDate, SecurityContact, Traits


@pytest.mark.parametrize(
    ("text", "precision", "earliest", "latest"),
    [
        ("2023", "year", date(2023, 1, 1), date(2023, 12, 31)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-04-20", "day", date(2023, 4, 20), date(2023, 4, 20)),
    ],
)
def test_a_date_keeps_its_precision(text: str, precision: str, earliest: date, latest: date) -> None:
    value = PartialDate(text)
    assert (value, value.precision, value.earliest, value.latest) == (text, precision, earliest, latest)


@pytest.mark.parametrize("text", ["2023-02-30", "2023-13", "23-04", "April 2023", "2023-4-1", "", "1.10", "2023-04-20T00:00"])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="; write"):
        PartialDate(text)


@pytest.mark.parametrize(("text", "iso"), [("15 minutes", "PT15M"), ("1 hour", "PT1H"), ("30 days", "P30D"), ("2 weeks", "P2W"), ("1 month", "P1M")])
def test_a_duration_is_written_as_people_do_and_exported_as_iso_8601(text: str, iso: str) -> None:
    assert Duration(text) == text
    assert Duration(text).iso == iso


@pytest.mark.parametrize("text", ["15", "15min", "1.5 hours", "-1 day", "soon"])
def test_a_duration_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="15 minutes"):
        Duration(text)


@pytest.mark.parametrize("url", ["http://example.org/", "https://", "https://localhost", "example.org", "https://example.org/a b", "javascript:alert(1)"])
def test_evidence_is_an_https_page(url: str) -> None:
    with pytest.raises(ValidationError, match="no https address"):
        Evidence(url=url, title="A page", kind="docs", checked="2026-01-31")


def test_evidence_names_the_day_it_was_checked() -> None:
    with pytest.raises(ValidationError, match="names no day of the calendar; write it as 2026-04-20"):
        Evidence(url="https://example.org/", title="A page", kind="docs", checked="2026-01")


def test_choices_belong_to_columns_of_choices() -> None:
    with pytest.raises(ValidationError, match="choices belong"):
        Column(id="a", name="A", type="text", help="A.", choices={"x": "X"})
    with pytest.raises(ValidationError, match="choices belong"):
        Column(id="a", name="A", type="choice", help="A.")


@pytest.mark.parametrize(("accounts", "packages", "holds"), [("yes", "built", True), ("no", "built", False), ("yes", "source", False)])
def test_a_condition_holds_where_every_trait_fits(accounts: str, packages: str, holds: bool) -> None:
    condition = Condition(user_accounts=["yes"], packages=["built", "builds"])
    assert condition.holds(Traits(user_accounts=accounts, packages=packages)) is holds


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "see <b>this</b>", "a <!-- b -->", "x </p>"])
def test_a_text_is_no_html(text: str) -> None:
    with pytest.raises(ValidationError, match="write plain text"):
        Claim(status="unknown", summary=text)


@pytest.mark.parametrize("text", ["a < b", "pip <25", "1 <= 2", "A → B", "x<"])
def test_a_sign_of_less_than_is_no_html(text: str) -> None:
    assert Claim(status="unknown", summary=text).summary == text


@pytest.mark.parametrize("to", ["security@example.org", "https://example.org/report"])
def test_a_security_contact_is_a_mail_address_or_a_page(to: str) -> None:
    evidence = {"url": "https://example.org/", "title": "Security", "kind": "policy", "checked": "2026-01-01"}
    assert SecurityContact(to=to, evidence=[evidence]).to == to
    for wrong in ("security", "@example.org", "http://example.org/report", "security@example"):
        with pytest.raises(ValidationError):
            SecurityContact(to=wrong, evidence=[evidence])
