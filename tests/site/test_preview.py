"""The writer's preview: an edit shows itself, a mistake too, and it comes right when the mistake is mended."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from html import unescape
from pathlib import Path

import pytest
from conftest import AROUND, small_site
from playwright.sync_api import Browser

PATIENCE = 90  # seconds until a change must have shown itself on a slow machine


class Preview:
    """A running `mkdocs serve` on a copy of the project, as `dev.py serve` starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.temporary = folder.parent / f"{folder.name}-temporary"
        self.temporary.mkdir()
        environment = {**os.environ, "TMPDIR": str(self.temporary), "STOP_ON_FAULTS": "false", "CONTENT_SECURITY_POLICY": "", "NO_MKDOCS_2_WARNING": "1", "SITE_URL": f"http://127.0.0.1:{self.port}/"}
        self.log = folder / "serve.log"
        command = [sys.executable, "-m", "mkdocs", "serve", "--no-strict", "-a", f"127.0.0.1:{self.port}"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=30) as response:
            return response.read().decode()

    def headers(self, path: str) -> Message:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=30) as response:
            return response.headers

    def shows(self, path: str, condition: Callable[[str], bool]) -> str:
        """Wait until the page fulfils the condition."""
        end = time.monotonic() + PATIENCE
        last = ""
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            try:
                last = self.get(path)
                if condition(last):
                    return last
            except OSError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"{path} did not change\n{last[-3000:]}\n{self.log.read_text()[-3000:]}")

    def logs(self, text: str) -> None:
        """Wait until the terminal shows the text, from where it is now."""
        end, begin = time.monotonic() + PATIENCE, len(self.log.read_text())
        while text not in self.log.read_text()[begin:]:
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.2)

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    def name_example(self, name: str) -> None:
        registry = self.folder / "data/registries/example.yaml"
        registry.write_text(re.sub(r"^name: .*$", f"name: {name}", registry.read_text(), flags=re.MULTILINE))


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """The small project under this project's macros, theme and configuration: quick to build, easy to break."""
    running = Preview(small_site(tmp_path_factory.mktemp("preview"), *AROUND))
    try:
        running.shows("", lambda page: "<h1" in page)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(20)


def test_an_edit_to_a_page_shows(preview: Preview) -> None:
    preview.edit("docs/index.md", "# Home", "# Welcome")
    preview.shows("", lambda page: "Welcome</h1>" in page or "Welcome<a" in page)


def test_an_edit_to_a_fact_shows(preview: Preview) -> None:
    preview.edit("data/registries/example.yaml", "name: Example\n", "name: An example\n")
    preview.shows("capabilities/yanking/", lambda page: "An example</a>" in page)


def test_an_edit_to_a_fact_shows_first_where_somebody_looks_and_then_everywhere(preview: Preview) -> None:
    preview.shows("capabilities/mfa/", lambda page: "<h1" in page)
    preview.name_example("The example")
    preview.shows("capabilities/mfa/", lambda page: "The example</a>" in page)
    preview.shows("capabilities/yanking/", lambda page: "The example</a>" in page)


def test_a_browser_reloads_once_for_an_edit(preview: Preview, browser: Browser) -> None:
    loads: list[str] = []
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{preview.port}/capabilities/mfa/")
    page.on("load", lambda loaded: loads.append(loaded.url))
    preview.name_example("Once")
    page.wait_for_function("() => document.body && document.body.textContent.includes('Once')", timeout=PATIENCE * 1000)
    preview.logs("The whole site is as new")
    page.wait_for_timeout(1000)
    assert len(loads) == 1
    page.close()


def test_a_browser_keeps_of_the_theme_what_never_changes_under_its_name(preview: Preview) -> None:
    named_by_content = re.findall(r'"(assets/[^"]+\.[0-9a-f]{8}\.min\.(?:css|js))"', preview.get(""))
    assert named_by_content
    assert all("immutable" in preview.headers(path)["Cache-Control"] for path in named_by_content)
    assert all(preview.headers(path)["Cache-Control"] is None for path in ("", "search/search_index.json"))


def test_of_edits_in_quick_succession_the_last_one_is_everywhere(preview: Preview) -> None:
    for number in range(4):
        preview.name_example(f"Number {number}")
        time.sleep(0.7 * number)
    for path in ("capabilities/mfa/", "capabilities/yanking/", "registries/example/"):
        preview.shows(path, lambda page: "Number 3" in page and "Number 2" not in page)


def test_what_is_shown_in_the_end_is_what_a_build_gives(preview: Preview) -> None:
    preview.edit("docs/guidance/yanking.md", "## Measure\n", "## Measure\n\nAs built.\n")
    preview.shows("guidance/yanking/", lambda page: "As built." in page)
    site = preview.folder.parent / "as-built"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PAGE_CACHE": "off", "CONTENT_SECURITY_POLICY": "", "SITE_URL": f"http://127.0.0.1:{preview.port}/", "SITE_DIR": str(site)}
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--no-strict", "--quiet"], cwd=preview.folder, env=environment, check=True)
    without_reload = re.compile(r"<script>[^<]*livereload.*?</script>", re.DOTALL)
    for page in site.rglob("index.html"):
        path = page.relative_to(site).as_posix().removesuffix("index.html")
        preview.shows(path, lambda shown, page=page: without_reload.sub("", shown).split() == page.read_text().split())


def test_the_browser_stays_where_it_was(preview: Preview, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 300})
    page.goto(f"http://127.0.0.1:{preview.port}/guidance/yanking/")
    page.evaluate("scrollTo(0, 500)")
    page.wait_for_function("() => scrollY === 500")
    preview.edit("docs/guidance/yanking.md", "## Measure\n", "## Measure\n\nMeasured anew.\n")
    page.wait_for_function("() => document.body && document.body.innerText.includes('Measured anew.')", timeout=PATIENCE * 1000)
    page.wait_for_function("() => scrollY === 500")
    page.close()


def test_an_edit_to_a_template_shows(preview: Preview) -> None:
    preview.edit("macros/rendering/templates/comparison.html", ">Each registry in words<", ">In so many words<")
    preview.shows("capabilities/yanking/", lambda page: "In so many words" in page)


def test_an_edit_to_a_module_shows(preview: Preview) -> None:
    preview.edit("macros/queries.py", 'summary="Nobody has researched this yet."', 'summary="Still to be researched."')
    preview.shows("capabilities/yanking/", lambda page: "Still to be researched." in page)


def test_an_edit_to_the_theme_shows(preview: Preview) -> None:
    preview.edit("overrides/main.html", 'aria-label="Search"', 'aria-label="Look for"')
    preview.shows("", lambda page: 'aria-label="Look for"' in page)


@pytest.mark.parametrize(
    ("path", "old", "new", "fault", "shown_on"),
    [
        ("data/registries/example.yaml", "status: supported", "status: suported", "'suported' is not allowed for 'status'; did you mean 'supported'?", "registries/example/"),
        ("data/registries/example.yaml", "claims:\n", "claims:\n  \t- [\n", "there is a tab; use spaces", "capabilities/yanking/"),
        ("docs/capabilities/yanking.md", 'comparison("yanking")', 'comparison("yankin")', "there is no 'yankin' in capabilities; did you mean 'yanking'?", "capabilities/yanking/"),
        ("docs/capabilities/yanking.md", 'comparison("yanking")', 'comparsion("yanking")', "there is no macro 'comparsion'; did you mean 'comparison'?", "capabilities/yanking/"),
        ("docs/guidance/yanking.md", "## Pitfalls", "## Pit falls", "the section “Pitfalls” is missing", "guidance/yanking/"),
        ("docs/guidance/yanking.md", "## Reviewed\n", "```mermaid\nflowchart TD\n```\n\n## Reviewed\n", "this diagram would be shown as code", "guidance/yanking/"),
        ("data/model.yaml", "statuses:", "status:", "the key 'statuses' is missing; add it", "capabilities/yanking/"),
    ],
)
def test_a_mistake_shows_itself_and_the_page_comes_back(preview: Preview, path: str, old: str, new: str, fault: str, shown_on: str) -> None:
    preview.edit(path, old, new)
    preview.shows(shown_on, lambda page: 'class="problems"' in page and fault in unescape(page))
    preview.edit(path, new, old)
    preview.shows(shown_on, lambda page: 'class="problems"' not in page)
    assert fault in preview.log.read_text()


def test_a_mistake_in_our_own_code_does_not_end_the_preview(preview: Preview) -> None:
    preview.edit("macros/queries.py", "from __future__", "from __futur__")
    preview.logs("__futur__")
    preview.edit("macros/queries.py", "from __futur__", "from __future__")
    preview.edit("docs/index.md", "# Welcome", "# Welcome back")
    preview.shows("", lambda page: "Welcome back" in page)


def test_the_end_of_a_preview_leaves_nothing_behind(tmp_path: Path) -> None:
    preview = Preview(small_site(tmp_path / "project", *AROUND))
    preview.shows("registries/example/", lambda page: "<h1" in page)
    preview.name_example("Shown first")
    preview.shows("registries/example/", lambda page: "Shown first" in page)
    preview.shows("capabilities/yanking/", lambda page: "Shown first" in page)
    preview.name_example("Left in the middle")
    preview.shows("registries/example/", lambda page: "Left in the middle" in page)
    preview.process.send_signal(signal.SIGINT)
    preview.process.wait(20)
    assert [path.name for path in preview.temporary.iterdir()] == []
