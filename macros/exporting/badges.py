"""Facts with a date, as small pictures: what a registry does about one capability, never a grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from macros import rendering
from macros.exporting.records import ClaimShape


def badges(claims: Iterable[ClaimShape], registries: Mapping[str, str], capabilities: Mapping[str, str]) -> dict[str, bytes]:
    """A badge for every claim that says supported or partial, as `{path below data/v1/: bytes}`. Nobody wears a no."""
    return {
        f"badges/{claim.registry}/{claim.capability}.svg": _badge(claim, registries[claim.registry], capabilities[claim.capability])
        for claim in claims
        if claim.status in ("supported", "partial")
    }


def _badge(claim: ClaimShape, registry: str, capability: str) -> bytes:
    said = ("in part" if claim.status == "partial" else "supported") + (f" since {claim.since}" if claim.since else "")
    return rendering.badge(capability, said, f"{registry}: {capability}, {said}").encode()
