"""Two to four registries side by side: what differs first, the choice in the address, whole without JavaScript."""

import pytest
from playwright.sync_api import Browser, expect
from test_browser import DESKTOP, PHONE, view, violations

from macros import queries
from macros.model import Dataset, Status

ADDRESS = "registries/compare/"


def sides(page) -> list[str]:
    return [head.get_attribute("data-registry") for head in page.locator(".sides thead th[data-registry]").all() if head.evaluate("head => !head.hidden")]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_chosen_stand_side_by_side_and_the_address_keeps_the_choice(browser: Browser, mkdocs_site, size: dict) -> None:
    page = view(browser, size)
    page.goto(mkdocs_site.address + ADDRESS)
    everything = len(sides(page))
    assert everything > 20
    page.get_by_label("First").select_option("pypi")
    assert len(sides(page)) == everything and "Choose a second registry." in page.locator(".filter output").inner_text()
    page.get_by_label("Second").select_option("npm")
    assert sides(page) == ["npm", "pypi"]
    assert page.url.endswith("?registries=pypi,npm")
    page.goto(page.url)
    assert sides(page) == ["npm", "pypi"]
    assert page.locator("#compare-yanking td:visible").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_role("button", name="Show all").press("Enter")
    page.wait_for_function("!location.search")
    assert len(sides(page)) == everything
    page.context.close()


def test_what_differs_comes_first_and_what_is_not_known_is_not_called_alike(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address + ADDRESS + "?registries=npm,pypi,crates-io")
    groups = page.locator(".sides tbody:visible")
    heads = [group.locator("tr.group").inner_text() for group in groups.all()]
    assert heads == ["The status differs", "The status is the same, details differ", "Not known of all of them", "Alike, as far as is known"][: len(heads)] and len(heads) > 2
    shown = {head: [row.get_attribute("id").removeprefix("compare-") for row in group.locator("tr:not(.group)").all()] for head, group in zip(heads, groups.all(), strict=True)}
    assert sorted(id for ids in shown.values() for id in ids) == sorted(real.capabilities)
    for head, ids in shown.items():
        for id in ids:
            statuses = [queries.cell(real, real.registries[registry], real.capabilities[id]).claim.status for registry in ("npm", "pypi", "crates-io")]
            differ = len(set(statuses) - {Status.UNKNOWN}) > 1
            assert differ == (head == "The status differs"), (id, statuses)
            assert (Status.UNKNOWN in statuses and not differ) == (head == "Not known of all of them"), (id, statuses)
    page.context.close()


def test_an_address_with_nonsense_shows_everything(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    for search in ("?registries=", "?registries=%3Cscript%3E,nobody", "?registries=npm", "?registries=npm,npm"):
        page.goto(mkdocs_site.address + ADDRESS + search)
        assert len(sides(page)) > 20, search
    page.goto(mkdocs_site.address + ADDRESS + "?registries=npm,pypi,go,hex,cpan")
    assert sorted(sides(page)) == ["go", "hex", "npm", "pypi"]
    page.context.close()


def test_a_profile_opens_the_comparison_with_itself(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address + "registries/hex/")
    page.get_by_role("link", name="Compare with others").click()
    expect(page.get_by_label("First")).to_have_value("hex")
    page.context.close()


def test_without_javascript_all_registries_are_in_the_table(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = view(browser, DESKTOP, javascript=False)
    page.goto(mkdocs_site.address + ADDRESS)
    assert not page.locator(".side-by-side form").is_visible()
    assert page.locator(".sides tbody tr:not(.group)").count() == len(real.capabilities)
    assert page.locator("#compare-yanking td").count() == len(real.registries)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_a_comparison(browser: Browser, mkdocs_site, size: dict, scheme: str) -> None:
    page = view(browser, size, scheme)
    page.goto(mkdocs_site.address + ADDRESS + "?registries=npm,pypi")
    assert violations(page) == []
    page.context.close()
