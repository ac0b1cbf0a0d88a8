"""Charts along time and over the parts of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.charts import aggregates
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.plotly_charts import bars, line
from dsp_pipeline.dashboard.wording import number, plural

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.dashboard.charts.base import PlotlyChart


def over_time(frame: pl.DataFrame, time: str, column: str | None, *, key: str, noun: str) -> PlotlyChart | None:
    """A mean (or, without a column, the number of rows) along time; None if time does not vary."""
    periods = aggregates.by_period(frame, time, column)
    if periods is None:
        return None
    values: list[float | None] = list(periods.means) if column is not None else [*map(float, periods.counts)]
    known = [(value, start) for value, start in zip(values, periods.starts, strict=True) if value is not None]
    if not known:
        return None
    (high, high_at), (low, low_at) = max(known), min(known)
    what = f"Mean of {column}" if column is not None else noun[:1].upper() + noun[1:]
    summary = (
        f"{plural(len(periods.starts), periods.unit)} from {periods.starts[0]} to {periods.starts[-1]}; "
        f"highest {number(high)} ({high_at}), lowest {number(low)} ({low_at})."
        + (f" The first and the last {periods.unit} may not be whole." if column is None else "")
    )
    words = Words(key, f"{what} per {periods.unit}, highest at {high_at} ({number(high)})", summary)
    title = f"mean of {column}" if column is not None else noun
    return line(words, periods.starts, values, value_title=title, from_zero=column is None)


def by_calendar(
    frame: pl.DataFrame,
    time: str,
    part: aggregates.CalendarPart,
    *,
    column: str | None,
    key: str,
    noun: str,
) -> PlotlyChart | None:
    """A mean (or, without a column, the rows per day) in each part of the calendar; None without any."""
    groups = aggregates.by_calendar(frame, time, part, column)
    if not groups:
        return None
    what = f"mean of {column}" if column is not None else f"{noun} per day"
    top, bottom = max(groups, key=lambda one: one.value), min(groups, key=lambda one: one.value)
    at = {"weekday": "on", "hour": "at", "month": "in"}[part]
    summary = (
        f"Highest {at} {top.label} ({number(top.value)}), lowest {at} {bottom.label} ({number(bottom.value)})."
    )
    return bars(
        Words(key, f"{what[0].upper()}{what[1:]} by {part}", summary),
        [one.label for one in groups],
        [one.value for one in groups],
        value_title=what,
        texts=[number(one.value) for one in groups],
    )
