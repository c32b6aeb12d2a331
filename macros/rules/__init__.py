"""Every rule that the schema cannot express, by name.

A rule is a function from the whole `Site` to findings. It never raises on bad data, repairs it or opens a URL.
Its name, with hyphens, is what findings carry; its docstring says what it asks and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from macros.model import Finding
from macros.rules import claims, pages, reading, vocabulary, waivers
from macros.rules.explanation import BEFORE_RULES
from macros.rules.site import Site

RULES: tuple[Callable[[Site], Iterator[Finding]], ...] = (
    vocabulary.every_word_is_defined,
    vocabulary.references_exist,
    vocabulary.requirements_do_not_circle,
    vocabulary.threats_and_incidents_refer,
    vocabulary.incidents_can_be_followed,
    claims.capability_is_known,
    claims.status_has_its_note,
    claims.evidence_is_primary,
    claims.evidence_is_of_its_kind,
    claims.a_yes_shows_its_evidence,
    claims.dates_are_in_order,
    claims.traits_are_obeyed,
    claims.since_fits_the_status,
    claims.details_fit_their_columns,
    claims.details_agree_with_status,
    claims.one_title_per_address,
    pages.records_have_pages,
    pages.old_addresses_lead_on,
    pages.pages_are_in_the_navigation,
    pages.links_lead_to_pages,
    pages.macro_calls_are_right,
    pages.sources_come_last,
    pages.anchors_are_made_once,
    pages.guidance_keeps_the_skeleton,
    pages.guidance_sections_have_sources,
    pages.diagrams_can_be_drawn,
    reading.pages_describe_themselves,
    reading.headings_go_down_step_by_step,
    reading.links_say_where_they_lead,
    reading.images_have_alternatives,
    reading.pages_hold_no_html,
    reading.adopters_come_from_the_data,
)


def rule_name(rule: Callable) -> str:
    return rule.__name__.replace("_", "-")


def docs() -> dict[str, str]:
    """What each rule asks and why, by name."""
    return {**BEFORE_RULES, **{rule_name(rule): rule.__doc__ or "" for rule in RULES}, "waivers-are-needed": waivers.__doc__ or ""}


def check(site: Site) -> list[Finding]:
    """All findings of all rules that are not waived, in the order of files and lines."""
    found = {finding for rule in RULES for finding in rule(site)}
    findings = waivers.waivers_are_needed(site, found, {rule_name(rule) for rule in RULES})
    return sorted(findings, key=lambda finding: (finding.place.file, finding.place.line, finding.place.column, finding.fault))
