"""`dev.py` starts on a machine that has nothing but Python."""

import ast
import subprocess
import sys

import pytest
from project import ROOT


def dev(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "dev.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize(("arguments", "status"), [((), 0), (("help",), 0), (("sreve",), 2)])
def test_without_a_command_it_knows_it_lists_the_commands(arguments: tuple[str, ...], status: int) -> None:
    run = dev(*arguments)
    assert run.returncode == status
    for command in ("serve", "test", "build", "check", "links"):
        assert f"python3 dev.py {command}" in run.stdout


def test_the_readme_names_the_same_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    for command in ("serve", "test", "build", "check", "links"):
        assert f"python3 dev.py {command}" in readme
