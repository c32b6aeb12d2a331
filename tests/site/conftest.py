"""A real build of the site, served by a real HTTP server, and a real browser."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from project import EXAMPLES, ROOT

from tools.build import build_into
from tools.links import serving


# Pages that templates lead to, beside those of the small project.
AROUND = ["assess.md", "capabilities/index.md", "threats/index.md", "lexicon.md", "registries/index.md", "registries/compare.md", "incidents/index.md", "guidance/index.md", "matrix.md", "changes.md", "about/health.md"]
# The largest pages take a slow machine some seconds.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class BuiltSite:
    """A folder with the built site, the address at which it is served, and what the build printed."""

    folder: Path
    address: str
    log: str

    def pages(self) -> list[str]:
        """The address of every page below the site's root, as readers type it."""
        return sorted(
            str(path.parent.relative_to(self.folder)).removeprefix(".") + ("/" if path.parent != self.folder else "")
            for path in self.folder.rglob("index.html")
        )


def copy_of_the_project(folder: Path) -> Path:
    """What a build needs of the project, in a folder of its own."""
    for name in ("data", "docs", "macros", "overrides", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return folder


def small_site(folder: Path, *pages: str) -> Path:
    """The small project under this project's code, theme and configuration, with these pages more, all of them in the navigation."""
    shutil.copytree(EXAMPLES / "base", folder, dirs_exist_ok=True)
    shutil.copy(ROOT / "data" / "model.yaml", folder / "data")
    for name in ("macros", "overrides"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in pages:
        page = folder / "docs" / path
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"---\ndescription: An example.\n---\n\n# {path.removesuffix('.md').title()}\n\nA page.\n")
    paths = sorted((page.relative_to(folder / "docs").as_posix() for page in (folder / "docs").rglob("*.md")), key=lambda path: (path != "index.md", path))
    nav = "nav:\n" + "".join(f"  - {path}\n" for path in paths)
    (folder / "mkdocs.yml").write_text(re.sub(r"^nav:\n(?: .*\n)+", nav, (ROOT / "mkdocs.yml").read_text(), flags=re.MULTILINE))
    return folder


def built(engine: str, folder: Path) -> Iterator[BuiltSite]:
    # A copy, because Zensical keeps its cache in the project, and tests may run side by side.
    project = copy_of_the_project(folder / "project")
    log = folder / "build.log"
    site = folder / "site"
    site.mkdir()
    with serving(site) as address:
        # The build's own output is part of what is tested, so it goes into a file.
        with log.open("w") as sink:
            saved = os.dup(1), os.dup(2)
            os.dup2(sink.fileno(), 1)
            os.dup2(sink.fileno(), 2)
            try:
                status = build_into(site, engine, site_url=address, root=project)
            finally:
                os.dup2(saved[0], 1)
                os.dup2(saved[1], 2)
        assert status == 0, log.read_text()
        yield BuiltSite(site, address, log.read_text())


@pytest.fixture(scope="session")
def mkdocs_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    yield from built("mkdocs", tmp_path_factory.mktemp("mkdocs"))


@pytest.fixture(scope="session")
def zensical_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    yield from built("zensical", tmp_path_factory.mktemp("zensical"))


@pytest.fixture(scope="session", params=["mkdocs", "zensical"])
def site(request: pytest.FixtureRequest) -> BuiltSite:
    """The site as each engine builds it."""
    return request.getfixturevalue(f"{request.param}_site")


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium. Where there is none, tests are skipped, except in CI."""
    path = chromium()
    if not path:
        message = "no Chromium found; install it (Debian: apt-get install chromium) or name it in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        chromium_browser = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium_browser
        chromium_browser.close()
