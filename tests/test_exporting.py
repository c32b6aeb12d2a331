"""The open data: what is promised, held to it; every file of the shape that its schema says."""

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import date

import feedparser
import icalendar
import jsonschema
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from project import ROOT

from macros import exporting, queries
from macros.load import FOLDERS
from macros.model import Dataset, Upcoming

SITE = "https://site.example/"
RELEASED = json.loads((ROOT / "tests" / "release.json").read_text())


@pytest.fixture(scope="session")
def release(real: Dataset) -> dict[str, bytes]:
    """The release of the real data, by path below data/v1/."""
    sources = {path.stem: path.read_bytes() for path in (ROOT / "data" / "registries").glob("*.yaml")}
    return {path.removeprefix("data/v1/"): content for path, content in exporting.release(real, SITE, sources).items()}


def claims(dataset: Dataset) -> list[dict]:
    return json.loads(exporting.release(dataset, SITE)["data/v1/claims.json"])


def test_a_claim_has_these_fields_and_values(dataset: Dataset) -> None:
    claim = next(claim for claim in claims(dataset) if (claim["registry"], claim["capability"]) == ("example", "yanking"))
    assert claim == {
        "registry": "example",
        "capability": "yanking",
        "track": "general",
        "level": None,
        "applies": True,
        "researched": True,
        "status": "supported",
        "since": "2014-11",
        "since_precision": "month",
        "summary": "Owners can yank a version.",
        "note": None,
        "details": {"term": "yank", "reversible": True, "reason": "none", "granularity": ["version"], "clients": ["exampletool"], "window": "PT72H"},
        "detail_notes": {"reason": "Planned."},
        "evidence": [{"url": "https://docs.example.org/yank", "title": "Yanking", "kind": "docs", "published": "2015", "checked": "2026-01-31"}],
        "history": [{"status": "partial", "since": "2012", "until": "2014-11", "summary": "Only staff could yank.", "evidence": []}],
        "upcoming": [],
        "hindsight": [],
        "page": "https://site.example/registries/example/#yanking",
    }


def test_every_pair_is_there_once_and_again_in_the_file_of_its_registry_and_capability(real: Dataset, release: dict[str, bytes]) -> None:
    exported = json.loads(release["claims.json"])
    pairs = [(claim["registry"], claim["capability"]) for claim in exported]
    assert len(set(pairs)) == len(pairs) == len(real.registries) * len(real.capabilities)
    for group, key in (("registries", "registry"), ("capabilities", "capability")):
        for id in getattr(real, group):
            own = json.loads(release[f"{group}/{id}.json"])["claims"]
            assert sorted(map(json.dumps, own)) == sorted(json.dumps(claim) for claim in exported if claim[key] == id)


def test_every_file_fits_its_schema(release: dict[str, bytes]) -> None:
    checked = 0
    for path, content in release.items():
        if not path.endswith(".json") or path.startswith(("schema", "openapi")):
            continue
        folder, _, name = path.rpartition("/")
        schema = {"registries": "registry", "capabilities": "capability"}.get(folder, name.removesuffix(".json"))
        jsonschema.validate(json.loads(content), json.loads(release[f"schemas/{schema}.schema.json"]), jsonschema.Draft202012Validator)
        checked += 1
    assert checked > 80


def test_no_field_may_be_of_two_types(release: dict[str, bytes]) -> None:
    """Null aside. Details are the exception, and of those each column has one type for all registries."""
    for path, content in release.items():
        if not path.startswith("schemas/"):
            continue
        schema = json.loads(content)
        for name, definition in [("", schema), *schema.get("$defs", {}).items()]:
            for field, described in definition.get("properties", {}).items():
                kinds = {json.dumps(each) for each in described.get("anyOf", [])} - {json.dumps({"type": "null"})}
                assert len(kinds) <= 1, (path, name, field, kinds)
    types: dict[tuple[str, str], set[type]] = {}
    for claim in json.loads(release["claims.json"]):
        for column, value in claim["details"].items():
            types.setdefault((claim["capability"], column), set()).add(type(value))
    assert {column: found for column, found in types.items() if len(found) > 1} == {}


def test_the_csv_has_one_row_per_claim_and_says_the_same(release: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(release["claims.csv"].decode(), newline="")))
    exported = json.loads(release["claims.json"])
    assert len(rows) == len(exported)
    for row, claim in zip(rows, exported, strict=True):
        assert [row[name] for name in ("registry", "capability", "track", "status", "summary")] == [claim[name] for name in ("registry", "capability", "track", "status", "summary")]
        assert (row["since"] or None, row["level"], row["applies"]) == (claim["since"], str(claim["level"] or ""), str(claim["applies"]).lower())
        assert row["evidence"].split() == [evidence["url"] for evidence in claim["evidence"]]


def test_the_csv_of_a_capability_has_its_columns(dataset: Dataset) -> None:
    text = exporting.release(dataset, SITE)["data/v1/capabilities/yanking.csv"].decode()
    rows = {row["registry"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert rows["example"] == {"registry": "example", "status": "supported", "since": "2014-11", "term": "yank", "reversible": "true", "reason": "none", "granularity": "version", "clients": "exampletool", "window": "PT72H"}
    assert set(rows["mirror"].values()) == {"mirror", "unknown", ""}


def test_the_description_is_openapi_and_names_every_file(release: dict[str, bytes]) -> None:
    described = json.loads(release["openapi.json"])
    inline = json.loads(json.dumps(described))
    for path in inline["paths"].values():
        for media in path["get"]["responses"]["200"]["content"].values():
            if reference := media["schema"].get("$ref"):
                assert reference in release
                media["schema"] = {"type": "object"}
    OpenAPIV31SpecValidator(inline).validate()
    forms = [re.sub(r"\\\{\w+\\\}", r"[^/]+", re.escape(path[1:])) for path in described["paths"]]
    missing = [path for path in release if not path.startswith("schema") and path != "openapi.json" and not any(re.fullmatch(form, path) for form in forms)]
    assert missing == []


def test_the_manifest_has_the_digest_of_every_other_file(release: dict[str, bytes]) -> None:
    files = json.loads(release["manifest.json"])["files"]
    assert set(files) == set(release) - {"manifest.json"}
    assert all(entry == {"sha256": hashlib.sha256(release[path]).hexdigest(), "size": len(release[path])} for path, entry in files.items())


# ------------------------------------------------------------------ promises


def broken_by(schema: dict, now: dict) -> list[str]:
    """What readers of the old schema can no longer rely on: a field that went, may be missing, or has another type."""
    faults = []
    old_types, new_types = {"": schema, **schema.get("$defs", {})}, {"": now, **now.get("$defs", {})}
    for name, old in old_types.items():
        if name not in new_types:
            faults.append(f"{name} is gone")
            continue
        new = new_types[name]
        for field, described in old.get("properties", {}).items():
            there = new.get("properties", {}).get(field)
            plain = [{key: value for key, value in each.items() if key not in ("title", "description", "default")} if each else None for each in (described, there)]
            if there is None:
                faults.append(f"{name}.{field} is gone")
            elif plain[0] != plain[1]:
                faults.append(f"{name}.{field} has another type")
        faults += [f"{name}.{field} may be missing now" for field in old.get("required", []) if field in new.get("properties", {}) and field not in new.get("required", [])]
    return faults


def test_nothing_that_the_last_release_promised_is_broken(real: Dataset) -> None:
    now = json.loads(exporting.promise(real))
    assert {group: sorted(set(ids) - set(now["ids"][group])) for group, ids in RELEASED["ids"].items()} == {group: [] for group in RELEASED["ids"]}
    for path, schema in RELEASED["schemas"].items():
        assert path in now["schemas"], f"{path} is gone"
        assert broken_by(schema, now["schemas"][path]) == [], path


def test_what_was_added_since_the_last_release_counts_its_version_up(real: Dataset) -> None:
    now = json.loads(exporting.promise(real))
    if now["schemas"] != RELEASED["schemas"]:
        assert now["schema_version"] > RELEASED["schema_version"], "something was added: count SCHEMA_VERSION up, and add a line to the changelog in docs/about/data.md"
    assert f"| {now['schema_version']} |" in (ROOT / "docs/about/data.md").read_text()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda fields: fields.pop("note"), "ClaimShape.note is gone"),
        (lambda fields: fields["level"].update(anyOf=[{"type": "string"}]), "ClaimShape.level has another type"),
    ],
)
def test_a_broken_promise_is_named(change, said: str) -> None:
    schema = RELEASED["schemas"]["schemas/claims.schema.json"]
    changed = json.loads(json.dumps(schema))
    change(changed["$defs"]["ClaimShape"]["properties"])
    assert said in broken_by(schema, changed)


# ------------------------------------------------------- feeds, calendar, badges


def test_every_feed_is_read_by_an_independent_parser_and_has_each_entry_once(real: Dataset, release: dict[str, bytes]) -> None:
    feeds = {path: content for path, content in release.items() if path.endswith(".atom")}
    assert len(feeds) == 1 + len(real.registries) + len(real.capabilities)
    for path, content in feeds.items():
        parsed = feedparser.parse(content)
        assert not parsed.bozo and parsed.version == "atom10", path
        assert parsed.feed.id and parsed.feed.title and parsed.feed.updated and parsed.feed.author
        ids = [entry.id for entry in parsed.entries]
        assert len(set(ids)) == len(ids)
    assert len(feedparser.parse(feeds["feeds/changes.atom"]).entries) == len(queries.events(real))
    newest = feedparser.parse(feeds["feeds/registries/hex.atom"]).entries[0]
    event = next(event for event in queries.events(real) if event.cell.registry.id == "hex")
    assert newest.title.startswith(f"{event.date} · Hex: ") and newest.link == f"{SITE}registries/hex/#{event.cell.capability.id}"


def test_the_calendar_is_read_by_an_independent_parser(dataset: Dataset) -> None:
    claim = dataset.registries["example"].claims["yanking"]
    coming = [Upcoming(date=day, summary=f"Ends; soon, {'ü' * 80} \\ really", evidence=claim.evidence) for day in ("2027", "2027-02", "2027-03-31")]
    example = dataset.registries["example"].model_copy(update={"claims": {"yanking": claim.model_copy(update={"upcoming": coming})}})
    text = exporting.release(replace(dataset, registries={"example": example}), SITE)["data/v1/feeds/announced.ics"]
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    events = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert [(event.decoded("DTSTART"), event.decoded("DTEND")) for event in events] == [
        (date(2027, 1, 1), date(2028, 1, 1)),
        (date(2027, 2, 1), date(2027, 3, 1)),
        (date(2027, 3, 31), date(2027, 4, 1)),
    ]
    assert {str(event["DESCRIPTION"]) for event in events} == {coming[0].summary}
    assert len({str(event["UID"]) for event in events}) == 3


def test_a_badge_says_a_fact_with_its_date_and_nobody_wears_a_no(real: Dataset, release: dict[str, bytes]) -> None:
    worn = {path for path in release if path.startswith("badges/")}
    assert worn == {f"badges/{claim['registry']}/{claim['capability']}.svg" for claim in json.loads(release["claims.json"]) if claim["status"] in ("supported", "partial")}
    badge = release["badges/pypi/trusted-publishing.svg"].decode()
    assert "<title>PyPI: Trusted publishing, supported since 2023-04-20</title>" in badge
    assert not any(b"<script" in release[path] for path in worn)


# ----------------------------------------------------------- schemas of data/


def test_the_schemas_in_the_repository_are_those_of_the_model() -> None:
    for path, content in exporting.schemas().items():
        assert (ROOT / path).read_bytes() == content, f"{path} is stale; run python -m macros schema"


@pytest.mark.parametrize("folder", FOLDERS)
def test_editors_are_told_the_schema_and_it_accepts_every_file(folder: str) -> None:
    files = sorted((ROOT / "data" / folder).glob("*.yaml"))
    assert files
    for file in files:
        first = file.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=../schema/"), file
        schema = json.loads((file.parent / first.partition("=")[2]).read_text())
        jsonschema.validate(yaml.load(file.read_text(), Yaml12), schema)


class Yaml12(yaml.BaseLoader):
    """As an editor reads it: YAML 1.2, in which yes, no and dates are text, but 3 is a number."""


Yaml12.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"\d+$"), list("0123456789"))
Yaml12.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
