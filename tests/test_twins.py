"""Pages as Markdown: what the page says, without what stands around it."""

import pytest
import yaml

from macros.exporting import twins

PAGE = """<!doctype html><html><head><title>Yanking - Site</title><meta name="description" content="How to &quot;yank&quot;: a guide.">
<link rel="canonical" href="https://site.example/guidance/yanking/"></head><body>
<a class="md-skip" href="#yanking">Skip to content</a><header class="md-header"><form>Search</form></header><nav>Navigation</nav>
<div class="md-content"><article><h1 id="yanking">Yanking<a class="headerlink" href="#yanking">¶</a></h1>
{}
<footer class="page-foot"><a href="edit">Edit this page</a></footer></article></div></body></html>"""


def twin(content: str) -> str:
    files = twins({"guidance/yanking/index.html": PAGE.format(content)}, "https://site.example/")
    assert list(files) == ["guidance/yanking/index.md"]
    front, text = files["guidance/yanking/index.md"].decode().removeprefix("---\n").split("\n---\n", 1)
    assert yaml.safe_load(front) == {"title": "Yanking", "description": 'How to "yank": a guide.', "page": "https://site.example/guidance/yanking/"}
    return text.strip().removeprefix("# Yanking").strip()


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>A <b>bold</b> <code>word</code>, see <a href='../names/#reuse'>names</a>.</p>", "A **bold** `word`, see [names](../names/#reuse)."),
        ("<table><thead><tr><th>Who</th><th>What</th></tr></thead><tbody><tr><td>npm</td><td>a | b</td></tr></tbody></table>", "| Who | What |\n| --- | --- |\n| npm | a \\| b |"),
        ('<div class="language-sql highlight"><pre><span></span><code><span class="k">SELECT</span> 1;\n</code></pre></div>', "```sql\nSELECT 1;\n```"),
        ("<p><a href='#npm'>npm</a><svg><title>Yes</title><path d=''/></svg>Supported</p>", "[npm](#npm) Supported"),
        ("<dl><dt>Operator</dt><dd>A foundation</dd></dl>", "**Operator**\n\nA foundation"),
        ("<form class='filter'><label>Text <input></label></form><p>After.</p>", "After."),
    ],
)
def test_content_becomes_markdown(html: str, markdown: str) -> None:
    assert twin(html) == markdown


def test_what_only_leads_on_has_no_twin() -> None:
    moved = '<html><head><title>Moved</title><link rel="canonical" href="https://site.example/"></head><body><a href="..">Moved</a></body></html>'
    assert twins({"old.html": moved, "404.html": PAGE.replace('<link rel="canonical"', "<link")}, "https://site.example/") == {}


def test_the_list_names_every_page_by_section() -> None:
    def page(path: str, title: str, content: str = "") -> str:
        return PAGE.replace("guidance/yanking/", path).replace("Yanking<a", f"{title}<a").format(content)

    pages = {
        "index.html": page("", "The site", '<a href="registries/">Registries</a> <a href="guidance/">Guidance</a>'),
        "guidance/index.html": page("guidance/", "Guidance"),
        "guidance/accounts/index.html": page("guidance/accounts/", "Accounts"),
        "registries/index.html": page("registries/", "Registries"),
        "registries/npm/index.html": page("registries/npm/", "npm"),
        "lexicon/index.html": page("lexicon/", "Lexicon"),
    }
    lines = twins(pages, "https://site.example/")["llms.txt"].decode().splitlines()
    assert lines[:3] == ["# The site", "", '> How to "yank": a guide.']
    assert [line.partition("]")[0] for line in lines if line.startswith(("##", "- ["))] == [
        *("## Open data", "- [Index", "- [All claims", "- [OpenAPI description"),
        *("## The site", "- [The site", "- [Lexicon"),
        *("## Registries", "- [Registries", "- [npm"),
        *("## Guidance", "- [Guidance", "- [Accounts"),
    ]
    assert '- [npm](https://site.example/registries/npm/index.md): How to "yank": a guide.' in lines
