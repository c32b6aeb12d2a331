"""The release: every published file of the open data as `{path below the site: bytes}`, and the schemas of `data/`."""

from __future__ import annotations

import hashlib
import json
import posixpath
from typing import Any

from pydantic import BaseModel, TypeAdapter

from macros import rendering
from macros.exporting.badges import badges
from macros.exporting.feeds import calendar, feeds
from macros.exporting.records import (
    SCHEMA_VERSION,
    CapabilityShape,
    ClaimShape,
    Entry,
    EventShape,
    FileShape,
    IndexShape,
    ManifestShape,
    RegistryShape,
    Shapes,
)
from macros.exporting.tables import capability_csv, claims_csv
from macros.load import FOLDERS, SINGLES
from macros.model import Dataset, Incident, Threat, Word
from macros.queries import as_of, events, incidents_newest_first, registries_by_name

ROOT = "data/v1/"
LICENSE = "CDLA-Permissive-2.0"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

# What each kind of file holds; `{id}` stands for a registry's or a capability's.
SHAPES: dict[str, Any] = {
    "index.json": IndexShape,
    "claims.json": list[ClaimShape],
    "events.json": list[EventShape],
    "registries/{id}.json": RegistryShape,
    "capabilities/{id}.json": CapabilityShape,
    "threats.json": list[Threat],
    "incidents.json": list[Incident],
    "lexicon.json": list[Word],
    "manifest.json": ManifestShape,
}
OTHER_TYPES = {
    "claims.csv": "text/csv",
    "capabilities/{id}.csv": "text/csv",
    "registries/{id}.yaml": "application/yaml",
    "feeds/changes.atom": "application/atom+xml",
    "feeds/registries/{id}.atom": "application/atom+xml",
    "feeds/capabilities/{id}.atom": "application/atom+xml",
    "feeds/announced.ics": "text/calendar",
    "badges/{registry}/{capability}.svg": "image/svg+xml",
}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _dumped(value: BaseModel | list[BaseModel]) -> bytes:
    return _json([each.model_dump(mode="json") for each in value] if isinstance(value, list) else value.model_dump(mode="json"))


def _schema_name(path: str) -> str:
    """`registries/{id}.json` is described by `registry.schema.json`."""
    singular = {"registries/{id}.json": "registry", "capabilities/{id}.json": "capability"}
    return f"{singular.get(path, path.removesuffix('.json'))}.schema.json"


def release_schemas() -> dict[str, Any]:
    """The JSON Schema of every JSON file of the release, by its path below `data/v1/`."""
    schemas = {}
    for path, shape in SHAPES.items():
        schemas[f"schemas/{_schema_name(path)}"] = {"$schema": _DIALECT, **TypeAdapter(shape).json_schema(mode="serialization")}
    return schemas


def openapi(site_url: str) -> dict[str, Any]:
    """The release as a read-only interface, OpenAPI 3.1: schemas are referred to, not repeated."""

    def operation(path: str, media: str, schema: dict[str, Any]) -> dict[str, Any]:
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": "An id; index.json lists them."}
            for name in ("id", "registry", "capability")
            if f"{{{name}}}" in path
        ]
        answers = {"200": {"description": "The file.", "content": {media: {"schema": schema}}}, "404": {"description": "There is no such id."}}
        return {"get": {"summary": path, "parameters": parameters, "responses": answers}}

    paths = {f"/{path}": operation(path, "application/json", {"$ref": f"schemas/{_schema_name(path)}"}) for path in SHAPES}
    paths |= {f"/{path}": operation(path, media, {"type": "string"}) for path, media in OTHER_TYPES.items()}
    info = {
        "title": "Securing Software Repositories: open data",
        "version": SCHEMA_VERSION,
        "description": "What package registries do for security, since when and with what proof. Static files; nothing is asked for and nothing is logged.",
        "license": {"name": "Community Data License Agreement, Permissive 2.0", "identifier": LICENSE},
    }
    return {"openapi": "3.1.0", "info": info, "servers": [{"url": f"{site_url}{ROOT}".rstrip("/")}], "paths": dict(sorted(paths.items()))}


def release(dataset: Dataset, site_url: str, sources: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """Every file of the open data. `site_url` ends with a slash; `sources` are the registries' own files, by id.

    Booleans are `true` and `false`, durations ISO 8601, dates as exact as their source. A detail that is not established
    is absent. `manifest.json` has the SHA-256 of all other files.
    """
    shapes = Shapes(dataset, site_url)
    claims = shapes.claims()
    registries = [shapes.registry(registry, claims) for registry in registries_by_name(dataset)]
    capabilities = [shapes.capability(capability, claims) for _, capability in sorted(dataset.capabilities.items())]
    files: dict[str, bytes] = {
        "claims.json": _dumped(claims),
        "claims.csv": claims_csv(claims),
        "events.json": _dumped([shapes.event(event) for event in events(dataset)]),
        "threats.json": _dumped([dataset.threats[id] for id in sorted(dataset.threats)]),
        "incidents.json": _dumped(incidents_newest_first(dataset)),
        "lexicon.json": _dumped(list(dataset.words)),
    }
    for registry in registries:
        files[f"registries/{registry.id}.json"] = _dumped(registry)
    for capability in capabilities:
        files[f"capabilities/{capability.id}.json"] = _dumped(capability)
        files[f"capabilities/{capability.id}.csv"] = capability_csv(capability)
    files |= {f"registries/{id}.yaml": text for id, text in (sources or {}).items()}
    files |= feeds(dataset, site_url)
    files["feeds/announced.ics"] = calendar(dataset, site_url)
    files |= badges(claims, {registry.id: registry.name for registry in registries}, {capability.id: capability.name for capability in capabilities})
    files |= {path: _json(schema) for path, schema in release_schemas().items()}
    files |= {path.removeprefix("data/"): content for path, content in schemas().items()}
    files["openapi.json"] = _json(openapi(site_url))
    files["index.json"] = _dumped(_index(dataset, site_url, registries, capabilities, [*files, "index.json", "manifest.json"]))
    digests = {path: FileShape(sha256=hashlib.sha256(content).hexdigest(), size=len(content)) for path, content in sorted(files.items())}
    files["manifest.json"] = _dumped(ManifestShape(schema_version=SCHEMA_VERSION, files=digests))
    return {f"{ROOT}{path}": content for path, content in files.items()}


def _index(dataset: Dataset, site_url: str, registries: list[RegistryShape], capabilities: list[CapabilityShape], files: list[str]) -> IndexShape:
    def entries(group: str, records: list) -> list[Entry]:
        return [Entry(id=each.id, name=each.name, data=f"{site_url}{ROOT}{group}/{each.id}.json", page=each.page) for each in records]

    return IndexShape(
        schema_version=SCHEMA_VERSION,
        as_of=as_of(dataset).isoformat(),
        license=LICENSE,
        registries=entries("registries", registries),
        capabilities=entries("capabilities", capabilities),
        # One badge per claim would be most of the list; its form stands in openapi.json.
        files=sorted(path for path in files if not path.startswith("badges/")),
    )


def promise(dataset: Dataset) -> bytes:
    """What a release must keep: its version, every id, and the schemas of its files."""
    ids = {
        "registries": sorted(dataset.registries),
        "capabilities": sorted(dataset.capabilities),
        "columns": sorted(f"{capability.id}/{column.id}" for capability in dataset.capabilities.values() for column in capability.details),
        "threats": sorted(dataset.threats),
        "incidents": sorted(dataset.incidents),
        "words": sorted(word.id for word in dataset.words),
    }
    return _json({"schema_version": SCHEMA_VERSION, "ids": ids, "schemas": release_schemas()})


def redirects(dataset: Dataset) -> dict[str, bytes]:
    """A page for each address that was published before, with and without `.html`, as `{path below the site: bytes}`."""
    files = {}
    for address in dataset.addresses:
        for path in (f"{address.old}.html", f"{address.old}/index.html"):
            target = posixpath.relpath(address.target or ".", posixpath.dirname(path) or ".") + "/"
            files[path] = rendering.redirect(target).encode()
    return files


def schemas() -> dict[str, bytes]:
    """JSON Schemas of the files in `data/`, generated from the model, as `{path below the project: bytes}`."""
    records = {**SINGLES, **FOLDERS}
    singular = {"capabilities": "capability", "registries": "registry", "reports": "report", "threats": "threat", "incidents": "incident"}
    result = {}
    for name, record in records.items():
        schema = record.model_json_schema(mode="validation")
        schema["$schema"] = _DIALECT
        result[f"data/schema/{singular.get(name, name)}.json"] = _json(schema)
    return result
