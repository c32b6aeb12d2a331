"""What a build starts from: read and checked once, and again only when something has changed."""

from pathlib import Path

import pytest
from project import TODAY

from macros import load, site
from macros.site import load_and_check


def test_an_unchanged_project_is_neither_read_nor_checked_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_and_check(project, TODAY)
    monkeypatch.setattr(site, "check", lambda *_: pytest.fail("checked again"))
    monkeypatch.setattr(load, "read_yaml", lambda *_: pytest.fail("read again"))
    assert load_and_check(project, TODAY) is first


def test_an_edited_page_is_checked_again(project: Path) -> None:
    assert load_and_check(project, TODAY).findings == ()
    page = project / "docs/index.md"
    page.write_text('---\ndescription: Home.\n---\n\n# Home\n\n<!--[[ profile("exampel") ]]-->\n\n<!--[[ sources() ]]-->\n')
    assert [str(finding) for finding in load_and_check(project, TODAY).findings] == [
        "docs/index.md:7:1: profile: there is no 'exampel' in registries; did you mean 'example'? [macro-calls-are-right]"
    ]


def test_every_macro_says_what_it_shows() -> None:
    for name, macro in site.macro_functions(site.Macros).items():
        assert macro.__doc__, name
