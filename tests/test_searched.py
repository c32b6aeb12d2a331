"""What the search finds: everything that a page says once, and no section of what is left out."""

from types import SimpleNamespace

import pytest
from material.plugins.search.plugin import SearchIndex

from macros.searched import searched

PAGE = """\
<h1 id="yanking">Yanking<a class="headerlink" href="#yanking" title="Link to this section">¶</a></h1>
<p>Who can <a href="../names/">take back</a> a <abbr title="a number">version</abbr> &lt;1.0&gt;?</p>
<div class="scroll"><table><caption>In short</caption><thead><tr><th scope="col">Registry</th><th>Window</th></tr></thead>
<tbody><tr><th scope="row"><a href="/npm/" title="a > b">npm</a></th><td><svg class="icon"><path d="M0 0"/></svg> <span>72 hours</span></td></tr></tbody></table></div>
<h2 id="code"><code>yank</code> <b>it</b><a class="headerlink" href="#code" title="Link">¶</a></h2>
<div class="highlight"><pre><span></span><code><span class="k">if</span> <span class="n">a</span><span class="o">&lt;</span><span class="n">b</span>:
    <span class="k">pass</span>
</code></pre></div>
<ul><li>one <strong>strong</strong></li><li></li></ul>
<section><h3 id="inner">Inner</h3><p>inside</p></section>
<p>after</p>
"""


def found(content: str, cut: bool) -> list[tuple[str, str, list[str]]]:
    """Place, title and words of each entry that Material's search makes of the content."""
    page = SimpleNamespace(content=content, meta={}, toc=[], url="yanking/", title="Yanking")
    index = SearchIndex()
    if cut:
        with searched(page):
            index.add_entry_from_context(page)
        assert page.content == content
    else:
        index.add_entry_from_context(page)
    return [(entry["location"], entry["title"], entry["text"].split()) for entry in index.entries]


def test_the_search_finds_the_same_words_in_the_same_sections_with_fewer_tags_to_read() -> None:
    assert found(PAGE, cut=True) == found(PAGE, cut=False)
    assert [title for _, title, _ in found(PAGE, cut=True)] == ["Yanking", "<code>yank</code> it", "Inner"]


@pytest.mark.parametrize("element", ["div", "section", "table"])
def test_a_section_inside_of_what_is_left_out_is_not_found(element: str) -> None:
    left_out = f'<{element} class="all" data-search-exclude><{element}></{element}><h2 id="secret">Secret</h2><p>hidden</p></{element}>'
    assert found(PAGE + left_out + "<p>at the end</p>", cut=True) == found(PAGE + "<p>at the end</p>", cut=True)
