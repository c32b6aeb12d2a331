"""The command line, `python -m macros`: the only place that reads arguments, prints and writes files."""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from datetime import date
from pathlib import Path

from macros import exporting, queries
from macros.differences import as_markdown, differences
from macros.load import load
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
    commands.add_parser("export", help="write the open data, the Markdown twins and the old addresses into a built site").add_argument("site", type=Path)
    commands.add_parser("schema", help="write the JSON Schemas of data/ from the model")
    commands.add_parser("promise", help="write what the release promises into tests/release.json, when a version of the interface is released")
    diff = commands.add_parser("diff", help="tell in words what the data say differently from a revision of the repository")
    diff.add_argument("revision", help="what git knows, such as main or HEAD~3")
    diff.add_argument("--markdown", action="store_true", help="as Markdown, for a pull request")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    if options.command == "schema":
        _write(root, exporting.schemas())
        return 0
    if options.command == "promise":
        dataset, _ = load(root)
        _write(root, {"tests/release.json": exporting.promise(dataset)})
        return 0
    if options.command == "diff":
        return _diff(root, options.revision, options.markdown)
    checked = load_and_check(root, date.today())
    if options.command == "check":
        return _report(checked, [Path(path).as_posix().rstrip("/") for path in options.paths])
    if checked.findings or checked.dataset is None:
        return _report(checked, [])
    if not options.site.is_dir():
        print(f"{options.site} is no folder; build the site first", file=sys.stderr)
        return 2
    sources = {path.stem: path.read_bytes() for path in sorted((root / "data" / "registries").glob("*.yaml"))}
    site_url = os.environ.get("SITE_URL", SITE_URL)
    pages = {path.relative_to(options.site).as_posix(): path.read_text(encoding="utf-8") for path in options.site.rglob("*.html")}
    _write(options.site, exporting.twins(pages, site_url))
    _write(options.site, exporting.release(checked.dataset, site_url, sources))
    _write(options.site, exporting.redirects(checked.dataset))
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


def _diff(root: Path, revision: str, markdown: bool) -> int:
    """What changed since a revision; 2 where that cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        # What begins with a hyphen must be no option of git.
        named = subprocess.run(["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"], cwd=root, capture_output=True, text=True, check=False)
        archive = subprocess.run(["git", "archive", "--format=zip", named.stdout.strip() or "none", "--", "data"], cwd=root, capture_output=True, check=False)
        if named.returncode or archive.returncode:
            print(f"git knows no revision {revision} with data; name a commit, a branch or a tag", file=sys.stderr)
            return 2
        with zipfile.ZipFile(io.BytesIO(archive.stdout)) as files:
            files.extractall(folder)
        before, faults = load(Path(folder))
    after, now = load(root)
    if before is None or after is None:
        print(*faults, *now, sep="\n", file=sys.stderr)
        return 2
    for finding in now:
        print(finding, file=sys.stderr)
    if faults:
        print(f"{len(faults)} records of {revision} do not fit the model of today and count as missing", file=sys.stderr)
    found = differences(before, after)
    print(as_markdown(found) if markdown else "\n".join(map(str, found)) or f"The data say the same as in {revision}.")
    return 0


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
