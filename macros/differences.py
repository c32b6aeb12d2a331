"""What two states of the data say differently, claim by claim. Pure: records in, records out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from macros.model import Claim, Dataset, Evidence
from macros.queries import capabilities_in_order, registries_by_name


@dataclass(frozen=True)
class Difference:
    """One thing that changed: `about` is a registry or another record, `capability` the name of what the claim is about."""

    about: str
    capability: str | None
    change: str
    source: str | None = None

    def __str__(self) -> str:
        where = f"{self.about}: {self.capability}" if self.capability else self.about
        return f"{where}: {self.change}" + (f" ({self.source})" if self.source else "")


def differences(before: Dataset, after: Dataset) -> list[Difference]:
    """Registries by name, capabilities in the order of the model; then what came, went or changed among the other records."""
    return [*_claims(before, after), *_records(before, after)]


def _claims(before: Dataset, after: Dataset) -> Iterator[Difference]:
    for registry in registries_by_name(after):
        old = before.registries.get(registry.id)
        if old is None:
            yield Difference(registry.name, None, f"added, with {len(registry.claims)} claims")
            continue
        for name in type(registry).model_fields:
            if name != "claims" and getattr(old, name) != getattr(registry, name):
                yield Difference(registry.name, None, f"{name.replace('_', ' ')} changed")
        for capability in capabilities_in_order(after):
            for change, source in _changes(old.claims.get(capability.id), registry.claims.get(capability.id)):
                yield Difference(registry.name, capability.name, change, source)
    for id, registry in before.registries.items():
        if id not in after.registries:
            yield Difference(registry.name, None, "removed")


def _said(claim: Claim) -> str:
    return f"{claim.status} since {claim.since}" if claim.since else str(claim.status)


def _changes(old: Claim | None, new: Claim | None) -> Iterator[tuple[str, str | None]]:
    """Each change of one claim with the source to look at."""
    if old == new:
        return
    if old is None or new is None:
        yield (f"{_said(new)}, not researched before", _new_source(None, new)) if new else ("no longer in the data", None)
        return
    if (old.status, old.since) != (new.status, new.since):
        yield f"{_said(old)} → {_said(new)}", _new_source(old, new)
    for column in sorted({*old.details, *new.details}):
        values = [_shown(claim.details[column].value) if column in claim.details else "not established" for claim in (old, new)]
        if values[0] != values[1]:
            yield f"{column}: {values[0]} → {values[1]}", None
        elif old.details[column] != new.details[column]:
            yield f"{column}: remark changed", None
    for name in ("summary", "note", "history", "upcoming", "hindsight"):
        if getattr(old, name) != getattr(new, name):
            yield f"{name} changed", None
    yield from _evidence(old.evidence, new.evidence)


def _shown(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value) or "none"


def _evidence(old: list[Evidence], new: list[Evidence]) -> Iterator[tuple[str, str | None]]:
    before, after = {each.url: each for each in old}, {each.url: each for each in new}
    for url in after.keys() - before.keys():
        yield "source added", url
    for url in before.keys() - after.keys():
        yield "source removed", url
    again = sum(after[url].checked > before[url].checked for url in before.keys() & after.keys())
    if again:
        yield f"{again} {'source' if again == 1 else 'sources'} read again", None


def _new_source(old: Claim | None, new: Claim) -> str | None:
    """The first source that was not there before, else the first."""
    known = {each.url for each in old.evidence} if old else set()
    return next((each.url for each in new.evidence if each.url not in known), new.evidence[0].url if new.evidence else None)


def _records(before: Dataset, after: Dataset) -> Iterator[Difference]:
    for group in ("capabilities", "threats", "incidents", "reports"):
        old, new = getattr(before, group), getattr(after, group)
        kind = {"capabilities": "Capability", "threats": "Threat", "incidents": "Incident", "reports": "Report"}[group]
        for id in sorted({*old, *new}):
            change = "added" if id not in old else "removed" if id not in new else "changed" if old[id] != new[id] else ""
            if change:
                yield Difference(f"{kind} {id}", None, change)
    words = [{word.id: word for word in dataset.words} for dataset in (before, after)]
    for id in sorted({*words[0], *words[1]}):
        if words[0].get(id) != words[1].get(id):
            yield Difference(f"Word {id}", None, "added" if id not in words[0] else "removed" if id not in words[1] else "changed")


def as_markdown(found: list[Difference]) -> str:
    """A list under a heading for each registry or record, for a pull request or a changelog."""
    lines: list[str] = []
    heading = None
    for each in found:
        if each.about != heading:
            lines += ["", f"### {each.about}", ""] if lines else [f"### {each.about}", ""]
            heading = each.about
        what = f"**{each.capability}**: {each.change}" if each.capability else each.change
        lines.append(f"- {what}" + (f" ([source]({each.source}))" if each.source else ""))
    return "\n".join(lines)
