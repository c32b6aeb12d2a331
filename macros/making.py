"""How MkDocs makes one page: first its content, then what the theme puts around it; and how many pages are made side by side."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from mkdocs.commands.build import get_context
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

_Item, _Made = TypeVar("_Item"), TypeVar("_Made")
# Fewer are made sooner than a process begins.
_WORTH_A_PROCESS = 4


@dataclass
class Build:
    """What every page of a build is made from; `env` holds the templates and is known when all contents are."""

    config: MkDocsConfig
    files: Files
    nav: Navigation
    env: Any = None

    @cached_property
    def documents(self) -> Sequence[File]:
        return self.files.documentation_pages()


@contextmanager
def _current(page: Page, build: Build) -> Iterator[None]:
    build.config._current_page = page
    try:
        yield
    finally:
        build.config._current_page = None


def content_of(page: Page, build: Build) -> str:
    """The first step: source, macros, Markdown. Leaves in `page` what it found, and raises what the step raises."""
    plugins, config, files = build.config.plugins, build.config, build.files
    _give_back(page)
    with _current(page, build):
        plugins.on_pre_page(page, config=config, files=files)
        page.read_source(config)
        page.markdown = plugins.on_page_markdown(page.markdown, page=page, config=config, files=files)
        page.render(config, files)
        page.content = plugins.on_page_content(page.content, page=page, config=config, files=files)
    return page.content


def output_of(page: Page, build: Build) -> str:
    """The second step, from the page's content: all events of the theme's side, and its template."""
    plugins, config = build.config.plugins, build.config
    with _current(page, build):
        page.active = True
        try:
            context = get_context(build.nav, build.documents, config, page)
            template = build.env.get_template(page.meta.get("template", "main.html"))
            context = plugins.on_page_context(context, page=page, config=config, nav=build.nav)
            return plugins.on_post_page(template.render(context), page=page, config=config)
        finally:
            page.active = False


# ------------------------------------------------------- what the first step finds


def head_of(page: Page) -> dict:
    """What the rest of a build asks of a page beside its content, as far as JSON can hold it."""
    return {
        "meta": page.meta,
        "title": page.title,
        "toc": [_anchor(item) for item in page.toc],
        "anchors": sorted(page.present_anchor_ids or ()),
        "links": [[file.src_uri, links] for file, links in (page.links_to_anchors or {}).items()],
    }


def take_over(page: Page, head: dict, files: Files) -> None:
    """Put into the page what `head_of` found in another build."""
    page.meta = dict(head["meta"])
    page.content = ""
    if "title" not in vars(page):  # a title that the navigation gives stays
        page.title = head["title"]
        page.title_is_taken_over = True  # type: ignore[attr-defined]
    page.toc = TableOfContents([_anchor_link(item) for item in head["toc"]])
    page.present_anchor_ids = set(head["anchors"])
    page.links_to_anchors = {files.get_file_from_path(path): links for path, links in head["links"]}


def leave_unrendered(page: Page) -> None:
    """For a page that is taken over: nothing is left to render, and to set Python-Markdown up for it takes longer than all the rest."""
    page.content = ""
    page.render = _nothing  # type: ignore[method-assign]


def _give_back(page: Page) -> None:
    """Undo what stands in the way of making the page."""
    vars(page).pop("render", None)
    if vars(page).pop("title_is_taken_over", False):
        del page.title


def _nothing(config: MkDocsConfig, files: Files) -> None:
    pass


def _anchor(item: AnchorLink) -> dict:
    return {"title": item.title, "id": item.id, "level": item.level, "children": [_anchor(child) for child in item.children]}


def _anchor_link(item: dict) -> AnchorLink:
    link = AnchorLink(item["title"], item["id"], item["level"])
    link.children = [_anchor_link(child) for child in item["children"]]
    return link


# ------------------------------------------------------------------ side by side


def side_by_side(make: Callable[[_Item], _Made], items: Sequence[_Item]) -> Iterator[tuple[_Item, _Made]]:
    """Each item with what `make` gives for it, in as many forked processes as there are cores; `make` must not raise.

    What `make` changes elsewhere may be lost with its process.
    """
    workers = min(os.cpu_count() or 1, len(items) // _WORTH_A_PROCESS)
    # A process can be forked safely only while it has a single thread, which a preview that runs has not.
    if workers < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        yield from ((item, make(item)) for item in items)
        return
    _inherited[:] = [make, items]
    try:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            yield from zip(items, pool.map(_make_inherited, range(len(items))), strict=True)
    finally:
        _inherited.clear()


# What workers see of the process that they are forked from.
_inherited: list[Any] = []


def _make_inherited(number: int) -> Any:
    make, items = _inherited
    return make(items[number])


@contextmanager
def listening() -> Iterator[list[logging.LogRecord]]:
    """Collects what MkDocs and its plugins log meanwhile, and keeps it from the log."""
    heard: list[logging.LogRecord] = []

    class Ear(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            if record.levelno > logging.DEBUG:
                heard.append(record)
            return False

    ear = Ear()
    loggers = [logger for name, logger in logging.root.manager.loggerDict.items() if name.startswith("mkdocs") and isinstance(logger, logging.Logger)]
    for logger in loggers:
        logger.addFilter(ear)
    try:
        yield heard
    finally:
        for logger in loggers:
            logger.removeFilter(ear)
