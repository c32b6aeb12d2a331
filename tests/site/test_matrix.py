"""The matrix in a real browser: whole without scripts; with them filtered, turned, sorted, shared and taken along."""

import csv
import re

import pytest
from playwright.sync_api import Browser, Page, expect
from test_browser import DESKTOP, PHONE, view, violations

from macros import queries
from macros.model import Dataset, Status

ADDRESS = "matrix/"


def opened(browser: Browser, site, search: str = "", size: dict = DESKTOP, scheme: str = "light") -> Page:
    page = view(browser, size, scheme)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(site.address + ADDRESS + search)
    page.locator(".explorer.ready").wait_for()
    return page


def heads(page: Page, where: str) -> list[str]:
    """The ids of the rows (`tbody`) or of the columns (`thead`) that are shown."""
    return [id.removeprefix("matrix-") for id in page.locator(f".matrix {where} th[id]").evaluate_all("heads => heads.map((head) => head.id)")]


def shown_cells(page: Page) -> dict[str, str]:
    return dict(page.locator(".matrix td").evaluate_all("cells => cells.map((cell) => [cell.id.replace('matrix-', ''), cell.dataset.status])"))


def test_without_javascript_every_pair_has_its_word_and_date(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = view(browser, DESKTOP, javascript=False)
    page.goto(mkdocs_site.address + ADDRESS)
    assert page.locator(".matrix td").count() == len(real.registries) * len(real.capabilities)
    assert not page.locator(".explorer form").is_visible()
    cell = page.locator("#matrix-pypi-trusted-publishing")
    assert re.sub(r"\s+", " ", cell.inner_text()).strip() == "Supported since 2023-04-20"
    assert cell.locator("a").get_attribute("href") == "../capabilities/trusted-publishing/#pypi"
    page.context.close()


def test_every_cell_says_what_the_data_say(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = opened(browser, mkdocs_site)
    assert shown_cells(page) == {f"{cell.registry.id}-{cell.capability.id}": cell.claim.status for cell in queries.cells(real)}
    assert heads(page, "tbody") == [registry.id for registry in queries.registries_by_name(real)]
    assert heads(page, "thead") == [capability.id for capability in queries.capabilities_in_order(real)]
    page.context.close()


def test_track_level_traits_and_status_narrow_the_table_and_the_address_keeps_the_choice(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = opened(browser, mkdocs_site)
    page.get_by_label("Track").select_option("authentication")
    page.get_by_label("Level").select_option("2")
    level_2 = [c.id for c in queries.capabilities_in_order(real) if c.track == "authentication" and c.level == 2]
    assert heads(page, "thead") == level_2
    page.get_by_label("Accounts").select_option("yes")
    page.get_by_label("Packages", exact=True).select_option("built")
    fitting = [r for r in queries.registries_by_name(real) if r.traits.user_accounts and r.traits.packages == "built"]
    assert heads(page, "tbody") == [r.id for r in fitting]
    page.get_by_label("Status").select_option("supported")
    matching = {f"{r.id}-{c}" for r in fitting for c in level_2 if queries.cell(real, r, real.capabilities[c]).claim.status is Status.SUPPORTED}
    assert set(page.locator(".matrix td.match").evaluate_all("cells => cells.map((cell) => cell.id.replace('matrix-', ''))")) == matching
    assert f"{len(matching)} cells match." in page.locator(".explorer output").inner_text()
    before = (heads(page, "tbody"), heads(page, "thead"))
    assert page.url.endswith("?track=authentication&level=2&status=supported&accounts=yes&packages=built")
    again = opened(browser, mkdocs_site, page.url.partition(ADDRESS)[2], PHONE)
    assert (heads(again, "tbody"), heads(again, "thead")) == before
    again.context.close()
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("!location.search")
    assert len(heads(page, "thead")) == len(real.capabilities)
    page.context.close()


def test_dates_find_what_came_in_a_year_and_text_finds_words_of_the_facts(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = opened(browser, mkdocs_site)
    page.get_by_label("Since, from").fill("2025")
    page.get_by_label("to", exact=True).fill("2025-12")
    came = {f"{cell.registry.id}-{cell.capability.id}" for cell in queries.cells(real) if (cell.claim.since or "").startswith("2025")}
    assert came and set(page.locator(".matrix td.match").evaluate_all("cells => cells.map((cell) => cell.id.replace('matrix-', ''))")) == came
    page.get_by_label("Since, from").fill("")
    page.get_by_label("to", exact=True).fill("")
    page.get_by_label("Text").fill("HackerOne")
    hits = page.locator(".matrix td.match").evaluate_all("cells => cells.map((cell) => cell.id.replace('matrix-', ''))")
    assert "npm-vulnerability-disclosure-policy" in hits and len(hits) < 20
    page.get_by_label("Text").fill("no such word anywhere")
    assert page.locator(".explorer .table-scroll").is_hidden()
    assert "0 of " in page.locator(".explorer output").inner_text()
    page.context.close()


def test_turned_the_capabilities_are_rows_by_track(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = opened(browser, mkdocs_site, "?rows=capabilities")
    assert heads(page, "tbody") == [c.id for c in queries.capabilities_in_order(real)]
    assert page.locator(".matrix tr.group").all_inner_texts() == [track.name for track, _ in queries.by_track(real)]
    assert shown_cells(page)["pypi-yanking"] == "supported" and len(shown_cells(page)) == len(real.registries) * len(real.capabilities)
    assert page.locator("th#matrix-yanking").get_attribute("scope") == "row"
    page.context.close()


def test_sorted_by_the_date_of_a_column_the_oldest_comes_first_and_the_undated_last(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = opened(browser, mkdocs_site)
    page.get_by_label("Sorted by").select_option("trusted-publishing")
    dates = [queries.cell(real, real.registries[id], real.capabilities["trusted-publishing"]).claim.since or "9999" for id in heads(page, "tbody")]
    assert dates == sorted(dates) and dates[0].startswith("2023-01")
    again = opened(browser, mkdocs_site, page.url.partition(ADDRESS)[2])
    assert heads(again, "tbody") == heads(page, "tbody")
    for each in (page, again):
        each.context.close()


def test_rows_and_columns_are_chosen_one_by_one(browser: Browser, mkdocs_site) -> None:
    page = opened(browser, mkdocs_site, "?registries=npm,pypi&capabilities=yanking,mfa,nothing")
    assert (heads(page, "tbody"), heads(page, "thead")) == (["npm", "pypi"], ["mfa", "yanking"])
    page.get_by_text("Choose registries").click()
    page.get_by_label("Hex", exact=True).check()
    assert heads(page, "tbody") == ["hex", "npm", "pypi"]
    assert "registries=hex,npm,pypi" in page.url
    page.goto(mkdocs_site.address + ADDRESS + "?registries=%3Cscript%3E&track=nowhere&sort=never&rows=upside-down")
    assert len(heads(page, "tbody")) > 20
    page.context.close()


def test_a_cell_shows_its_note_and_sources_by_keyboard_and_by_mouse_and_goes_away(browser: Browser, mkdocs_site) -> None:
    page = opened(browser, mkdocs_site)
    card = page.locator(".card")
    page.locator("#matrix-npm-mfa a").first.focus()
    expect(card).to_contain_text("npm: Multi-factor authentication")
    assert card.locator("a[href^='https://']").count() >= 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.card') !== null")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.locator("#matrix-pypi-mfa a").first.hover()
    expect(card).to_contain_text("PyPI: Multi-factor authentication")
    box = card.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.wait_for_timeout(400)
    expect(card).to_contain_text("PyPI: Multi-factor authentication")
    page.mouse.move(5, 5)
    expect(card).to_have_count(0)
    page.context.close()


def test_the_link_to_a_cell_leads_to_it_with_the_view(browser: Browser, mkdocs_site) -> None:
    page = opened(browser, mkdocs_site, "?track=authentication")
    page.locator("#matrix-npm-mfa a").first.focus()
    page.get_by_role("button", name="Copy link to this cell").click()
    page.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/matrix/?track=authentication#matrix-npm-mfa")
    page.goto(link)
    expect(page.locator("#matrix-npm-mfa:target")).to_be_in_viewport()
    for head, kind in (("hex", "row"), ("passkeys", "column")):
        # A pointer at rest would be over another cell when the page scrolls, and show that one's card.
        page.mouse.move(0, 0)
        page.locator(f"th#matrix-{head} a").first.focus()
        page.get_by_role("button", name=f"Copy link to this {kind}").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").endswith(f"/matrix/?track=authentication#matrix-{head}")
    page.context.close()


def test_the_csv_holds_the_cells_of_the_view(browser: Browser, mkdocs_site, real: Dataset, tmp_path) -> None:
    page = opened(browser, mkdocs_site, "?registries=npm,pypi&capabilities=yanking,mfa")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    with download.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["registry"], row["capability"]) for row in rows] == [("npm", "mfa"), ("npm", "yanking"), ("pypi", "mfa"), ("pypi", "yanking")]
    claim = real.registries["pypi"].claims["yanking"]
    assert (rows[3]["status"], rows[3]["since"], rows[3]["summary"]) == (claim.status, claim.since, claim.summary)
    page.context.close()


def test_the_heads_stay_in_sight_while_the_table_scrolls(browser: Browser, mkdocs_site) -> None:
    for size in (DESKTOP, PHONE):
        page = opened(browser, mkdocs_site, "", size)
        page.locator(".explorer .table-scroll").evaluate("box => { box.scrollIntoView(); box.scrollTo(900, 500); }")
        box = page.locator(".explorer .table-scroll").bounding_box()
        corner = page.locator(".matrix thead th").first.bounding_box()
        row = page.locator("#matrix-pypi").bounding_box()
        assert abs(corner["y"] - box["y"]) < 3 and abs(row["x"] - box["x"]) < 3
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_a_narrowed_view_with_a_card(browser: Browser, mkdocs_site, size: dict, scheme: str) -> None:
    page = opened(browser, mkdocs_site, "?rows=capabilities&track=authorization&status=supported", size, scheme)
    page.locator("#matrix-npm-scoped-api-tokens a").first.focus()
    page.locator(".card").wait_for()
    assert violations(page) == []
    page.context.close()
