"""The open data: one object per registry and capability, every field of one type."""

import json
import re

import jsonschema
import pytest
import yaml
from project import ROOT

from macros import exporting
from macros.load import FOLDERS
from macros.model import Dataset, Status

TYPES = {
    "registry": str,
    "capability": str,
    "status": str,
    "since": (str, type(None)),
    "summary": str,
    "note": (str, type(None)),
    "details": dict,
    "detail_notes": dict,
    "evidence": list,
    "history": list,
    "upcoming": list,
}


def claims(dataset: Dataset) -> list[dict]:
    return json.loads(exporting.open_data(dataset)["data/v1/claims.json"])


def test_a_claim_has_these_fields_and_values(dataset: Dataset) -> None:
    claim = next(claim for claim in claims(dataset) if (claim["registry"], claim["capability"]) == ("example", "yanking"))
    assert claim == {
        "registry": "example",
        "capability": "yanking",
        "status": "supported",
        "since": "2014-11",
        "summary": "Owners can yank a version.",
        "note": None,
        "details": {"term": "yank", "reversible": True, "reason": "none", "granularity": ["version"], "clients": ["exampletool"], "window": "PT72H"},
        "detail_notes": {"reason": "Planned."},
        "evidence": [{"url": "https://docs.example.org/yank", "title": "Yanking", "kind": "docs", "published": "2015", "checked": "2026-01-31"}],
        "history": [{"status": "partial", "since": "2012", "until": "2014-11", "summary": "Only staff could yank.", "evidence": []}],
        "upcoming": [],
    }


def test_every_pair_is_there_once_and_every_field_has_one_type(real: Dataset) -> None:
    exported = claims(real)
    pairs = [(claim["registry"], claim["capability"]) for claim in exported]
    assert len(set(pairs)) == len(pairs) == len(real.registries) * len(real.capabilities)
    for claim in exported:
        assert list(claim) == list(TYPES)
        for name, type_ in TYPES.items():
            assert isinstance(claim[name], type_), (claim["registry"], claim["capability"], name)
        assert claim["status"] in set(Status)


def test_a_column_has_one_type_for_all_registries(real: Dataset) -> None:
    types: dict[tuple[str, str], set[type]] = {}
    for claim in claims(real):
        for column, value in claim["details"].items():
            types.setdefault((claim["capability"], column), set()).add(type(value))
    assert {column: found for column, found in types.items() if len(found) > 1} == {}


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
