"""What tests share: a small project to break, and the real one."""

import shutil
from pathlib import Path

import pytest
from project import EXAMPLES, ROOT

from macros.load import load
from macros.model import Dataset


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project without a fault, in a folder of its own."""
    shutil.copytree(EXAMPLES / "base", tmp_path, dirs_exist_ok=True)
    shutil.copy(ROOT / "data" / "model.yaml", tmp_path / "data" / "model.yaml")
    return tmp_path


@pytest.fixture
def dataset(project: Path) -> Dataset:
    """The records of the small project."""
    loaded, findings = load(project)
    assert loaded and not findings
    return loaded


@pytest.fixture(scope="session")
def real() -> Dataset:
    """The records of this site."""
    loaded, findings = load(ROOT)
    assert loaded and not findings, "\n".join(map(str, findings))
    return loaded
