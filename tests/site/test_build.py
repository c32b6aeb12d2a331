"""The built site: both engines, no warning, nothing missing."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest
from conftest import copy_of_the_project

from tools.build import build_into


KINDS = ["", "matrix/", "guidance/trusted-publishing/", "capabilities/", "capabilities/yanking/", "registries/", "registries/pypi/", "registries/compare/", "assess/", "about/", "about/status/", "about/facts/", "about/health/", "principles/", "changes/", "threats/", "incidents/", "incidents/left-pad-2016/", "lexicon/"]


def test_the_strict_build_warns_of_nothing(site) -> None:
    assert not re.search(r"\b(WARNING|ERROR|Traceback|warning:|error:)", site.log), site.log


def test_two_builds_of_one_state_are_the_same_to_the_byte(site, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    engine = request.node.callspec.params["site"]
    project = copy_of_the_project(tmp_path / "project")
    again = tmp_path / "again"
    again.mkdir()
    assert build_into(again, engine, site_url=site.address, root=project) == 0
    files = [{path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()} for folder in (site.folder, again)]
    assert files[0].keys() == files[1].keys()
    assert [name for name, path in files[0].items() if path.read_bytes() != files[1][name].read_bytes()] == []


def test_both_engines_build_the_same_pages(mkdocs_site, zensical_site) -> None:
    assert mkdocs_site.pages() == zensical_site.pages()
    assert set(KINDS) <= set(mkdocs_site.pages())


def test_both_engines_show_the_same_facts(mkdocs_site, zensical_site) -> None:
    def tables(site) -> list[str]:
        html = (site.folder / "guidance/trusted-publishing/index.html").read_text()
        return [re.sub(r'href="[^"]*"', "href", table) for table in re.findall(r"<table class=\"?comparison.*?</table>", html, re.DOTALL)]

    assert tables(mkdocs_site) == tables(zensical_site) != []


def test_the_open_data_is_in_the_site(site) -> None:
    manifest = json.loads((site.folder / "data/v1/manifest.json").read_text())
    for path, entry in manifest["files"].items():
        assert hashlib.sha256((site.folder / "data/v1" / path).read_bytes()).hexdigest() == entry["sha256"], path


def test_every_page_has_a_markdown_twin_that_says_the_same(site) -> None:
    listed = (site.folder / "llms.txt").read_text()
    pages = [path for path in site.pages() if 'class="md-content"' in (site.folder / path / "index.html").read_text()]
    assert len(pages) > 100
    for path in pages:
        twin = (site.folder / path / "index.md").read_text()
        assert f'page: "{site.address}{path}"' in twin and "<svg" not in twin and "¶" not in twin, path
        assert f"({site.address}{path}index.md)" in listed, path
    yanking = (site.folder / "capabilities/yanking/index.md").read_text()
    assert "| [PyPI](../../registries/pypi/#yanking) | Supported since 2020-04-22" in yanking


@pytest.mark.parametrize("path", KINDS)
def test_every_kind_of_page_is_valid_html(mkdocs_site, path: str) -> None:
    parser = html5lib.HTMLParser()
    parser.parse((mkdocs_site.folder / path / "index.html").read_text())
    assert [error for error in parser.errors] == []


def test_no_macro_call_is_left_over(site) -> None:
    for page in site.folder.rglob("*.html"):
        text = page.read_text()
        assert "<!--[[" not in text and "<!--[%" not in text, page
        assert "macro" not in re.findall(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)[:1], page


@pytest.mark.parametrize("anchor", ["capabilities/trusted-publishing/#pypi", "guidance/trusted-publishing/#pypi", "registries/pypi/#trusted-publishing", "capabilities/trusted-publishing/#npm-token-lifetime", "guidance/yanking-deprecation-deletion/#owner-deletion-npm"])
def test_cells_have_the_addresses_that_others_link_to(site, anchor: str) -> None:
    page, _, id = anchor.partition("#")
    assert f'id="{id}"' in (site.folder / page / "index.html").read_text()


@pytest.mark.parametrize("engine", ["mkdocs", "zensical"])
def test_a_fault_stops_the_build_names_its_place_and_leaves_the_last_good_site(tmp_path: Path, engine: str) -> None:
    project = copy_of_the_project(tmp_path)
    site = project / "site"
    site.mkdir()
    (site / "index.html").write_text("the last good site")
    page = project / "docs/index.md"
    page.write_text(page.read_text() + '\n<!--[[ adopters("trusted-publshing") ]]-->\n')
    registry = project / "data/registries/npm.yaml"
    registry.write_text(registry.read_text().replace("status: supported", "status: suported", 1))
    line = page.read_text().splitlines().index('<!--[[ adopters("trusted-publshing") ]]-->') + 1
    run = subprocess.run([sys.executable, "-m", "tools.build", "--engine", engine], cwd=project, capture_output=True, text=True, check=False)
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert f"docs/index.md:{line}:1: adopters: there is no 'trusted-publshing' in capabilities; did you mean 'trusted-publishing'?" in output
    assert re.search(r"data/registries/npm\.yaml:\d+:\d+: 'suported' is not allowed for 'status'; did you mean 'supported'\?", output)
    assert (site / "index.html").read_text() == "the last good site"
    assert sorted(path.name for path in project.glob(".site-*")) == []


def test_plain_mkdocs_leaves_the_last_good_site_too(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    (project / "site").mkdir()
    (project / "site/index.html").write_text("the last good site")
    (project / "data/registries/npm.yaml").write_text("id: npm\n")
    run = subprocess.run([sys.executable, "-m", "mkdocs", "build"], cwd=project, capture_output=True, text=True, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    assert run.returncode == 1 and "data/registries/npm.yaml:1:1: the key 'name' is missing" in run.stderr
    assert (project / "site/index.html").read_text() == "the last good site"


def test_a_build_replaces_the_old_site_whole(tmp_path: Path, mkdocs_site) -> None:
    project = copy_of_the_project(tmp_path)
    (project / "site").mkdir()
    (project / "site/stale.html").write_text("from an earlier build")
    run = subprocess.run([sys.executable, "-m", "tools.build"], cwd=project, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert not (project / "site/stale.html").exists()
    assert (project / "site/data/v1/claims.json").exists() and (project / "site/index.html").exists()
