"""Checks links.

`internal` builds the site, serves it on this machine and follows every link inside it: pages, anchors, images,
stylesheets. A broken one is a failure. `external` asks the rest of the web, politely and with a cache, and reports
which claim has lost its evidence, whose evidence moved, and which claims were not read for long.
"""

from __future__ import annotations

import argparse
import csv
import functools
import io
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from macros import queries
from macros.site import load_and_check
from tools.build import ENGINES, ROOT, build_into


@dataclass(frozen=True, order=True)
class Broken:
    """A link that leads nowhere: the page that has it, the link, and why it is broken."""

    page: str
    link: str
    reason: str

    def __str__(self) -> str:
        return f"{self.page}: {self.link}: {self.reason}"


# ----------------------------------------------------------------- internal


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass

    def end_headers(self) -> None:
        # LinkChecker asks a server of unknown patience only a few times a second; this header says that we have any.
        self.send_header("LinkChecker", "welcome")
        super().end_headers()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def check_site(site: Path, address: str) -> list[Broken]:
    """Every broken internal link of a built site that is served at `address`, which must also be its `site_url`."""
    return sorted({*_follow(address), *_fragments(site), *_own_checks(site, address)})


def _follow(address: str) -> list[Broken]:
    """Follow links, images, styles and scripts over HTTP, beginning at the home page and at the sitemap."""
    command = [sys.executable, "-m", "linkcheck", "--no-robots", "--no-status", "--no-warnings", "--threads", "4", "-o", "csv"]
    run = subprocess.run([*command, address, f"{address}sitemap.xml"], capture_output=True, text=True, check=False)
    # LinkChecker also exits with 1 when it breaks down itself; only a report with its last line is a report.
    if "# Stopped checking" not in run.stdout:
        raise RuntimeError(f"LinkChecker did not finish:\n{run.stderr[-2000:]}")
    rows = csv.DictReader((line for line in io.StringIO(run.stdout) if not line.startswith("#")), delimiter=";")
    return [Broken(_path(row["parentname"], address), _path(row["url"], address), row["result"]) for row in rows if row["valid"] == "False"]


def _path(url: str, address: str) -> str:
    return url.removeprefix(address.rstrip("/")) or "/"


def _fragments(site: Path) -> list[Broken]:
    """Links with an anchor that the target page does not have, from the files."""
    options = ["--offline", "--include-fragments", "--root-dir", str(site), "--index-files", "index.html,."]
    errors = _lychee([*options, *map(str, sorted(site.rglob("*.html")))])["error_map"]
    return [
        Broken("/" + str(Path(page).relative_to(site)), error["url"].replace(f"file://{site}", ""), error["status"]["text"])
        for page, page_errors in errors.items()
        for error in page_errors
    ]


def _lychee(arguments: list[str], folder: Path | None = None) -> dict:
    """The report of lychee, which was installed beside this Python; it keeps its cache in `folder`."""
    beside = Path(sys.executable).parent / "lychee"
    command = [str(beside) if beside.exists() else "lychee", "--no-progress", "--format", "json", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        return json.loads(run.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(f"lychee did not finish:\n{run.stderr[-2000:]}") from None


class _Page(HTMLParser):
    """What the tools above do not look at: ids, addresses in metadata, text that was meant to be a link."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.undefined: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if values.get("id"):
            self.ids[values["id"]] += 1  # type: ignore[index]
        if tag == "meta" and (values.get("property") or values.get("name") or "").startswith(("og:", "twitter:")):
            self.addresses.append(values.get("content") or "")
        for name in ("href", "src"):
            if values.get(name):
                self.addresses.append(values[name] or "")
        if tag in ("code", "pre", "script", "style"):
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("code", "pre", "script", "style"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.undefined += re.findall(r"\[[^\[\]]+\]\[[^\[\]]*\]", data)


def _own_checks(site: Path, address: str) -> list[Broken]:
    result = []
    for file in sorted(site.rglob("*.html")):
        name = "/" + file.relative_to(site).as_posix()
        page = _Page()
        page.feed(file.read_text(encoding="utf-8"))
        result += [Broken(name, f"#{id}", f"the id is here {number} times") for id, number in page.ids.items() if number > 1]
        result += [Broken(name, text, "this link has no address") for text in page.undefined]
        for url in page.addresses:
            parts = urlsplit(url)
            if parts.scheme == "http" and not url.startswith(address):
                result.append(Broken(name, url, "this link is not https"))
            elif url.startswith(address) and not _exists(site, parts.path):
                result.append(Broken(name, _path(url, address), "there is no such file"))
    return result


def _exists(site: Path, path: str) -> bool:
    target = site / path.lstrip("/")
    return target.is_file() or (target / "index.html").is_file()


def internal(engine: str) -> int:
    """Build with the engine, serve, check, report; returns the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder).resolve()
        with serving(site) as address:
            status = build_into(site, engine, site_url=address)
            if status:
                return status
            broken = check_site(site, address)
    for each in broken:
        print(each)
    print(f"{len(broken)} broken internal links", file=sys.stderr)
    return 1 if broken else 0


# ----------------------------------------------------------------- external


def external_links(root: Path) -> dict[str, list[str]]:
    """Every https address that data and prose cite, with the places that cite it: claims first, then pages."""
    checked = load_and_check(root, date.today())
    if checked.dataset is None:
        raise SystemExit("\n".join(map(str, checked.findings)))
    dataset, places = checked.dataset, defaultdict(list)
    for path, evidence in queries.cited(dataset):
        group, id, *rest = path
        place = dataset.place(*path)
        what = f"{id}, {rest[1]}" if rest[0] == "claims" else str(id)
        places[evidence.url].append(f"evidence of {what} ({place.file}:{place.line})")
    for registry in dataset.registries.values():
        places[registry.url].append(f"home of {registry.id}")
    for report in dataset.reports.values():
        for item in (*report.landed, *report.next, *report.questions):
            if item.url:
                places[item.url].append(f"report {report.id}")
    for page in checked.pages.values():
        for link in page.links:
            places[link.url].append(f"{link.place.file}:{link.place.line}")
    return dict(places)


# Pages that exist but refuse machines say so with these; 999 is LinkedIn's.
ACCEPTED = "100..=399,401,403,429,999"
ROUNDS = 3
WAIT_SECONDS = 20.0
KEPT_DAYS = 7


@dataclass(frozen=True)
class Answers:
    """What the web says: addresses that failed, with the reason, and addresses that moved for good, with the new one."""

    failed: dict[str, str]
    moved: dict[str, str]


def check_external(urls: list[str], cache: Path) -> Answers:
    """Ask every address, and those that fail twice again after a pause.

    Each host is asked slowly; good answers, and where they came from, are kept in `cache` for a week.
    """
    cache.mkdir(parents=True, exist_ok=True)
    failed, moved = _ask(urls, cache)
    for _ in range(ROUNDS - 1):
        if failed:
            time.sleep(WAIT_SECONDS)
            failed, more = _ask(sorted(failed), cache)
            moved |= more
    return Answers(failed, _remembered(moved, set(urls), cache))


def _remembered(moved: dict[str, str], urls: set[str], cache: Path) -> dict[str, str]:
    """Moves that were seen now, and those of the days for which lychee keeps answers: a kept answer does not tell of its move."""
    file, today = cache / "moved.json", date.today()
    seen = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    young = (today - timedelta(days=KEPT_DAYS)).isoformat()
    seen = {url: entry for url, entry in seen.items() if url in urls and entry["seen"] >= young}
    seen |= {url: {"target": target, "seen": today.isoformat()} for url, target in moved.items()}
    file.write_text(json.dumps(seen, indent=1), encoding="utf-8")
    return {url: entry["target"] for url, entry in seen.items()}


def _ask(urls: list[str], cache: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What failed and what moved for good, of these addresses."""
    options = ["--accept", ACCEPTED, "--timeout", "30", "--max-retries", "2", "-v"]
    options += ["--cache", "--max-cache-age", f"{KEPT_DAYS}d", "--cache-exclude-status", "400..=599"]
    options += ["--max-concurrency", "16", "--host-concurrency", "2", "--host-request-interval", "500ms"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", dir=cache) as listing:
        listing.write("\n".join(urls))
        listing.flush()
        report = _lychee([*options, listing.name], cache)
    errors = [error for group in ("error_map", "timeout_map") for found in report.get(group, {}).values() for error in found]
    redirects = [redirect for found in report["redirect_map"].values() for redirect in found]
    # A temporary redirect says that the old address is the one to cite.
    moved = {each["origin"]: each["redirects"][-1]["url"] for each in redirects if all(step["code"] in (301, 308) for step in each["redirects"])}
    return {error["url"]: error["status"]["text"] for error in errors}, moved


def external_report(places: dict[str, list[str]], answers: Answers, old: list[str]) -> str:
    """What is gone, what moved and what was not read for long, as Markdown, with who cites it; `old` has a line for each claim."""

    def cited(url: str) -> list[str]:
        return [f"  - {place}" for place in places.get(url) or places.get(url.rstrip("/")) or []]

    sections = (
        ("Gone", "Find another source, or write what is still established.", [line for url, reason in sorted(answers.failed.items()) for line in (f"- {url}: {reason}", *cited(url))], len(answers.failed)),
        ("Moved", "Read it at its new address, then change `url` and `checked`.", [line for url, target in sorted(answers.moved.items()) for line in (f"- {url} → {target}", *cited(url))], len(answers.moved)),
        ("Last read over twelve months ago", "Read the sources again; `python3 dev.py stale` lists them.", old, len(old)),
    )
    found = [(title, remedy, lines, number) for title, remedy, lines, number in sections if number]
    summary = ", ".join(f"{number} {title[0].lower()}{title[1:]}" for title, _, _, number in found)
    report = [f"{summary[0].upper()}{summary[1:]}." if found else "Nothing to mend.", "", f"{len(places)} addresses were asked."]
    for title, remedy, lines, _ in found:
        report += ["", f"## {title}", "", remedy, "", *lines]
    return "\n".join(report) + "\n"


def old_claims(root: Path, today: date) -> list[str]:
    """A line for each claim that was last read more than twelve months ago, oldest first."""
    dataset = load_and_check(root, today).dataset
    return [f"- {cell.registry.name}, {cell.capability.name}: {day} ({cell.place.file}:{cell.place.line})" for day, cell in queries.read_before(dataset, today - timedelta(days=365))]


def external(report: Path | None) -> int:
    """Ask and tell; with a file for the report what is gone is no failure, because the report says so."""
    places = external_links(ROOT)
    answers = check_external(sorted(places), ROOT / ".link-cache")
    text = external_report(places, answers, old_claims(ROOT, date.today()))
    if report:
        report.write_text(text, encoding="utf-8")
        return 0
    print(text, end="")
    return 1 if answers.failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 dev.py links", description=__doc__.splitlines()[0])
    parser.add_argument("which", choices=("internal", "external"), nargs="?", default="internal")
    parser.add_argument("--engine", choices=ENGINES, default="mkdocs")
    parser.add_argument("--report", type=Path, help="write what is gone, moved or old into this file, and do not fail because of it")
    options = parser.parse_args()
    return external(options.report) if options.which == "external" else internal(options.engine)


if __name__ == "__main__":
    sys.exit(main())
