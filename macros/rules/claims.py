"""Rules on claims: evidence, dates, traits and details."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from macros.load import nearest
from macros.model import Capability, Claim, EvidenceKind, Finding, Status
from macros.queries import cited
from macros.rules.site import Site

# A report is what somebody else says; for an audit the report itself counts.
PRIMARY = {EvidenceKind.DOCS, EvidenceKind.POLICY, EvidenceKind.SPEC, EvidenceKind.CODE, EvidenceKind.ANNOUNCEMENT, EvidenceKind.AUDIT}
NEEDS_PRIMARY = {Status.SUPPORTED, Status.PARTIAL, Status.PLANNED, Status.DECLINED, Status.UNSUPPORTED}
NEEDS_NOTE = {
    Status.PARTIAL: "say in a note what is missing",
    Status.UNKNOWN: "say in a note where you looked",
}
CODE_HOSTS = {"github.com", "gitlab.com", "codeberg.org"}
TEXTS_OF_RECORD = {EvidenceKind.DOCS, EvidenceKind.POLICY, EvidenceKind.SPEC, EvidenceKind.CODE, EvidenceKind.AUDIT}
NOTHING_ESTABLISHED = {Status.UNKNOWN, Status.NOT_APPLICABLE}


def _claims(site: Site) -> Iterator[tuple[tuple[str, ...], Claim]]:
    for registry in site.dataset.registries.values():
        for capability, claim in registry.claims.items():
            yield ("registries", registry.id, "claims", capability), claim


def _of_known_capabilities(site: Site) -> Iterator[tuple[tuple[str, ...], Claim, Capability]]:
    for path, claim in _claims(site):
        if capability := site.dataset.capabilities.get(path[-1]):
            yield path, claim, capability


def capability_is_known(site: Site) -> Iterator[Finding]:
    """A claim is about a capability that has a file."""
    known = site.dataset.known("capabilities")
    for path, _ in _claims(site):
        if path[-1] not in known:
            yield Finding(site.dataset.place(*path), f"there is no capability {path[-1]!r}", nearest(path[-1], known), "capability-is-known")


def status_has_its_note(site: Site) -> Iterator[Finding]:
    """`partial` says what is missing and `unknown` says where somebody looked."""
    for path, claim in _claims(site):
        if claim.status in NEEDS_NOTE and not claim.note:
            place = site.dataset.place(*path, "status")
            yield Finding(place, f"the status {claim.status} has no note", NEEDS_NOTE[claim.status], "status-has-its-note")


def evidence_is_primary(site: Site) -> Iterator[Finding]:
    """Whoever states a fact shows a primary source; without one the honest status is `unknown`."""
    for path, claim in _claims(site):
        if claim.status in NEEDS_PRIMARY and not any(evidence.kind in PRIMARY for evidence in claim.evidence):
            place = site.dataset.place(*path, "status")
            yield Finding(
                place,
                f"the status {claim.status} has no primary source",
                "add evidence of the kind docs, policy, spec, code, announcement or audit, or write status: unknown",
                "evidence-is-primary",
            )


def evidence_is_of_its_kind(site: Site) -> Iterator[Finding]:
    """An address tells some kinds apart: code is cited at a commit, an audit by its report, and an issue or a pull request is what people said."""
    rule = "evidence-is-of-its-kind"
    for path, evidence in cited(site.dataset):
        address = urlsplit(evidence.url)
        moving = re.match(r"/[^/]+/[^/]+/(?:-/)?(?:blob|tree|src/branch)/(?![0-9a-f]{40}(?:/|$))([^/]+)", address.path)
        blog = address.netloc.startswith(("blog.", "devblogs.")) or re.search(r"/(blog|news|posts)/", address.path)
        if evidence.kind is EvidenceKind.CODE and moving and address.netloc in CODE_HOSTS:
            yield Finding(site.dataset.place(*path, "url"), f"code is cited at {moving[1]!r}, which moves", "link it at the commit that was read", rule)
        elif evidence.kind is EvidenceKind.AUDIT and blog:
            yield Finding(site.dataset.place(*path, "kind"), "a blog post is not the report of an audit", "cite the report itself, and this as announcement or report", rule)
        elif evidence.kind in TEXTS_OF_RECORD and re.search(r"/(issues|discussions)/\d+", address.path):
            yield Finding(site.dataset.place(*path, "kind"), f"an issue is no {evidence.kind}", "write announcement where the registry's own people decide in it, else report", rule)
        elif evidence.kind in TEXTS_OF_RECORD and re.search(r"/(pulls?|merge_requests)/\d+", address.path):
            remedy = "link the commit that was merged, or write announcement where the registry's own people decide in it, else report"
            yield Finding(site.dataset.place(*path, "kind"), f"a pull request is no {evidence.kind}", remedy, rule)


def a_yes_shows_its_evidence(site: Site) -> Iterator[Finding]:
    """Where a column asks for a kind of evidence, a yes cites it: who says that a report is public, links the report."""
    for path, claim, capability in _of_known_capabilities(site):
        for column in capability.details:
            detail = claim.details.get(column.id)
            if column.shown_by and detail and detail.value == "yes" and not any(evidence.kind is column.shown_by for evidence in claim.evidence):
                place = site.dataset.place(*path, "details", column.id)
                yield Finding(place, f"{column.id} says yes without evidence of the kind {column.shown_by}", "cite it, or write no", "a-yes-shows-its-evidence")


def dates_are_in_order(site: Site) -> Iterator[Finding]:
    """Nothing was read or published after today; what is in force began by today; history runs from old to new and ends in the present state; what is announced was still to come."""
    rule = "dates-are-in-order"
    place = site.dataset.place
    for path, evidence in cited(site.dataset):
        if evidence.checked > site.today:
            yield Finding(place(*path, "checked"), f"checked: {evidence.checked} is in the future", "write the day on which the source was read", rule)
        if evidence.published and evidence.published.earliest > evidence.checked:
            yield Finding(place(*path, "published"), f"published: {evidence.published} is later than checked", "one of the two dates is wrong", rule)
    for path, claim in _claims(site):
        if claim.since and claim.status is not Status.PLANNED and claim.since.earliest > site.today:
            yield Finding(place(*path, "since"), f"since: {claim.since} is in the future", "what is announced has the status planned until it is live", rule)
        for index, state in enumerate(claim.history):
            if state.since and state.until and state.since.earliest > state.until.latest:
                yield Finding(place(*path, "history", index, "until"), f"until: {state.until} is before since: {state.since}", "one of the two dates is wrong", rule)
        for index, (before, after) in enumerate(pairwise(claim.history), 1):
            if before.until and after.until and before.until.earliest > after.until.latest:
                yield Finding(place(*path, "history", index, "until"), f"until: {after.until} is before {before.until} above it", "list history from old to new", rule)
        for index, state in enumerate(claim.history):
            if state.until and state.until.earliest > site.today:
                yield Finding(place(*path, "history", index, "until"), f"until: {state.until} is in the future", "what still holds is the claim itself; announce its end under upcoming", rule)
        last = claim.history[-1] if claim.history else None
        if last and claim.since and last.until and last.status is not claim.status and claim.since.latest < last.until.earliest <= site.today:
            remedy = f"write since: {last.until}, the day on which the new status began, or correct until"
            yield Finding(place(*path, "since"), f"since: {claim.since} is before the {last.status} that ended in {last.until}", remedy, rule)
        for index, event in enumerate(claim.upcoming):
            read = max((evidence.checked for evidence in event.evidence), default=None)
            if read and event.date.latest < read:
                yield Finding(place(*path, "upcoming", index, "date"), f"date: {event.date} had passed when the source was read", "put what became of it into the claim, with its since", rule)


def traits_are_obeyed(site: Site) -> Iterator[Finding]:
    """`not-applicable` stands exactly where the traits of the registry rule the capability out."""
    dataset = site.dataset
    for path, claim, capability in _of_known_capabilities(site):
        registry = dataset.registries[path[1]]
        applies = dataset.applies(capability, registry)
        place = dataset.place(*path, "status")
        if applies and claim.status is Status.NOT_APPLICABLE:
            yield Finding(place, f"{capability.id} applies to {registry.id} by its traits", "write another status, or correct the traits", "traits-are-obeyed")
        elif not applies and claim.status is not Status.NOT_APPLICABLE:
            reason = dataset.applicability(capability).reason  # type: ignore[union-attr]
            yield Finding(
                place,
                f"{claim.status} contradicts the traits of {registry.id}: {reason.rstrip('.')}",
                "write status: not-applicable, or correct the traits",
                "traits-are-obeyed",
            )


def details_fit_their_columns(site: Site) -> Iterator[Finding]:
    """A detail belongs to a column of its capability and has the column's type."""
    for path, claim, capability in _of_known_capabilities(site):
        columns = {column.id: column for column in capability.details}
        for id, detail in claim.details.items():
            place = site.dataset.place(*path, "details", id)
            if id not in columns:
                yield Finding(place, f"{capability.id} has no column {id!r}", nearest(id, columns), "details-fit-their-columns")
                continue
            try:
                columns[id].parse(detail.value)
            except ValueError as error:
                fault, _, remedy = str(error).partition("; ")
                yield Finding(place, fault, remedy or f"see the column in data/capabilities/{capability.id}.yaml", "details-fit-their-columns")


def since_fits_the_status(site: Site) -> Iterator[Finding]:
    """`since` dates what holds; what is not established, or was never there, has no beginning."""
    for path, claim in _claims(site):
        never = claim.status is Status.UNSUPPORTED and not claim.history
        if claim.since and (claim.status in NOTHING_ESTABLISHED or never):
            remedy = "remove it" if not never else "remove it, or tell under history what held before"
            yield Finding(site.dataset.place(*path, "since"), f"since: {claim.since} dates something {claim.status}", remedy, "since-fits-the-status")


def details_agree_with_status(site: Site) -> Iterator[Finding]:
    """Where nothing is established there are no details, and no detail says that a supported capability lacks what it needs."""
    rule = "details-agree-with-status"
    for path, claim, capability in _of_known_capabilities(site):
        if claim.details and claim.status in NOTHING_ESTABLISHED:
            yield Finding(site.dataset.place(*path, "details"), f"there are details, yet the status is {claim.status}", "write the status that they show, or remove them", rule)
        if claim.status is not Status.SUPPORTED:
            continue
        for column in capability.details:
            if column.id not in claim.details:
                continue
            if missing := capability.missing_for_support(column, claim.details[column.id].value):
                fault = f"supported needs {column.id} to {'hold' if isinstance(claim.details[column.id].value, list) else 'be'} {' or '.join(missing)}"
                yield Finding(site.dataset.place(*path, "details", column.id), fault, "write status: partial and say in a note what is missing, or correct the detail", rule)


def one_title_per_address(site: Site) -> Iterator[Finding]:
    """The same address has the same title wherever it is cited, so that a page lists it once."""
    first: dict[str, tuple[str, object]] = {}
    for path, evidence in cited(site.dataset):
        place = site.dataset.place(*path, "title")
        title, where = first.setdefault(evidence.url, (evidence.title, place))
        if title != evidence.title:
            yield Finding(place, f"{evidence.url} is called {title!r} in {where}", "give it one title", "one-title-per-address")
