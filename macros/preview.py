"""The writer's preview: shows an edit first where somebody looks, and everywhere a moment later.

After an edit of pages or data the pages that are open in a browser are made anew from what the last build left in memory,
which takes a fraction of a second. Meanwhile a process of its own builds the whole site into another folder; when it is
done, the preview shows that folder. A newer edit ends it. Everything else that may change (templates, code, configuration,
files that come or go) is built as MkDocs does it.

This module outlives edits of our own code, which load all the others anew (see `macros.__init__`), so it imports none of them.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any, Protocol
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.pages import Page
from mkdocs.utils import write_file
from watchdog.events import FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

log = logging.getLogger("mkdocs.preview")
# An open page asks again at least once a minute whether it should reload.
_OPEN = 90.0
_MOST = 8
# A browser that reloads a page has all of the machine for so long.
_UNDISTURBED = 1.5
# A file with a digest in its name never changes.
_NAMED_BY_CONTENT = re.compile(r"\.[0-9a-f]{8}\.min\.(css|js)$")


class Maker(Protocol):
    """What a build leaves behind: it can make single pages anew."""

    build: Any

    def made_anew(self, page: Page) -> str | None:
        """The page as its source and the data are now, or `None` if others have to change with it."""


@dataclass
class _Whole:
    """A build of the whole site in a process of its own."""

    folder: Path
    process: subprocess.Popen | None = None

    @property
    def done(self) -> bool:
        return self.process is not None and self.process.returncode == 0


class Preview(BasePlugin):
    """One for each process, registered in all its builds."""

    def __init__(self) -> None:
        self._server: LiveReloadServer | None = None  # a build that serves nothing has none
        self._config: MkDocsConfig
        self._build_all: Callable[[], None]
        self._root = Path()
        self._asked: dict[str, float] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._offered: tuple[Maker, Callable[[], bool]] | None = None
        self._left: tuple[Maker, Callable[[], bool]] | None = None
        self._read_again: Callable[[], bool] = bool
        self._whole: _Whole | None = None
        # Held while the folder that is shown changes.
        self._lock = threading.Lock()

    # -------------------------------------------------------- during a build

    def begin(self, root: Path, read_again: Callable[[], bool]) -> None:
        """A build begins. `read_again` reads data and pages anew without checking them, and says whether they can be shown."""
        self._root, self._read_again, self._offered = root, read_again, None
        self._stamps = _stamps(root)

    def offer(self, maker: Maker) -> None:
        """What the build leaves, if it comes to its end."""
        self._offered = (maker, self._read_again)

    # ------------------------------------------------------------ the server

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable) -> LiveReloadServer:
        """Hear of changes at once, where MkDocs looks twice a second, and answer them as this module tells."""
        self._server, self._config, self._left = server, config, self._offered
        watched = list(server._watched_paths)
        server.observer = _Listening(0.5, lambda path: _stamp(path) != self._stamps.get(path))
        server._watched_paths.clear()
        server._watch_refs.clear()
        for path in watched:
            server.watch(path)
        server.build_delay = 0.03
        self._build_all, server.builder = server.builder, self._answer
        application = server.get_app()

        def answer(environ: dict, start_response: Callable) -> Any:
            self._note(environ)
            return application(environ, _keeping(environ["PATH_INFO"], start_response))

        server.set_app(answer)
        # To look for garbage among all that a build leaves takes longer than to make a page.
        gc.freeze()
        return server

    def on_shutdown(self) -> None:
        """Leave no folder behind."""
        if self._server:
            self._end_whole()
            self._show(Path(self._config.site_dir))

    def _note(self, environ: dict) -> None:
        """Remember which page a browser shows; one that is open asks for news, and says where it is."""
        path = environ["PATH_INFO"]
        if path.startswith("/livereload/"):
            path = urlsplit(environ.get("HTTP_REFERER", "")).path
        self._asked[path] = time.monotonic()

    def _open_pages(self) -> list[Page]:
        """The pages that browsers show, the last one that was asked for first."""
        if self._left is None:
            return []
        maker, _ = self._left
        pages = {self._server.mount_path + file.page.url: file.page for file in maker.build.documents if file.page}
        since = time.monotonic() - _OPEN
        asked = dict(self._asked)  # a copy, as other threads go on writing
        lately = sorted((path for path in asked if path in pages and asked[path] > since), key=lambda path: -asked[path])
        return [pages[path] for path in lately[:_MOST]]

    # ------------------------------------------------------------ an edit

    def _answer(self) -> None:
        """Called by the server when a file changed, or when a whole site is ready."""
        before, self._stamps = self._stamps, _stamps(self._root)
        changed = {path for path in before.keys() | self._stamps.keys() if before.get(path) != self._stamps.get(path)}
        if not changed:
            if self._whole and self._whole.done:
                self._take(self._whole)
            return
        self._end_whole()
        start = time.monotonic()
        if changed <= before.keys() & self._stamps.keys() and self._make_open_pages(changed):
            log.info(f"Made what is open anew in {time.monotonic() - start:.2f} seconds; the whole site follows")
            self._begin_whole()
            return
        self._left = None
        gc.unfreeze()
        self._build_all()
        self._left = self._offered
        self._show(Path(self._config.site_dir))
        gc.freeze()

    def _make_open_pages(self, changed: set[Path]) -> bool:
        """Make the open pages that an edit of pages or data changes; whether that was possible."""
        docs, data = self._root / "docs", self._root / "data"
        pages = {path.relative_to(docs).as_posix() for path in changed if path.is_relative_to(docs) and path.suffix == ".md"}
        records = {path for path in changed if path.is_relative_to(data)}
        if self._left is None or len(pages) + len(records) < len(changed):
            return False
        maker, read_again = self._left
        try:
            if not read_again():
                return False
            made = [(page, maker.made_anew(page)) for page in self._open_pages() if records or page.file.src_uri in pages]
        except Exception:  # noqa: BLE001
            return False  # the build that follows tells what is wrong
        if any(output is None for _, output in made):
            return False
        with self._lock:
            for page, output in made:
                write_file(output.encode("utf-8", errors="xmlcharrefreplace"), str(Path(self._server.root, page.file.dest_uri)))  # type: ignore[union-attr]
        return True

    # ------------------------------------------------------- the whole site

    def _begin_whole(self) -> None:
        self._whole = _Whole(Path(tempfile.mkdtemp(prefix="mkdocs_")))
        threading.Thread(target=self._make, args=(self._whole,), daemon=True).start()

    def _make(self, whole: _Whole) -> None:
        """Build the site, and show it when it is there; browsers reload only if it changes what they show."""
        time.sleep(_UNDISTURBED)
        command = [sys.executable, "-m", "mkdocs", "build", "--no-strict", "--quiet", "--site-dir", str(whole.folder), "--config-file", self._config.config_file_path]
        environment = {**os.environ, "SITE_URL": self._server.url}
        with self._lock:
            if whole is not self._whole:
                return
            whole.process = subprocess.Popen(command, cwd=self._root, env=environment, start_new_session=True)  # so that its own processes end with it
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, whole.process.pid, 5)
        if whole.process.wait() != 0 or whole is not self._whole:
            return
        shown = Path(self._server.root)
        if all(_same(shown / page.file.dest_uri, whole.folder / page.file.dest_uri) for page in self._open_pages()):
            self._take(whole)
            return
        with self._server._rebuild_cond:
            self._server._want_rebuild = True
            self._server._rebuild_cond.notify_all()

    def _take(self, whole: _Whole) -> None:
        with self._lock:
            if whole is not self._whole:
                return
            self._whole = None
        self._show(whole.folder)
        log.info("The whole site is as new as the last edit")

    def _end_whole(self) -> None:
        with self._lock:
            whole, self._whole = self._whole, None
        if whole is None:
            return
        if whole.process and whole.process.poll() is None:
            if hasattr(os, "killpg"):
                os.killpg(whole.process.pid, signal.SIGKILL)
            else:
                whole.process.kill()
            whole.process.wait()
        shutil.rmtree(whole.folder, ignore_errors=True)

    def _show(self, folder: Path) -> None:
        """Serve from this folder, and remove the one before, unless it is MkDocs' own."""
        with self._lock:
            before, self._server.root = Path(self._server.root), str(folder)
        if before not in (folder, Path(self._config.site_dir)):
            shutil.rmtree(before, ignore_errors=True)


class _Listening(PollingObserver):
    """Hears of changes from the system, and still looks for itself, because some file systems tell nothing. What `is_news` denies it keeps to itself."""

    def __init__(self, timeout: float, is_news: Callable[[Path], bool]) -> None:
        super().__init__(timeout=timeout)
        self._told, self._is_news = Observer(), is_news

    def schedule(self, event_handler: FileSystemEventHandler, path: str, **options: Any) -> Any:
        hearing = FileSystemEventHandler()
        hearing.on_any_event = lambda event: self._pass_on(event, event_handler)  # type: ignore[method-assign]
        self._told.schedule(hearing, path, event_filter=[FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent], **options)
        return super().schedule(hearing, path, **options)

    def _pass_on(self, event: FileSystemEvent, handler: FileSystemEventHandler) -> None:
        if any(self._is_news(Path(os.fsdecode(path))) for path in (event.src_path, event.dest_path) if path):
            handler.dispatch(event)

    def start(self) -> None:
        try:
            self._told.start()
        except OSError as error:
            log.debug(f"Changes are found by looking only: {error}")
        super().start()

    def stop(self) -> None:
        if self._told.is_alive():
            self._told.stop()
        super().stop()


def _stamps(root: Path) -> dict[Path, tuple[int, int]]:
    """The state of every file that has a hand in the site."""
    files = [path for folder in ("docs", "data", "macros", "overrides") for path in (root / folder).rglob("*")]
    return {path: stamp for path in [*files, root / "mkdocs.yml"] if (stamp := _stamp(path))}


def _stamp(path: Path) -> tuple[int, int] | None:
    """Tells one state of a file from another; `None` where there is none, and for what Python and editors keep beside a file."""
    if path.suffix == ".pyc" or path.name.startswith(".") or path.name.endswith("~"):
        return None
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_mtime_ns, stat.st_size) if S_ISREG(stat.st_mode) else None


def _keeping(path: str, start_response: Callable) -> Callable:
    """Has browsers keep the theme's files, which they would ask for with every reload."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        if status.startswith("200") and _NAMED_BY_CONTENT.search(path):
            headers = [*headers, ("Cache-Control", "max-age=86400, immutable")]
        return start_response(status, headers, *more)

    return start


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False


preview = Preview()
