"""Which data a page shows, as a digest: two states of the data with the same digest give the page the same content.

What a macro shows follows from its name and arguments. A macro that is not listed here counts as showing everything, so
that forgetting one costs time and never truth.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path

from macros.model import Dataset
from macros.pages import Call, Page
from macros.queries import as_of


def digest_of(*parts: object) -> str:
    """One digest of texts, bytes and what JSON can hold; the order and the borders of the parts count."""
    whole = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()


class Slices:
    """Digests of parts of a dataset that was read from `root/data`."""

    def __init__(self, root: Path, dataset: Dataset) -> None:
        self._dataset = dataset
        self._files = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted((root / "data").rglob("*.yaml"))}
        self.registry = lru_cache(maxsize=None)(self._registry)
        self.capability = lru_cache(maxsize=None)(self._capability)

    @cached_property
    def everything(self) -> str:
        return digest_of(*self._files.items())

    @cached_property
    def vocabulary(self) -> str:
        """All but the registries, and of these what stands outside their claims; the newest reading, against which others count as old."""
        others = [item for item in self._files.items() if not item[0].startswith("data/registries/")]
        heads = [(registry.model_dump_json(exclude={"claims"}), self._dataset.place("registries", id, "id").line) for id, registry in self._dataset.registries.items()]
        return digest_of(*others, heads, as_of(self._dataset))

    @cached_property
    def statuses(self) -> str:
        """Who has what since when."""
        found = [[(id, claim.status, claim.since) for id, claim in registry.claims.items()] for registry in self._dataset.registries.values()]
        return digest_of(self.vocabulary, found)

    def _capability(self, id: str) -> str:
        """Every claim on one capability, with the lines where it can be edited."""
        claims = [
            (registry.id, registry.claims[id].model_dump_json(), self._claim_lines.get((registry.id, id)))
            for registry in self._dataset.registries.values()
            if id in registry.claims
        ]
        return digest_of(self.vocabulary, id, claims)

    def _registry(self, id: str) -> str:
        """The file of one registry, and who else has what."""
        return digest_of(self.statuses, self._files[f"data/registries/{id}.yaml"])

    @cached_property
    def _claim_lines(self) -> dict[tuple[str, str], list[int]]:
        lines: dict[tuple[str, str], list[int]] = {}
        for id in self._dataset.registries:
            for path, place in self._dataset.places["registries", id].items():
                if path[:1] == ("claims",) and len(path) > 1:
                    lines.setdefault((id, path[1]), []).append(place.line)
        return lines


def _first(call: Call) -> str:
    return str(next(iter((*call.arguments, *dict(call.options).values()))))


_SHOWS: dict[str, Callable[[Slices, Call], str]] = {
    **dict.fromkeys(("comparison", "adopters", "adoption", "capability", "prior_art"), lambda slices, call: slices.capability(_first(call))),
    "profile": lambda slices, call: slices.registry(_first(call)),
    **dict.fromkeys(("incident", "small_matrix", "questionnaire"), lambda slices, call: slices.statuses),
    **dict.fromkeys(("sources", "statuses", "evidence_kinds", "levels", "package_kinds", "lexicon", "registries", "capabilities"), lambda slices, call: slices.vocabulary),
}


def shown(page: Page, slices: Slices) -> str:
    """A digest of all data that the page shows."""
    return digest_of(*(_SHOWS[call.name](slices, call) if call.name in _SHOWS else slices.everything for call in page.calls))
