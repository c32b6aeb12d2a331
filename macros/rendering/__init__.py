"""Records to HTML, from autoescaped templates. Knows neither files nor the engine that builds the site.

Every function returns one block of HTML without empty lines, so that Markdown leaves it alone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from macros.assessment import Gap, Question, Questionnaire, TrackAssessment
from macros.diagrams import SequenceDiagram
from macros.model import Capability, Dataset, Duration, Evidence, Finding, Registry, Status, StatusReport, Term, Track, Word
from macros.pages import Link
from macros.queries import (
    Announcement,
    CapabilityView,
    Cell,
    Comparison,
    Event,
    Health,
    IncidentView,
    Matrix,
    ModelLevel,
    OwnWords,
    PriorArt,
    Profile,
    ThreatView,
    one_per_address,
)
from macros.rendering import charts


@dataclass
class Citations:
    """The evidence that a page has shown so far, numbered in order of first use; one number per address."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _latest: list[Evidence] = field(default_factory=list)

    def number(self, evidence: Evidence) -> int:
        number = self._numbers.setdefault(evidence.url, len(self._numbers) + 1)
        if number > len(self._latest):
            self._latest.append(evidence)
        elif evidence.checked > self._latest[number - 1].checked:
            self._latest[number - 1] = evidence
        return number

    def listed(self) -> list[Evidence]:
        """One piece of evidence per number: of several readings of one address, the latest."""
        return list(self._latest)


@dataclass(frozen=True)
class Context:
    """What a page offers its macros.

    `path` is the page's own below `docs/`. `link` turns such a path (with an optional `#anchor`) into an address that
    works from this page, a path below `data/v1/` leads to the open data. `source_url` turns a file of the project and a
    line of it into the address where it can be edited, and `issue_url` a title, a place and what stands there into one where an error can be reported.
    """

    dataset: Dataset
    path: str
    citations: Citations
    link: Callable[[str], str]
    source_url: Callable[[str, int], str]
    issue_url: Callable[[str, str, str], str]

    def numbers(self, evidence: Sequence[Evidence]) -> list[int]:
        """The numbers under which the page lists this evidence."""
        return list(dict.fromkeys(self.citations.number(each) for each in evidence))

    def anchor(self, cell: Cell, column: str = "") -> str:
        """The id of a row, or of one cell in it.

        On the page named after the capability it is the registry's id, on the page named after the registry the
        capability's, and elsewhere both: `pypi`, `trusted-publishing`, `trusted-publishing-pypi`. Cells add their column.
        """
        slug = self.path.rpartition("/")[2].removesuffix(".md")
        row = {cell.capability.id: cell.registry.id, cell.registry.id: cell.capability.id}.get(slug, f"{cell.capability.id}-{cell.registry.id}")
        return f"{row}-{column}" if column else row


_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    # A preview imports this module anew when a template changes.
    auto_reload=False,
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# An address as people read it: without scheme, and with commits cut to what is enough to know them.
_environment.filters["short_address"] = lambda url: re.sub(r"\b([0-9a-f]{8})[0-9a-f]{32}\b", r"\1", url.removeprefix("https://")).rstrip("/")
_environment.filters["one_per_address"] = one_per_address
_environment.tests["duration"] = lambda value: isinstance(value, Duration)


@lru_cache(maxsize=None)
def _drawn(part: str, *arguments: object) -> Markup:
    """A part of `signs.html`, drawn once for the same arguments: pages show some of them thousands of times."""
    return getattr(_environment.get_template("signs.html").module, part)(*arguments)


# The parts as filters, which templates call with what they have at hand.
_environment.filters["date"] = lambda day: _drawn("date", day)
_environment.filters["sign"] = lambda status, model: _drawn("sign", status, model.term("statuses", status).name)
_environment.filters["status"] = lambda claim, model: _drawn("status", claim.status, model.term("statuses", claim.status).name, claim.since)
_environment.filters["source"] = lambda evidence, model, stale: _drawn("source", evidence, model.term("evidence_kinds", evidence.kind).name, stale)
_environment.filters["reference"] = lambda number, of: _drawn("reference", number, of)
_environment.filters["reference_sign"] = lambda claim, model: _drawn("reference_sign", claim.status, model.term("statuses", claim.status).name, claim.since)


def keep_compiled(cache: BytecodeCache) -> None:
    """Take compiled templates from there, and put them there."""
    _environment.bytecode_cache = cache


def _render(template: str, **values: object) -> str:
    html = _environment.get_template(template).render(**values)
    return "\n".join(line.strip() for line in html.splitlines() if line.strip())


def comparison(page: Context, view: Comparison) -> str:
    """Registries × columns; on the capability's own page with each registry in words under the table."""
    in_words = page.path == f"capabilities/{view.capability.id}.md"
    return _render("comparison.html", page=page, view=view, model=page.dataset.model, in_words=in_words)


def adopters(page: Context, cells: Iterable[Cell]) -> str:
    """Who has it and since when, as a list."""
    return _render("adopters.html", page=page, cells=list(cells), model=page.dataset.model)


def matrix(page: Context, view: Matrix) -> str:
    """Registries × capabilities in one table; each cell leads to its sources. A form and cards work where scripts run."""
    return _render("matrix.html", page=page, view=view, details=_matrix_details(view), model=page.dataset.model)


def _matrix_details(view: Matrix, shown: int = 2, note_length: int = 240) -> dict[str, object]:
    """What the cards of the matrix and its CSV say beyond the table, in the form of JSON: sources are numbers into `sources`.

    Notes are cut and sources are the first few, so that the page stays light; the page of the capability has all.
    """
    sources: dict[tuple[str, str], int] = {}

    def details(cell: Cell) -> dict[str, object]:
        evidence = cell.claim.evidence
        return {
            "summary": cell.claim.summary,
            "note": cell.claim.note and textwrap.shorten(cell.claim.note, note_length, placeholder=" …"),
            "sources": [sources.setdefault((each.url, each.title), len(sources)) for each in evidence[:shown]],
            "more": max(0, len(evidence) - shown),
        }

    cells = {
        registry.id: {cell.capability.id: details(cell) for cell in view.row(registry) if cell.researched or cell.claim.status == "not-applicable"}
        for registry in view.registries
    }
    return {"cells": cells, "sources": [{"url": url, "title": title} for url, title in sources]}


def small_matrix(page: Context, view: Matrix) -> str:
    """The whole matrix as a small picture that leads to it."""
    rows = [view.row(registry) for registry in view.registries]
    statuses = [cell.claim.status for row in rows for cell in row]
    counts = {status: statuses.count(status) for status in Status}
    size = {"rows": len(rows), "columns": len(view.capabilities)}
    return _render("small_matrix.html", page=page, paths=charts.small_matrix(rows), counts=counts, **size, model=page.dataset.model)


def latest(page: Context, events: Iterable[Event]) -> str:
    """A few changes, in the order given, and where the others are."""
    return _render("latest.html", page=page, events=list(events), model=page.dataset.model)


def capabilities(page: Context, tracks: Iterable[tuple[Track, Sequence[Capability]]]) -> str:
    """Capabilities by track, each with its level and what it asks."""
    return _render("capabilities.html", page=page, tracks=list(tracks))


def profile(page: Context, view: Profile, standing: Iterable[TrackAssessment], roadmap: Iterable[Gap]) -> str:
    """One registry: facts, traits, where it stands item by item, all its claims by track, a roadmap of what is missing, its history."""
    chart = charts.timeline(view.events, [track for track, _ in view.tracks], view.as_of)
    return _render("profile.html", page=page, view=view, standing=list(standing), roadmap=list(roadmap), chart=chart, model=page.dataset.model)


def side_by_side(page: Context, view: Matrix) -> str:
    """Capabilities × all registries, with a form that picks some of them where scripts run."""
    return _render("side_by_side.html", page=page, view=view, model=page.dataset.model)


def questionnaire(page: Context, view: Questionnaire, registries: Iterable[Registry]) -> str:
    """Every item of the model as a question, which can be printed as it is; with scripts, a self-assessment that starts empty or from one of the registries."""
    vocabulary = _vocabulary(page, view)
    return _render("questionnaire.html", page=page, view=view, vocabulary=vocabulary, registries=list(registries), model=page.dataset.model)


def _vocabulary(page: Context, view: Questionnaire) -> dict[str, object]:
    """What the scripts of the self-assessment need to know, in the form of JSON: the items in the order of the model."""
    order = {capability.id: place for place, capability in enumerate(view.order_of_work)}

    def item(track: Track, level: Term | None, question: Question) -> dict[str, object]:
        capability, applicability = question.capability, question.applicability
        return {
            "id": capability.id,
            "name": capability.name,
            "track": track.id,
            "level": level.id if level else None,
            "statement": capability.statement,
            "why": capability.why,
            "requires": capability.requires,
            "effort": capability.effort.model_dump(),
            "order": order[capability.id],
            "applies": applicability.model_dump(mode="json") if applicability else None,
            "columns": [column.model_dump(mode="json", exclude_defaults=True) for column in capability.details],
            "page": page.link(f"capabilities/{capability.id}.md"),
            "guidance": page.link(f"guidance/{capability.guidance}.md") if capability.guidance else None,
            "done_by": [{"name": cell.registry.name, "since": cell.claim.since} for cell in question.done_by],
        }

    return {
        "items": [item(track, each.level, question) for track, levels in view.tracks for each in levels for question in each.questions],
        "tracks": {track.id: track.name for track, _ in view.tracks},
        "levels": {level.id: level.name for level in page.dataset.model.levels},
        "statuses": {term.id: term.name for term in page.dataset.model.statuses},
        "schema": Registry.model_json_schema(mode="validation"),
    }


def registries(page: Context, records: Iterable[Registry]) -> str:
    """Registries with their traits, as a table in the order given."""
    return _render("registries.html", page=page, registries=list(records), model=page.dataset.model)


def capability(page: Context, view: CapabilityView) -> str:
    """A capability in words: statement, why, how to verify, effort, what it requires and unlocks, threats and incidents."""
    return _render("capability.html", page=page, view=view, model=page.dataset.model)


def adoption(page: Context, capability: Capability, adopters: Iterable[Cell], today: date) -> str:
    """Who has had a capability since when, as a chart; nothing where fewer than two have a date."""
    chart = charts.adoption(adopters, today)
    return _render("adoption.html", chart=chart, capability=capability) if chart else ""


def prior_art(page: Context, found: Iterable[PriorArt]) -> str:
    """Each adopter's design, code, announcements and audits, in the order given."""
    return _render("prior_art.html", page=page, found=list(found), model=page.dataset.model)


def threats(page: Context, views: Iterable[ThreatView]) -> str:
    """Each threat with the capabilities that answer it and the incidents in which it came true."""
    return _render("threats.html", page=page, views=list(views))


def incidents(page: Context, views: Iterable[IncidentView]) -> str:
    """Incidents as a table, in the order given."""
    return _render("incidents.html", page=page, views=list(views))


def incident(page: Context, view: IncidentView) -> str:
    """One incident: way in, timeline, what was there, what would have changed it and who has that now."""
    return _render("incident.html", page=page, view=view, model=page.dataset.model)


def lexicon(page: Context, words: Iterable[Word]) -> str:
    """Words with their one meaning, each with an anchor."""
    return _render("lexicon.html", page=page, words=list(words))


def own_words(page: Context, view: OwnWords) -> str:
    """Registries × the capabilities for which they have words of their own."""
    return _render("own_words.html", page=page, view=view, model=page.dataset.model)


def sources(page: Context, links: Iterable[Link], today: date) -> str:
    """The evidence of everything that the page's macros have shown, then what its prose links.

    What was read more than a year before `today`, the newest reading, is marked.
    """
    evidence = page.citations.listed()
    stale = {each.url for each in evidence if (today - each.checked).days > 365}
    shown = {each.url for each in evidence}
    cited: dict[str, Link] = {}
    for link in links:
        if link.url not in shown:
            cited.setdefault(link.url, link)
    return _render("sources.html", evidence=evidence, stale=stale, links=list(cited.values()), model=page.dataset.model)


def status_reports(page: Context, reports: Iterable[StatusReport]) -> str:
    """The working group's quarterly reports, in the order given."""
    return _render("status_reports.html", page=page, reports=list(reports), model=page.dataset.model)


def glossary(page: Context, group: str) -> str:
    """The words of one group of the vocabulary with their meanings."""
    return _render("glossary.html", group=group, terms=getattr(page.dataset.model, group), model=page.dataset.model)


def changes(page: Context, events: Sequence[Event]) -> str:
    """Dated changes by year, in the order given, with a form that filters them where scripts run."""
    years = [(year, list(group)) for year, group in groupby(events, key=lambda event: event.date[:4])]
    names = lambda kind: sorted({getattr(event.cell, kind).id: getattr(event.cell, kind) for event in events}.values(), key=lambda record: record.name.casefold())  # noqa: E731
    return _render("changes.html", page=page, years=years, registries=names("registry"), capabilities=names("capability"), model=page.dataset.model)


def announced(page: Context, announcements: Iterable[Announcement]) -> str:
    """What registries have announced for a date, in the order given."""
    return _render("announced.html", page=page, announcements=list(announcements))


def health(page: Context, view: Health) -> str:
    """The state of the data: counts, oldest readings, unknowns with links to mend them, overdue announcements, latest changes."""
    chart = charts.freshness(view.readings, view.as_of)
    return _render("health.html", page=page, view=view, cells=sum(view.total.values()) + view.unresearched, chart=chart, model=page.dataset.model)


def principles(page: Context, tracks: Sequence[tuple[Track, tuple[ModelLevel, ...]]], kind: str) -> str:
    """The items of the model with statement, reason and test; `kind` begins the ids, so that a page may show two selections."""
    return _render("principles.html", page=page, tracks=tracks, kind=kind)


def checklist(tracks: Sequence[tuple[Track, tuple[ModelLevel, ...]]], title: str) -> str:
    """The same items as a Markdown task list to copy, folded under a title."""
    return _render("checklist.html", tracks=tracks, title=title)


_BADGE_TEXT = 6.4  # of one character at the badge's 11 px, generously


def badge(label: str, said: str, title: str) -> str:
    """A label and what is said of it, as a picture of 20 px height."""
    widths = [round(len(text) * _BADGE_TEXT + 14) for text in (label, said)]
    return _render("badge.svg", label=label, said=said, title=title, left=widths[0], right=widths[1])


def redirect(target: str) -> str:
    """A whole page that leads on to `target`, an address relative to it."""
    return _render("redirect.html", target=target)


def problems(findings: Sequence[Finding], file: str) -> str:
    """What a preview shows while there are faults: those of this page and of the data, and how many more there are."""
    here = [finding for finding in findings if finding.place.file == file or not finding.place.file.startswith("docs/")]
    return _render("problems.html", findings=here, elsewhere=len(findings) - len(here))


# ------------------------------------------------------------------ diagrams

_TEXT_WIDTH = 6.7  # of one character at the diagram's 12.5 px, generously


@dataclass(frozen=True)
class _Arrow:
    number: int
    kind: str
    x1: float
    x2: float
    y: float
    lines: tuple[str, ...]
    text_x: float
    text_y: float
    box: tuple[float, float, float, float]


def sequence(diagram: SequenceDiagram, id: str) -> str:
    """A sequence diagram as SVG with title and description, and its steps as a numbered list.

    There are two drawings: a wide one with the text at the arrows, and for phones a narrow one in which numbers
    refer to the list. `id` must be unique on the page.
    """
    wide = _layout(diagram, spacing=max(150.0, 680.0 / len(diagram.actors)), labels=True)
    narrow = _layout(diagram, spacing=340.0 / len(diagram.actors), labels=False)
    return _render("sequence.html", diagram=diagram, id=id, drawings=(("wide", wide), ("narrow", narrow)))


def _layout(diagram: SequenceDiagram, spacing: float, labels: bool) -> dict[str, object]:
    """Coordinates of one drawing, in pixels: heads of the actors, arrows and size."""
    centers = [spacing * (index + 0.5) for index in range(len(diagram.actors))]
    heads = [tuple(textwrap.wrap(actor, max(8, int((spacing - 14) / _TEXT_WIDTH)))) for actor in diagram.actors]
    head_height = 14 + 16 * max(len(head) for head in heads)
    y = head_height + 8.0
    arrows = []
    for number, step in enumerate(diagram.steps, 1):
        left, right = sorted((centers[step.source], centers[step.target]))
        itself = step.source == step.target
        if step.kind == "note":
            left, right = left - spacing * 0.44, right + spacing * 0.44
        elif itself and step.source + 1 < len(centers):
            right += spacing * 0.7
        elif itself:  # the last actor's loop turns back into the picture
            left -= spacing * 0.7
        available = right - left - (16 if step.kind == "note" else 38)
        lines = tuple(textwrap.wrap(step.text, max(10, int(available / _TEXT_WIDTH)))) if labels else ()
        height = 15.0 * len(lines)
        if step.kind == "note":
            box = (left, y + 4, right - left, max(height + 14, 26.0))
            arrows.append(_Arrow(number, "note", left, right, y, lines, (left + right) / 2, y + 22, box))
            y += box[3] + 12
            continue
        y += height + 20
        middle = (left + right) / 2 + (10 if labels else 0)
        kind = f"{step.kind} itself" if itself else step.kind
        x1 = centers[step.source]
        x2 = (left if x1 == right else right) if itself else centers[step.target]
        arrows.append(_Arrow(number, kind, x1, x2, y, lines, middle, y - height + 5, (left, y, right - left, 0)))
        y += 16 if itself else 6
    return {
        "width": spacing * len(diagram.actors),
        "height": y + 14,
        "spacing": spacing,
        "head_height": head_height,
        "actors": list(zip(centers, heads, strict=True)),
        "arrows": arrows,
    }
