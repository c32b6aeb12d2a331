"""Builds only the pages that changed, and those side by side: a plugin of MkDocs that keeps finished pages between builds.

A page's content is kept under a key of everything that makes it: its source, the data that it shows, the code and templates
of this package, the configuration, the other files that it may link, the versions of the libraries. The page that the theme
makes of it is kept under that key, the navigation and the templates of the theme. What a build takes from here is the same,
to the byte, as what it would have made; a page that has anything to say to the log is never kept.

Contents and finished pages are read when their turn comes, one at a time, so that memory grows far less than the pages.

`PAGE_CACHE=off` switches all of it off, and `PAGE_CACHE=<folder>` keeps the pages elsewhere than in `.cache/pages`.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

from macros import rendering
from macros.dependencies import Slices, digest_of, shown
from macros.making import Build, content_of, head_of, leave_unrendered, listening, output_of, side_by_side, take_over
from macros.pages import Page as Source
from macros.preview import Preview
from macros.searched import searched
from macros.store import CompiledTemplates, Store

# Whatever has a hand in a page. Their versions are part of every key.
_LIBRARIES = ("mkdocs", "mkdocs-material", "mkdocs-macros-plugin", "pymdown-extensions", "Markdown", "Pygments", "Jinja2", "MarkupSafe", "pydantic", "PyYAML")
_NO_TEMPLATE = "page-from-the-store.html"


def store_of(root: Path) -> Store | None:
    """Where this project keeps what builds make; `None` where it is told not to."""
    where = os.environ.get("PAGE_CACHE")
    return None if where == "off" else Store(Path(where or root / ".cache" / "pages"))


def made_by(root: Path) -> str:
    """A digest of all code: ours, with its templates, and the versions of what it stands on."""
    ours = [(path.name, path.read_bytes()) for path in sorted((root / "macros").rglob("*")) if path.suffix in (".py", ".html")]
    return digest_of(ours, [version(name) for name in _LIBRARIES], platform.python_implementation(), platform.python_version())


class PageCache(BasePlugin):
    """Registered by `macros.site` in each build, after the data were checked. `preview` is told what it can make single pages with."""

    def __init__(self, store: Store, made_by: str, slices: Slices, sources: dict[str, Source], preview: Preview | None) -> None:
        self._store, self._made_by, self._slices, self._sources, self._preview = store, made_by, slices, sources, preview
        self.build: Build
        self._heads: dict[str, dict] = {}  # by path below docs/: what the rest of the build asks of a page
        self._keys: dict[str, str] = {}
        self._contents: dict[str, str] = {}  # only those that could not be kept
        self._output_keys: dict[str, str] = {}
        self._finished: set[str] = set()
        self._making = False

    # ------------------------------------------------------------ content

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Before the first page is read: find what is kept, make what is missing."""
        self.build = Build(config, files, nav)
        rendering.keep_compiled(CompiledTemplates(self._store, self._made_by))
        pages = [file.page for file in files.documentation_pages() if file.page and file.src_uri in self._sources]
        base = digest_of(self._made_by, _settings(config), [(file.src_uri, file.url) for file in files])
        for page in pages:
            path = page.file.src_uri
            self._keys[path] = digest_of("content", base, path, Path(page.file.abs_src_path).read_bytes(), shown(self._sources[path], self._slices))
            if kept := self._store.get(_key_of_head(self._keys[path])):
                self._heads[path] = json.loads(kept)
        # The largest first, so that none is left over at the end.
        missing = sorted((page for page in pages if page.file.src_uri not in self._heads), key=lambda page: -len(self._sources[page.file.src_uri].calls))
        for page, made in side_by_side(self._make_content, missing):
            if made:
                path = page.file.src_uri
                self._heads[path], unkept = made
                if unkept is not None:
                    self._contents[path] = unkept
        for page in pages:
            if page.file.src_uri in self._heads:
                leave_unrendered(page)
        return nav

    @contextmanager
    def _making_here(self) -> Iterator[None]:
        """While a page is made here, the events of its steps reach this plugin too, which then lets them pass."""
        self._making = True
        try:
            yield
        finally:
            self._making = False

    def _make_content(self, page: Page) -> tuple[dict, str | None] | None:
        """Makes and keeps it: the head, with the content where that could not be kept. `None` for a page that has to take the long way, because it has something to report."""
        try:
            with self._making_here(), listening() as heard:
                content = content_of(page, self.build)
            head = head_of(page) | {"search": _search_entries(page, self.build.config)}
            written = json.dumps(head)
        except Exception:  # noqa: BLE001
            return None  # on the long way it is raised again, and told as usual
        finally:
            page.content = page.markdown = None  # the store has it, and a process makes hundreds
        if heard or json.loads(written) != head:
            return None
        key = self._keys[page.file.src_uri]
        kept = self._store.put(key, content.encode()) and self._store.put(_key_of_head(key), written.encode())
        return head, None if kept else content

    def _content(self, page: Page) -> str:
        """The content of a page whose head is known."""
        path = page.file.src_uri
        if path in self._contents:
            return self._contents[path]
        if (kept := self._store.get(self._keys[path])) is not None:
            return kept.decode()
        # It was there with its head, and is damaged or gone.
        try:
            with self._making_here():
                return content_of(page, self.build)
        finally:
            take_over(page, self._heads[path], self.build.files)

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
        take_over(page, head, files)
        return ""

    # ------------------------------------------------------------- output

    @event_priority(-100)
    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """With all titles known, find the finished pages that are kept, and make the others."""
        # The theme's own are named by its version.
        overrides = [folder for folder in map(Path, config.theme.dirs) if "site-packages" not in folder.parts]
        theme = [(path.relative_to(folder).as_posix(), path.read_bytes()) for folder in overrides for path in sorted(folder.rglob("*.html"))]
        env.loader = ChoiceLoader([DictLoader({_NO_TEMPLATE: ""}), env.loader])
        env.bytecode_cache = CompiledTemplates(self._store, self._made_by)
        self.build.env = env
        around = digest_of("output", theme, [(file.page.title, file.url) for file in files.documentation_pages() if file.page])
        missing = []
        for file in files.documentation_pages():
            page, path = file.page, file.src_uri
            if page is None or path not in self._heads:
                continue
            self._output_keys[path] = digest_of(around, self._keys[path], _around(page))
            if self._store.has(self._output_keys[path]):
                self._finished.add(path)
            else:
                missing.append(page)
        # The first one makes the templates ready, so that no process needs to do that for itself.
        made = [(page, self._make_output(page)) for page in missing[:1]] + list(side_by_side(self._make_output, missing[1:]))
        self._finished.update(page.file.src_uri for page, kept in made if kept)
        for path in self._finished:
            files.get_file_from_path(path).page.meta["template"] = _NO_TEMPLATE
        if self._preview:
            self._preview.offer(self)
        return env

    def _make_output(self, page: Page) -> bool:
        """Makes and keeps it, unless there is something to report; whether it can be had from the store."""
        try:
            with listening() as heard:
                output = self._output(page)
        except Exception:  # noqa: BLE001
            return False  # as above
        return not heard and self._store.put(self._output_keys[page.file.src_uri], output.encode())

    def _output(self, page: Page) -> str:
        """What the theme makes of a page whose head is known."""
        page.content = self._content(page)
        try:
            with self._making_here():
                return output_of(page, self.build)
        finally:
            take_over(page, self._heads[page.file.src_uri], self.build.files)

    @event_priority(100)
    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
        """The search has read the page already."""
        path = page.file.src_uri
        head, search = self._heads.get(path), _search(config)
        if head is None:
            return context
        if not self._making:
            if path not in self._finished:
                page.content = self._content(page)
            if search:
                search.search_index.entries.extend(head["search"])
        if search:
            page.meta["search"] = {"exclude": True}
        return context

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        path = page.file.src_uri
        if self._making or path not in self._output_keys:
            return output
        if path not in self._finished:
            self._store.put(self._output_keys[path], output.encode())
        elif (kept := self._store.get(self._output_keys[path])) is not None:
            output = kept.decode()
        else:
            # It was there, and is damaged or gone.
            take_over(page, self._heads[path], self.build.files)
            output = self._output(page)
        page.content = ""
        return output

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        self._store.tidy()

    # ------------------------------------------------------------- preview

    def made_anew(self, page: Page) -> str | None:
        """The page as its source and the data are now; `None` if its title changed, which stands on other pages too."""
        title = page.title
        try:
            with self._making_here(), listening():  # the build that follows says it again
                content_of(page, self.build)
                return output_of(page, self.build) if page.title == title else None
        finally:
            page.content = ""


def _key_of_head(key: str) -> str:
    return digest_of("head", key)


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
