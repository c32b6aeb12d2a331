"""Rules on `docs/`: macro calls, the guidance skeleton, sources and diagrams."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from difflib import get_close_matches
from inspect import Parameter, Signature
from itertools import pairwise

from macros.diagrams import DiagramError, parse_sequence
from macros.load import nearest
from macros.model import Dataset, Finding, Place
from macros.pages import CODE, DRAW, DRAWN, Call, Page, Refers, blanked
from macros.rules.site import Site

# Code, and comments that do not look like a call.
_QUIET = re.compile(rf"{CODE.pattern}|<!--(?!\s*\[).*?-->")
_NOTHING_KNOWN = re.compile(r"\bNothing is (known|established)\b")

GUIDANCE_SKELETON = (
    "In one minute",
    "Decide",
    "Threats",
    "Build",
    "Roll out",
    "Pitfalls",
    "Conform",
    "Measure",
    "Who has it",
    "Trade-offs and dissent",
    "Sources",
    "Reviewed",
)

# Macros that leave numbered references which `sources()` resolves.
CITING = {"comparison", "adopters", "profile", "incident", "prior_art", "status_reports"}

# Macros that give what they show an address on the page.
ANCHORING = {"comparison", "matrix", "profile", "changes", "health", "threats", "incidents", "principles", "incident", "lexicon", "prior_art", "status_reports", "side_by_side", "questionnaire", "capabilities", "adoption"}


def _guidance(site: Site) -> Iterator[Page]:
    for path, page in site.pages.items():
        if path.startswith("guidance/") and path != "guidance/index.md":
            yield page


def records_have_pages(site: Site) -> Iterator[Finding]:
    """Every registry, capability and incident has a page of its own, under its id."""
    for group in ("registries", "capabilities", "incidents"):
        for id in getattr(site.dataset, group):
            if f"{group}/{id}.md" not in site.pages:
                place = site.dataset.place(group, id, "id")
                yield Finding(place, f"there is no page docs/{group}/{id}.md", "add it; copy the page of a neighbor", "records-have-pages")


def old_addresses_lead_on(site: Site) -> Iterator[Finding]:
    """An address that was published before leads to a page that exists, once, and is not the address of a page itself."""
    rule = "old-addresses-lead-on"
    taken = {path.removesuffix(".md").removesuffix("/index") for path in site.pages}
    seen: set[str] = set()
    for index, address in enumerate(site.dataset.addresses):
        at = lambda key: site.dataset.place("addresses", "addresses", index, key)  # noqa: B023, E731
        if address.new not in site.pages:
            yield Finding(at("new"), f"there is no page docs/{address.new}", nearest(address.new, site.pages), rule)
        if address.old in taken:
            yield Finding(at("old"), f"{address.old} is the address of a page now", "remove the entry", rule)
        if address.old in seen:
            yield Finding(at("old"), f"{address.old} is here twice", "keep one of them", rule)
        seen.add(address.old)


def macro_calls_are_right(site: Site) -> Iterator[Finding]:
    """A macro call names a macro, gives it the arguments that it takes, and stands alone on its line."""
    names = re.compile(rf"(?<![\w.])({'|'.join(site.macros)})\([^)]*\)") if site.macros else None
    for page in site.pages.values():
        for call in page.calls:
            yield from _call_findings(call, site)
        calls = {call.place.line for call in page.calls}
        for number, line in page.prose:
            # What looks like a call and is none would be shown as text, or be missing without a word.
            stray = names and number not in calls and line.strip() not in (DRAW, DRAWN) and names.search(blanked(_QUIET, line))
            if stray:
                place = Place(f"docs/{page.path}", number, stray.start() + 1)
                yield Finding(place, f"{stray[1]} is not called here", f"write it like <!--[[ {stray[0]} ]]-->, without spaces before the brackets, or in backticks", "macro-calls-are-right")


def _call_findings(call: Call, site: Site) -> Iterator[Finding]:
    rule = "macro-calls-are-right"
    if call.fault:
        yield Finding(call.place, f"{call.fault}: {call.name}", f'write it like <!--[[ comparison("yanking") ]]-->, or {DRAW} before a diagram', rule)
        return
    if call.name not in site.macros:
        yield Finding(call.place, f"there is no macro {call.name!r}", nearest(call.name, site.macros), rule)
        return
    if not call.alone:
        yield Finding(call.place, f"{call.name} does not stand alone on its line", "put the call on a line of its own, between empty lines", rule)
    signature = site.macros[call.name]
    try:
        bound = signature.bind(*call.arguments, **dict(call.options))
    except TypeError as error:
        yield Finding(call.place, f"{call.name}: {error}", f"it is called as {call.name}{_shown(signature)}", rule)
        return
    for name, value in bound.arguments.items():
        for fault, remedy in _argument_faults(signature.parameters[name], value, bound.arguments, site.dataset):
            yield Finding(call.place, f"{call.name}: {fault}", remedy, rule)


def _shown(signature: Signature) -> str:
    return str(signature.replace(parameters=[p.replace(annotation=Parameter.empty) for p in signature.parameters.values()], return_annotation=Signature.empty))


def _argument_faults(parameter: Parameter, value: object, arguments: dict, dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Faults of one argument: an id, or several where the parameter is `*ids`."""
    refers = _refers(parameter.annotation)
    if refers is None:
        return
    known = _known(refers.group, arguments, dataset)
    for item in value if parameter.kind is Parameter.VAR_POSITIONAL else (value,):  # type: ignore[attr-defined]
        if not isinstance(item, str):
            yield f"{item!r} is no id", "write the id in quotes"
        elif item not in known:
            yield f"there is no {item!r} in {refers.group}", nearest(item, known)


def _refers(annotation: object) -> Refers | None:
    return next((meta for meta in getattr(annotation, "__metadata__", ()) if isinstance(meta, Refers)), None)


def _known(group: str, arguments: dict, dataset: Dataset) -> set[str]:
    if group != "columns":
        return dataset.known(group)
    capability = dataset.capabilities.get(arguments.get("capability", ""))
    return {column.id for column in capability.details} if capability else set()


def pages_are_in_the_navigation(site: Site) -> Iterator[Finding]:
    """Every page is in the navigation of `mkdocs.yml`, or nobody finds it, and every entry there has a page."""
    rule = "pages-are-in-the-navigation"
    if site.navigation is None:
        return
    for path in site.pages:
        if path not in site.navigation:
            yield Finding(Place(f"docs/{path}"), "this page is not in the navigation", f"add `- {path}` under nav in mkdocs.yml", rule)
    for path, place in site.navigation.items():
        if path not in site.pages:
            yield Finding(place, f"there is no page docs/{path}", nearest(path, site.pages), rule)


def links_lead_to_pages(site: Site) -> Iterator[Finding]:
    """A link to another page names its file, from the folder of the page that has it. Anchors are checked by the build."""
    for page in site.pages.values():
        for link in page.references:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), link.url))
            if link.url.endswith(".md") and target not in site.pages:
                close = get_close_matches(target, site.pages, n=1, cutoff=0.6)
                remedy = f"did you mean {posixpath.relpath(close[0], posixpath.dirname(page.path) or '.')}?" if close else "name the file of a page in docs/"
                yield Finding(link.place, f"{link.url} leads to no page", remedy, "links-lead-to-pages")


def sources_come_last(site: Site) -> Iterator[Finding]:
    """A page that shows evidence calls `sources()` once, after everything that cites, or its references lead nowhere."""
    rule = "sources-come-last"
    for page in site.pages.values():
        citing = [call for call in page.calls if call.name in CITING]
        sources = [call for call in page.calls if call.name == "sources"]
        for call in sources[1:]:
            yield Finding(call.place, "sources() is called twice", "keep the last call", rule)
        if citing and not sources:
            yield Finding(citing[-1].place, "the page shows evidence but does not call sources()", "add sources() at its end", rule)
        for call in citing:
            if sources and call.place.line > sources[0].place.line:
                yield Finding(call.place, f"{call.name} stands after sources()", "move sources() to the end of the page", rule)


def anchors_are_made_once(site: Site) -> Iterator[Finding]:
    """A page shows the same comparison, profile or list once, or its parts would have the same address twice."""
    for page in site.pages.values():
        shown: list[tuple[Call, object]] = []
        for call in page.calls:
            if call.name not in ANCHORING or call.fault:
                continue
            subject = next(iter((*call.arguments, *dict(call.options).values())), None)
            before = next((other for other, its in shown if _share_cells(other.name, its, call.name, subject)), None)
            shown.append((call, subject))
            if before:
                fault = f"{call.name} shows here what {before.name} shows in line {before.place.line} already"
                yield Finding(call.place, fault, "keep one of the two calls", "anchors-are-made-once")


def _share_cells(macro: str, subject: object, other_macro: str, other_subject: object) -> bool:
    """Whether two calls give the same cell an anchor: each registry's profile meets each capability's comparison in one."""
    return {macro, other_macro} == {"profile", "comparison"} or (macro, subject) == (other_macro, other_subject)


def guidance_keeps_the_skeleton(site: Site) -> Iterator[Finding]:
    """A guidance page has every section of the skeleton, once and in its order; “nothing known” is a valid section."""
    rule = "guidance-keeps-the-skeleton"
    for page in _guidance(site):
        found = [section for section in page.sections if section.level == 2]
        titles = [section.title for section in found]
        end = Place(f"docs/{page.path}", found[-1].place.line if found else 1)
        for title in GUIDANCE_SKELETON:
            if title not in titles:
                yield Finding(end, f"the section “{title}” is missing", "add it; say so where nothing is known", rule)
        for section in found:
            if section.title not in GUIDANCE_SKELETON:
                yield Finding(section.place, f"“{section.title}” is no section of the skeleton", nearest(section.title, GUIDANCE_SKELETON), rule)
            elif titles.count(section.title) > 1:
                yield Finding(section.place, f"the section “{section.title}” is here more than once", "merge them", rule)
        known = [section for section in found if section.title in GUIDANCE_SKELETON]
        for before, after in pairwise(known):
            if GUIDANCE_SKELETON.index(before.title) > GUIDANCE_SKELETON.index(after.title):
                yield Finding(after.place, f"“{after.title}” comes before “{before.title}” in the skeleton", "keep the order of the skeleton", rule)


def guidance_sections_have_sources(site: Site) -> Iterator[Finding]:
    """Each section of a guidance page but the last links an https source, shows evidence from the data, or says that nothing is known: what stands on nobody's word is an opinion."""
    for page in _guidance(site):
        for section in page.sections:
            if section.level != 2 or section.title == "Reviewed":
                continue
            first, last = page.within(section)
            shown = [link for link in page.links if first < link.place.line <= last]
            shown += [call for call in page.calls if first < call.place.line <= last and call.name in CITING | {"sources"}]  # type: ignore[misc]
            nothing_known = any(first < number <= last and _NOTHING_KNOWN.search(line) for number, line in page.prose)
            if not shown and not nothing_known:
                remedy = 'call adopters("…") or comparison("…")' if section.title == "Who has it" else "link the https page that supports it, or begin a sentence with “Nothing is known”"
                yield Finding(section.place, f"the section “{section.title}” has no source", remedy, "guidance-sections-have-sources")


def diagrams_can_be_drawn(site: Site) -> Iterator[Finding]:
    """A Mermaid block is a sequence diagram of the kind that is drawn at build time, with a title and a description."""
    rule = "diagrams-can-be-drawn"
    for page in site.pages.values():
        for fence in page.fences:
            if fence.language != "mermaid":
                continue
            if fence.before != DRAW:
                yield Finding(fence.place, "this diagram would be shown as code", f"put {DRAW} before it and {DRAWN} behind it", rule)
                continue
            if fence.after != DRAWN:
                yield Finding(fence.place, "this drawing does not end", f"put {DRAWN} into the line behind the diagram", rule)
            try:
                parse_sequence(fence.text)
            except DiagramError as error:
                yield Finding(Place(fence.place.file, fence.place.line + error.line - 1), error.fault, error.remedy, rule)
