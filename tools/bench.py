"""Measures how fast the site is built and previewed, as ratios to plain MkDocs and to Zensical on the same tree.

Trees have the shape of the real site: as it is, with so many times its pages, and with so many registries. Machines are
noisy, so the builders take turns in each round and the median of their rounds counts; only ratios within one run mean
anything. `--write` puts the table into `docs/about/speed.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.build import ROOT

PAGE = ROOT / "docs" / "about" / "speed.md"
BUILDERS = ("plain MkDocs", "MkDocs here", "Zensical")
# Plain MkDocs that is not even spared finished tables and the search's tags. It is built cold only.
BARE = "bare MkDocs"
# Edits in a preview, and the seconds between two of them.
PREVIEWS, PAUSE = 5, 5
STEPS = ("cold", "unchanged", "a page edited", "a cell edited", "a template edited")
# Of the larger trees, whose builds take minutes: what a day of work has most of.
FEW_STEPS = ("cold", "a page edited", "a cell edited")


@dataclass
class Measured:
    """Seconds and peak memory in MiB of each round."""

    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


# ------------------------------------------------------------------- trees


def real(folder: Path) -> None:
    """The site as it is."""
    for name in ("data", "docs", "macros", "overrides"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", folder)


def bare(folder: Path) -> None:
    """The site as it is, with everything left to MkDocs and its plugins."""
    real(folder)
    _edit(folder / "mkdocs.yml", lambda text: text.replace("  - macros.blocks\n", ""))
    _edit(folder / "macros" / "site.py", lambda text: text.replace('        plugins["searched"] = Searched()\n', ""))


def with_pages(times: int) -> Callable[[Path], None]:
    """So many times the pages, with the same data: each copy is a folder of its own, whose links stay inside."""

    def make(folder: Path) -> None:
        real(folder)
        config = folder / "mkdocs.yml"
        text = config.read_text()
        nav = nav_of(text)
        pages = [path for path in (folder / "docs").rglob("*.md")]
        for number in range(1, times):
            copy = f"copy-{number}"
            for page in pages:
                target = folder / "docs" / copy / page.relative_to(folder / "docs")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(page, target)
            nav += f"  - Copy {number}:\n" + re.sub(r"(\S+\.md)$", rf"{copy}/\1", textwrap.indent(nav_of(text), "    "), flags=re.MULTILINE)
        config.write_text(re.sub(r"^nav:\n(?: .*\n)+", lambda _: f"nav:\n{nav}", text, flags=re.MULTILINE))

    return make


def nav_of(text: str) -> str:
    return re.search(r"^nav:\n((?: .*\n)+)", text, re.MULTILINE)[1]


def with_registries(number: int) -> Callable[[Path], None]:
    """So many registries: copies of the real ones under other ids, with their pages."""

    def make(folder: Path) -> None:
        real(folder)
        config = folder / "mkdocs.yml"
        text = config.read_text()
        originals = sorted((folder / "data" / "registries").glob("*.yaml"))
        for count in range(number - len(originals)):
            original = originals[count % len(originals)]
            id = f"{original.stem}-{count // len(originals) + 2}"
            data = original.read_text()
            data = re.sub(r"^id: .*$", f"id: {id}", data, count=1, flags=re.MULTILINE)
            data = re.sub(r"^name: (.*)$", lambda match: f"name: {match[1]} {count}", data, count=1, flags=re.MULTILINE)
            (folder / "data" / "registries" / f"{id}.yaml").write_text(data)
            page = (folder / "docs" / "registries" / f"{original.stem}.md").read_text()
            (folder / "docs" / "registries" / f"{id}.md").write_text(page.replace(f'"{original.stem}"', f'"{id}"'))
            text = re.sub(rf"^( +- )registries/{original.stem}\.md$", rf"\g<0>\n\1registries/{id}.md", text, count=1, flags=re.MULTILINE)
        config.write_text(text)

    return make


# ------------------------------------------------------------------- edits


def _edit(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text()
    changed = change(text)
    assert changed != text, path
    path.write_text(changed)


def edit(step: str, project: Path, round_: int) -> None:
    """What a contributor does before a build; every round does it anew."""
    if step == "a page edited":
        _edit(project / "docs/guidance/tokens.md", lambda text: re.sub(r"\AX|^(## Roll out)$", rf"Round {round_}.\n\n\1", text, count=1, flags=re.MULTILINE))
    elif step == "a cell edited":
        _edit(project / "data/registries/hex.yaml", lambda text: re.sub(r"^(  deprecation:\n(?:    .*\n)*?      term: ).*$", rf"\1Retire, round {round_}", text, count=1, flags=re.MULTILINE))
    elif step == "a template edited":
        _edit(project / "macros/rendering/templates/sources.html", lambda text: re.sub(r'class="sources[\w -]*"', f'class="sources round-{round_}"', text, count=1))


# ------------------------------------------------------------------ builds


def build(builder: str, project: Path) -> tuple[float, float]:
    """Seconds and peak memory in MiB of one strict build in a process of its own."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_DIR": "site", "SOURCE_DATE_EPOCH": "0"}
    environment["PAGE_CACHE"] = "off" if builder != "MkDocs here" else str(project / ".cache" / "pages")
    command = ["zensical", "build", "--strict"] if builder == "Zensical" else ["mkdocs", "build", "--strict"]
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=project, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{builder} could not build {project}:\n{errors[-3000:]}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def forget(project: Path) -> None:
    """Everything that a builder has left there."""
    for path in project.glob(".cache*"):
        shutil.rmtree(path)
    shutil.rmtree(project / "site", ignore_errors=True)


def measure(make: Callable[[Path], None], rounds: int, steps: tuple[str, ...] = STEPS) -> dict[tuple[str, str], Measured]:
    """Every builder and step, `rounds` times, taking turns. Each builder has a copy of the tree for itself, as Zensical shares the folder `.cache`."""
    trees = {builder: make for builder in BUILDERS} | ({BARE: bare} if make is real else {})
    results = {(step, builder): Measured() for step in steps for builder in trees if builder != BARE or step == "cold"}
    with tempfile.TemporaryDirectory() as folder:
        projects = {builder: Path(folder) / str(number) / "project" for number, builder in enumerate(trees)}
        for builder, project in projects.items():
            project.mkdir(parents=True)
            trees[builder](project)
        for round_ in range(rounds):
            for step, builder in results:
                project = projects[builder]
                if step == "cold":
                    forget(project)
                edit(step, project, round_)
                seconds, memory = build(builder, project)
                results[step, builder].seconds.append(seconds)
                results[step, builder].memory.append(memory)
                print(f"  {step}, {builder}: {seconds:.1f} s, {memory:.0f} MiB", file=sys.stderr, flush=True)
    return results


SHARE = """
import json, sys, time
sys.path.insert(0, ".")
from functools import wraps
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs_macros.plugin import MacrosPlugin
spent = {"reading": 0.0, "macros": 0.0}
def timed(function, part):
    @wraps(function)
    def call(*arguments, **options):
        start = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            spent[part] += time.perf_counter() - start
    return call
register = MacrosPlugin.macro
MacrosPlugin.macro = lambda self, function, name="": register(self, timed(function, "macros"), name)
MacrosPlugin.on_config = timed(MacrosPlugin.on_config, "reading")
start = time.perf_counter()
build(load_config("mkdocs.yml"))
print(json.dumps([seconds / (time.perf_counter() - start) for seconds in spent.values()]))
"""


def share_of_macros(make: Callable[[Path], None]) -> tuple[float, float]:
    """The parts of a cold build without the store that reading and checking the data take, and that our macros take."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        project.mkdir()
        make(project)
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PAGE_CACHE": "off", "SITE_DIR": "site"}
        run = subprocess.run([sys.executable, "-c", SHARE], cwd=project, env=environment, capture_output=True, text=True, check=True)
        reading, macros = json.loads(run.stdout.splitlines()[-1])
        return reading, macros


# ----------------------------------------------------------------- preview


@contextmanager
def preview(project: Path, cached: bool) -> Iterator[str]:
    """A preview that has shown its first page; gives its address."""
    address = f"127.0.0.1:{8300 + int(cached)}"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "STOP_ON_FAULTS": "false", "CONTENT_SECURITY_POLICY": "", "PAGE_CACHE": str(project / ".cache" / "pages") if cached else "off"}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([sys.executable, "-m", "mkdocs", "serve", "--no-strict", "-a", address], cwd=project, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(3000):
                log.seek(0)
                if "Serving on" in log.read():
                    break
                time.sleep(0.1)
            yield f"http://{address}/"
        finally:
            process.terminate()
            process.wait()


# When a page began to be fetched and how long after that it was painted, if it was, in milliseconds.
PAINTED = "[performance.timeOrigin, ...performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)]"


def from_save_to_sight(make: Callable[[Path], None], chromium: str) -> dict[tuple[str, bool], list[float]]:
    """Seconds from saving a file until the browser has painted the page that shows the edit; of the edited page or cell, cached or plain."""
    from playwright.sync_api import sync_playwright  # of the tests' requirements

    results: dict[tuple[str, bool], list[float]] = {}
    shown = {"a page edited": "guidance/tokens/", "a cell edited": "registries/hex/"}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for cached in (True, False):
            project = Path(folder) / str(cached) / "project"
            project.mkdir(parents=True)
            make(project)
            with preview(project, cached) as address:
                for step, path in shown.items():
                    page = browser.new_page()
                    page.goto(address + path)
                    for round_ in range(PREVIEWS):
                        time.sleep(PAUSE)
                        start = time.time()
                        edit(step, project, round_)
                        page.wait_for_function(f"document.body && document.body.textContent.includes('ound {round_}') && {PAINTED}.length > 1", timeout=300_000)
                        results.setdefault((step, cached), []).append(sum(page.evaluate(PAINTED)) / 1000 - start)
                    page.close()
    return results


# ------------------------------------------------------------------ report


def table(results: dict[tuple[str, str], Measured]) -> list[str]:
    lines = ["| Build | MkDocs here | to plain MkDocs | to Zensical |", "| --- | --- | --- | --- |"]
    steps = list(dict.fromkeys(step for step, _ in results))
    for step in steps:
        here = results[step, "MkDocs here"]
        ratios = [f"{here.median / results[step, other].median:.2f}" for other in ("plain MkDocs", "Zensical")]
        lines.append(f"| {step.capitalize()} | {here.median:.1f} s | {ratios[0]} | {ratios[1]} |")
    memory = [f"{builder} {max(max(results[step, builder].memory) for step in steps):.0f} MiB" for builder in BUILDERS]
    return [*lines, "", f"Peak memory of a process: {', '.join(memory)}."]


def report(rounds: int, times: list[int], registries: int, chromium: str | None) -> str:
    """All measurements as Markdown."""
    commit = subprocess.run(["git", "log", "-1", "--format=%h of %cs"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    trees = [("The site as it is", real, rounds, STEPS)]
    trees += [(f"{number} times the pages", with_pages(number), 1, FEW_STEPS) for number in times]
    if registries:
        trees.append((f"{registries} registries", with_registries(registries), 1, FEW_STEPS))
    first = 0.0
    lines = [f"Commit {commit}, Python {platform.python_version()}, {os.cpu_count()} cores. Medians of {rounds} rounds for the site as it is, one round for the larger trees."]
    for title, make, its, steps in trees:
        print(title, file=sys.stderr, flush=True)
        results = measure(make, its, steps)
        cold = results["cold", "MkDocs here"].median
        first = first or cold
        lines += ["", f"### {title}", "", *table(results)]
        if ("cold", BARE) in results:
            whole = results["cold", BARE].median
            lines.append(f"Cold, bare MkDocs takes {whole:.1f} s, of which it takes {cold / whole:.2f} here.")
        if cold != first:
            lines.append(f"Cold, it takes {cold / first:.1f} times as long here as the site as it is.")
    lines += ["", "### Our own part", "", "Of a cold build of the site as it is:", "", "| Build | Reading and checking data and pages | Macros |", "| --- | --- | --- |"]
    for name, make in (("Plain MkDocs", real), ("Bare MkDocs", bare)):
        reading, macros = share_of_macros(make)
        lines.append(f"| {name} | {reading:.0%} | {macros:.0%} |")
    if chromium:
        seen = from_save_to_sight(real, chromium)
        lines += ["", "### Preview", "", f"From saving a file until the browser has painted the page that shows the edit, medians of {PREVIEWS} edits, {PAUSE} seconds apart:", "", "| Edit | Here | Plain MkDocs |", "| --- | --- | --- |"]
        lines += [f"| {step.capitalize()} | {statistics.median(seen[step, True]):.2f} s | {statistics.median(seen[step, False]):.1f} s |" for step in ("a page edited", "a cell edited")]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 dev.py bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="of the site as it is (default: 3)")
    parser.add_argument("--times", type=int, default=[10], nargs="*", help="so many times the pages (default: 10, about 1,400)")
    parser.add_argument("--registries", type=int, default=200, help="so many registries (default: 200); 0 leaves that out")
    parser.add_argument("--write", action="store_true", help="put the result into docs/about/speed.md")
    options = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    text = report(options.rounds, options.times, options.registries, next(filter(None, map(shutil.which, names)), None))
    print(text)
    if options.write:
        head, mark, _ = PAGE.read_text(encoding="utf-8").partition("## Measured\n\n")
        PAGE.write_text(head + mark + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
