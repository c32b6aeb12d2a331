"""Builds the whole site: pages by an engine, then the open data beside them.

`python -m tools.build` replaces `site/` only when everything has succeeded; with `--offline` it writes `offline.zip`, the
site as a folder that works without a server.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("mkdocs", "zensical")


@contextmanager
def built(engine: str, site_url: str | None = None, root: Path = ROOT, config: str = "mkdocs.yml") -> Iterator[tuple[int, Path]]:
    """Build pages and data of the project at `root` in a temporary folder; gives the exit status of the first step that fails, or 0, and the site.

    The folder lies below the project, because Zensical writes nowhere else, and goes when the block is left.
    """
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": _epoch(root)}
    if site_url:
        environment["SITE_URL"] = site_url
    command = {
        # Never with --quiet: it hides the warnings before strict mode counts them.
        "mkdocs": [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", config],
        "zensical": [sys.executable, "-m", "zensical", "build", "--strict", "--clean"],
    }[engine]
    with tempfile.TemporaryDirectory(dir=root, prefix=".site-") as folder:
        site = Path(folder) / "site"
        status = subprocess.run(command, cwd=root, env={**environment, "SITE_DIR": str(site.relative_to(root))}, check=False).returncode
        if status == 0:
            # This project's own code also exports the data of another root, as tests have it.
            export = [sys.executable, "-m", "macros", "--root", str(root), "export", str(site)]
            status = subprocess.run(export, cwd=ROOT, env=environment, check=False).returncode
        yield status, site


def build_into(target: Path, engine: str = "mkdocs", site_url: str | None = None, root: Path = ROOT) -> int:
    """Build and copy the site into the folder `target`; returns the exit status."""
    with built(engine, site_url, root) as (status, site):
        if status == 0:
            shutil.copytree(site, target, dirs_exist_ok=True)
    return status


def build(engine: str = "mkdocs") -> int:
    """Build and put the site in the place of `site/`; after a failure the last good one is still there."""
    with built(engine) as (status, fresh):
        if status:
            print("site/ is left as it was", file=sys.stderr)
            return status
        site, old = ROOT / "site", fresh.parent / "old"
        if site.exists():
            site.rename(old)
        try:
            fresh.rename(site)
        except OSError:
            if old.exists():
                old.rename(site)
            raise
    return 0


def pack(target: Path) -> int:
    """Write the site as a folder that works without a server into the zip file `target`; returns the exit status."""
    with built("mkdocs", config="mkdocs.offline.yml") as (status, site):
        if status == 0:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(path for path in site.rglob("*") if path.is_file()):
                    # One date for all, so that two builds of one commit give the same bytes.
                    entry = zipfile.ZipInfo(f"{target.stem}/{path.relative_to(site).as_posix()}")
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
    return status


def _epoch(root: Path) -> str:
    """The time of the last commit, so that two builds of one commit are alike."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return os.environ["SOURCE_DATE_EPOCH"]
    log = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=root, capture_output=True, text=True, check=False)
    return log.stdout.strip() or "0"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 dev.py build", description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="mkdocs")
    parser.add_argument("--offline", action="store_true", help="write offline.zip instead of site/")
    options = parser.parse_args()
    return pack(ROOT / "offline.zip") if options.offline else build(options.engine)


if __name__ == "__main__":
    sys.exit(main())
