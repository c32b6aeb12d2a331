"""What is kept between builds comes back as it was, or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from macros.store import ReadFiles, Store


@pytest.mark.parametrize("damage", [lambda kept: kept[:-1], lambda kept: b"", lambda kept: kept + b"x", lambda kept: kept[:-1] + b"?"], ids=["cut", "empty", "longer", "changed"])
def test_a_damaged_content_counts_as_missing(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    store = Store(tmp_path)
    assert store.put("ab12", b"content") and store.get("ab12") == b"content"
    (tmp_path / "ab/12").write_bytes(damage((tmp_path / "ab/12").read_bytes()))
    assert store.get("ab12") is None
    assert store.put("ab12", b"anew") and store.get("ab12") == b"anew"


def test_a_disk_that_takes_nothing_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file")
    assert store.put("ab12", b"content") is False
    assert store.get("ab12") is None and not store.has("ab12")


def test_what_was_not_used_for_long_is_forgotten(tmp_path: Path) -> None:
    Store(tmp_path).put("ab12", b"old")
    Store(tmp_path).put("cd34", b"used")
    store = Store(tmp_path)
    store.get("cd34")
    store.tidy(days=-1)
    assert [path.name for path in tmp_path.glob("*/*")] == ["34"]


def test_a_file_is_read_again_when_it_or_its_name_or_the_code_changes(tmp_path: Path) -> None:
    asked: list[bytes] = []

    def reader(content: bytes) -> dict[str, int]:
        asked.append(content)
        return {"length": len(content)}

    files = ReadFiles()
    files.read("a.yaml", b"one", reader)
    files.read("a.yaml", b"one", reader)
    assert asked == [b"one", b"one"]  # nothing is kept before it is told where
    asked.clear()
    for name, content, code in [("a.yaml", b"one", "1"), ("a.yaml", b"one", "1"), ("a.yaml", b"other", "1"), ("b.yaml", b"one", "1"), ("b.yaml", b"one", "2"), ("a.yaml", b"one", "1")]:
        files.keep_in(Store(tmp_path), code)
        assert files.read(name, content, reader) == {"length": len(content)}
    assert asked == [b"one", b"other", b"one", b"one"]
