"""Finished HTML comes through Markdown as it went in, and links to its anchors are still seen."""

import markdown
import pytest
from mkdocs.structure.pages import _RawHTMLPreprocessor

from macros.blocks import mark

HTML = '<div class="facts">\n<h2 id="one">A *star* and **two**</h2>\n<table><tr id="two-b"><td>[x](y) &amp; `z` | 1</td></tr></table>\n<!-- a comment -->\n</div>'


def converted(text: str) -> str:
    return markdown.markdown(text, extensions=["tables", "attr_list", "def_list", "abbr", "footnotes", "toc", "macros.blocks"])


def test_a_marked_block_comes_out_as_it_went_in() -> None:
    before, block, after = converted(f"# Title\n\nBefore.\n\n{mark(HTML)}\n\nAfter *this*.").partition(HTML)
    assert (before.strip(), block, after.strip()) == ('<h1 id="title">Title</h1>\n<p>Before.</p>', HTML, "<p>After <em>this</em>.</p>")


def test_it_comes_out_as_without_the_extension() -> None:
    plain = markdown.markdown(f"Before.\n\n{HTML}\n\nAfter.", extensions=["tables", "toc"])
    assert converted(f"Before.\n\n{mark(HTML)}\n\nAfter.") == plain


def test_several_blocks_even_alike_keep_their_places() -> None:
    assert converted(f"{mark('<p>1</p>')}\n\nx\n\n{mark('<p>2</p>')}\n\n{mark('<p>1</p>')}").split() == ["<p>1</p>", "<p>x</p>", "<p>2</p>", "<p>1</p>"]


def test_what_checks_links_sees_the_ids() -> None:
    md = markdown.Markdown(extensions=["macros.blocks"])
    seen = _RawHTMLPreprocessor()
    seen._register(md)
    md.convert(mark(HTML))
    assert seen.present_anchor_ids == {"one", "two-b"}


@pytest.mark.parametrize(
    "text",
    [
        f"<!--block {'0' * 32}-->\n<p>x</p>\n<!--/block {'0' * 32}-->",
        mark("<p>x</p>").replace("<p>x", "<p>y"),
    ],
    ids=["invented", "changed"],
)
def test_a_mark_that_does_not_fit_its_content_is_left_to_markdown(text: str) -> None:
    assert converted(text) == markdown.markdown(text)


def test_a_mark_in_a_code_block_that_nobody_made_stays_text() -> None:
    assert "&lt;!--block" in converted("    <!--block 00-->\n    <p>x</p>\n    <!--/block 00-->")
