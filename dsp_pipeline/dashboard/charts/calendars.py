"""The calendar as a heatmap: days of months and weeks, or hours of days, each coloured by what happened in it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.dashboard.charts.frame import CELLS, FRAME_HEIGHT, Words, assembled, axis, labels_axis
from dsp_pipeline.dashboard.wording import number, whole

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.escaping import Json

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FEWEST_DAYS, _MOST_DAYS = 21, 800
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_YEARS = 40
_FEWEST_YEARS = 3


@dataclasses.dataclass(frozen=True)
class _Grid:
    """Rows of cells; None where nothing was. ``labels`` name the rows, ``across`` the columns or their dates."""

    labels: tuple[str, ...]
    across: list[str]
    cells: list[list[int | None]]
    names: list[list[str]]
    dates: bool
    each: str


def calendar(frame: pl.DataFrame, time: str, *, key: str, noun: str) -> PlotlyChart | None:
    """How many rows there are on each day, week by week; over many years, in each month.

    None where the times cover less than three weeks, or lie too far apart for such a grid.
    """
    days = frame.select(pl.col(time).cast(pl.Date).alias("day")).drop_nulls().group_by("day").len().sort("day")
    if not days.height:
        return None
    first, last = days["day"][0], days["day"][-1]
    span = (last - first).days + 1
    if span < _FEWEST_DAYS:
        return None
    if span <= _MOST_DAYS:
        return _drawn(_by_week(days, first, last), key=key, noun=noun)
    years = last.year - first.year + 1
    return _drawn(_by_year(days), key=key, noun=noun) if _FEWEST_YEARS <= years <= _MOST_YEARS else None


def _by_week(days: pl.DataFrame, first: dt.date, last: dt.date) -> _Grid:
    monday = first - dt.timedelta(days=first.weekday())
    weeks = (last - monday).days // 7 + 1
    counts = dict(days.iter_rows())
    dates = [[monday + dt.timedelta(days=7 * week + day) for week in range(weeks)] for day in range(7)]
    return _Grid(
        labels=_WEEKDAYS,
        across=[str(date) for date in dates[0]],
        cells=[[counts.get(date) for date in line] for line in dates],
        names=[[f"{date:%a} {date}" for date in line] for line in dates],
        dates=True,
        each="day",
    )


def _by_year(days: pl.DataFrame) -> _Grid:
    parts = days.group_by(pl.col("day").dt.year().alias("year"), pl.col("day").dt.month().alias("month"))
    counts = {(year, month): rows for year, month, rows in parts.agg(pl.col("len").sum()).iter_rows()}
    years = range(min(year for year, _ in counts), max(year for year, _ in counts) + 1)
    return _Grid(
        labels=tuple(str(year) for year in years),
        across=list(_MONTHS),
        cells=[[counts.get((year, month)) for month in range(1, 13)] for year in years],
        names=[[f"{month} {year}" for month in _MONTHS] for year in years],
        dates=False,
        each="month",
    )


def _drawn(grid: _Grid, *, key: str, noun: str) -> PlotlyChart:
    known = [
        (cell, name)
        for cells, names in zip(grid.cells, grid.names, strict=True)
        for cell, name in zip(cells, names, strict=True)
        if cell is not None
    ]
    (most, at), sums = max(known, key=lambda one: one[0]), [sum(filter(None, line)) for line in grid.cells]
    top = grid.labels[sums.index(max(sums))]
    trace: dict[str, Json] = {
        "type": "heatmap",
        "x": list(grid.across) if grid.dates else list(range(len(grid.across))),
        "y": list(range(len(grid.labels))),
        "z": [list(line) for line in grid.cells],
        "customdata": [list(line) for line in grid.names],
        "hovertemplate": "%{customdata}<br>%{z:,}<extra></extra>",
        "hoverongaps": False,
        "xgap": 1,
        "ygap": 1,
        "zmin": 0,
        "colorscale": CELLS,
        "showscale": False,
    }
    along = axis(type="date", automargin=False, showgrid=False) if grid.dates else labels_axis(grid.across)
    layout: dict[str, Json] = {"xaxis": along, "yaxis": labels_axis(grid.labels, autorange="reversed")}
    title = f"{noun[:1].upper()}{noun[1:]} by {grid.each}: most on {at} ({whole(most)})"
    share = number(100 * max(sums) / sum(sums))
    summary = (
        f"Each cell is one {grid.each}, the darker the more; empty ones have none. {top} has the most, {share}%."
    )
    height = FRAME_HEIGHT + max(120, 18 * len(grid.labels))
    return assembled(Words(key, title, summary), [trace], layout, height=height)
