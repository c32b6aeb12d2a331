"""The site in a real browser: both schemes, desktop and phone, with and without JavaScript, and on paper."""

import gzip
from urllib.parse import quote

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

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
    "about/data/",
    "about/health/",
    "about/cite/",
    "about/contributing/",
    "404.html",
]
# Bytes on a first visit, fonts included.
LIMIT_GUIDANCE, LIMIT_MATRIX = 150_000, 250_000
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
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page = view(browser, DESKTOP, scheme)
        page.goto(mkdocs_site.address + path)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
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

    page.add_init_script("window.refused = []; addEventListener('securitypolicyviolation', (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));")
    page.on("request", note)
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 and path != "404.html" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site.address + path, wait_until="networkidle")
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    refused = page.evaluate("window.refused")
    page.context.close()
    assert (foreign, failed, errors, refused) == ([], [], [], [])
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert ("unsafe" in policy) == (engine == "zensical"), "only Zensical's search writes a style into the page"


@pytest.mark.parametrize("path", KINDS)
def test_no_page_is_wider_than_the_window_nor_moves_while_it_loads(browser: Browser, mkdocs_site, path: str) -> None:
    """A desktop, a phone, a desktop zoomed to 200 %, and 320 px, which is a desktop zoomed to 400 %."""
    for width in (1280, 390, 640, 320):
        page = view(browser, {"width": width, "height": 800})
        page.add_init_script("window.moved = []; new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.moved.push(entry.value))).observe({ type: 'layout-shift', buffered: true });")
        page.goto(mkdocs_site.address + path)
        page.wait_for_timeout(100)
        shown, moved = page.evaluate("[document.documentElement.scrollWidth, window.moved]")
        page.context.close()
        assert shown <= width
        assert sum(moved) < 0.05, (width, moved)


def test_the_policy_stops_a_script_in_the_page(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address)
    page.evaluate("() => { const script = document.createElement('script'); script.textContent = 'window.ran = true'; document.body.append(script); }")
    assert page.evaluate("window.ran") is None
    page.context.close()


def transferred(browser: Browser, site, path: str) -> dict[str, int]:
    """What a first visit loads, as a server with gzip would send it: bytes by file, without the search index."""
    page = view(browser, DESKTOP)
    sizes: dict[str, int] = {}

    def note(response) -> None:
        if "search" not in response.url:
            body = response.body()
            packed = body if response.url.endswith((".woff2", ".png")) else gzip.compress(body, 6)
            sizes[response.url.removeprefix(site.address)] = len(packed)

    page.on("response", note)
    page.goto(site.address + path, wait_until="networkidle")
    page.context.close()
    return sizes


def test_a_first_visit_to_a_guidance_page_is_light(browser: Browser, mkdocs_site) -> None:
    for path in [page for page in mkdocs_site.pages() if page.startswith("guidance/")]:
        sizes = transferred(browser, mkdocs_site, path)
        assert any(name.endswith(".woff2") for name in sizes) and sum(sizes.values()) < LIMIT_GUIDANCE, (path, sizes)


def test_a_first_visit_to_the_whole_matrix_is_light(browser: Browser, mkdocs_site) -> None:
    sizes = transferred(browser, mkdocs_site, "matrix/")
    assert sum(sizes.values()) < LIMIT_MATRIX, sizes


def test_tables_have_captions_and_their_heads_a_scope(mkdocs_site) -> None:
    tables = 0
    for page in mkdocs_site.folder.rglob("index.html"):
        for table in html5lib.parse(page.read_text(), namespaceHTMLElements=False).iter("table"):
            if "class" not in table.attrib:
                continue  # of Markdown
            tables += 1
            assert table.find("caption") is not None, page
            assert all(head.get("scope") for head in table.iter("th")), page
    assert tables > 100


@pytest.mark.parametrize("path", ["", "matrix/", "guidance/trusted-publishing/", "registries/pypi/", "assess/"])
def test_the_first_stop_of_the_keyboard_skips_to_the_content(browser: Browser, mkdocs_site, path: str) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address + path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.md-content') !== null")
    page.context.close()


def test_who_asks_for_less_motion_gets_none(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.emulate_media(reduced_motion="reduce")
    page.goto(mkdocs_site.address)
    longest = page.evaluate("Math.max(...[...document.querySelectorAll('*')].flatMap((element) => getComputedStyle(element).transitionDuration.split(',').map(parseFloat)))")
    page.context.close()
    assert longest <= 0.001


def test_with_forced_colors_signs_and_charts_are_drawn_in_the_readers_colors(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.emulate_media(forced_colors="active")
    page.goto(mkdocs_site.address + "capabilities/trusted-publishing/")
    text = page.evaluate("(() => { const probe = document.body.appendChild(document.createElement('i')); probe.style.color = 'CanvasText'; return getComputedStyle(probe).color; })()")
    assert page.locator(".chart .bar").first.evaluate("bar => getComputedStyle(bar).fill") == text
    icon = page.locator("tr#pypi .status-icon")
    assert icon.evaluate("icon => getComputedStyle(icon).fill === getComputedStyle(icon).color")
    page.context.close()


def test_every_old_address_leads_to_its_new_page(browser: Browser, mkdocs_site, real) -> None:
    assert len(real.addresses) > 10
    page = view(browser, DESKTOP, javascript=False)
    for address in real.addresses:
        for old in (address.old, f"{address.old}.html"):
            page.goto(mkdocs_site.address + quote(old))
            page.wait_for_url(mkdocs_site.address + address.target)
            assert page.locator("h1").is_visible(), old
    page.context.close()


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


def test_a_link_to_a_note_leads_to_the_registry_in_words(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.goto(mkdocs_site.address + "guidance/trusted-publishing/")
    page.locator("tr#pypi a.to-note").first.click()
    page.wait_for_url("**/capabilities/trusted-publishing/#pypi-note")
    expect(page.locator("#pypi-note")).to_be_in_viewport()
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


def test_on_paper_sources_show_their_addresses(browser: Browser, mkdocs_site) -> None:
    page = view(browser, DESKTOP)
    page.emulate_media(media="print")
    page.goto(mkdocs_site.address + "guidance/trusted-publishing/")
    link = page.locator("#source-1 a")
    assert link.evaluate("element => getComputedStyle(element, '::after').content") == f'" <{link.get_attribute("href")}>"'
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


def test_the_model_is_copied_as_a_checklist(browser: Browser, mkdocs_site, real) -> None:
    page = view(browser, PHONE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(mkdocs_site.address + "principles/")
    for title, leveled in (("Copy the model as a checklist", True), ("Copy what is proposed as a checklist", False)):
        folded = page.locator(".checklist", has_text=title)
        folded.locator("summary").click()
        folded.get_by_role("button", name="Copy", exact=True).click()
        folded.get_by_role("button", name="Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.count("- [ ] ") == sum((capability.level is not None) is leveled for capability in real.capabilities.values())
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
