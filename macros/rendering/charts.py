"""Where the marks of a chart stand, in the units of its drawing; templates draw them. All are wide enough for a phone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from macros.model import Status, Track
from macros.queries import Cell, Event

WIDTH = 460.0
_LABELS = 150.0  # the column of names at the left
_ROW = 20.0


# One cell of the matrix in small, 6 × 6 from its corner: each status has a shape of its own, so that color is not needed.
_SMALL = {
    Status.SUPPORTED: "h6v6h-6z",
    Status.PARTIAL: "m0 3h6v3h-6z",
    Status.PLANNED: "h6v6h-6zm1 1v4h4v-4z",
    Status.DECLINED: "h6v6h-6zm1 1v4h4v-4z",
    Status.UNSUPPORTED: "m0 2.5h6v1h-6z",
    Status.UNKNOWN: "m2.5 2.5h1v1h-1z",
}


def small_matrix(rows: Iterable[Sequence[Cell]]) -> dict[Status, str]:
    """One path per status, with a mark for each of its cells; what is not applicable has none."""
    paths = {status: "" for status in _SMALL}
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell.claim.status in paths:
                paths[cell.claim.status] += f"M{column * 8} {row * 8}{_SMALL[cell.claim.status]}"
    return paths


@dataclass(frozen=True)
class Tick:
    """A year on the axis of time."""

    x: float
    year: int


@dataclass(frozen=True)
class Axis:
    """Time from the first of January of the first year to the last day shown, between `left` and `right`."""

    left: float
    right: float
    first: date
    last: date

    def x(self, day: date) -> float:
        whole = max(1, (self.last - self.first).days)
        return round(self.left + (self.right - self.left) * (day - self.first).days / whole, 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """At most eight years, evenly apart."""
        years = range(self.first.year, self.last.year + 1)
        step = max(1, -(-len(years) // 8))
        return tuple(Tick(self.x(date(year, 1, 1)), year) for year in years if (year - self.first.year) % step == 0)


def _axis(days: Sequence[date], today: date) -> Axis:
    return Axis(_LABELS, WIDTH - 12, date(min(days).year, 1, 1), max(today, *days))


@dataclass(frozen=True)
class Bar:
    """One registry's line: from when it has had the capability until now."""

    cell: Cell
    x: float
    y: float
    partial: bool


@dataclass(frozen=True)
class Adoption:
    """Adopters over time, oldest first; `undated` have it, but nobody has established since when."""

    bars: tuple[Bar, ...]
    undated: tuple[Cell, ...]
    axis: Axis
    height: float


def adoption(adopters: Iterable[Cell], today: date) -> Adoption | None:
    """The chart of a capability's adopters, given oldest first; `None` where fewer than two have a date."""
    cells = list(adopters)
    dated = [(cell, cell.claim.since) for cell in cells if cell.claim.since]
    if len(dated) < 2:
        return None
    axis = _axis([since.earliest for _, since in dated], today)
    bars = tuple(Bar(cell, axis.x(since.earliest), row * _ROW + 4, cell.claim.status is Status.PARTIAL) for row, (cell, since) in enumerate(dated))
    return Adoption(bars, tuple(cell for cell in cells if not cell.claim.since), axis, len(bars) * _ROW + 28)


@dataclass(frozen=True)
class Dot:
    """One change."""

    event: Event
    x: float
    y: float


@dataclass(frozen=True)
class Lane:
    """The changes of one track."""

    track: Track
    y: float
    height: float
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Timeline:
    """A registry's changes over time, one lane per track; dots of one time stand on each other."""

    lanes: tuple[Lane, ...]
    axis: Axis
    height: float


_DOT = 11.0


def timeline(events: Sequence[Event], tracks: Sequence[Track], today: date) -> Timeline | None:
    """The chart of a registry's changes; `None` where there are fewer than two."""
    if len(events) < 2:
        return None
    axis = _axis([event.date.earliest for event in events], today)
    lanes, top = [], 4.0
    for track in tracks:
        piles: Counter[int] = Counter()
        placed = []
        for event in sorted((each for each in events if each.cell.capability.track == track.id), key=lambda each: each.date.earliest):
            column = int(axis.x(event.date.earliest) // _DOT)
            placed.append((event, column, piles[column]))
            piles[column] += 1
        height = max(_ROW, _DOT * max(piles.values(), default=1) + 8)
        dots = tuple(Dot(event, (column + 0.5) * _DOT, round(top + height - 9 - _DOT * pile, 1)) for event, column, pile in placed)
        lanes.append(Lane(track, top, height, dots))
        top += height + 4
    return Timeline(tuple(lanes), axis, top + 24)


@dataclass(frozen=True)
class Month:
    """How many pieces of evidence were read in a month, or before all the others."""

    name: str
    count: int
    width: float
    y: float


@dataclass(frozen=True)
class Freshness:
    """Readings by month, newest first, and those before in one row."""

    months: tuple[Month, ...]
    height: float


def freshness(days: Iterable[date], today: date, shown: int = 12) -> Freshness | None:
    """The chart of when evidence was read, for the last months that are `shown`; `None` where none was."""
    counts = Counter((day.year * 12 + day.month - 1) for day in days)
    if not counts:
        return None
    newest = today.year * 12 + today.month - 1
    rows = [(f"{month // 12}-{month % 12 + 1:02}", counts[month]) for month in range(newest, newest - shown, -1)]
    rows.append(("before", sum(counts.values()) - sum(count for _, count in rows)))
    longest = max(count for _, count in rows)
    months = (Month(name, count, round((WIDTH - 130) * count / longest, 1), row * _ROW + 4) for row, (name, count) in enumerate(rows))
    return Freshness(tuple(months), len(rows) * _ROW + 8)
