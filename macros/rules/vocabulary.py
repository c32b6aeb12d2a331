"""Rules on `data/model.yaml` and on what records say of each other."""

from __future__ import annotations

from collections.abc import Iterator

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
