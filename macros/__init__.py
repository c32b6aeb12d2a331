"""Evidenced facts in YAML become tables in Markdown pages. HACKING.md draws the floors of this package.

The engines import this module only; `define_env` hands over to `macros.site`.
"""

import importlib
import sys
from pathlib import Path

_root = Path(__file__).resolve().parent
if str(_root.parent) not in sys.path:  # Zensical runs this file without putting the project on the path
    sys.path.insert(0, str(_root.parent))


def _sources() -> tuple[tuple[str, int], ...]:
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in _root.rglob("*") if path.suffix in (".py", ".html")))


def _current_site():
    """`macros.site`, imported anew when any source of this package has changed, so that a running preview follows."""
    sources, site = _sources(), sys.modules.get("macros.site")
    if getattr(site, "loaded_from", None) != sources:
        # A preview that runs keeps what it knows.
        for name in [name for name in sys.modules if name.startswith("macros.") and name != "macros.preview"]:
            del sys.modules[name]
            # `from macros import queries` looks at the package's own names before it imports.
            vars(sys.modules["macros"]).pop(name.split(".")[1], None)
        site = importlib.import_module("macros.site")
        site.loaded_from = sources
    return site


def define_env(env) -> None:
    """Entry point of both engines; see `macros.site.define_env`."""
    _current_site().define_env(env)


def on_post_page_macros(env) -> None:
    """See `macros.site.on_post_page_macros`. `define_env` has loaded it for this build."""
    sys.modules["macros.site"].on_post_page_macros(env)
