"""The command line, `python -m macros`: the only place that reads arguments, prints and writes files."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path

from macros import exporting, feeds, queries
from macros.site import load_and_check

# As in mkdocs.yml, which takes the same variable.
SITE_URL = "https://repos.openssf.org/"

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 well, 1 faults found, 2 a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m macros", description="Checks and exports the facts in data/.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project (default: this one)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="check data and pages; print every fault with its place").add_argument(
        "paths", nargs="*", help="only report faults in these files or folders"
    )
    commands.add_parser("export", help="write the open data and the old addresses into a built site").add_argument("site", type=Path)
    commands.add_parser("schema", help="write the JSON Schemas of data/ from the model")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    if options.command == "schema":
        _write(root, exporting.schemas())
        return 0
    checked = load_and_check(root, date.today())
    if options.command == "check":
        return _report(checked, [Path(path).as_posix().rstrip("/") for path in options.paths])
    if checked.findings or checked.dataset is None:
        return _report(checked, [])
    if not options.site.is_dir():
        print(f"{options.site} is no folder; build the site first", file=sys.stderr)
        return 2
    sources = {f"data/v1/registries/{path.name}": path.read_bytes() for path in (root / "data" / "registries").glob("*.yaml")}
    schemas = {path.replace("data/", "data/v1/", 1): content for path, content in exporting.schemas().items()}
    site_url = os.environ.get("SITE_URL", SITE_URL)
    _write(options.site, {**feeds.feeds(checked.dataset, site_url), **exporting.open_data(checked.dataset), **exporting.redirects(checked.dataset), **sources, **schemas})
    return 0


def _report(checked, paths: list[str]) -> int:
    findings = [f for f in checked.findings if not paths or any(f.place.file == path or f.place.file.startswith(f"{path}/") for path in paths)]
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} to mend", file=sys.stderr)
        return 1
    counts = queries.claims_by_status(checked.dataset)
    print(f"{sum(counts.values())} claims: " + ", ".join(f"{number} {status}" for status, number in counts.items() if number))
    return 0


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
