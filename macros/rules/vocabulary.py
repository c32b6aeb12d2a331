"""Rules on `data/model.yaml` and on what records say of each other."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from macros.load import nearest
from macros.model import EvidenceKind, Finding, Packages, Status
from macros.rules.site import Site


def every_word_is_defined(site: Site) -> Iterator[Finding]:
    """Each status, evidence kind and trait value that the code knows has a name and a meaning, and no other has."""
    for group, known in (("statuses", Status), ("evidence_kinds", EvidenceKind), ("packages", Packages)):
        defined = [term.id for term in getattr(site.dataset.model, group)]
        place = site.dataset.place("model", group)
        for word in sorted({str(word) for word in known} - set(defined)):
            yield Finding(place, f"{group} does not define {word!r}", "add it with a name and a meaning", "every-word-is-defined")
        for index, word in enumerate(defined):
            here = site.dataset.place("model", group, index, "id")
            if word not in set(known):
                yield Finding(here, f"{word!r} is no value of {group}", nearest(word, known), "every-word-is-defined")
            elif word in defined[:index]:
                yield Finding(here, f"{word!r} is defined twice", "keep one definition", "every-word-is-defined")


def references_exist(site: Site) -> Iterator[Finding]:
    """The track, level, required capabilities and guidance page that a capability names exist."""
    dataset = site.dataset
    tracks = {track.id for track in dataset.model.tracks}
    levels = {level.id for level in dataset.model.levels}
    guidance = {path.removeprefix("guidance/").removesuffix(".md") for path in site.pages if path.startswith("guidance/")} - {"index"}
    for id, capability in dataset.capabilities.items():
        at = lambda *path: dataset.place("capabilities", id, *path)  # noqa: E731
        if capability.track not in tracks:
            yield Finding(at("track"), f"there is no track {capability.track!r}", nearest(capability.track, tracks), "references-exist")
        if capability.level is not None and f"level-{capability.level}" not in levels:
            yield Finding(at("level"), f"there is no level {capability.level}", nearest(str(capability.level), levels), "references-exist")
        for index, required in enumerate(capability.requires):
            if required not in dataset.known("capabilities"):
                yield Finding(at("requires", index), f"there is no capability {required!r}", nearest(required, dataset.known("capabilities")), "references-exist")
        if capability.guidance and capability.guidance not in guidance:
            yield Finding(at("guidance"), f"there is no page docs/guidance/{capability.guidance}.md", nearest(capability.guidance, guidance), "references-exist")


def requirements_do_not_circle(site: Site) -> Iterator[Finding]:
    """No capability requires itself, directly or by way of others: such work could never begin."""
    dataset = site.dataset
    try:
        TopologicalSorter({id: capability.requires for id, capability in dataset.capabilities.items()}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        for required, id in pairwise(circle):
            index = dataset.capabilities[id].requires.index(required)
            way = " → ".join(reversed(circle))
            yield Finding(dataset.place("capabilities", id, "requires", index), f"{id} requires {required} in a circle: {way}", "break the circle", "requirements-do-not-circle")


def threats_and_incidents_refer(site: Site) -> Iterator[Finding]:
    """What threats, incidents and words name exists, and a threat names each capability once."""
    rule = "threats-and-incidents-refer"
    dataset = site.dataset
    named: list[tuple[tuple[str | int, ...], str, str]] = []
    for id, threat in dataset.threats.items():
        seen: set[str] = set()
        for index, answer in enumerate(threat.answers):
            path = ("threats", id, "answers", index, "capability")
            named.append((path, "capabilities", answer.capability))
            if answer.capability in seen:
                yield Finding(dataset.place(*path), f"{answer.capability} answers {id} twice", "merge the two answers", rule)
            seen.add(answer.capability)
    for id, incident in dataset.incidents.items():
        for group in ("registries", "threats"):
            named += [(("incidents", id, group, index), group, name) for index, name in enumerate(getattr(incident, group))]
        for key in ("present", "missing"):
            named += [(("incidents", id, key, index, "capability"), "capabilities", control.capability) for index, control in enumerate(getattr(incident, key))]
    named += [(("lexicon", "words", index, "capability"), "capabilities", word.capability) for index, word in enumerate(dataset.words) if word.capability]
    for path, group, name in named:
        if name not in dataset.known(group):
            yield Finding(dataset.place(*path), f"there is no {name!r} in {group}", nearest(name, dataset.known(group)), rule)


def incidents_can_be_followed(site: Site) -> Iterator[Finding]:
    """An incident says where it happened, which threat came true and what was missing; its timeline runs from old to new, and each line of it names one of the incident's sources."""
    rule = "incidents-can-be-followed"
    for id, incident in site.dataset.incidents.items():
        named = (("threats", incident.threats, "a threat"), ("missing", incident.missing, "a capability that would have changed the course"), ("registries", [*incident.registries, *incident.elsewhere], "where it happened"))
        for key, values, what in named:
            if not values:
                yield Finding(site.dataset.place("incidents", id, key), f"the incident names no {key}", f"name {what}", rule)
        addresses = {evidence.url for evidence in incident.evidence}
        for key in ("timeline", "afterwards"):
            entries = getattr(incident, key)
            for index, entry in enumerate(entries):
                at = lambda name: site.dataset.place("incidents", id, key, index, name)  # noqa: B023, E731
                if entry.source not in addresses:
                    yield Finding(at("source"), "this source is not under evidence", "add it there, with title, kind and checked", rule)
                # Texts of dates compare like dates as far as both are exact.
                if index and entry.at[: len(entries[index - 1].at)] < entries[index - 1].at[: len(entry.at)]:
                    yield Finding(at("at"), f"at: {entry.at} comes after {entries[index - 1].at}", "list from old to new", rule)
