"""The floors of the house: a module of `macros` imports its own floor or a lower one, never a higher one."""

import ast
from pathlib import Path

import pytest
from project import ROOT

# From the ground up. A package stands where its name stands; its modules share the floor.
FLOORS = [
    ["model", "diagrams"],
    ["load", "pages", "blocks", "store"],
    ["tidy"],
    ["queries", "assessment", "differences", "findings", "rules"],
    ["rendering", "exporting", "drafting", "dependencies", "searched"],
    ["making", "preview"],
    ["pagecache"],
    ["site"],
    ["cli"],
    ["__init__", "__main__"],
]
# Modules that only these floors may touch: the engine, arguments and the clock belong to the top.
RESERVED = {"mkdocs": {"site", "pagecache", "searched", "making", "preview"}, "argparse": {"cli"}, "jinja2": {"rendering", "drafting", "pagecache", "store"}, "yaml": {"load", "tidy"}, "sys": {"cli", "__init__", "__main__", "preview"}}


def floor_of(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "macros").parts[0].removesuffix(".py")


def breaks_in(source: str, room: str) -> list[str]:
    """Each import in the source that the room may not make, as `line: what`."""
    breaks = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                breaks.append(f"{node.lineno}: a relative import, which Zensical cannot follow")
                continue
            names = [f"{node.module}.{alias.name}" if node.module == "macros" else node.module for alias in node.names]
        else:
            continue
        for name in dict.fromkeys(names):
            top, _, rest = name.partition(".")
            if top == "macros" and rest:
                target = rest.split(".")[0]
                if target != room and floor_of(target) > floor_of(room):
                    breaks.append(f"{node.lineno}: {room} imports {target}, which is above it")
            elif room not in RESERVED.get(top, {room}):
                breaks.append(f"{node.lineno}: {room} imports {top}")
    return breaks


@pytest.mark.parametrize("path", sorted((ROOT / "macros").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_imports_a_higher_floor(path: Path) -> None:
    assert breaks_in(path.read_text(), room_of(path)) == []


@pytest.mark.parametrize(
    ("source", "room", "expected"),
    [
        ("from macros.queries import cell", "model", "1: model imports queries, which is above it"),
        ("import os\nfrom macros import rendering", "rules", "2: rules imports rendering, which is above it"),
        ("def f():\n    import yaml", "queries", "2: queries imports yaml"),
        ("from . import model", "load", "1: a relative import, which Zensical cannot follow"),
    ],
)
def test_a_break_is_named_with_its_line(source: str, room: str, expected: str) -> None:
    assert breaks_in(source, room) == [expected]


def test_only_the_top_floors_ask_for_the_day() -> None:
    asking = {room_of(path) for path in (ROOT / "macros").rglob("*.py") if "date.today(" in path.read_text()}
    assert asking <= {"site", "cli"}


def test_no_python_string_holds_a_table() -> None:
    """HTML lives in templates."""
    holding = [path.name for path in (ROOT / "macros").rglob("*.py") if "<t" in path.read_text() or "<div" in path.read_text()]
    assert holding == []
