#!/usr/bin/env python3
"""Sets up the project and runs it, on any machine with Python 3.11 or newer and nothing else.

    python3 dev.py serve       show the site at http://127.0.0.1:8000/ and follow every edit
    python3 dev.py test        run all tests; further arguments go to pytest

    python3 dev.py new         write a new file: registry ID, capability ID, incident ID, page ID, or claim REGISTRY CAPABILITY
    python3 dev.py check       check data and pages, what you changed first
    python3 dev.py fix         mend the form of data files that you changed
    python3 dev.py explain     tell what a rule asks, and why
    python3 dev.py diff        tell in words what the data say differently from a revision
    python3 dev.py stale       list the claims that were read longest ago

    python3 dev.py build       write the complete site into site/   (--engine zensical for the other engine)
    python3 dev.py links       check internal links                 (external: ask the rest of the web)
    python3 dev.py bench       measure how fast builds and preview are
    python3 dev.py lock        write the lock files anew            (needs uv)

Each command first brings the virtual environment in .venv in line with the lock file; --help behind it tells what it takes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from difflib import get_close_matches
from pathlib import Path

# Of commands that are not ours to ask, or that take long to set up.
OWN_HELP = {
    "serve": "usage: python3 dev.py serve [-a ADDRESS]\n\nShow the site at http://127.0.0.1:8000/ and follow every edit; the first page takes about half a minute.",
    "test": "usage: python3 dev.py test [ARGUMENTS OF PYTEST]\n\nRun all tests on every core, about twenty minutes on two. Some of them:\n"
    "  --ignore tests/site -n auto    all but those that build the site\n  tests/test_rules.py            one file\n  -k yanking                     those with a word in their name",
    "lock": "usage: python3 dev.py lock\n\nPin every dependency anew, with hashes, in requirements.lock and requirements-test.lock; needs uv.",
    "links": "usage: python3 dev.py links [external [--report FILE]] [--engine mkdocs|zensical]\n\nBuild, serve and follow every internal link, which takes minutes; "
    "external: ask every cited address, slowly and with a cache.",
    "build": "usage: python3 dev.py build [--engine mkdocs|zensical] [--offline]\n\nWrite the complete site into site/, or with --offline into offline.zip.",
}

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SITE, TESTS = ROOT / "requirements.lock", ROOT / "requirements-test.lock"


def main(arguments: list[str]) -> int:
    command, *rest = arguments or ["help"]
    commands = {
        # A warning must not end a preview; a build is strict.
        "serve": (SITE, ["-m", "mkdocs", "serve", "--no-strict", *rest]),
        # All tests are worth every core; a few start sooner in one process.
        "test": (TESTS, ["-m", "pytest", *(rest or ["-n", "auto"])]),
        "build": (TESTS if "zensical" in rest else SITE, ["-m", "tools.build", *rest]),
        **{name: (SITE, ["-m", "macros", name, *rest]) for name in ("new", "check", "fix", "explain", "diff", "stale")},
        "bench": (TESTS, ["-m", "tools.bench", *rest]),
        "links": (TESTS, ["-m", "tools.links", *rest]),
    }
    if command not in commands and command != "lock":
        print(__doc__.strip())
        if command in ("help", "-h", "--help"):
            return 0
        close = get_close_matches(command, [*commands, "lock"], n=1)
        print(f"\nthere is no command {command!r}" + (f"; did you mean {close[0]!r}?" if close else ""), file=sys.stderr)
        return 2
    if {"-h", "--help"} & set(rest) and command in OWN_HELP:
        print(OWN_HELP[command])
        return 0
    if command == "lock":
        return lock()
    requirements, call = commands[command]
    set_up(requirements)
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "CALLED_FROM": os.getcwd()}
    if command == "serve":
        environment.setdefault("STOP_ON_FAULTS", "false")
        # A preview reloads itself by a script that stands in the page, which the policy of the site forbids.
        environment.setdefault("CONTENT_SECURITY_POLICY", "")
    try:
        return subprocess.run([PYTHON, *call], cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130


def set_up(requirements: Path) -> None:
    """Make .venv hold what the lock file names. The tests' lock holds the site's too, so either serves the site."""
    stamp = VENV / "installed"
    wanted = {lock.name: hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest() for lock in (SITE, TESTS)}
    installed = stamp.read_text().split() if stamp.exists() and PYTHON.exists() else []
    if wanted[TESTS.name] in installed or (requirements == SITE and wanted[SITE.name] in installed):
        return
    print(f"Setting up {VENV.name} from {requirements.name} …", file=sys.stderr, flush=True)
    if not with_uv(requirements):
        with_pip(requirements)
    stamp.write_text(wanted[requirements.name])


def with_uv(requirements: Path) -> bool:
    """Install with uv where it is at hand, which takes seconds; whether that went well."""
    uv = shutil.which("uv")
    if not uv:
        return False
    commands = [[uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV]]
    commands += [[uv, "pip", "install", "--quiet", "--require-hashes", "--python", PYTHON, "-r", requirements]]
    return all(subprocess.run(command, cwd=ROOT, check=False).returncode == 0 for command in commands)


def with_pip(requirements: Path) -> None:
    """Install with the standard library's venv and its pip; an environment that uv made has none, and is made anew."""
    has_pip = PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    if not has_pip:
        run([sys.executable, "-m", "venv", "--clear", VENV], hint="On Debian and Ubuntu this needs: apt-get install python3-venv")
    run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", requirements])


def run(command: list, hint: str = "") -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(f"Setting up failed at: {' '.join(map(str, command))}\n{hint}".rstrip())


def lock() -> int:
    """Pin every dependency with its hashes, for every platform and without naming where packages come from."""
    uv = shutil.which("uv")
    if not uv:
        sys.exit("uv is not on the PATH")
    compile_ = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", "3.11", "--no-emit-index-url", "pyproject.toml"]
    compile_ += ["--custom-compile-command", "python3 dev.py lock"]
    run([*compile_, "--upgrade", "--extra", "test", "-o", TESTS.name])
    run([*compile_, "--upgrade", "-c", TESTS.name, "-o", SITE.name])
    return 0


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit("This project needs Python 3.11 or newer; this is " + sys.version.split()[0])
    sys.exit(main(sys.argv[1:]))
