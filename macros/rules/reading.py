"""Rules on how pages read: their structure, their links and what belongs into the data instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from macros.model import Finding, Place
from macros.pages import CODE, Page, blanked
from macros.rules.site import Site

LONGEST_DESCRIPTION = 160
# From how many registries on, a line of prose is a list that the data should hold.
ADOPTER_LIST = 4

_BARE_URL = re.compile(r"(?<![(<\"'=\w])https?://[^\s)>\"'`|]+")
_LINKED = re.compile(r"\[[^\]]*\]\([^)]*\)|<https?://[^>]*>|<!--.*?-->")
_SUFFIX = re.compile(r"(\.org| Gallery| Registry| Hub| Trunk| Package Index| Module Mirror)$")
_ELEMENT = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^>]*)?/?>(?!\))")
_COMMENT = re.compile(r"<!--.*?-->")
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\(")


def _prose(page: Page) -> Iterator[tuple[int, str]]:
    """Lines of prose with code blanked out, so that columns stay."""
    for number, line in page.prose:
        yield number, blanked(CODE, line)


def pages_describe_themselves(site: Site) -> Iterator[Finding]:
    """Every page has a description, short enough for a search result to show it whole."""
    rule = "pages-describe-themselves"
    for page in site.pages.values():
        place = Place(f"docs/{page.path}")
        if not page.description:
            yield Finding(place, "the page has no description", "add one sentence as description: between two lines of --- at its top", rule)
        elif re.search(r":\s|\s#", page.description) and page.description[0] not in "\"'":
            yield Finding(place, "a colon or a # ends the description for YAML, and the whole head of the page is lost", "put it in quotes or write it without", rule)
        elif len(page.description) > LONGEST_DESCRIPTION:
            yield Finding(place, f"the description has {len(page.description)} characters", f"cut it to {LONGEST_DESCRIPTION}", rule)


def headings_go_down_step_by_step(site: Site) -> Iterator[Finding]:
    """A page begins with its one heading of level 1, and no heading skips a level on the way down."""
    rule = "headings-go-down-step-by-step"
    for page in site.pages.values():
        if not page.sections or page.sections[0].level != 1:
            place = page.sections[0].place if page.sections else Place(f"docs/{page.path}")
            yield Finding(place, "the page does not begin with a heading of level 1", "write # and the page's title", rule)
        for section in page.sections[1:]:
            if section.level == 1:
                yield Finding(section.place, f"“{section.title}” is a second heading of level 1", "write ## before it", rule)
        for before, after in pairwise(page.sections):
            if after.level > before.level + 1:
                yield Finding(after.place, f"“{after.title}” skips from level {before.level} to {after.level}", f"write {'#' * (before.level + 1)} before it", rule)


def links_say_where_they_lead(site: Site) -> Iterator[Finding]:
    """An address stands behind words; bare ones are read out letter by letter."""
    for page in site.pages.values():
        for number, line in _prose(page):
            for match in _BARE_URL.finditer(blanked(_LINKED, line)):
                yield Finding(Place(f"docs/{page.path}", number, match.start() + 1), f"the address {match.group()} is bare", "write [words](address)", "links-say-where-they-lead")


def images_have_alternatives(site: Site) -> Iterator[Finding]:
    """Who cannot see an image gets its content in words."""
    for page in site.pages.values():
        for number, line in _prose(page):
            for match in _IMAGE.finditer(line):
                if not match["alt"].strip():
                    yield Finding(Place(f"docs/{page.path}", number, match.start() + 1), "this image has no alternative text", "say between the brackets what it shows", "images-have-alternatives")


def pages_hold_no_html(site: Site) -> Iterator[Finding]:
    """Pages are Markdown; what they need beyond it is a macro, which escapes, is tested, and looks the same everywhere."""
    for page in site.pages.values():
        for number, line in _prose(page):
            if element := _ELEMENT.search(blanked(_COMMENT, line)):
                place = Place(f"docs/{page.path}", number, element.start() + 1)
                yield Finding(place, f"the page holds HTML, {element[0]!r}", "write Markdown, or put what is to be shown as it is into backticks", "pages-hold-no-html")


def adopters_come_from_the_data(site: Site) -> Iterator[Finding]:
    """Who has a capability stands in the data alone; a list in prose is wrong within months."""
    # As people write them: RubyGems for RubyGems.org; a name of two letters would be found in other words' places.
    names = {_SUFFIX.sub("", registry.name) for registry in site.dataset.registries.values()}
    names = {name for name in names if len(name) > 2}
    if not names:
        return
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![\w-])")
    for page in site.pages.values():
        for number, line in _prose(page):
            if line.lstrip().startswith(("|", "#", "<")):
                continue
            found = list(dict.fromkeys(pattern.findall(line)))
            if len(found) >= ADOPTER_LIST:
                yield Finding(
                    Place(f"docs/{page.path}", number),
                    f"this line lists {len(found)} registries",
                    'call adopters("…") or comparison("…") instead, or name fewer as examples',
                    "adopters-come-from-the-data",
                )
