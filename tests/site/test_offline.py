"""The site as a folder: opened without a server, with search, and without a request to anybody."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_browser import DESKTOP, view

from tools.build import pack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked zip."""
    target = tmp_path_factory.mktemp("offline") / "offline.zip"
    assert pack(target) == 0
    with zipfile.ZipFile(target) as archive:
        archive.extractall(target.parent)
    return target.parent / "offline"


@pytest.fixture
def page(browser: Browser) -> Page:
    page = view(browser, DESKTOP)
    page.foreign = []
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:", "blob:")) else page.foreign.append(asked.url))
    yield page
    assert page.foreign == []
    page.context.close()


def test_search_finds_a_page_and_its_link_works(folder: Path, page: Page) -> None:
    page.goto((folder / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("trusted publishing")
    page.locator(".md-search-result__link").first.click(timeout=30_000)
    page.wait_for_url("**/trusted-publishing.html*")
    assert page.locator("h1").inner_text().startswith("Trusted publishing")


def test_every_link_between_pages_leads_to_a_file(folder: Path, page: Page) -> None:
    for start in ("index.html", "matrix.html", "registries/pypi.html", "capabilities/yanking.html", "guidance/trusted-publishing.html", "about/facts.html"):
        page.goto((folder / start).as_uri())
        links = page.evaluate("[...document.links].map((link) => link.href.split('#')[0].split('?')[0]).filter((href) => href.startsWith('file:'))")
        assert len(links) > 20
        assert [link for link in set(links) if not Path(link.removeprefix("file://")).is_file()] == [], start


def test_the_matrix_is_filtered_and_a_registrys_file_can_be_imported(folder: Path, page: Page) -> None:
    page.goto((folder / "matrix.html").as_uri() + "?status=planned")
    page.locator(".explorer.ready").wait_for()
    assert "cells match." in page.locator(".explorer output").inner_text()
    page.goto((folder / "assess.html").as_uri() + "?from=hex")
    page.locator("#notice.error").wait_for()
    assert "import the file from data/v1/registries instead" in page.locator("#notice").inner_text()
    page.locator("#import").set_input_files(folder / "data/v1/registries/hex.yaml")
    page.get_by_text("hex.yaml is imported.").wait_for()
