"""The main charts: chosen by what the table holds, with titles that say what is to be seen."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from dsp_pipeline.core.numbers import plain
from dsp_pipeline.dashboard.charts.calendars import calendar
from dsp_pipeline.dashboard.charts.maps import places
from dsp_pipeline.dashboard.sections import glance
from dsp_pipeline_tests.dashboard import factory

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.charts.base import PlotlyChart


def drawn(frame: pl.DataFrame) -> dict[str, PlotlyChart]:
    """The main charts of a table, by key."""
    return {chart.key: factory.plainly(chart) for chart in glance.charts(factory.case(frame).material())}


def trace(chart: PlotlyChart | None) -> dict[str, Any]:
    assert chart is not None
    return chart.traces[0]


def test_each_day_has_its_cell_below_its_week() -> None:
    days = [dt.date(2024, 2, 28)] * 3 + [dt.date(2024, 3, 1), None, dt.date(2024, 4, 14)]
    found = calendar(pl.DataFrame({"day": days}), "day", key="k", noun="orders")
    shown = trace(found)
    assert shown["x"] == [f"2024-{day}" for day in ("02-26", "03-04", "03-11", "03-18", "03-25", "04-01", "04-08")]
    cells = {(week, day): count for day, line in enumerate(shown["z"]) for week, count in enumerate(line) if count}
    assert cells == {(0, 2): 3, (0, 4): 1, (6, 6): 1}  # a Wednesday, a Friday, a Sunday: as calendars have them
    assert found is not None
    assert found.title == "Orders by day: most on Wed 2024-02-28 (3)"


def test_many_years_have_a_cell_for_each_month() -> None:
    days = [dt.date(year, month, 5) for year in range(2001, 2011) for month in (1, 7)] + [dt.date(2004, 7, 9)]
    found = calendar(pl.DataFrame({"day": days}), "day", key="k", noun="orders")
    assert trace(found)["z"][3] == [1, None, None, None, None, None, 2, None, None, None, None, None]
    assert found is not None
    assert found.title == "Orders by month: most on Jul 2004 (2)"


@pytest.mark.parametrize("days", [[], [dt.date(2024, 1, 1)] * 5, [dt.date(1200, 1, 1), dt.date(2024, 1, 1)]])
def test_times_that_no_grid_holds_have_no_calendar(days: list[dt.date]) -> None:
    frame = pl.DataFrame({"day": pl.Series(days, dtype=pl.Date)})
    assert calendar(frame, "day", key="k", noun="rows") is None


def test_places_are_drawn_in_the_proportions_of_their_latitude() -> None:
    frame = pl.DataFrame({"lat": [60.0, 60.1, 59.9], "lon": [24.9, 25.0, 24.8]})
    found = places(frame, "lat", "lon", key="k", noun="shops")
    assert found is not None
    assert plain(found.title) == "3 shops around 60° N, 24.9° E"
    up: Any = found.layout["yaxis"]
    assert (up["scaleanchor"], up["scaleratio"]) == ("x", pytest.approx(2.0))  # cos 60 degrees is a half
    assert trace(found)["x"] == frame["lon"].to_list()


def test_many_places_are_a_density_that_says_where_most_are() -> None:
    random = np.random.default_rng(2)
    frame = pl.DataFrame({"lat": random.normal(-33.9, 0.1, 5_000), "lon": random.normal(18.4, 0.1, 5_000)})
    found = places(frame, "lat", "lon", key="k", noun="shops")
    assert trace(found)["type"] == "heatmap"
    assert found is not None
    assert "S, 18." in plain(found.title)


def test_what_goes_together_most_is_drawn_and_said() -> None:
    random = np.random.default_rng(8)
    x = random.normal(0, 1, 400)
    group = np.where(x > 0, "high", "low")
    found = drawn(pl.DataFrame({"x": x, "y": -x + random.normal(0, 0.2, 400), "group": group}))
    assert found["overview-pair"].title.startswith("y falls with x (rank correlation \u22120.9")
    assert found["overview-groups"].title.startswith(("x differs by group", "y differs by group"))


def test_columns_of_noise_draw_no_pair() -> None:
    random = np.random.default_rng(9)
    assert drawn(pl.DataFrame({"x": random.normal(0, 1, 200), "y": random.normal(0, 1, 200)})) == {}


def test_coordinates_are_found_by_what_the_profile_says_of_them() -> None:
    random = np.random.default_rng(4)
    frame = pl.DataFrame(
        {"latitude": random.uniform(47, 55, 300), "longitude": random.uniform(6, 15, 300), "n": range(300)}
    )
    assert "overview-map" in drawn(frame)


def test_a_count_s_chart_names_values_that_occur_and_the_commonest_with_its_share() -> None:
    visits = [0] * 10 + [1] * 20 + [2] * 40 + [3] * 20 + [7] * 10
    found = glance.column_chart(factory.case(pl.DataFrame({"visits": visits})).material(), "visits", key="k")
    assert found is not None
    assert found.summary == "From 0 to 7; 2 is the commonest, with 40%."


def test_a_quantity_s_chart_names_its_fullest_bar_with_its_share() -> None:
    values = [0.25, *np.linspace(10.1, 19.9, 300).tolist(), 40.75]
    found = glance.column_chart(factory.case(pl.DataFrame({"weight": values})).material(), "weight", key="k")
    assert found is not None
    assert plain(found.summary).startswith("From 0.25 to 40.75; the fullest bar is ")
    assert found.summary.endswith("%.")
