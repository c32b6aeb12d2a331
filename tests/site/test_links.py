"""The link check finds what is broken, and the site has nothing broken."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from project import ROOT

from tools import links


def test_no_internal_link_of_the_site_is_broken(site) -> None:
    assert list(map(str, links.check_site(site.folder, site.address))) == []


def test_the_site_cites_no_address_of_its_own_that_it_does_not_have(mkdocs_site) -> None:
    """The working group's earlier documents were published under the same domain; they are cited where they remain."""
    own = re.search(r"site_url: !ENV \[SITE_URL, '(.+)'\]", (ROOT / "mkdocs.yml").read_text()).group(1)
    cited = [url.removeprefix(own) for url in links.external_links(ROOT) if url.startswith(own)]
    assert "data/v1/claims.json" in cited
    # The zip is packed when the site is published.
    assert [path for path in cited if path != "offline.zip" and not (mkdocs_site.folder / path).exists()] == []


PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body>{body}</body></html>"""

PLANTED = {
    "missing page": ('<a href="nowhere/">x</a>', "/nowhere/"),
    "missing anchor elsewhere": ('<a href="other.html#nowhere">x</a>', "/other.html#nowhere"),
    "missing anchor here": ('<a href="#nowhere">x</a>', "#nowhere"),
    "missing image": ('<img src="missing.png" alt="">', "/missing.png"),
    "missing script": ('<script src="missing.js"></script>', "/missing.js"),
    "missing source of a picture": ('<img srcset="missing-2x.png 2x" src="here.svg" alt="">', "missing-2x.png"),
    "an id that is here twice": ('<p id="twice">a</p><p id="twice">b</p>', "#twice"),
    "a link without an address": ("<p>[the docs][docs]</p>", "[the docs][docs]"),
    "an http link": ('<a href="http://example.org/">x</a>', "http://example.org/"),
    "own address without a page": ('<a href="{address}gone/">x</a>', "/gone/"),
}


@pytest.fixture
def small_site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    (tmp_path / "other.html").write_text(PAGE.format(title="Other", head="", body='<p id="here">here</p>'))
    (tmp_path / "here.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    with links.serving(tmp_path) as address:
        (tmp_path / "sitemap.xml").write_text(f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{address}other.html</loc></url></urlset>')
        yield tmp_path, address


def write(site: Path, body: str = "", head: str = "") -> None:
    (site / "index.html").write_text(PAGE.format(title="Home", head=head, body=body))


def test_a_sound_site_has_no_finding(small_site) -> None:
    site, address = small_site
    write(site, '<a href="other.html#here">x</a> <code>[a][b]</code> <img src="here.svg" alt=""> <a href="https://example.org/">out</a>')
    assert links.check_site(site, address) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(small_site, name: str) -> None:
    site, address = small_site
    body, expected = PLANTED[name]
    write(site, body.replace("{address}", address))
    broken = links.check_site(site, address)
    assert any(expected in each.link and each.page.startswith("/") for each in broken), broken


@pytest.mark.parametrize(("head", "expected"), [('<link rel="stylesheet" href="missing.css">', "/missing.css"), ('<meta property="og:image" content="{address}missing-card.png">', "/missing-card.png")])
def test_a_fault_in_the_head_is_found(small_site, head: str, expected: str) -> None:
    site, address = small_site
    write(site, head=head.replace("{address}", address))
    assert any(each.link == expected for each in links.check_site(site, address))


def test_a_stylesheet_is_followed(small_site) -> None:
    site, address = small_site
    (site / "a.css").write_text('@font-face { src: url("missing.woff2"); }')
    write(site, head='<link rel="stylesheet" href="a.css">')
    assert any("missing.woff2" in each.link for each in links.check_site(site, address))


# ----------------------------------------------------------------- external


class Web(BaseHTTPRequestHandler):
    """A small web: pages that are there, gone, forbidden to machines, and down for a moment."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status = {"/here": 200, "/gone": 404, "/removed": 410, "/forbidden": 403, "/moved": 301, "/elsewhere-today": 302}.get(self.path, 200)
        if self.path == "/shaky" and self.asked.count("/shaky") < 3:
            status = 503
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", "/here")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(links, "WAIT_SECONDS", 0.0)
    Web.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_only_what_is_gone_fails_and_a_shaky_server_is_asked_again(web: str, tmp_path: Path) -> None:
    answers = links.check_external([f"{web}/{name}" for name in ("here", "gone", "removed", "forbidden", "shaky")], tmp_path)
    assert {url.removeprefix(web) for url in answers.failed} == {"/gone", "/removed"} and answers.moved == {}
    assert Web.asked.count("/shaky") == 3


def test_a_second_run_asks_only_what_failed(web: str, tmp_path: Path) -> None:
    urls = [f"{web}/here", f"{web}/gone"]
    links.check_external(urls, tmp_path)
    Web.asked.clear()
    links.check_external(urls, tmp_path)
    assert "/here" not in Web.asked and "/gone" in Web.asked


def test_what_moved_for_good_is_told_also_from_the_cache(web: str, tmp_path: Path) -> None:
    urls = [f"{web}/{name}" for name in ("here", "moved", "elsewhere-today")]
    for _ in range(2):
        assert links.check_external(urls, tmp_path) == links.Answers({}, {f"{web}/moved": f"{web}/here"})
    assert links.check_external([f"{web}/here"], tmp_path).moved == {}, "what is not cited any more is forgotten"


def test_what_was_seen_to_move_long_ago_is_asked_again(tmp_path: Path) -> None:
    (tmp_path / "moved.json").write_text(json.dumps({"https://a.example/": {"target": "https://b.example/", "seen": "2020-01-01"}}))
    assert links._remembered({}, {"https://a.example/"}, tmp_path) == {}


def test_the_report_has_one_section_for_each_kind_and_says_when_there_is_nothing() -> None:
    places = {"https://a.example/": ["evidence of npm, mfa (data/registries/npm.yaml:7)"], "https://b.example/x": ["docs/index.md:3"]}
    assert links.external_report(places, links.Answers({}, {}), []) == "Nothing to mend.\n\n2 addresses were asked.\n"
    report = links.external_report(places, links.Answers({"https://a.example/": "404 Not Found"}, {"https://b.example/x": "https://c.example/"}), ["- npm, MFA: 2024-01-01 (data/registries/npm.yaml:7)"])
    assert report.splitlines()[0] == "1 gone, 1 moved, 1 last read over twelve months ago."
    assert "- https://a.example/: 404 Not Found\n  - evidence of npm, mfa (data/registries/npm.yaml:7)\n" in report
    assert "- https://b.example/x → https://c.example/\n  - docs/index.md:3\n" in report
    assert report.index("## Gone") < report.index("## Moved") < report.index("## Last read over twelve months ago")


def test_old_claims_are_those_whose_newest_reading_is_old(real) -> None:
    day = max(claim.evidence[0].checked for claim in real.registries["npm"].claims.values() if claim.evidence)
    assert links.old_claims(ROOT, day.replace(year=day.year + 2))
    assert links.old_claims(ROOT, day.replace(year=2020)) == []


def test_the_report_names_the_claim_whose_evidence_is_gone(real) -> None:
    places = links.external_links(ROOT)
    claim = real.registries["pypi"].claims["trusted-publishing"]
    url = claim.evidence[0].url
    report = links.external_report(places, links.Answers({url: "404 Not Found"}, {}), [])
    place = real.place("registries", "pypi", "claims", "trusted-publishing", "evidence", 0)
    assert f"- {url}: 404 Not Found" in report
    assert f"evidence of pypi, trusted-publishing ({place.file}:{place.line})" in report


def test_every_cited_address_is_asked(real) -> None:
    places = links.external_links(ROOT)
    def addresses(value: object) -> Iterator[str]:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
            yield from [inner] if key == "url" else addresses(inner)

    written = {url for path in (ROOT / "data").glob("*/*.yaml") for url in addresses(yaml.load(path.read_text(), yaml.BaseLoader))}
    assert len(written) > 1000 and written <= set(places)
    assert all(url.startswith("https://") for url in places)
    json.dumps(places)
