"""Builds only the pages that changed, and those side by side: a plugin of MkDocs that keeps finished pages between builds.

A page's content is kept under a key of everything that makes it: its source, the data that it shows, the code and templates
of this package, the configuration, the other files that it may link, the versions of the libraries. The page that the theme
makes of it is kept under that key, the navigation and the templates of the theme. What a build takes from here is the same,
to the byte, as what it would have made; a page that has anything to say to the log is never kept.

`PAGE_CACHE=off` switches all of it off, and `PAGE_CACHE=<folder>` keeps the pages elsewhere than in `.cache/pages`.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import platform
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents
from watchdog.observers.polling import PollingObserver

from macros import rendering
from macros.dependencies import Slices, digest_of, shown
from macros.pages import Page as Source
from macros.searched import searched
from macros.store import CompiledTemplates, Store

# Whatever has a hand in a page. Their versions are part of every key.
_LIBRARIES = ("mkdocs", "mkdocs-material", "mkdocs-macros-plugin", "pymdown-extensions", "Markdown", "Pygments", "Jinja2", "MarkupSafe", "pydantic", "PyYAML")
_NO_TEMPLATE = "page-from-the-store.html"
# Fewer are rendered sooner than a process begins.
_WORTH_A_PROCESS = 4
# How long a page that was asked for counts as looked at.
_MINUTES = 10


class PageCache(BasePlugin):
    """Registered by `macros.site` in each build, after the data were checked."""

    def __init__(self, root: Path, slices: Slices, sources: dict[str, Source], serving: bool) -> None:
        self._root, self._slices, self._sources, self._serving = root, slices, sources, serving
        self._store = Store(Path(os.environ.get("PAGE_CACHE") or root / ".cache" / "pages"), in_memory=serving)
        self._heads: dict[str, dict] = {}  # by path below docs/: what the rest of the build asks of a page
        self._contents: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._outputs: dict[str, str] = {}
        self._output_keys: dict[str, str] = {}
        self._making = False
        self._unfinished = False

    # ------------------------------------------------------------ content

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Before the first page is read: find what is kept, make what is missing."""
        rendering.keep_compiled(CompiledTemplates(self._store, self._made_by))
        pages = [file.page for file in files.documentation_pages() if file.page and file.src_uri in self._sources]
        base = digest_of(self._made_by, _settings(config), [(file.src_uri, file.url) for file in files])
        for page in pages:
            path = page.file.src_uri
            self._keys[path] = digest_of("content", base, path, Path(page.file.abs_src_path).read_bytes(), shown(self._sources[path], self._slices))
            if kept := self._store.get(self._keys[path]):
                head, _, self._contents[path] = kept.partition("\n")
                self._heads[path] = json.loads(head)
        missing = [page for page in pages if page.file.src_uri not in self._heads]
        if self._serving:
            missing = self._put_off(missing)
        for page, made in self._made(missing, config, files):
            if made:
                path = page.file.src_uri
                self._heads[path], self._contents[path] = made
                self._store.put(self._keys[path], f"{json.dumps(made[0])}\n{made[1]}")
        if self._serving:
            _preview.shown = {path: (self._keys[path], head, self._contents[path]) for path, head in self._heads.items()}
        for page in pages:
            if page.file.src_uri in self._heads:
                # Nothing is left to render, and to set Python-Markdown up for it takes longer than all the rest.
                page.content = ""
                page.render = _nothing  # type: ignore[method-assign]
        return nav

    def _put_off(self, missing: list[Page]) -> list[Page]:
        """In a preview, what has to be made now: pages that somebody looks at. The others show their last state until the next build, which follows at once."""
        now = [page for page in missing if page.file.src_uri not in _preview.shown or _preview.is_looked_at(page)]
        if not now or len(missing) - len(now) < _WORTH_A_PROCESS:
            return missing
        for page in missing:
            path = page.file.src_uri
            if page not in now:
                self._keys[path], self._heads[path], self._contents[path] = _preview.shown[path]
        self._unfinished = True
        return now

    @cached_property
    def _made_by(self) -> str:
        """A digest of all code: ours, with its templates, and the versions of what it stands on."""
        ours = [(path.name, path.read_bytes()) for path in sorted((self._root / "macros").rglob("*")) if path.suffix in (".py", ".html")]
        return digest_of(ours, [version(name) for name in _LIBRARIES], platform.python_implementation(), platform.python_version())

    def _made(self, pages: list[Page], config: MkDocsConfig, files: Files) -> Iterator[tuple[Page, tuple[dict, str] | None]]:
        """Each page with its head and content; `None` for one that has to take the long way, because it has something to report."""

        def make(page: Page) -> tuple[dict, str] | None:
            return self._make(page, config, files)

        self._making = True
        try:
            workers = min(os.cpu_count() or 1, len(pages) // _WORTH_A_PROCESS)
            # A process can be forked safely only while it has a single thread, which a preview that runs has not.
            if workers < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
                yield from ((page, make(page)) for page in pages)
                return
            # The largest first, so that none is left over at the end.
            pages = sorted(pages, key=lambda page: -len(self._sources[page.file.src_uri].calls))
            _inherited[:] = [make, pages]
            with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
                yield from zip(pages, pool.map(_make_inherited, range(len(pages))), strict=True)
        finally:
            self._making = False
            _inherited.clear()

    def _make(self, page: Page, config: MkDocsConfig, files: Files) -> tuple[dict, str] | None:
        """What MkDocs does with a page up to its content, and what the search makes of that."""
        plugins = config.plugins
        with _listening() as heard:
            config._current_page = page
            try:
                plugins.on_pre_page(page, config=config, files=files)
                page.read_source(config)
                page.markdown = plugins.on_page_markdown(page.markdown, page=page, config=config, files=files)
                page.render(config, files)
                page.content = plugins.on_page_content(page.content, page=page, config=config, files=files)
            except Exception:  # noqa: BLE001
                return None  # on the long way it is raised again, and told as usual
            finally:
                config._current_page = None
        if heard:
            return None
        head = {
            "meta": page.meta,
            "title": page.title,
            "toc": [_anchor(item) for item in page.toc],
            "anchors": sorted(page.present_anchor_ids or ()),
            "links": [(file.src_uri, links) for file, links in (page.links_to_anchors or {}).items()],
            "search": _search_entries(page, config),
        }
        try:
            same = json.loads(json.dumps(head)) == head | {"links": [list(link) for link in head["links"]]}
        except TypeError:
            same = False
        return (head, page.content) if same else None

    @event_priority(100)
    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        """A page that is kept need not be read, nor rendered."""
        return None if self._making or page.file.src_uri not in self._heads else ""

    @event_priority(-100)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Puts in place what rendering would have found."""
        head = self._heads.get(page.file.src_uri)
        if self._making or head is None:
            return html
        page.meta = dict(head["meta"])
        page.title = head["title"]
        page.toc = TableOfContents([_anchor_link(item) for item in head["toc"]])
        page.present_anchor_ids = set(head["anchors"])
        page.links_to_anchors = {files.get_file_from_path(path): links for path, links in head["links"]}
        return ""

    # ------------------------------------------------------------- output

    @event_priority(-100)
    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """With all titles known, find the finished pages that are kept; for the others get the content."""
        # The theme's own are named by its version.
        overrides = [folder for folder in map(Path, config.theme.dirs) if "site-packages" not in folder.parts]
        theme = [(path.relative_to(folder).as_posix(), path.read_bytes()) for folder in overrides for path in sorted(folder.rglob("*.html"))]
        env = self._environment(env, theme)
        around = digest_of("output", theme, [(file.page.title, file.url) for file in files.documentation_pages() if file.page])
        for file in files.documentation_pages():
            page, path = file.page, file.src_uri
            if page is None or path not in self._heads:
                continue
            key = digest_of(around, self._keys[path], _around(page))
            self._output_keys[path] = key
            if output := self._store.get(key):
                self._outputs[path] = output
                page.meta["template"] = _NO_TEMPLATE
            else:
                page.content = self._contents[path]
        return env

    def _environment(self, env: Any, theme: object) -> Any:
        """The templates' environment; a preview keeps it as long as no template changes, because compiling takes half a second."""
        key = digest_of(theme)
        if self._serving and key in _environments:
            return _environments[key]
        env.loader = ChoiceLoader([DictLoader({_NO_TEMPLATE: ""}), env.loader])
        env.bytecode_cache = CompiledTemplates(self._store, self._made_by)
        _environments.clear()
        _environments[key] = env
        return env

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable) -> LiveReloadServer:
        """Look for changes ten times a second; MkDocs looks twice."""
        watched = list(server._watched_paths)
        server.observer = PollingObserver(timeout=0.1)
        server._watched_paths.clear()
        server._watch_refs.clear()
        for path in watched:
            server.watch(path)
        server.build_delay = 0.03
        _preview.follow(server)
        return server

    @event_priority(100)
    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
        """The search has read the page already."""
        head, search = self._heads.get(page.file.src_uri), _search(config)
        if head and search:
            search.search_index.entries.extend(head["search"])
            page.meta["search"] = {"exclude": True}
        return context

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        path = page.file.src_uri
        if path in self._outputs:
            return self._outputs[path]
        if path in self._output_keys:
            self._store.put(self._output_keys[path], output)
        return output

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        self._store.tidy()
        if self._unfinished:
            _preview.build_again()


class _Preview:
    """What a preview knows from one build to the next: what it shows, and which pages are looked at."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[str, dict, str]] = {}
        self._asked: dict[str, float] = {}
        self._server: LiveReloadServer | None = None

    def follow(self, server: LiveReloadServer) -> None:
        """Note which pages the browsers ask for."""
        self._server = server
        application = server.get_app()

        def noting(environ: dict, start_response: Callable) -> Any:
            self._asked[environ["PATH_INFO"]] = time.monotonic()
            return application(environ, start_response)

        server.set_app(noting)

    def is_looked_at(self, page: Page) -> bool:
        """Whether a browser asked for the page within the last minutes."""
        asked = self._asked.get(f"/{page.url}".replace("/./", "/"))
        return asked is not None and time.monotonic() - asked < _MINUTES * 60

    def build_again(self) -> None:
        """Have the server build once more as soon as it has shown this build."""
        if self._server:
            with self._server._rebuild_cond:
                self._server._want_rebuild = True
                self._server._rebuild_cond.notify_all()


_preview = _Preview()
# The one that a preview keeps, by the digest of the theme's overrides.
_environments: dict[str, Any] = {}


def _nothing(config: MkDocsConfig, files: Files) -> None:
    pass


# What workers see of the process that they are forked from.
_inherited: list[Any] = []


def _make_inherited(number: int) -> tuple[dict, str] | None:
    make, pages = _inherited
    return make(pages[number])


@contextmanager
def _listening() -> Iterator[list[logging.LogRecord]]:
    """Collects what is logged meanwhile, and keeps it from the log."""
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


def _settings(config: MkDocsConfig) -> list[object]:
    """The configuration as it was written, with what the environment puts into it."""
    texts, file = [], config.config_file_path
    while file:
        text = Path(file).read_text(encoding="utf-8")
        texts.append(text)
        inherits = re.search(r"^INHERIT: *(\S+)", text, re.MULTILINE)
        file = str(Path(file).parent / inherits[1]) if inherits else None
    named = {name for text in texts for name in re.findall(r"!ENV +\[?([A-Z_]+)", text)} - {"SITE_DIR"}
    # The last one is read by the macros themselves.
    return [texts, {name: os.environ.get(name) for name in sorted({*named, "SOURCE_BRANCH"})}, config.site_url]


def _around(page: Page) -> list[object]:
    """What the theme writes around a page because of its neighbors."""
    neighbors = [(other.title, other.url) if other else None for other in (page.previous_page, page.next_page)]
    return [neighbors, [(above.title, above.url if not isinstance(above, Section) else None) for above in page.ancestors]]


def _anchor(item: AnchorLink) -> dict:
    return {"title": item.title, "id": item.id, "level": item.level, "children": [_anchor(child) for child in item.children]}


def _anchor_link(item: dict) -> AnchorLink:
    link = AnchorLink(item["title"], item["id"], item["level"])
    link.children = [_anchor_link(child) for child in item["children"]]
    return link


# ------------------------------------------------------------------ search


def _search(config: MkDocsConfig) -> Any:
    return next((plugin for plugin in config.plugins.values() if hasattr(plugin, "search_index")), None)


def _search_entries(page: Page, config: MkDocsConfig) -> list[dict]:
    """What Material's search would add to its index for this page."""
    search = _search(config)
    if search is None:
        return []
    index = type(search.search_index)(**search.search_index.config)
    with searched(page):
        index.add_entry_from_context(page)
    return index.entries
