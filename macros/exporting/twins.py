"""Pages as Markdown, for language models and whoever reads without a browser, and `llms.txt`, which lists them.

Made from the built pages, so that one conversion serves both engines and every macro.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import html_to_markdown
from html_to_markdown import ConversionOptions, PreprocessingOptions

# What belongs to the site, to a script or to paper, and not to what a page says.
_AROUND = [".md-header", ".md-skip", "nav", ".md-sidebar", "footer", ".md-content__button", ".headerlink", "form.filter", "select", "input", "button", ".answers"]
# No padding of columns; forms stay, for their questions are text.
_OPTIONS = ConversionOptions(exclude_selectors=_AROUND, compact_tables=True, preprocessing=PreprocessingOptions(enabled=False))
# Markdown has neither drawings nor terms with definitions, and looks for the language of code elsewhere.
_BEFORE = (
    (re.compile(r"<svg\b.*?</svg>", re.DOTALL), " "),
    (re.compile(r"<dt\b[^>]*>(.*?)</dt>", re.DOTALL), r"<p><strong>\1</strong></p>"),
    (re.compile(r'(<\w+) class="language-(\w+) highlight"(><pre>(?:<span></span>)?<code)>'), r'\1\3 class="language-\2">'),
)


@dataclass(frozen=True)
class _Twin:
    """Where it lies below the site, what it is called and about, and its text."""

    path: str
    title: str
    description: str
    text: str


def twins(pages: Mapping[str, str], site_url: str) -> dict[str, bytes]:
    """The Markdown twin of every page beside it, and `llms.txt`, as `{path below the site: bytes}`.

    `pages` is the HTML of the site by path below it; what is no page, such as one that only leads on, gets no twin. Links stay
    as they are, because a twin lies beside its page. `site_url` ends with a slash.
    """
    # A folder's own page before the pages in it.
    in_order = sorted(pages, key=lambda path: (path.split("/")[0], path.count("/"), path))
    found = [twin for path in in_order if (twin := _twin(path, pages[path]))]
    files = {twin.path: twin.text.encode() for twin in found}
    if "index.html" in pages:
        files["llms.txt"] = _llms(found, pages["index.html"], site_url).encode()
    return files


def _twin(path: str, html: str) -> _Twin | None:
    if 'class="md-content"' not in html:
        return None
    for pattern, better in _BEFORE:
        html = pattern.sub(better, html)
    result = html_to_markdown.convert(html, _OPTIONS)
    head = result.metadata.document
    if not head.canonical_url:
        return None
    # The library's own front matter repeats every meta element.
    text = result.content.partition("\n---\n")[2].strip()
    heading = re.search(r"^# (.*)$", text, re.MULTILINE)
    about = {"title": heading[1] if heading else head.title, "description": head.description or "", "page": head.canonical_url}
    # A JSON string is a YAML string.
    front = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in about.items())
    return _Twin(f"{path.removesuffix('.html')}.md", about["title"], about["description"], f"---\n{front}---\n\n{text}\n")


def _llms(found: list[_Twin], home: str, site_url: str) -> str:
    """The list in the form of llmstxt.org. Folders are sections, in the order in which the home page leads to them; single pages come first."""
    folders: dict[str, list[_Twin]] = {}
    for twin in found:
        folders.setdefault(twin.path.split("/")[0], []).append(twin)
    single = [twin for twins in folders.values() if len(twins) == 1 for twin in twins]
    sections = [(twins[0].title, twins) for folder, twins in sorted(folders.items(), key=lambda each: home.find(f'href="{each[0]}/')) if len(twins) > 1]
    start = next(twin for twin in found if twin.path == "index.md")
    lines = [
        f"# {start.title}",
        "",
        f"> {start.description}",
        "",
        "Every page has a Markdown twin: put `index.md` behind its address.",
        "Every fact has its sources and the day on which they were read. What is unknown is said to be unknown; it is not a no.",
        "",
        "## Open data",
        "",
        f"- [Index]({site_url}data/v1/index.json): ids of registries and capabilities, with the addresses of their files",
        f"- [All claims]({site_url}data/v1/claims.json): every registry with every capability, as JSON; also as [CSV]({site_url}data/v1/claims.csv)",
        f"- [OpenAPI description]({site_url}data/v1/openapi.json): all files, with their schemas",
    ]
    for heading, twins in [("The site", single), *sections]:
        lines += ["", f"## {heading}", ""]
        lines += [f"- [{twin.title}]({site_url}{twin.path})" + (f": {twin.description}" if twin.description else "") for twin in twins]
    return "\n".join(lines) + "\n"
