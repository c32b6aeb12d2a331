"""What a reader gets from records: words, not only colors; sources one step away; text as text."""

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import html5lib
import pytest
from project import TODAY

from macros import queries, rendering
from macros.assessment import assess, questionnaire, roadmap
from macros.diagrams import parse_sequence
from macros.model import Claim, Dataset, Evidence, Finding, PartialDate, Place, SecurityContact, Status, Upcoming
from macros.pages import Link
from macros.rendering import Citations, Context

EVIL = '"Yank" & <script>alert(1)</script> 🎉 ${{ x }}'


def issue_address(title: str, where: str, says: str) -> str:
    return f"https://code.example/issues/new?{urlencode({'title': title, 'where': where, 'says': says})}"


def context(dataset: Dataset, path: str = "index.md") -> Context:
    return Context(dataset, path, Citations(), lambda path: f"to/{path}", lambda file, line: f"https://code.example/{file}#L{line}", issue_address)


def evil(dataset: Dataset) -> Dataset:
    """The dataset with hostile text wherever a contributor may write text, past the check that refuses it."""
    example = dataset.registries["example"]
    claim = example.claims["yanking"]
    hostile = claim.evidence[0].model_copy(update={"title": EVIL})
    changed = claim.model_copy(update={"summary": EVIL, "note": EVIL, "evidence": [hostile], "upcoming": [Upcoming.model_construct(date=PartialDate("2025"), summary=EVIL, evidence=[hostile])]})
    record = dataset.incidents["theft-2025"]
    entry = record.timeline[0].model_copy(update={"what": EVIL})
    incident = record.model_copy(update={"name": EVIL, "summary": EVIL, "way_in": EVIL, "elsewhere": [EVIL], "note": EVIL, "timeline": [entry]})
    threat = dataset.threats["theft"].model_copy(update={"name": EVIL, "statement": EVIL})
    return replace(
        dataset,
        registries={"example": example.model_copy(update={"name": EVIL, "description": EVIL, "claims": {"yanking": changed}})},
        incidents={"theft-2025": incident},
        threats={"theft": threat},
    )


def rendered(dataset: Dataset) -> dict[str, str]:
    """Each macro's output on a page of its own."""
    names = ("comparison", "adopters", "matrix", "profile", "capability", "registries", "changes", "announced", "health", "prior_art", "threats", "incidents", "incident", "own_words", "principles", "side_by_side", "questionnaire", "capabilities")
    pages = {name: context(dataset) for name in names}
    html = {
        "comparison": rendering.comparison(pages["comparison"], queries.comparison(dataset, "yanking")),
        "adopters": rendering.adopters(pages["adopters"], queries.adopters(dataset, "yanking")),
        "matrix": rendering.matrix(pages["matrix"], queries.matrix(dataset)),
        "profile": rendering.profile(pages["profile"], queries.profile(dataset, "example"), assess(dataset, "example"), roadmap(dataset, "example")),
        "capability": rendering.capability(pages["capability"], queries.capability(dataset, "mfa")),
        "registries": rendering.registries(pages["registries"], queries.registries_by_name(dataset)),
        "changes": rendering.changes(pages["changes"], queries.events(dataset)),
        "announced": rendering.announced(pages["announced"], queries.announcements(dataset)),
        "health": rendering.health(pages["health"], queries.health(dataset)),
        "prior_art": rendering.prior_art(pages["prior_art"], queries.prior_art(dataset, "yanking")),
        "threats": rendering.threats(pages["threats"], queries.threats(dataset)),
        "incidents": rendering.incidents(pages["incidents"], [queries.incident(dataset, "theft-2025")]),
        "incident": rendering.incident(pages["incident"], queries.incident(dataset, "theft-2025")),
        "principles": rendering.principles(pages["principles"], queries.principles(dataset), "model"),
        "capabilities": rendering.capabilities(pages["capabilities"], queries.by_track(dataset)),
        "checklist": rendering.checklist(queries.principles(dataset), "Copy it"),
        "side_by_side": rendering.side_by_side(pages["side_by_side"], queries.matrix(dataset)),
        "questionnaire": rendering.questionnaire(pages["questionnaire"], questionnaire(dataset), queries.registries_by_name(dataset)),
        "own_words": rendering.own_words(pages["own_words"], queries.own_words(dataset)),
    }
    html["sources"] = rendering.sources(pages["comparison"], [Link(Place("docs/a.md"), EVIL, "https://example.org/a")], TODAY)
    html["adoption"] = rendering.adoption(pages["adopters"], dataset.capabilities["yanking"], queries.adopters(dataset, "yanking") * 2, TODAY)
    return html


def test_text_from_the_data_is_never_markup(dataset: Dataset) -> None:
    for name, html in rendered(evil(dataset)).items():
        assert "<script>" not in html, name
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🎉 ${{ x }}" in rendered(evil(dataset))["comparison"]


def test_every_block_is_valid_html_without_empty_lines(dataset: Dataset) -> None:
    for data in (dataset, evil(dataset)):
        for name, html in rendered(data).items():
            html5lib.HTMLParser(strict=True).parseFragment(html)
            assert "\n\n" not in html, name
            assert html.startswith("<"), name


def test_a_cell_says_its_status_in_words_with_the_date_and_the_note(dataset: Dataset) -> None:
    html = rendered(dataset)["comparison"]
    row = re.search(r'<tr id="yanking-example".*?</tr>', html, re.DOTALL).group()
    assert "Supported" in row and 'since <time datetime="2014-11">2014-11</time>' in row
    assert '<a class="to-note" href="to/capabilities/yanking.md#example-note" aria-label="Remark on Reason, Example">' in row
    assert "Yes" in row and "A version" in row and '<time datetime="PT72H">72 hours</time>' in row


def test_a_change_says_in_words_what_was_and_what_came(dataset: Dataset) -> None:
    html = rendered(dataset)["changes"]
    newest, oldest = re.findall(r"<li data-registry.*?</li>", html, re.DOTALL)
    assert 'data-registry="example" data-capability="yanking"' in newest
    assert re.search(r"Partial.*→.*Supported.*Owners can yank a version\.", newest, re.DOTALL)
    assert '<a href="https://docs.example.org/yank">Yanking</a>' in newest
    assert "Only staff could yank." in oldest and "→" not in oldest
    assert html.index('id="year-2014"') < html.index('id="year-2012"')


def test_a_change_within_a_status_tells_what_held_before(dataset: Dataset) -> None:
    example = dataset.registries["example"]
    claim = example.claims["yanking"]
    past = claim.history[0].model_copy(update={"status": claim.status})
    changed = example.model_copy(update={"claims": {"yanking": claim.model_copy(update={"history": [past]})}})
    html = rendered(replace(dataset, registries={"example": changed}))["changes"]
    assert "Supported</span></span>, changed" in html and "Before: Only staff could yank." in html


def test_an_incident_shows_its_timeline_with_sources_and_who_has_what_was_missing(dataset: Dataset) -> None:
    html = rendered(dataset)["incident"]
    assert '<time datetime="2025-03-01 10:39">2025-03-01 10:39</time> A token is stolen.' in html
    assert html.count('href="#source-1"') == 3  # the incident itself and both lines of its timeline
    assert re.search(r'id="missing-yanking".*Example now:.*Supported', html, re.DOTALL)
    assert 'href="to/threats/index.md#theft"' in html


def test_a_threat_leads_to_what_answers_it_and_where_it_came_true(dataset: Dataset) -> None:
    html = rendered(dataset)["threats"]
    assert '<h2 id="theft">Theft</h2>' in html and "It is still there." in html
    assert 'href="to/capabilities/yanking.md"' in html and 'href="to/incidents/theft-2025.md"' in html


@pytest.mark.parametrize(
    ("status", "said"),
    [("supported", "All of it is met."), ("partial", "0 of 1 met."), ("unknown", "At least 0 and at most 1 of 1 met."), ("not-applicable", "Does not apply.")],
)
def test_a_profile_says_of_a_level_what_may_be_said_and_gives_no_grade(dataset: Dataset, status: str, said: str) -> None:
    example = dataset.registries["example"]
    claim = example.claims["mfa"].model_copy(update={"status": status})
    html = rendered(replace(dataset, registries={"example": example.model_copy(update={"claims": {"mfa": claim}})}))["profile"]
    assert re.search(rf"Level 1 <small>\s*{said}\s*</small>", html)
    assert not re.search(r"%|rank|score|grade [A-F0-9]", re.sub(r'href="[^"]*"', "", html))


def test_the_model_can_be_copied_as_a_task_list(dataset: Dataset) -> None:
    html = rendered(dataset)["checklist"]
    text = "".join(html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False).itertext())
    assert "## Authentication, level 1\n\n- [ ] Multi-factor authentication: Accounts can have a second factor.\n" in text
    assert "Yanking" not in text  # it stands outside the levels


def test_data_health_leads_to_the_line_where_an_unknown_is_filled_in(dataset: Dataset) -> None:
    html = rendered(dataset)["health"]
    line = dataset.place("registries", "example", "claims", "mfa").line
    assert f'<a class="mend" href="https://code.example/data/registries/example.yaml#L{line}">Fill in<' in html
    assert "The documentation was read." in html


def test_what_is_not_established_says_so(dataset: Dataset) -> None:
    example = dataset.registries["example"]
    claim = example.claims["yanking"].model_copy(update={"details": {"term": example.claims["yanking"].details["term"]}})
    html = rendered(replace(dataset, registries={"example": example.model_copy(update={"claims": {"yanking": claim}})}))["comparison"]
    assert html.count("not established") == 5


@pytest.mark.parametrize(
    ("path", "row"),
    [("capabilities/yanking.md", "example"), ("guidance/yanking.md", "example"), ("registries/example.md", "yanking"), ("index.md", "yanking-example")],
)
def test_rows_and_cells_have_stable_ids(dataset: Dataset, path: str, row: str) -> None:
    page = context(dataset, path)
    html = rendering.comparison(page, queries.comparison(dataset, "yanking"))
    assert html.count(f'id="{row}"') == 1
    # A cell has its address on the page of the capability.
    for id in (f"{row}-status", f"{row}-window"):
        assert html.count(f'id="{id}"') == (path == "capabilities/yanking.md")


def test_each_registry_stands_in_words_on_the_page_of_the_capability_and_other_tables_lead_there(dataset: Dataset) -> None:
    own = rendering.comparison(context(dataset, "capabilities/yanking.md"), queries.comparison(dataset, "yanking"))
    assert own.count('<dt id="example-note">') == 1 and 'href="#example-note"' in own and "<b>Reason:</b> Planned." in own
    other = rendering.comparison(context(dataset, "guidance/yanking.md"), queries.comparison(dataset, "yanking"))
    assert "in-words" not in other and 'href="to/capabilities/yanking.md#example-note"' in other


def test_a_table_elsewhere_shows_two_sources_and_how_many_more_there_are(dataset: Dataset) -> None:
    example = dataset.registries["example"]
    claim = example.claims["yanking"]
    many = [claim.evidence[0].model_copy(update={"url": f"https://docs.example.org/{number}"}) for number in (1, 2, 2, 3, 4, 5)]
    changed = replace(dataset, registries={"example": example.model_copy(update={"claims": {"yanking": claim.model_copy(update={"evidence": many})}})})
    page = context(changed, "guidance/yanking.md")
    html = rendering.comparison(page, queries.comparison(changed, "yanking"))
    assert re.findall(r'aria-label="Source (\d) for Example"', html) == ["1", "2"]
    assert 'aria-label="3 more sources for Example">+3</a>' in html
    assert len(page.citations.listed()) == 2


def test_every_reference_leads_to_a_listed_source(dataset: Dataset) -> None:
    page = context(dataset)
    shown = rendering.comparison(page, queries.comparison(dataset, "yanking")) + rendering.adopters(page, queries.adopters(dataset, "yanking"))
    sources = rendering.sources(page, [], TODAY)
    referred = set(re.findall(r'href="#(source-\d+)"', shown))
    assert referred == set(re.findall(r'id="(source-\d+)"', sources)) == {"source-1"}
    assert '<a href="https://docs.example.org/yank">Yanking</a>' in sources
    assert "Documentation" in sources and "2026-01-31" in sources


def test_one_address_has_one_number_and_the_latest_reading() -> None:
    citations = Citations()
    older = Evidence(url="https://example.org/a", title="A", kind="docs", checked="2025-01-01")
    newer = older.model_copy(update={"checked": older.checked.replace(year=2026)})
    assert [citations.number(newer), citations.number(older)] == [1, 1]
    assert citations.listed() == [newer]


def test_many_sources_are_shortened_in_tables_and_whole_in_words(dataset: Dataset) -> None:
    example = dataset.registries["example"]
    evidence = [Evidence(url=f"https://example.org/{n}", title=str(n), kind="docs", checked="2025-01-01") for n in range(7)]
    claim = example.claims["yanking"].model_copy(update={"evidence": evidence, "history": []})
    data = replace(dataset, registries={"example": example.model_copy(update={"claims": {"yanking": claim}})})
    html = rendering.comparison(context(data, "capabilities/yanking.md"), queries.comparison(data, "yanking"))
    table, words = html.split("</table>")
    assert len(re.findall(r'href="#source-\d', table)) == 2 and ">+5</a>" in table
    assert len(re.findall(r'href="#source-\d', words)) == 7


def test_prose_links_are_listed_once_and_not_again_when_they_are_evidence(dataset: Dataset) -> None:
    page = context(dataset)
    rendering.adopters(page, queries.adopters(dataset, "yanking"))
    links = [Link(Place("docs/a.md"), "Yank docs", "https://docs.example.org/yank"), *[Link(Place("docs/a.md"), "`A`", "https://example.org/a")] * 2]
    html = rendering.sources(page, links, TODAY)
    assert html.count('"https://docs.example.org/yank"') == 1
    assert html.count('<a href="https://example.org/a">example.org/a</a> <span class="about">for “A”</span>') == 1


def test_a_cited_commit_is_shortened_for_the_eye_only(dataset: Dataset) -> None:
    url = f"https://github.com/example/code/blob/{'0123456789' * 4}/a.rs#L1-L2"
    html = rendering.sources(context(dataset), [Link(Place("docs/a.md"), "the code", url)], TODAY)
    assert f'<a href="{url}">github.com/example/code/blob/01234567/a.rs#L1-L2</a>' in html


def test_no_id_is_made_twice_where_the_rules_allow_several_tables_on_a_page(dataset: Dataset) -> None:
    view = {name: (queries.profile(dataset, name), assess(dataset, name), roadmap(dataset, name)) for name in ("example", "mirror")}
    two_profiles = context(dataset)
    tables = context(dataset)
    pages = (
        [rendering.profile(two_profiles, *view["example"]), rendering.profile(two_profiles, *view["mirror"])],
        [*(rendering.comparison(tables, queries.comparison(dataset, id)) for id in ("yanking", "mfa")), rendering.matrix(tables, queries.matrix(dataset))],
    )
    for blocks in pages:
        ids = re.findall(r' id="([^"]+)"', "".join(blocks))
        assert ids and len(set(ids)) == len(ids)


SEQUENCE = """sequenceDiagram
    accTitle: Yanking <a> version
    accDescr: An owner yanks.
    participant O as Owner & friends
    participant Registry
    O->>Registry: yank
    Registry->>Registry: check the owner and a long text that has to be broken into several lines
    Note over O,Registry: one & all
    Registry-->>O: done"""


def test_a_diagram_has_a_title_a_description_and_its_steps_as_text() -> None:
    html = rendering.sequence(parse_sequence(SEQUENCE), "yank")
    html5lib.HTMLParser(strict=True).parseFragment(html)
    assert html.count('role="img"') == html.count("<desc") == 2
    assert "Yanking &lt;a&gt; version" in html
    assert len(re.findall(r"<li>", html)) == 4
    assert "<b>Owner &amp; friends → Registry</b>: yank" in html


def test_a_diagram_stays_inside_its_frame() -> None:
    html = rendering.sequence(parse_sequence(SEQUENCE), "yank")
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
        points = [(float(x), float(y)) for x, y in re.findall(r'x="(-?[\d.]+)" y="(-?[\d.]+)"', svg)]
        assert points and all(0 <= x <= width and 0 <= y <= height for x, y in points)


def test_a_preview_shows_the_faults_of_its_page_and_counts_the_others() -> None:
    here, data, there = (Finding(Place(file, 3, 5), "it is <b>wrong</b>", "mend it", "rule") for file in ("docs/a.md", "data/x.yaml", "docs/b.md"))
    html = rendering.problems([here, data, there], "docs/a.md")
    assert "docs/a.md:3:5" in html and "data/x.yaml:3:5" in html and "docs/b.md" not in html
    assert "1 on other pages" in html and "&lt;b&gt;wrong" in html


def test_a_profile_shows_contact_policies_intentions_and_raw_data(dataset: Dataset) -> None:
    evidence = dataset.registries["example"].claims["yanking"].evidence[0]
    contact = SecurityContact(to="security@example.org", note="Answers within a week.", evidence=[evidence])
    declined = Claim(status=Status.DECLINED, summary="Considered in 2024.", note="Too few keys.", evidence=[evidence])
    claims = {**dataset.registries["example"].claims, "mfa": declined}
    changed = dataset.registries["example"].model_copy(update={"security_contact": contact, "policies": [evidence.model_copy(update={"title": "Naming policy"})], "claims": claims})
    html = rendered(replace(dataset, registries={"example": changed}))["profile"]
    assert 'href="mailto:security@example.org"' in html and "Answers within a week." in html
    assert "Naming policy" in html and "Planned and declined" in html and html.count("Too few keys.") == 2
    assert 'href="to/data/v1/registries/example.yaml"' in html
    assert 'href="to/registries/compare.md?registries=example"' in html and 'href="to/assess.md?from=example"' in html
    assert "not established" in rendered(dataset)["profile"].partition("Security contact")[2][:60]


def test_a_report_is_filled_in_with_what_the_page_says(dataset: Dataset) -> None:
    address = re.search(r'href="(https://code.example/issues/new[^"]*)"[^>]*>Report<span[^>]*> an error: Example, Yanking', rendered(dataset)["profile"])
    fields = parse_qs(urlsplit(unescape(address[1])).query)
    assert fields["title"] == ["Example: Yanking"]
    assert fields["where"] == ["data/registries/example.yaml:10"]
    assert fields["says"] == ["supported since 2014-11: Owners can yank a version."]


def test_what_was_read_over_a_year_before_the_newest_reading_is_marked(dataset: Dataset) -> None:
    page = context(dataset)
    evidence = dataset.registries["example"].claims["yanking"].evidence[0]
    for day in ("2025-01-30", "2025-01-31", "2026-01-31"):
        page.citations.number(evidence.model_copy(update={"url": f"https://example.org/{day}", "checked": date.fromisoformat(day)}))
    html = rendering.sources(page, [], date(2026, 1, 31))
    assert html.count("over a year ago") == 1 and "1 of 3 were read more than a year before" in html
    assert re.search(r'2025-01-30">2025-01-30</time> <strong class="stale">', html)


def test_the_words_of_the_self_assessment_cannot_end_its_block_of_data(dataset: Dataset) -> None:
    capability = dataset.capabilities["mfa"].model_copy(update={"why": "</script><script>alert(1)</script>"})
    html = rendered(replace(dataset, capabilities={**dataset.capabilities, "mfa": capability}))["questionnaire"]
    block = re.search(r'<script type="application/json" id="vocabulary">(.*?)</script>', html)[1]
    assert {item["id"]: item["why"] for item in json.loads(block)["items"]}["mfa"] == "</script><script>alert(1)</script>"
