"""The site in a real browser: both schemes, desktop and phone, with and without JavaScript, and on paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

KINDS = [
    "",
    "guidance/",
    "guidance/trusted-publishing/",
    "guidance/attestations/",
    "guidance/yanking-deprecation-deletion/",
    "guidance/malware/",
    "guidance/ingestion/",
    "matrix/",
    "capabilities/",
    "capabilities/trusted-publishing/",
    "registries/",
    "registries/pypi/",
    "registries/compare/",
    "assess/",
    "capabilities/mfa/",
    "principles/",
    "changes/",
    "threats/",
    "incidents/",
    "incidents/litellm-telnyx-2026/",
    "lexicon/",
    "about/",
    "about/status/",
    "about/facts/",
    "about/health/",
    "about/cite/",
    "about/contributing/",
    "404.html",
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def view(browser: Browser, size: dict, scheme: str = "light", javascript: bool = True) -> Page:
    page = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=javascript).new_page()
    page.set_default_timeout(15_000)
    return page


def violations(page: Page, **options: object) -> list[tuple[str, list]]:
    """What axe finds on the page, as rule and elements."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [(violation["id"], [node["target"] for node in violation["nodes"]]) for violation in found]


@pytest.mark.parametrize("path", KINDS)
def test_axe_finds_nothing(browser: Browser, mkdocs_site, path: str) -> None:
    """Every rule at both widths; what the dark scheme can change is color, so there only contrast is measured again."""
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address + path)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
            page.emulate_media(color_scheme=scheme)
            page.locator(f"body[data-md-color-scheme={'default' if scheme == 'light' else 'slate'}]").wait_for()
            assert violations(page, **options) == [], (size, scheme)
    page.context.close()


@pytest.mark.parametrize("engine", ["mkdocs", "zensical"])
@pytest.mark.parametrize("path", KINDS)
def test_no_page_asks_a_third_party_and_nothing_is_missing(browser: Browser, request: pytest.FixtureRequest, engine: str, path: str) -> None:
    site = request.getfixturevalue(f"{engine}_site")
    page = view(browser, DESKTOP)
    foreign: list[str] = []
    failed: list[str] = []
    errors: list[str] = []

    def note(asked: Request) -> None:
        if not asked.url.startswith((site.address, "data:", "blob:")):
            foreign.append(asked.url)

    page.on("request", note)
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 and path != "404.html" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site.address + path, wait_until="networkidle")
    page.context.close()
    assert (foreign, failed, errors) == ([], [], [])


@pytest.mark.parametrize("path", KINDS)
def test_no_page_is_wider_than_the_phone(browser: Browser, mkdocs_site, path: str) -> None:
    page = view(browser, PHONE)
    page.goto(mkdocs_site.address + path)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert width <= PHONE["width"]


def test_a_reader_without_javascript_finds_value_date_note_and_source(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP, javascript=False)
    page.goto(mkdocs_site.address + "capabilities/trusted-publishing/#pypi")
    row = page.locator("tr#pypi")
    assert row.is_visible() and "Supported" in row.inner_text() and "since 2023-04-20" in row.inner_text()
    assert "15 minutes" in page.locator("#pypi-token-lifetime").inner_text()
    row.locator(".references a").first.click()
    source = page.locator("li[id^=source-]:target")
    assert source.is_visible() and "checked" in source.inner_text()
    assert source.locator("a").get_attribute("href").startswith("https://")
    page.context.close()


def test_a_link_to_a_note_opens_it_where_notes_are_folded(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address + "guidance/trusted-publishing/")
    note = page.locator("#pypi-note")
    assert not note.is_visible()
    page.locator("tr#pypi a.to-note").first.click()
    note.wait_for(state="visible")
    page.context.close()


def test_the_tables_are_tables_for_screen_readers_even_as_cards_on_a_phone(browser: Browser, mkdocs_site) -> None:
    for size in (DESKTOP, PHONE):
        page = view(browser, size)
        page.goto(mkdocs_site.address + "capabilities/trusted-publishing/")
        table = page.get_by_role("table", name="Trusted publishing, by registry")
        assert table.get_by_role("row").count() == 26
        assert table.get_by_role("rowheader", name="PyPI").is_visible()
        assert table.get_by_role("columnheader").count() == 12
        page.context.close()


def test_on_paper_sources_show_their_addresses_and_notes_are_unfolded(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.emulate_media(media="print")
    page.goto(mkdocs_site.address + "guidance/trusted-publishing/")
    link = page.locator("#source-1 a")
    assert link.evaluate("element => getComputedStyle(element, '::after').content") == f'" <{link.get_attribute("href")}>"'
    assert page.locator("#pypi-note").is_visible()
    page.context.close()


@pytest.mark.parametrize("engine", ["mkdocs", "zensical"])
def test_changes_are_filtered_by_registry_and_capability_and_the_address_keeps_the_choice(browser: Browser, request: pytest.FixtureRequest, engine: str) -> None:
    site = request.getfixturevalue(f"{engine}_site")
    page = view(browser, PHONE)
    page.goto(site.address + "changes/")
    shown = page.locator(".changes li[data-registry]:visible")
    total = shown.count()
    page.get_by_label("Registry", exact=True).select_option("crates-io")
    assert 0 < shown.count() < total
    assert {item.get_attribute("data-registry") for item in shown.all()} == {"crates-io"}
    page.get_by_label("Capability", exact=True).select_option("trusted-publishing")
    count = shown.count()
    assert page.locator(".filter output").inner_text() == f"{count} of {total} changes"
    # A year without a change that is shown shows no heading.
    years = page.locator(".changes h2:visible").all_inner_texts()
    assert years and set(years) == {item.locator("time").first.inner_text()[:4] for item in shown.all()}
    page.goto(page.url)
    assert shown.count() == count
    page.get_by_role("button", name="Show all").press("Enter")
    page.wait_for_function("!location.search")
    assert shown.count() == total
    page.goto(site.address + "changes/?registry=%3Cscript%3E&capability=nothing")
    assert shown.count() == total
    page.context.close()


def test_without_javascript_all_changes_are_there_and_no_form_that_does_nothing(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP, javascript=False)
    page.goto(mkdocs_site.address + "changes/")
    assert page.locator(".changes li[data-registry]:visible").count() > 50
    assert not page.locator(".filter").is_visible()
    page.context.close()


def test_a_diagram_is_drawn_for_the_desktop_and_for_the_phone(browser: Browser, mkdocs_site) -> None:
    for size, shown, hidden in ((DESKTOP, "wide", "narrow"), (PHONE, "narrow", "wide")):
        page = view(browser, size)
        page.goto(mkdocs_site.address + "guidance/trusted-publishing/")
        assert page.locator(f"svg.sequence-{shown}").is_visible()
        assert not page.locator(f"svg.sequence-{hidden}").is_visible()
        assert page.locator("ol.sequence-steps").is_visible() == (size == PHONE)
        page.context.close()


@pytest.mark.parametrize("engine", ["mkdocs", "zensical"])
def test_search_finds_a_fact_without_a_server(browser: Browser, request: pytest.FixtureRequest, engine: str) -> None:
    site = request.getfixturevalue(f"{engine}_site")
    page = view(browser, DESKTOP)
    page.goto(site.address)
    page.keyboard.press("/")
    page.keyboard.type("trusted publishing")
    page.get_by_role("link", name="Trusted publishing").filter(visible=True).last.wait_for()
    page.context.close()


def test_the_scheme_can_be_switched_and_stays(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address)
    assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
    page.get_by_title("Switch to dark mode").click()
    page.goto(mkdocs_site.address + "guidance/")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    page.context.close()


def test_the_edit_links_lead_to_the_page_and_to_the_line_of_the_fact(browser: Browser, mkdocs_site, real) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address + "registries/pypi/")
    assert page.locator("a[rel=edit]").get_attribute("href").endswith("/edit/main/docs/registries/pypi.md")
    line = real.place("registries", "pypi", "claims", "yanking").line
    section = page.locator("section", has=page.locator("#yanking"))
    assert section.get_by_role("link", name="Edit").get_attribute("href").endswith(f"/blob/main/data/registries/pypi.yaml#L{line}")
    page.context.close()
