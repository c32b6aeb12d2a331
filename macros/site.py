"""The engine's side: the macros that pages call, for MkDocs with mkdocs-macros and for Zensical.

The macros hold no logic of their own: they ask a query and render its answer.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, wraps
from inspect import Signature, signature
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markdown.extensions.toc import slugify
from mkdocs.exceptions import PluginError
from mkdocs.plugins import PluginCollection
from mkdocs.utils import get_relative_url

from macros import assessment, queries, rendering
from macros.blocks import mark
from macros.dependencies import Slices
from macros.diagrams import parse_sequence
from macros.load import collecting_no_garbage, load, stamp
from macros.model import Dataset, Finding
from macros.pagecache import PageCache, made_by, store_of
from macros.pages import CapabilityId, ColumnId, IncidentId, Page, RegistryId, read_navigation, read_pages
from macros.preview import preview
from macros.rendering import Citations, Context
from macros.rules import check
from macros.rules.site import Site
from macros.searched import Searched
from macros.store import read_files


class Macros:
    """The macros, bound to the page that calls them. Each public method is one; its name and arguments are the reader's."""

    def __init__(self, dataset: Callable[[], Dataset], page: Callable[[], Context], structure: Callable[[], Page]) -> None:
        self._current, self._page, self._structure = dataset, page, structure

    @property
    def _dataset(self) -> Dataset:
        return self._current()

    def comparison(self, capability: CapabilityId, *columns: ColumnId) -> str:
        """Registries × the capability's columns, or those named."""
        return rendering.comparison(self._page(), queries.comparison(self._dataset, capability, columns))

    def adopters(self, capability: CapabilityId) -> str:
        """Who supports the capability, wholly or in part, oldest first."""
        return rendering.adopters(self._page(), queries.adopters(self._dataset, capability))

    def adoption(self, capability: CapabilityId) -> str:
        """A chart of who has had the capability since when."""
        adopters = queries.adopters(self._dataset, capability)
        return rendering.adoption(self._page(), self._dataset.capabilities[capability], adopters, queries.as_of(self._dataset))

    def matrix(self) -> str:
        """Registries × capabilities in one table that can be filtered, sorted and turned."""
        return rendering.matrix(self._page(), queries.matrix(self._dataset))

    def small_matrix(self) -> str:
        """The matrix as a picture that leads to it."""
        return rendering.small_matrix(self._page(), queries.matrix(self._dataset))

    def latest(self) -> str:
        """The newest changes."""
        return rendering.latest(self._page(), queries.events(self._dataset)[:5])

    def capabilities(self) -> str:
        """Every capability in a sentence, by track and level."""
        return rendering.capabilities(self._page(), queries.by_track(self._dataset))

    def profile(self, registry: RegistryId) -> str:
        """Everything that is known of one registry."""
        standing, roadmap = assessment.assess(self._dataset, registry), assessment.roadmap(self._dataset, registry)
        return rendering.profile(self._page(), queries.profile(self._dataset, registry), standing, roadmap)

    def side_by_side(self) -> str:
        """Capabilities × registries, of which a reader picks two to four."""
        return rendering.side_by_side(self._page(), queries.matrix(self._dataset))

    def questionnaire(self) -> str:
        """Every item of the model as a question: the self-assessment."""
        return rendering.questionnaire(self._page(), assessment.questionnaire(self._dataset), queries.registries_by_name(self._dataset))

    def capability(self, capability: CapabilityId) -> str:
        """What a capability is, why it matters and how an outsider verifies it."""
        return rendering.capability(self._page(), queries.capability(self._dataset, capability))

    def prior_art(self, capability: CapabilityId) -> str:
        """For each adopter of a capability its design, code, announcements and audits."""
        return rendering.prior_art(self._page(), queries.prior_art(self._dataset, capability))

    def threats(self) -> str:
        """Every threat, what answers it and where it came true."""
        return rendering.threats(self._page(), queries.threats(self._dataset))

    def incidents(self) -> str:
        """All incidents, newest first."""
        return rendering.incidents(self._page(), [queries.incident(self._dataset, each.id) for each in queries.incidents_newest_first(self._dataset)])

    def incident(self, incident: IncidentId) -> str:
        """Everything that is known of one incident."""
        return rendering.incident(self._page(), queries.incident(self._dataset, incident))

    def lexicon(self) -> str:
        """The words that ecosystems use differently, each with its meaning here."""
        return rendering.lexicon(self._page(), self._dataset.words)

    def own_words(self) -> str:
        """Each registry's own words for yanking, deprecation and the like."""
        return rendering.own_words(self._page(), queries.own_words(self._dataset))

    def sources(self) -> str:
        """All evidence that the page has shown, and what its prose links; belongs at the end of the page."""
        return rendering.sources(self._page(), self._structure().links, queries.as_of(self._dataset))

    def status_reports(self) -> str:
        """The working group's quarterly reports, newest first."""
        return rendering.status_reports(self._page(), queries.reports_newest_first(self._dataset))

    def changes(self) -> str:
        """Every dated change of every registry, newest first."""
        return rendering.changes(self._page(), queries.events(self._dataset))

    def announced(self) -> str:
        """What registries have announced for a date that is still to come."""
        return rendering.announced(self._page(), queries.still_to_come(self._dataset))

    def health(self) -> str:
        """The state of the data: counts, oldest readings, unknowns, overdue announcements."""
        return rendering.health(self._page(), queries.health(self._dataset))

    def principles(self, proposed: bool = False) -> str:
        """The model, item by item; with `proposed=True`, what stands outside its levels."""
        return rendering.principles(self._page(), queries.principles(self._dataset, proposed), "proposed" if proposed else "model")

    def checklist(self, proposed: bool = False) -> str:
        """The same items as a task list in Markdown, to copy."""
        title = "Copy what is proposed as a checklist" if proposed else "Copy the model as a checklist"
        return rendering.checklist(queries.principles(self._dataset, proposed), title)

    def package_kinds(self) -> str:
        """What registries take in, by kind."""
        return rendering.glossary(self._page(), "packages")

    def levels(self) -> str:
        """The levels of the model and what each means."""
        return rendering.glossary(self._page(), "levels")

    def statuses(self) -> str:
        """The seven statuses and what each means."""
        return rendering.glossary(self._page(), "statuses")

    def evidence_kinds(self) -> str:
        """The kinds of evidence and what each means."""
        return rendering.glossary(self._page(), "evidence_kinds")

    def registries(self) -> str:
        """All registries by name, with ecosystem, operator and traits."""
        return rendering.registries(self._page(), queries.registries_by_name(self._dataset))

    def sequence(self, caller: Callable[[], str]) -> str:
        """Draws the Mermaid block between `call sequence()` and `endcall`."""
        text = "\n".join(line for line in caller().splitlines() if not line.lstrip().startswith("```"))
        diagram = parse_sequence(text)
        return rendering.sequence(diagram, slugify(diagram.title, "-"))


def macro_functions(macros: Macros | type[Macros]) -> dict[str, Callable[..., str]]:
    return {name: getattr(macros, name) for name in vars(Macros) if not name.startswith("_")}


def macro_signatures() -> dict[str, Signature]:
    """The signature of each macro as pages see it, for the rules."""
    result = {}
    for name, function in macro_functions(Macros).items():
        whole = signature(function, eval_str=True)
        result[name] = whole.replace(parameters=list(whole.parameters.values())[1:])
    return result


@dataclass(frozen=True)
class Checked:
    """What a build starts from. `dataset` is `None` where the vocabulary itself is broken."""

    dataset: Dataset | None
    pages: dict[str, Page]
    findings: tuple[Finding, ...]


_checked: dict[Path, tuple[tuple, Checked]] = {}


def _stamps(root: Path) -> tuple:
    files = sorted(path for folder, pattern in (("data", "*"), ("docs", "*.md")) for path in (root / folder).rglob(pattern) if path.is_file())
    config = root / "mkdocs.yml"
    return tuple((str(path), stamp(path)) for path in [*files, *([config] if config.is_file() else [])])


def load_and_check(root: Path, today: date) -> Checked:
    """Data and pages of a project with all findings; unchanged files are neither read nor checked again."""
    stamps = (_stamps(root), today)
    if root not in _checked or _checked[root][0] != stamps:
        dataset, findings = load(root)
        pages = read_pages(root)
        if dataset:
            findings = [*findings, *check(Site(dataset, pages, macro_signatures(), today, read_navigation(root)))]
        findings.sort(key=lambda finding: (finding.place.file, finding.place.line, finding.place.column))
        _checked[root] = (stamps, Checked(dataset, pages, tuple(findings)))
    return _checked[root][1]


def define_env(env: Any) -> None:
    """Register the macros; called by MkDocs once per build and by Zensical once per page.

    With faults in data or pages a build stops here with all of them, before anything is written.
    A preview (`on_error_fail: false`) shows them on the pages instead, and goes on.
    """
    root = Path(env.project_dir)
    stop = env.config["on_error_fail"]
    plugins = env.conf.get("plugins")
    # Zensical, which asks once per page, keeps pages in its own way.
    store = store_of(root) if isinstance(plugins, PluginCollection) else None
    code = made_by(root) if store else ""
    contexts: dict[str, Context] = {}

    def page() -> Context:
        path = _source_path(env)
        if path not in contexts:
            contexts[path] = Context(checked.dataset, path, Citations(), _linker(env), _source_url(env), _issue_url(env))
        return contexts[path]

    def read_again() -> bool:
        nonlocal checked
        dataset, findings = load(root)
        if dataset is None or findings:
            return False
        checked = Checked(dataset, read_pages(root), ())
        contexts.clear()
        return True

    previewed = preview if store and not stop else None
    if previewed:
        previewed.begin(root, read_again)
    read_files.keep_in(store, code)
    checked = load_and_check(root, date.today())
    if checked.findings and stop:
        raise PluginError("\n".join(["", *map(str, checked.findings), f"{len(checked.findings)} to mend before the site can be built."]))
    for finding in checked.findings:
        print(finding, flush=True)
    env.variables["findings"] = checked.findings

    if isinstance(plugins, PluginCollection):
        plugins["searched"] = Searched()
        if previewed:
            plugins["preview"] = previewed
        if store and not checked.findings:
            plugins["page-cache"] = PageCache(store, code, Slices(root, checked.dataset), checked.pages, previewed)

    macros = Macros(lambda: checked.dataset, page, lambda: checked.pages[_source_path(env)])
    for name, function in macro_functions(macros).items():
        env.macro(_marked(function if stop else _showing_faults(function, checked, env)), name)


def on_post_page_macros(env: Any) -> None:
    """In a preview, put the faults on top of every page (MkDocs only; Zensical does not call this)."""
    if findings := env.variables.get("findings"):
        heading, newline, rest = env.markdown.partition("\n")
        panel = rendering.problems(findings, f"docs/{_source_path(env)}")
        parts = (heading, panel, rest) if heading.startswith("# ") else (panel, heading + newline + rest)
        env.markdown = "\n\n".join(parts)


def _marked(function: Callable[..., str]) -> Callable[..., str]:
    @wraps(function)
    def call(*arguments: Any, **options: Any) -> str:
        with collecting_no_garbage():
            return mark(function(*arguments, **options))

    return call


def _showing_faults(function: Callable[..., str], checked: Checked, env: Any) -> Callable[..., str]:
    @wraps(function)
    def call(*arguments: Any, **options: Any) -> str:
        try:
            return function(*arguments, **options)
        except (KeyError, ValueError, TypeError, AttributeError):
            if not checked.findings:
                raise
            return rendering.problems(checked.findings, f"docs/{_source_path(env)}")

    return call


# ------------------------------------------------- where the two engines differ


def _is_mkdocs(env: Any) -> bool:
    return hasattr(env.page, "file")


def _source_path(env: Any) -> str:
    """The page's path below `docs/`."""
    return env.page.file.src_uri if _is_mkdocs(env) else env.page.path


def _linker(env: Any) -> Callable[[str], str]:
    """Addresses inside raw HTML: MkDocs leaves them alone, Zensical resolves paths of sources as it does in Markdown."""

    @lru_cache(maxsize=None)
    def address(path: str) -> str:
        if _is_mkdocs(env):
            # The open data is written beside the pages when they are done.
            found = path if path.startswith("data/v1/") else env.variables["files"].get_file_from_path(path).url
            return get_relative_url(found, env.page.file.url)
        return posixpath.relpath(path, posixpath.dirname(env.page.path) or ".")

    def link(target: str) -> str:
        path, hash_, anchor = target.partition("#")
        return address(path) + hash_ + anchor

    return link


def _repository(env: Any) -> str:
    return str(env.conf["repo_url"]).rstrip("/")


@lru_cache(maxsize=None)
def _filled_in(title: str, where: str, says: str) -> str:
    """Each fact stands on two pages."""
    return urlencode({"title": title, "where": where, "says": says})


def _issue_url(env: Any) -> Callable[[str, str, str], str]:
    """Opens the form for a wrong fact, with its first two fields filled in."""
    form = f"{_repository(env)}/issues/new?template=wrong-fact.yml"
    return lambda title, where, says: f"{form}&{_filled_in(title, where, says)}"


def _source_url(env: Any) -> Callable[[str, int], str]:
    repository = _repository(env)
    branch = os.environ.get("SOURCE_BRANCH", "main")
    return lambda file, line: f"{repository}/blob/{branch}/{file}#L{line}"
