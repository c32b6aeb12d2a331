"""Builds the whole site: pages by an engine, then the open data beside them.

`python -m tools.build` replaces `site/` only when everything has succeeded.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("mkdocs", "zensical")


def build_into(target: Path, engine: str = "mkdocs", site_url: str | None = None, root: Path = ROOT) -> int:
    """Build pages and data of the project at `root` into the folder `target`; returns the exit status of the first step that fails."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": _epoch(root)}
    if site_url:
        environment["SITE_URL"] = site_url
    command = {
        # Never with --quiet: it hides the warnings before strict mode counts them.
        "mkdocs": [sys.executable, "-m", "mkdocs", "build", "--strict"],
        "zensical": [sys.executable, "-m", "zensical", "build", "--strict", "--clean"],
    }[engine]
    # Zensical writes only below the project, so both engines build there first.
    with tempfile.TemporaryDirectory(dir=root, prefix=".site-") as folder:
        fresh = Path(folder) / "site"
        status = subprocess.run(command, cwd=root, env={**environment, "SITE_DIR": str(fresh.relative_to(root))}, check=False).returncode
        if status:
            return status
        # This project's own code also exports the data of another root, as tests have it.
        export = [sys.executable, "-m", "macros", "--root", str(root), "export", str(fresh)]
        status = subprocess.run(export, cwd=ROOT, check=False).returncode
        if status == 0:
            shutil.copytree(fresh, target, dirs_exist_ok=True)
    return status


def _epoch(root: Path) -> str:
    """The time of the last commit, so that two builds of one commit are alike."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return os.environ["SOURCE_DATE_EPOCH"]
    log = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=root, capture_output=True, text=True, check=False)
    return log.stdout.strip() or "0"


def build(site: Path, engine: str = "mkdocs") -> int:
    """Build beside `site` and put the result in its place; after a failure the last good site is still there."""
    with tempfile.TemporaryDirectory(dir=site.parent, prefix=".site-") as staging:
        fresh, old = Path(staging) / "fresh", Path(staging) / "old"
        status = build_into(fresh, engine)
        if status:
            print(f"{site.name}/ is left as it was", file=sys.stderr)
            return status
        if site.exists():
            site.rename(old)
        shutil.move(fresh, site)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.build", description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="mkdocs")
    options = parser.parse_args()
    return build(ROOT / "site", options.engine)


if __name__ == "__main__":
    sys.exit(main())
