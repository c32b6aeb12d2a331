"""The command line, `python -m macros`: the only place that reads arguments, asks git, prints and writes files."""

from __future__ import annotations

import argparse
import difflib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path

from macros import drafting, exporting, queries
from macros.differences import as_markdown, differences
from macros.findings import FORMATS
from macros.load import FOLDERS, SINGLES, load, nearest
from macros.model import ID_PATTERN, Finding
from macros.rules import docs
from macros.rules.explanation import explain
from macros.site import Checked, load_and_check
from macros.tidy import tidied

# As in mkdocs.yml, which takes the same variable.
SITE_URL = "https://repos.openssf.org/"

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 well, 1 faults found, 2 a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options.root.resolve(), options)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2


class Refusal(Exception):
    """A call that cannot be followed; its text says what to call instead."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 dev.py", description="Checks, mends, compares and exports the facts in data/.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project (default: this one)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run, help: str) -> argparse.ArgumentParser:
        its = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        its.set_defaults(run=run)
        return its

    check = command("check", _check, "check data and pages, first what you changed; name every fault with its place and remedy")
    check.add_argument("paths", nargs="*", help="only report faults in these files or folders")
    check.add_argument("--all", action="store_true", help="report faults everywhere, also in files that you did not change")
    check.add_argument("--format", choices=FORMATS, default="text", help="text, JSON, or annotations for GitHub Actions")

    new = command("new", _new, "write a new file with comments that say what belongs into it, every answer open")
    new.usage = """python3 dev.py new registry ID [--name NAME]
       python3 dev.py new claim REGISTRY CAPABILITY
       python3 dev.py new incident ID [--name NAME]
       python3 dev.py new page ID [--name NAME]
       python3 dev.py new capability ID --track TRACK [--name NAME]"""
    new.add_argument("kind", choices=[*drafting.PAGES, "claim"], help="what is to be written; a page is one of guidance")
    new.add_argument("id", help="lower-case letters, digits and hyphens; of a claim, the registry")
    new.add_argument("capability", nargs="?", help="of a claim, the capability")
    new.add_argument("--name", help="as readers see it (default: the id)")
    new.add_argument("--track", help="of a capability: authentication, authorization, general or client")

    fix = command("fix", _fix, "mend what can be mended without judgment in the data files that you changed: order, quotes, dates, long lines")
    fix.add_argument("paths", nargs="*", help="these files or folders instead")
    fix.add_argument("--all", action="store_true", help="all data files")
    fix.add_argument("--show", action="store_true", help="show what would change, and change nothing")

    command("explain", _explain, "tell what a rule asks, why, and what it refuses and accepts").add_argument("rule", nargs="?", help="its name, as it stands behind a fault; without it, all names")

    diff = command("diff", _diff, "tell in words what the data say differently from a revision of the repository")
    diff.add_argument("revision", help="what git knows, such as main or HEAD~3")
    diff.add_argument("--markdown", action="store_true", help="as Markdown, for a pull request")

    stale = command("stale", _stale, "list the claims that were read longest ago, as tasks")
    stale.add_argument("--registry", help="only of this registry")
    stale.add_argument("--months", type=int, default=12, help="only what was last read more than so many months ago (default: 12)")
    stale.add_argument("--limit", type=int, default=30, help="how many at most (default: 30)")

    command("export", _export, "write the open data, the Markdown twins and the old addresses into a built site").add_argument("site", type=Path)
    command("schema", _schema, "write the JSON Schemas of data/ from the model")
    command("promise", _promise, "write what the release promises into tests/release.json, when a version of the interface is released")
    return parser


# --------------------------------------------------------------------- check


def _check(root: Path, options: argparse.Namespace) -> int:
    checked = load_and_check(root, date.today())
    findings = list(checked.findings)
    if options.paths:
        findings = _within(findings, [_path(root, path) for path in options.paths])
    elif not options.all and options.format == "text" and (changed := _changed(root)):
        # What you changed comes first; faults that it caused elsewhere are told when it is mended.
        findings = _within(findings, changed) or findings
    print(FORMATS[options.format](findings), end="")
    sys.stdout.flush()
    others = len(checked.findings) - len(findings)
    if others and options.format == "text":
        where = "elsewhere" if options.paths else "in files that you did not change"
        print(f"{others} more {where}; `python3 dev.py check --all` shows them", file=sys.stderr)
    if findings:
        print(f"{len(findings)} to mend; `python3 dev.py explain RULE` tells more of the rule in brackets", file=sys.stderr)
        if mendable := _mendable(root, {finding.place.file for finding in findings}):
            print(f"`python3 dev.py fix {' '.join(mendable)}` mends some of it", file=sys.stderr)
        return 1
    if options.format == "text" and not others:
        counts = queries.claims_by_status(checked.dataset)
        print(f"Nothing to mend. {sum(counts.values())} claims: " + ", ".join(f"{number} {status}" for status, number in counts.items() if number))
    return 0


def _path(root: Path, given: str) -> str:
    """A file or folder below the project, as findings name it; typed from there or from the folder where the command was called."""
    for base in (root, Path(os.environ.get("CALLED_FROM", "."))):
        path = Path(os.path.normpath(base / given))
        if path.exists() and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    raise Refusal(f"there is no {given} in this project")


def _mendable(root: Path, names: set[str]) -> list[str]:
    """Those of the files whose form `fix` would change."""
    return [name for name in sorted(names) if (path := root / name).is_file() and _mended(name, path)]


def _mended(name: str, path: Path) -> str | None:
    """A data file in good form; `None` where it is so already, is of no kind that is known, or is not text."""
    _, folder, *rest = name.split("/") if name.startswith("data/") and name.endswith(".yaml") else ("", "")
    record = FOLDERS.get(folder) if rest else SINGLES.get(Path(folder).stem)
    if record is None:
        return None
    try:
        before = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
    after = tidied(before, record)
    return after if after != before else None


def _within(findings: list[Finding], names: list[str]) -> list[Finding]:
    return [finding for finding in findings if any(_inside(finding.place.file, name) or _inside(name, finding.place.file) for name in names)]


def _inside(file: str, folder: str) -> bool:
    return f"{file}/".startswith(f"{folder}/")


def _git(root: Path, *arguments: str) -> list[str] | None:
    """The lines that git answers, or `None` where it cannot."""
    try:
        run = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return run.stdout.splitlines() if run.returncode == 0 else None


def _changed(root: Path) -> list[str]:
    """Files that differ from where this work left the main branch, new ones included; none where git cannot tell."""
    base = next((found[0] for branch in ("origin/main", "main") if (found := _git(root, "merge-base", "HEAD", branch))), "HEAD")
    changed = _git(root, "diff", "--name-only", "--relative", base) or []
    return [*changed, *(_git(root, "ls-files", "--others", "--exclude-standard") or [])]


# ----------------------------------------------------------------------- new


def _new(root: Path, options: argparse.Namespace) -> int:
    dataset, _ = load(root)
    if dataset is None:
        raise Refusal("data/model.yaml cannot be read; `python3 dev.py check` tells why")
    if options.kind == "claim":
        files = _new_claim(root, options, dataset)
    else:
        files = _new_record(root, options, dataset)
    _write(root, {path: text.encode() for path, text in files.items()})
    print("Written: " + ", ".join(files))
    print("Fill in what the comments ask for. `python3 dev.py check` tells what is missing, and `python3 dev.py serve` shows it.")
    if options.kind == "page":
        print("Replace every comment, then give readers a way to it from docs/guidance/index.md.")
    if options.kind == "incident":
        print("data/README.md shows an incident. It stands first in the navigation; move it to its place by date in mkdocs.yml.")
    return 0


def _new_claim(root: Path, options: argparse.Namespace, dataset) -> dict[str, str]:
    path = root / "data" / "registries" / f"{options.id}.yaml"
    if not path.is_file():
        raise Refusal(f"there is no registry {options.id!r}; {nearest(options.id, dataset.known('registries'))} A new one begins with: python3 dev.py new registry {options.id}")
    if not options.capability:
        raise Refusal(f"name the capability too: python3 dev.py new claim {options.id} CAPABILITY; data/capabilities/ has them")
    if options.capability not in dataset.capabilities:
        raise Refusal(f"there is no capability {options.capability!r}; {nearest(options.capability, dataset.capabilities)}")
    text = path.read_text(encoding="utf-8")
    if there := re.search(rf"^  {options.capability}:", text, re.MULTILINE):
        line = text.count("\n", 0, there.start()) + 1
        raise Refusal(f"{path.relative_to(root).as_posix()}:{line} has a claim on {options.capability}; change that one")
    registry = dataset.registries.get(options.id)
    capability = dataset.capabilities[options.capability]
    if registry and not dataset.applies(capability, registry):
        raise Refusal(f"{options.capability} does not apply to {options.id}: {dataset.applicability(capability).reason}\nIf that is wrong, correct its traits.")
    return {path.relative_to(root).as_posix(): drafting.with_claim(text, options.capability, dataset)}


def _new_record(root: Path, options: argparse.Namespace, dataset) -> dict[str, str]:
    if not re.fullmatch(ID_PATTERN, options.id):
        raise Refusal(f"{options.id!r} is no id; use lower-case letters, digits and single hyphens")
    group = drafting.PAGES[options.kind]
    promised = root / "tests" / "release.json"
    if promised.is_file() and options.id in json.loads(promised.read_text())["ids"].get(group, []) and options.id not in dataset.known(group):
        raise Refusal(f"the id {options.id!r} was used before; ids are for ever, so choose another")
    tracks = [track.id for track in dataset.model.tracks]
    if options.kind == "capability" and options.track not in tracks:
        raise Refusal(f"a capability needs --track {' or '.join(tracks)}")
    files = drafting.drafts(options.kind, options.id, options.name or options.id, dataset, options.track or "")
    for path in files:
        if (root / path).exists():
            raise Refusal(f"{path} is there already")
    page = f"{group}/{options.id}.md"
    after = _neighbor(options, dataset)
    config = root / "mkdocs.yml"
    if config.is_file():
        files["mkdocs.yml"] = drafting.in_navigation(config.read_text(encoding="utf-8"), page, after)
    owners = root / ".github" / "CODEOWNERS"
    if options.kind == "registry" and owners.is_file():
        files[".github/CODEOWNERS"] = drafting.in_owners(owners.read_text(encoding="utf-8"), f"data/registries/{options.id}.yaml")
    return files


def _neighbor(options: argparse.Namespace, dataset) -> str:
    """The page behind which a new one stands in the navigation; empty where it stands by name."""
    if options.kind == "incident":
        return "incidents/index.md"
    if options.kind == "page":
        return "guidance/index.md"
    if options.kind == "capability":
        last = [id for id, capability in dataset.capabilities.items() if capability.track == options.track]
        return f"capabilities/{last[-1]}.md" if last else "capabilities/index.md"
    return ""


# ----------------------------------------------------------------------- fix


def _fix(root: Path, options: argparse.Namespace) -> int:
    every = {path.relative_to(root).as_posix(): path for path in sorted((root / "data").rglob("*.yaml"))}
    if options.paths:
        names = [_path(root, path) for path in options.paths]
        chosen = [name for name in every if any(name == given or name.startswith(f"{given}/") for given in names)]
        if not chosen:
            raise Refusal(f"there is no data file in {', '.join(options.paths)}")
    else:
        # Git hides a change of line ends alone.
        changed = {*_changed(root), *(name for name, path in every.items() if b"\r" in path.read_bytes())}
        chosen = [name for name in every if options.all or name in changed]
    mended = {}
    for name in chosen:
        if after := _mended(name, every[name]):
            mended[name] = after
            if options.show:
                was, now = every[name].read_text(encoding="utf-8").splitlines(), after.splitlines()
                print("\n".join(difflib.unified_diff(was, now, name, name, lineterm="", n=0)))
    if not options.show:
        _write(root, {name: text.encode() for name, text in mended.items()})
    done = "Would mend" if options.show else "Mended"
    files = f"{len(chosen)} data {'file' if len(chosen) == 1 else 'files'}"
    print("\n".join(f"{done}: {name}" for name in mended) or f"Nothing to mend in {files}")
    return 0


# ------------------------------------------------------ explain, diff, stale


def _explain(root: Path, options: argparse.Namespace) -> int:
    known = docs()
    if options.rule is None:
        for rule, text in known.items():
            print(f"{rule}\n  {text.strip().splitlines()[0]}")
        return 0
    rule = options.rule.strip("[]")
    if rule not in known:
        close = get_close_matches(rule, known, n=1)
        raise Refusal(f"there is no rule {rule!r}; " + (f"did you mean {close[0]!r}?" if close else "`python3 dev.py explain` lists them"))
    print(explain(rule, known, root), end="")
    return 0


def _diff(root: Path, options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        # What begins with a hyphen must be no option of git.
        named = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{options.revision}^{{commit}}")
        archive = subprocess.run(["git", "archive", "--format=zip", named[0] if named else "none", "--", "data"], cwd=root, capture_output=True, check=False)
        if not named or archive.returncode:
            raise Refusal(f"git knows no revision {options.revision} with data; name a commit, a branch or a tag")
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
        print(f"{len(faults)} records of {options.revision} do not fit the model of today and count as missing", file=sys.stderr)
    found = differences(before, after)
    print(as_markdown(found) if options.markdown else "\n".join(map(str, found)) or f"The data say the same as in {options.revision}.")
    return 0


def _stale(root: Path, options: argparse.Namespace) -> int:
    dataset = _without_faults(load_and_check(root, date.today()))
    if options.registry and options.registry not in dataset.registries:
        raise Refusal(f"there is no registry {options.registry!r}; {nearest(options.registry, dataset.registries)}")
    before = date.today() - timedelta(days=options.months * 365 // 12)
    found = queries.read_before(dataset, before, options.registry)
    for day, cell in found[: options.limit]:
        print(f"- [ ] {cell.registry.name}, {cell.capability.name}: last read on {day} ({cell.place.file}:{cell.place.line})")
        for evidence in cell.claim.evidence:
            print(f"      {evidence.url}")
    print(f"{len(found)} claims were last read before {before}" + (f"; the oldest {options.limit} are shown" if len(found) > options.limit else ""), file=sys.stderr)
    return 0


def _without_faults(checked: Checked):
    """The dataset, where nothing is to be mended first."""
    if checked.findings or checked.dataset is None:
        print(FORMATS["text"](checked.findings), end="")
        raise Refusal(f"{len(checked.findings)} to mend first")
    return checked.dataset


# --------------------------------------------------- export, schema, promise


def _export(root: Path, options: argparse.Namespace) -> int:
    checked = load_and_check(root, date.today())
    if checked.findings or checked.dataset is None:
        print(FORMATS["text"](checked.findings), end="")
        return 1
    if not options.site.is_dir():
        raise Refusal(f"{options.site} is no folder; build the site first")
    sources = {path.stem: path.read_bytes() for path in sorted((root / "data" / "registries").glob("*.yaml"))}
    site_url = os.environ.get("SITE_URL", SITE_URL)
    pages = {path.relative_to(options.site).as_posix(): path.read_text(encoding="utf-8") for path in options.site.rglob("*.html")}
    _write(options.site, exporting.twins(pages, site_url))
    _write(options.site, exporting.release(checked.dataset, site_url, sources))
    _write(options.site, exporting.redirects(checked.dataset))
    return 0


def _schema(root: Path, options: argparse.Namespace) -> int:
    _write(root, exporting.schemas())
    return 0


def _promise(root: Path, options: argparse.Namespace) -> int:
    dataset, _ = load(root)
    _write(root, {"tests/release.json": exporting.promise(dataset)})
    return 0


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
