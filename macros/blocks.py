"""Carries finished HTML past Python-Markdown, which would otherwise parse every table twice to leave it as it is.

`mark` encloses a block in comments that name its content. The extension takes marked blocks out before anything else
reads the page, leaves in their place one element with the same ids, so that links to them are still checked, and puts
them back at the end. A comment whose name is not that of what it encloses is left alone.
"""

from __future__ import annotations

import re
from hashlib import sha256

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor

_MARKED = re.compile(r"^<!--block ([0-9a-f]{32})-->\n(.*?)\n<!--/block \1-->$", re.DOTALL | re.MULTILINE)
_STAND_IN = re.compile(r'<section data-block="([0-9a-f]{32})">.*?</section>')
_ID = re.compile(r'<[^>]*? id="([^"]+)"')


def _name(html: str) -> str:
    return sha256(html.encode()).hexdigest()[:32]


def mark(html: str) -> str:
    """A block of HTML as the extension finds it; it must stand between empty lines."""
    name = _name(html)
    return f"<!--block {name}-->\n{html}\n<!--/block {name}-->"


class _Take(Preprocessor):
    def __init__(self, md: Markdown, blocks: dict[str, str]) -> None:
        super().__init__(md)
        self._blocks = blocks

    def run(self, lines: list[str]) -> list[str]:
        return _MARKED.sub(self._stand_in, "\n".join(lines)).split("\n")

    def _stand_in(self, match: re.Match) -> str:
        name, html = match.groups()
        if _name(html) != name:
            return match[0]
        self._blocks[name] = html
        ids = "".join(f'<i id="{id}"></i>' for id in _ID.findall(html))
        return f'<section data-block="{name}">{ids}</section>'


class _Give(Postprocessor):
    def __init__(self, md: Markdown, blocks: dict[str, str]) -> None:
        super().__init__(md)
        self._blocks = blocks

    def run(self, text: str) -> str:
        return _STAND_IN.sub(lambda match: self._blocks.get(match[1], match[0]), text)


class Blocks(Extension):
    """Registers the two steps: after line ends are made alike, and after raw HTML is back in the page."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        blocks: dict[str, str] = {}
        md.preprocessors.register(_Take(md, blocks), "blocks", 29)
        md.postprocessors.register(_Give(md, blocks), "blocks", 1)


def makeExtension(**options: object) -> Blocks:  # noqa: N802 (the library's name)
    """What the engines call for `macros.blocks` in `markdown_extensions`."""
    return Blocks(**options)
