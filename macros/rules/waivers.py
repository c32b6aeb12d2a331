"""Exceptions from rules: each with a reason and an end, and gone when it is not needed any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from macros.load import nearest
from macros.model import Finding
from macros.rules.site import Site


def waivers_are_needed(site: Site, findings: Iterable[Finding], rules: Collection[str]) -> set[Finding]:
    """A waiver names a rule and a place that exist, has not ended, and waives something; else it is itself a fault.

    Returns the findings that no waiver covers, with those on waivers.
    """
    remaining = set(findings)
    for index, waiver in enumerate(site.dataset.waivers):
        at = lambda key: site.dataset.place("waivers", "waivers", index, key)  # noqa: B023, E731
        waived = site.dataset.places_within(waiver.path)
        covered = {finding for finding in remaining if finding.rule == waiver.rule and finding.place in waived}
        if waiver.rule not in rules:
            fault = Finding(at("rule"), f"there is no rule {waiver.rule!r}", nearest(waiver.rule, rules), "waivers-are-needed")
        elif not waived:
            fault = Finding(at("at"), f"there is nothing at {waiver.at}", "name the file, the capability and the key, as in registries/npm/yanking/since", "waivers-are-needed")
        elif waiver.until < site.today:
            fault = Finding(at("until"), f"this waiver ended on {waiver.until}", "mend what it waived, or give a new reason and a new end", "waivers-are-needed")
        elif not covered:
            fault = Finding(at("at"), f"{waiver.rule} finds nothing at {waiver.at}", "remove the waiver", "waivers-are-needed")
        else:
            remaining -= covered
            continue
        remaining.add(fault)
    return remaining
