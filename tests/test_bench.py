"""The benchmark measures trees that the project itself would accept, and its edits do what they say."""

import json
from pathlib import Path

import pytest
from mkdocs.config import load_config

from macros.load import load
from macros.site import load_and_check
from project import FAR_DAY
from tools import bench


@pytest.mark.parametrize(("make", "registries", "pages"), [(bench.real, 1, 1), (bench.bare, 1, 1), (bench.with_pages(2), 1, 2), (bench.with_registries(40), 40, 1)], ids=["real", "bare", "pages", "registries"])
def test_a_tree_has_nothing_to_mend_and_the_size_that_was_asked(tmp_path: Path, make, registries: int, pages: int) -> None:
    make(tmp_path)
    checked = load_and_check(tmp_path, FAR_DAY)
    assert list(map(str, checked.findings)) == []
    real, _ = load(bench.ROOT)
    assert len(checked.dataset.registries) == max(registries, len(real.registries))
    own = {path.relative_to(bench.ROOT / "docs").as_posix() for path in (bench.ROOT / "docs").rglob("*.md")}
    # MkDocs takes the configuration, and every page has its place in it.
    listed = json.dumps(load_config(str(tmp_path / "mkdocs.yml")).nav)
    assert all(json.dumps(path) in listed for path in checked.pages)
    assert len(checked.pages) == pages * len(own) + len(checked.dataset.registries) - len(real.registries)


@pytest.mark.parametrize("step", bench.STEPS[2:])
def test_every_round_edits_something_anew_and_leaves_nothing_to_mend(tmp_path: Path, step: str) -> None:
    bench.real(tmp_path)
    seen = set()
    for round_ in range(3):
        bench.edit(step, tmp_path, round_)
        seen.add(tuple(sorted((path, path.read_bytes()) for folder in ("data", "docs", "macros") for path in (tmp_path / folder).rglob("*") if path.suffix in (".md", ".yaml", ".html"))))
    assert len(seen) == 3
    assert load_and_check(tmp_path, FAR_DAY).findings == ()


def test_the_table_has_ratios_to_both() -> None:
    results = {(step, builder): bench.Measured([seconds, seconds, 99.0], [100.0]) for step in bench.STEPS for builder, seconds in zip(bench.BUILDERS, (10.0, 2.5, 5.0), strict=True)}
    assert bench.table(results)[2] == "| Cold | 2.5 s | 0.25 | 0.50 |"
    assert bench.table(results)[-1] == "Peak memory of a process: plain MkDocs 100 MiB, MkDocs here 100 MiB, Zensical 100 MiB."
