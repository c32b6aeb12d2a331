"""Charts show every date that is known, in order, inside their frame; what is undated is named in words."""

from datetime import date

from macros import queries
from macros.model import Dataset, Status
from macros.rendering import charts

TODAY = date(2026, 11, 26)


def test_an_adopters_bar_begins_at_its_date_and_none_leaves_the_frame(real: Dataset) -> None:
    drawn = 0
    for id in real.capabilities:
        adopters = queries.adopters(real, id)
        chart = charts.adoption(adopters, TODAY)
        dated = [cell for cell in adopters if cell.claim.since]
        if len(dated) < 2:
            assert chart is None
            continue
        drawn += 1
        assert [bar.cell for bar in chart.bars] == dated
        assert [bar.x for bar in chart.bars] == sorted(bar.x for bar in chart.bars)
        assert all(chart.axis.left <= bar.x <= chart.axis.right <= charts.WIDTH for bar in chart.bars)
        assert all(bar.partial == (bar.cell.claim.status is Status.PARTIAL) for bar in chart.bars)
        assert list(chart.undated) == [cell for cell in adopters if not cell.claim.since]
        assert 1 <= len(chart.axis.ticks) <= 8
    assert drawn > 20


def test_every_change_of_a_registry_is_a_dot_of_its_own(real: Dataset) -> None:
    for id in real.registries:
        view = queries.profile(real, id)
        chart = charts.timeline(view.events, [track for track, _ in view.tracks], TODAY)
        if len(view.events) < 2:
            assert chart is None
            continue
        dots = [dot for lane in chart.lanes for dot in lane.dots]
        assert sorted(map(id_of, dots)) == sorted(f"{event.cell.capability.id} {event.date}" for event in view.events)
        assert len({(dot.x, dot.y) for dot in dots}) == len(dots), "two dots lie on each other"
        assert all(0 <= dot.y - 4 and dot.y + 4 <= chart.height and dot.x <= charts.WIDTH for dot in dots)


def id_of(dot: charts.Dot) -> str:
    return f"{dot.event.cell.capability.id} {dot.event.date}"


def test_readings_are_counted_by_month_and_what_is_older_in_one_row(real: Dataset) -> None:
    chart = charts.freshness([date(2026, 1, 3), date(2026, 1, 9), date(2025, 12, 1), date(2019, 1, 1)], date(2026, 2, 1), shown=3)
    assert [(month.name, month.count) for month in chart.months] == [("2026-02", 0), ("2026-01", 2), ("2025-12", 1), ("before", 1)]
    assert chart.months[1].width == 2 * chart.months[2].width
    view = queries.health(real)
    assert sum(month.count for month in charts.freshness(view.readings, view.as_of).months) == len(view.readings)
    assert charts.freshness([], TODAY) is None
