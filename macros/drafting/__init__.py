"""New files for `data/` and `docs/`: what belongs into them, with every answer left open. Text out; nothing here writes."""

from __future__ import annotations

import json
import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from macros.model import ColumnType, Dataset, Registry
from macros.tidy import tidied

# YAML and Markdown, so nothing is escaped as HTML.
_templates = Environment(loader=PackageLoader("macros.drafting"), undefined=StrictUndefined, keep_trailing_newline=True)



def _scalar(text: str) -> str:
    """A text as YAML: in quotes where it would be read as something else without."""
    return text if re.fullmatch(r"[A-Za-z](?:[^:#]|:(?=\S)|(?<=\S)#)*", text) else json.dumps(text, ensure_ascii=False)


_templates.filters["scalar"] = _scalar

# Where files of each kind live, in `data/` and in `docs/`; a page of guidance has no record.
RECORDS = {"registry": "registries", "capability": "capabilities", "incident": "incidents"}
PAGES = {**RECORDS, "page": "guidance"}

# How each type of column is written.
_FORMS = {
    ColumnType.TEXT: "a few words",
    ColumnType.BOOLEAN: "yes or no",
    ColumnType.CHOICE: "one of those below",
    ColumnType.CHOICES: "[some of those below]",
    ColumnType.LIST: "[a list, in words]; [] says that there are none",
    ColumnType.DURATION: "a number and a unit, such as 15 minutes",
}


def drafts(kind: str, id: str, name: str, dataset: Dataset, track: str = "") -> dict[str, str]:
    """The files of a new registry, capability, incident or page of guidance (`page`), as `{path below the project: text}`. `track` is that of a capability.
    """
    context = {
        "id": id,
        "name": name,
        "track": track,
        "model": dataset.model,
        "capabilities": sorted(dataset.capabilities.values(), key=lambda each: (each.level or 9, each.id)),
        "threats": sorted(dataset.threats),
        "column_types": ", ".join(ColumnType),
    }
    files = {f"docs/{PAGES[kind]}/{id}.md": _templates.get_template(f"{kind}.md").render(context)}
    if kind in RECORDS:
        files[f"data/{RECORDS[kind]}/{id}.yaml"] = _templates.get_template(f"{kind}.yaml").render(context)
    return files


def with_claim(text: str, capability: str, dataset: Dataset) -> str:
    """The file of a registry with a new claim at its end, `unknown` and with everything to fill in as comments."""
    claim = _templates.get_template("claim.yaml").render(model=dataset.model, capability=dataset.capabilities[capability], forms=_FORMS)
    # Claims stand last, which the order of keys makes sure of.
    text = re.sub(r"^claims: *\{\}$", "claims:", tidied(text, Registry), flags=re.MULTILINE)
    return f"{text}{claim}"


def in_navigation(config: str, page: str, after: str = "") -> str:
    """`mkdocs.yml` with a page of a folder in its navigation: behind the page `after`, or else by name among its neighbors.

    Raises `ValueError` where the navigation has no page of that folder.
    """
    lines = config.split("\n")
    folder = page.rpartition("/")[0]
    entries = [(index, match[1], match[2]) for index, line in enumerate(lines) if (match := re.fullmatch(rf"( +- )({folder}/\S+\.md)", line))]
    if not entries:
        raise ValueError(f"the navigation in mkdocs.yml has no page of {folder}/")
    if after:
        index, indent, _ = next(entry for entry in entries if entry[2] == after)
    else:
        # Overviews stand in front of the names.
        named = [entry for entry in entries if entry[2] not in (f"{folder}/index.md", f"{folder}/compare.md")]
        before = [entry for entry in named if entry[2] < page]
        index, indent, _ = before[-1] if before else entries[len(entries) - len(named) - 1]
    return "\n".join([*lines[: index + 1], f"{indent}{page}", *lines[index + 1 :]])


def in_owners(owners: str, path: str) -> str:
    """`CODEOWNERS` with a file by name among its neighbors, with the owners of the neighbor above it."""
    lines = owners.split("\n")
    folder = f"/{path.rpartition('/')[0]}/"
    entries = [(index, line) for index, line in enumerate(lines) if line.startswith(folder)]
    before = [entry for entry in entries if entry[1].split()[0] < f"/{path}"]
    index, neighbor = before[-1] if before else (entries[0][0] - 1, entries[0][1])
    column = neighbor.index("@")
    return "\n".join([*lines[: index + 1], f"/{path}".ljust(column - 1) + " " + neighbor[column:], *lines[index + 1 :]])
