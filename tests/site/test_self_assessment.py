"""The self-assessment in a real browser: by keyboard, on desktop and phone, with bad input, and back again."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml
from playwright.sync_api import Browser, Page
from project import FAR_DAY, ROOT
from test_browser import DESKTOP, PHONE, view, violations

from macros.assessment import roadmap
from macros.load import load
from macros.model import Dataset, Status
from macros.site import load_and_check

ADDRESS = "assess/"


def opened(browser: Browser, site, size: dict = DESKTOP, address: str = ADDRESS, scheme: str = "light") -> Page:
    page = view(browser, size, scheme)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(site.address + address)
    return page


def started_from(browser: Browser, site, registry: str, size: dict = DESKTOP) -> Page:
    page = opened(browser, site, size, f"{ADDRESS}?from={registry}")
    page.locator("#notice").wait_for()
    return page


def answer(page: Page, capability: str, status: str) -> None:
    page.locator(f"#ask-{capability} input[value={status}]").check()


def result(page: Page, form: str = "yaml") -> str:
    page.get_by_label("As", exact=True).select_option(form)
    return page.get_by_label("The text").input_value()


def notice(page: Page) -> str:
    page.locator("#notice").wait_for()
    return page.locator("#notice").inner_text()


def give(page: Page, name: str, content: bytes) -> None:
    page.locator("#import").set_input_files({"name": name, "mimeType": "application/yaml", "buffer": content})


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_traits_come_first_and_only_what_applies_is_asked(browser: Browser, mkdocs_site, size: dict) -> None:
    page = opened(browser, mkdocs_site, size)
    assert page.locator(".question:visible").count() == 0
    page.get_by_label("No", exact=True).check()
    assert page.locator(".question:visible").count() == 0
    page.get_by_label("It serves source only").check()
    assert page.locator("#ask-mfa").is_hidden() and page.locator("#ask-scoped-api-tokens").is_hidden() and page.locator("#ask-dependency-pinning").is_visible()
    page.locator("#not-asked summary").click()
    reasons = page.locator("#not-asked li").all_inner_texts()
    assert any(line.startswith("Multi-factor authentication. ") and "account" in line for line in reasons)
    page.get_by_label("Yes", exact=True).check()
    assert page.locator("#ask-mfa").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_keyboard_is_enough_from_the_first_trait_to_the_copied_roadmap(browser: Browser, mkdocs_site, size: dict) -> None:
    page = opened(browser, mkdocs_site, size)

    def tab_to(selector: str, limit: int = 40) -> None:
        for _ in range(limit):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} was not reached by {limit} tabs")

    page.locator("#clear").focus()
    tab_to("input[name=user_accounts]")
    page.keyboard.press("Space")
    tab_to("input[name=packages]")
    page.keyboard.press("Space")
    tab_to("#next-open")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "account-recovery-policy"
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.locator("#progress").inner_text().startswith("1 of 53 answered.")
    page.locator("#next-open").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "brute-force-protection"
    page.keyboard.press("Space")
    tab_to("#ask-brute-force-protection summary")
    page.keyboard.press("Enter")
    page.locator("#more-brute-force-protection-since").wait_for()
    tab_to("#more-brute-force-protection-since")
    page.keyboard.type("2024-05")
    page.locator("#form").focus()
    page.keyboard.press("r")
    tab_to("#copy")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.match(r"# Security roadmap of our registry\n\n1\. \*\*Account recovery policy\*\* \(Authentication, level 1; today: unsupported\)\n   - What: ", copied)
    assert yaml.safe_load(result(page))["claims"]["brute-force-protection"]["since"] == "2024-05"
    page.context.close()


def test_every_registry_stands_as_on_its_profile_and_comes_out_as_the_file_that_went_in(browser: Browser, mkdocs_site, real: Dataset) -> None:
    """One engine is Python and builds the pages, the other runs here; neither may drift."""
    page = opened(browser, mkdocs_site)
    for id in sorted(real.registries):
        page.get_by_label("Start from").select_option(id)
        page.get_by_role("button", name="Load it").click()
        page.wait_for_function("id => document.getElementById('result').value.includes(`\\nid: ${id}\\n`)", arg=id)
        assert result(page) == (ROOT / "data" / "registries" / f"{id}.yaml").read_text(), id
        here = page.evaluate("[...document.querySelectorAll('.level')].filter((level) => level.dataset.level).map((level) => level.querySelector('.standing').value)")
        profile = (mkdocs_site.folder / "registries" / id / "index.html").read_text()
        assert here == [text.strip() for text in re.findall(r"<dt>Level \d <small>(.*?)</small>", profile, re.DOTALL)], id
        steps = page.evaluate("[...document.querySelectorAll('#steps li')].map((step) => step.dataset.capability)")
        assert steps == [gap.cell.capability.id for gap in roadmap(real, id)], id
    page.context.close()


def test_an_edit_changes_only_its_own_lines_and_passes_the_check_of_a_pull_request(browser: Browser, mkdocs_site, tmp_path: Path) -> None:
    page = started_from(browser, mkdocs_site, "crates-io")
    answer(page, "brute-force-protection", "unsupported")
    more = page.locator("#ask-brute-force-protection details")
    more.locator("summary").click()
    more.get_by_label("The fact in one sentence").fill("Nothing limits attempts: this test says so.")
    more.get_by_label("Address, https").fill("https://crates.io/policies/test-of-attempts")
    more.get_by_label("Title", exact=True).fill("Policy on attempts")
    more.get_by_label("Kind").select_option("policy")
    more.get_by_role("button", name="Add this source").click()
    more.get_by_text("Policy on attempts (policy, read 20").wait_for()
    before, after = (ROOT / "data/registries/crates-io.yaml").read_text().splitlines(), result(page).splitlines()
    start, end = before.index("  brute-force-protection:"), after.index("  brute-force-protection:")
    assert start == end and before[:start] == after[:end]
    tail = next(index for index, line in enumerate(before) if index > start and re.match(r"  \S", line))
    assert before[tail:] == after[-len(before[tail:]) :]
    for name in ("data", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "data/registries/crates-io.yaml").write_text("\n".join(after) + "\n")
    assert [str(finding) for finding in load_and_check(tmp_path, FAR_DAY).findings] == []
    page.context.close()


def test_a_new_registry_is_a_file_of_the_schema_once_nothing_is_missing(browser: Browser, mkdocs_site, tmp_path: Path) -> None:
    page = opened(browser, mkdocs_site, PHONE)
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("It accepts built packages").check()
    answer(page, "yanking", "supported")
    result(page)
    needed = page.locator("#still-needed")
    assert "id, name, ecosystem, operator, url, client, description; a sentence for Yanking; a source for Yanking" in needed.inner_text()
    page.locator(".record summary").click()
    texts = {"id": "new-one", "name": "New one", "ecosystem": "No", "operator": "1.10", "url": "https://new.example.org/", "client": "yes", "description": "A new one: for # tests."}
    for key, text in texts.items():
        page.locator(f"#record-{key}").fill(text)
        page.locator(f"#record-{key}").blur()
    more = page.locator("#ask-yanking details")
    more.locator("summary").click()
    more.get_by_label("Since (").fill("2023-04")
    more.get_by_label("The fact in one sentence").fill("Owners can yank.")
    more.get_by_label("Its own word").fill("yank")
    more.get_by_label("Reversible").select_option("yes")
    more.get_by_label("A version").check()
    more.get_by_label("Address, https").fill("https://new.example.org/yank")
    more.get_by_label("Title", exact=True).fill("Yanking")
    more.get_by_role("button", name="Add this source").click()
    page.wait_for_function("!document.getElementById('still-needed').textContent")
    text = result(page)
    record = yaml.load(text, yaml.BaseLoader)
    jsonschema.validate(record, json.loads((ROOT / "data/schema/registry.json").read_text()))
    assert {key: record[key] for key in texts} == texts
    assert record["claims"]["yanking"]["details"] == {"term": "yank", "reversible": "yes", "granularity": ["version"]}
    # It takes its place among the others, read by the same strict reader.
    (tmp_path / "data/registries").mkdir(parents=True)
    for name in ("model.yaml", "capabilities"):
        (shutil.copytree if (ROOT / "data" / name).is_dir() else shutil.copy)(ROOT / "data" / name, tmp_path / "data" / name)
    (tmp_path / "data/registries/new-one.yaml").write_text(text)
    dataset, findings = load(tmp_path)
    assert findings == [] and dataset.registries["new-one"].claims["yanking"].status is Status.SUPPORTED
    # And back in: the same file, and nothing has changed.
    give(page, "new-one.yaml", text.encode())
    assert "new-one.yaml is imported. They are the same as those that were here." in notice(page)
    assert result(page) == text
    page.context.close()


def test_answers_outlive_a_reload_and_travel_in_a_link(browser: Browser, mkdocs_site) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    answer(page, "sbom", "planned")
    page.reload()
    assert page.locator("#ask-sbom input[value=planned]").is_checked()
    text = result(page)
    page.get_by_role("button", name="Copy a link").click()
    page.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "#answers=" in link and len(link) < 2000
    other = opened(browser, mkdocs_site, PHONE, link.removeprefix(mkdocs_site.address))
    assert "The answers of the link are here." in notice(other)
    assert result(other) == text
    assert "#answers" not in other.url
    other.context.close()
    page.context.close()


def test_a_later_import_shows_what_changed_and_can_be_undone(browser: Browser, mkdocs_site) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    before = result(page)
    changed = re.sub(r"(\n  yanking:\n    status: )\w+\n(    since: .*\n)?", r"\1declined\n", before)
    give(page, "later.yaml", changed.encode())
    told = notice(page)
    assert "Against the answers that were here, 1 changed:" in told and re.search(r"Yanking: \w+.* → Declined", told)
    page.get_by_role("button", name="Back to my former answers").click()
    assert "Your former answers are back; 1 differ" in notice(page)
    assert result(page) == before
    page.context.close()


BAD = {
    "no-yaml": (b"id: [", "This is not YAML"),
    "twice": (b"id: a\nid: b\n", "duplicated mapping key, in line 2"),
    "no-record": (b"- a\n- b\n", "it holds no keys with values"),
    "wrong-schema": (b"openapi: 3.1.0\ninfo: {title: x}\n", "openapi is a key that is not known here."),
    "unknown-capability": (b"claims:\n  teleportation: {status: supported, summary: Yes.}\n", "claims › teleportation: there is no capability of this id."),
    "unknown-status": (b"claims:\n  yanking: {status: suported, summary: Yes.}\n", "claims › yanking › status says “suported”; it must be one of supported, partial"),
    "unknown-column": (b"claims:\n  yanking: {status: supported, summary: Yes., details: {colour: red}}\n", "colour: Yanking has no such column."),
    "unknown-choice": (b"claims:\n  yanking: {status: supported, summary: Yes., details: {granularity: [planet]}}\n", "granularity says “planet”; it must be of"),
    "wrong-date": (b"claims:\n  yanking: {status: supported, since: last year, summary: Yes.}\n", "claims › yanking › since says “last year”, which is not of the form"),
    "script": (b"claims:\n  yanking: {status: supported, summary: Yes., note: '<script>alert(1)</script>'}\n", "claims › yanking › note holds HTML; write plain text."),
    "prototype": (b"__proto__: {polluted: yes}\n", "__proto__ is a key that is not known here."),
    "huge": (b"id: a\n# " + b"x" * 10_000_000, "This has 10.0 MB; a registry's file has at most 1 MB."),
    "binary": (bytes(range(256)) * 10, "This is not YAML"),
    "empty": (b"", "This is not YAML"),
}


def test_bad_files_are_refused_with_the_reason_and_change_nothing(browser: Browser, mkdocs_site) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    answer(page, "sbom", "planned")
    before = result(page)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append("a script of the file ran"))
    for name, (content, reason) in BAD.items():
        give(page, f"{name}.yaml", content)
        page.wait_for_function("name => document.querySelector('#notice.error p')?.textContent.startsWith(`${name}.yaml was not taken`)", arg=name)
        assert reason in notice(page), name
        assert result(page) == before, name
    page.reload()
    assert result(page) == before and errors == []
    page.context.close()


def test_broken_links_are_refused_and_change_nothing(browser: Browser, mkdocs_site) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    answer(page, "sbom", "planned")
    before = result(page)
    packed = page.evaluate("async () => [await records.pack({traits: {}, claims: {x: {status: 'supported'}}}, null, null), await records.pack({traits: {}, claims: {}}, 'nobody', {traits: {}, claims: {}})]")
    bomb = page.evaluate(
        "async () => { const bytes = new Uint8Array(await new Response(new Blob([new Uint8Array(5e6)]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer());"
        " return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''); }"
    )
    for state, reason in [
        ("%%%", "The link is damaged"),
        (packed[0][:-9], "The link is damaged"),
        ("", "The link is damaged"),
        (packed[0], "claims › x: there is no capability of this id."),
        (packed[1], "There is no file of a registry nobody here."),
        (bomb, "a registry's file has at most 1 MB"),
    ]:
        page.goto(mkdocs_site.address + "404.html")
        page.goto(mkdocs_site.address + f"{ADDRESS}#answers={state}")
        assert "The link was not taken, and your answers are as they were." in notice(page), state
        assert reason in notice(page), state
        assert result(page) == before
    page.goto(mkdocs_site.address + f"{ADDRESS}?from=../../secret")
    assert "The registry was not taken" in notice(page)
    page.context.close()


def test_a_wrong_value_is_told_at_its_field_and_not_kept(browser: Browser, mkdocs_site) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    before = result(page)
    more = page.locator("#ask-yanking details")
    more.locator("summary").click()
    for label, value, reason in [("Since (", "some time ago", "not of the form"), ("What is missing", "<img src=x onerror=alert(1)>", "holds HTML")]:
        field = more.get_by_label(label)
        field.fill(value)
        field.blur()
        assert field.get_attribute("aria-invalid") == "true"
        assert reason in page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()
    assert result(page) == before
    page.context.close()


def test_the_lists_to_take_along_hold_what_why_effort_and_prior_art(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    tasks = result(page, "checklist")
    assert tasks.startswith("# Security capabilities of Hex\n\n## Authentication, level 1\n\n")
    boxes = re.findall(r"^- \[([ x])\] \[(.+?)\]\((https?://\S+?/capabilities/[\w-]+/)\): ", tasks, re.MULTILINE)
    held = {claim: cell.status for claim, cell in real.registries["hex"].claims.items()}
    assert sum(mark == "x" for mark, _, _ in boxes) == sum(status is Status.SUPPORTED for status in held.values())
    proposal = result(page, "roadmap")
    steps = roadmap(real, "hex")
    assert len(re.findall(r"^\d+\. \*\*", proposal, re.MULTILINE)) == len(steps)
    for part in ("What", "Why", "Effort", "Prior art"):
        assert len(re.findall(rf"^   - {part}: \S", proposal, re.MULTILINE)) == len(steps), part
    rows = list(csv.DictReader(io.StringIO(result(page, "csv"), newline="")))
    assert [row["id"] for row in rows] == [gap.cell.capability.id for gap in steps]
    assert all(row["what"] and row["why"] and row["effort"] in ("small", "medium", "large") for row in rows)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "roadmap.csv"
    assert download.value.path().read_text().splitlines()[0].startswith('"order","id"')
    page.context.close()


def test_on_paper_the_answers_stand_without_buttons(browser: Browser, mkdocs_site) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    page.emulate_media(media="print")
    assert [text.strip() for text in page.locator("#ask-trusted-publishing .answers label:visible").all_inner_texts()] == ["Supported"]
    assert not page.locator(".assessment button:visible").count()
    page.context.close()


def test_without_javascript_the_same_questions_are_a_checklist(browser: Browser, mkdocs_site, real: Dataset) -> None:
    page = view(browser, DESKTOP, javascript=False)
    page.goto(mkdocs_site.address + ADDRESS)
    assert page.locator(".question:visible").count() == len(real.capabilities)
    assert not page.locator(".needs-script:visible").count()
    assert "Applies not everywhere:" in page.locator("#ask-mfa").inner_text()
    page.locator("#ask-mfa input[value=supported]").check()
    page.context.close()


def test_nothing_is_sent_anywhere(browser: Browser, mkdocs_site) -> None:
    page = started_from(browser, mkdocs_site, "hex")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer(page, "sbom", "planned")
    result(page, "roadmap")
    page.get_by_role("button", name="Copy a link").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert [url for url in asked if not url.startswith("blob:")] == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_a_filled_form(browser: Browser, mkdocs_site, size: dict, scheme: str) -> None:
    page = opened(browser, mkdocs_site, size, f"{ADDRESS}?from=hex", scheme)
    page.locator("#notice").wait_for()
    for capability in ("yanking", "trusted-publishing"):
        page.locator(f"#ask-{capability} summary").click()
    page.locator("#not-asked").evaluate("element => element.hidden || (element.open = true)")
    give(page, "bad.yaml", b"id: [")
    page.locator("#notice.error").wait_for()
    assert violations(page) == []
    page.context.close()
