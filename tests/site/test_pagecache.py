"""What is kept between builds is never stale and never different: compared with plain builds, byte for byte, after all sorts of edits."""

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import AROUND, copy_of_the_project, small_site
from project import ROOT


def build(project: Path, site: str, cache: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0", "SITE_DIR": str(project.parent / site), "PAGE_CACHE": cache}
    return subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict"], cwd=project, capture_output=True, text=True, check=False, env=environment)


def files(folder: Path) -> dict[str, bytes]:
    # The compressed sitemap holds the time at which it was packed.
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".gz"}


def assert_same(project: Path, cache: Path, what: str) -> None:
    """A build that may use the cache gives the same files, warnings and status as a plain one."""
    kept, plain = build(project, "kept", str(cache)), build(project, "plain", "off")
    assert kept.returncode == plain.returncode, f"{what}\n{kept.stderr}\n{plain.stderr}"
    said = [[line for line in run.stderr.splitlines() if "WARNING" in line or "ERROR" in line] for run in (kept, plain)]
    assert said[0] == said[1], what
    if plain.returncode == 0:
        one, other = files(project.parent / "kept"), files(project.parent / "plain")
        assert one.keys() == other.keys(), what
        assert [name for name in one if one[name] != other[name]] == [], what


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site that uses the real code, templates and theme, and what a first build of it keeps."""
    folder = small_site(tmp_path_factory.mktemp("once") / "project", *AROUND)
    shutil.copytree(ROOT / "docs/assets", folder / "docs/assets")
    calls = {
        "index": ["small_matrix()", "latest()"],
        "matrix": ["matrix()"],
        "changes": ["changes()", "announced()"],
        "about/health": ["health()"],
        "assess": ["questionnaire()"],
        "registries/index": ["registries()"],
        "registries/compare": ["side_by_side()"],
        "capabilities/index": ["capabilities()"],
        "threats/index": ["threats()"],
        "incidents/index": ["incidents()"],
        "lexicon": ["statuses()", "evidence_kinds()", "own_words()"],
        "guidance/index": ["principles()", "checklist()"],
    }
    for name, its in calls.items():
        page = folder / f"docs/{name}.md"
        page.write_text(page.read_text() + "".join(f"\n<!--[[ {call} ]]-->\n" for call in its))
    yanking = folder / "docs/capabilities/yanking.md"
    more = "".join(f'<!--[[ {name}("yanking") ]]-->\n\n' for name in ("capability", "adoption", "adopters", "prior_art"))
    yanking.write_text(yanking.read_text().replace("<!--[[ comparison", f"{more}<!--[[ comparison"))
    assert_same(folder, folder.parent / "cache", "the first build")
    assert (folder.parent / "kept/index.html").exists()
    return folder.parent


@pytest.fixture
def project(once: Path, tmp_path: Path) -> Path:
    """The small site in a folder of its own; `cache` beside it holds what its first build kept."""
    for name in ("project", "cache"):
        shutil.copytree(once / name, tmp_path / name)
    return tmp_path / "project"


# ------------------------------------------------------------------ edits


def replaced(path: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(project: Path) -> None:
        file = project / path
        text = file.read_text()
        assert re.search(old, text, re.MULTILINE), f"{path}: {old}"
        file.write_text(re.sub(old, new, text, count=1, flags=re.MULTILINE))

    return edit


EXAMPLE, GUIDANCE = "data/registries/example.yaml", "docs/guidance/yanking.md"
EDITS: dict[str, Callable[[Path], None]] = {
    "a sentence of a page": replaced(GUIDANCE, r"Nothing is known", "Little is known"),
    "back again": replaced(GUIDANCE, r"(Nothing|Little) is known", "Nothing is known"),
    "a title": replaced("docs/lexicon.md", r"^# \w+", "# Words"),
    "a heading, which is in the table of contents": replaced(GUIDANCE, r"^## Decide$", "## Decide {#choices}"),
    "the description of a page": replaced("docs/matrix.md", r"An? \w+\.", "A table."),
    "a status": replaced(EXAMPLE, r"status: (supported|partial)\b", "status: supported"),
    "a summary": replaced(EXAMPLE, r"can yank", "may yank"),
    "a detail": replaced(EXAMPLE, r"window: \d+ hours", "window: 71 hours"),
    "a line more, which moves those below": replaced(EXAMPLE, r"^(    since: .*)$", r"\1\n    note: A remark."),
    "a source that was read again": replaced(EXAMPLE, r"checked: 20\d\d-01-31", "checked: 2026-01-30"),
    "a trait": replaced("data/registries/mirror.yaml", r"^description: .*$", "description: A mirror."),
    "the name of a registry": replaced("data/registries/mirror.yaml", r"^name: .*$", "name: The mirror"),
    "a capability": replaced("data/capabilities/yanking.yaml", r"^why: .*$", "why: It must stop spreading at once."),
    "an incident": replaced("data/incidents/theft-2025.yaml", r"^name: .*$", "name: The theft"),
    "a word of the vocabulary": replaced("data/model.yaml", r"name: Supported", "name: There"),
    "a template of a macro": replaced("macros/rendering/templates/sources.html", r'class="sources', 'class="all sources'),
    "code": replaced("macros/rendering/__init__.py", r"\A", "# Changed.\n"),
    "a template of the theme": replaced("overrides/main.html", r"Edit this page", "Edit it"),
    "the name of the site": replaced("mkdocs.yml", r"^site_name: .*$", "site_name: Another name"),
    "the settings of Markdown": replaced("mkdocs.yml", r"permalink_title: .*$", "permalink_title: Link"),
    "a style": replaced("docs/assets/stylesheets/site.css", r"\A", "/* Changed. */\n"),
    "a page more": lambda project: (
        (project / "docs/more.md").write_text("---\ndescription: More.\n---\n\n# More\n\nSee [words](lexicon.md).\n"),
        replaced("mkdocs.yml", r"^  - lexicon\.md\n(  - more\.md\n)?", "  - lexicon.md\n  - more.md\n")(project),
    ),
    "a page less": lambda project: ((project / "docs/more.md").unlink(missing_ok=True), replaced("mkdocs.yml", r"^(  - lexicon\.md\n)(  - more\.md\n)?", r"\1")(project)),
    "the order of the navigation": replaced("mkdocs.yml", r"^(  - matrix\.md\n)((?:  - .*\n)+)", r"\2\1"),
    "a page that is not in the navigation": replaced("mkdocs.yml", r"^  - changes\.md\n", ""),
    "a link that leads nowhere": replaced("docs/lexicon.md", r"\Z", "\nSee [nothing](nothing.md).\n"),
    "and leads somewhere again": replaced("docs/lexicon.md", r"(?:\nSee \[nothing\]\(nothing\.md\)\.\n)*\Z", ""),
    "an anchor that is not there": replaced("docs/matrix.md", r"^A page\.$", "See [words](lexicon.md#nowhere)."),
    "and is there again": replaced("docs/matrix.md", r"^(A page|See \[words\].*)\.$", "A page."),
}


@pytest.mark.parametrize("seed", [1, 2])
def test_any_edits_in_any_order_give_what_a_plain_build_gives(project: Path, tmp_path: Path, seed: int) -> None:
    order = random.Random(seed)  # noqa: S311
    done: list[str] = []
    for _ in range(8):
        for name in order.sample(sorted(EDITS), order.choice([1, 2, 3])):
            try:
                EDITS[name](project)
            except AssertionError:
                continue  # it was done before
            done.append(name)
        assert_same(project, tmp_path / "cache", f"after {done}")


@pytest.mark.parametrize("edit", EDITS)
def test_each_edit_is_seen(project: Path, tmp_path: Path, edit: str) -> None:
    if edit == "a page less":
        EDITS["a page more"](project)
    EDITS[edit](project)
    assert_same(project, tmp_path / "cache", edit)


# ------------------------------------------------------------ what it keeps


def test_an_unchanged_page_is_taken_from_the_store(project: Path, tmp_path: Path) -> None:
    """Shown by changing what is kept: the page has it."""
    marked = 0
    for path in (tmp_path / "cache").glob("*/*"):
        body = path.read_bytes()[64:]
        if b"</body>" in body and b"A mirror" in body:
            body = body.replace(b"</body>", b"<!-- kept --></body>")
            path.write_bytes(hashlib.sha256(body).hexdigest().encode() + body)
            marked += 1
    build(project, "kept", str(tmp_path / "cache"))
    assert marked and sum("<!-- kept -->" in path.read_text() for path in (tmp_path / "kept").rglob("*.html")) == marked


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-7]), lambda path: path.write_bytes(b""), lambda path: path.write_bytes(path.read_bytes().replace(b"e", b"a")), lambda path: path.unlink()], ids=["half written", "empty", "changed", "gone"])
def test_a_damaged_store_is_made_anew(project: Path, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    cache = tmp_path / "cache"
    for path in sorted(cache.glob("*/*"))[::2]:
        damage(path)
    assert_same(project, cache, "with half of it damaged")
    assert_same(project, cache, "and again")


def test_a_store_that_is_no_folder_costs_time_and_not_the_build(project: Path, tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("a file")
    assert_same(project, tmp_path / "no-folder", "with a file in the place of the folder")


def test_builds_at_the_same_time_can_share_a_store(project: Path, tmp_path: Path) -> None:
    cache = tmp_path / "shared"
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda number: build(project, f"kept-{number}", str(cache)), range(3)))
    assert [run.returncode for run in runs] == [0, 0, 0]
    build(project, "plain", "off")
    for number in range(3):
        assert files(tmp_path / f"kept-{number}") == files(tmp_path / "plain")


def test_a_fault_is_told_every_time(project: Path, tmp_path: Path) -> None:
    replaced(EXAMPLE, r"status: supported", "status: suported")(project)
    for _ in range(2):
        run = build(project, "kept", str(tmp_path / "cache"))
        assert run.returncode != 0 and "'suported' is not allowed for 'status'; did you mean 'supported'?" in run.stderr


def test_it_can_be_switched_off(project: Path, tmp_path: Path) -> None:
    assert build(project, "plain", "off").returncode == 0
    assert not (project / ".cache").exists()


# -------------------------------------------------------------- the real site


def test_the_site_itself_is_the_same_after_an_edit_of_a_cell(tmp_path: Path) -> None:
    project, cache = copy_of_the_project(tmp_path / "project"), tmp_path / "cache"
    assert build(project, "kept", str(cache)).returncode == 0
    registry = project / "data/registries/hex.yaml"
    registry.write_text(re.sub(r"^(  yanking:\n    status: .*\n)", r"\1    # A line more.\n", registry.read_text(), flags=re.MULTILINE).replace("Retire", "Retire it", 1))
    assert_same(project, cache, "after an edit of a cell")
