"""What the search reads of a page. Material's search leaves out the text of an element with `data-search-exclude`, but
not the sections that begin inside it, and its parser takes half of a build to get through all tags of all tables. Here
such elements are cut out before, and with them the tags that the parser would read only to pass them by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.pages import Page

_EXCLUDED = re.compile(r"<(\w+) [^>]*?\bdata-search-exclude\b[^>]*>")
# Links behind headings, which the parser would leave out itself, and tags of which only the text counts, because no heading can begin inside.
_TEXT_ONLY = re.compile(
    r"""<a class="headerlink"[^>]*>[^<]*</a>|</?(?:a|abbr|b|caption|circle|cite|dd|dl|dt|em|g|i|kbd|path|rect|small|span|strong|svg|t(?:able|body|d|h|head|r)|time)"""
    r"""(?:\s(?:[^>"']|"[^"]*"|'[^']*')*)?>"""
)


@contextmanager
def searched(page: Page) -> Iterator[None]:
    """Meanwhile the page has only the content that readers are to find."""
    whole = page.content
    page.content = _TEXT_ONLY.sub("", _without_excluded(whole or ""))
    try:
        yield
    finally:
        page.content = whole


def _without_excluded(html: str) -> str:
    parts, position = [], 0
    while start := _EXCLUDED.search(html, position):
        parts.append(html[position : start.start()])
        position = _end(html, start[1], start.end())
    return "".join([*parts, html[position:]])


def _end(html: str, tag: str, position: int) -> int:
    """Where the element ends that was opened before `position`."""
    depth = 1
    for match in re.compile(rf"<(/?){tag}\b").finditer(html, position):
        depth += -1 if match[1] else 1
        if depth == 0:
            return html.index(">", match.end()) + 1
    return len(html)


class Searched(BasePlugin):
    """A plugin of MkDocs, around the step in which the search reads a page; registered by `macros.site`."""

    def __init__(self) -> None:
        self._open = ExitStack()

    @event_priority(50)
    def _before(self, context: Any, *, page: Page, **_: Any) -> Any:
        if not (page.meta.get("search") or {}).get("exclude"):
            self._open.enter_context(searched(page))
        return context

    @event_priority(-50)
    def _after(self, context: Any, **_: Any) -> Any:
        self._open.close()
        return context

    on_page_context = CombinedEvent(_before, _after)
