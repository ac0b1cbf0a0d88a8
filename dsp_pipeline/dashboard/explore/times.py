"""Points in time in equal steps of the calendar, and times of day in steps of the clock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.dashboard.explore.levels import Levels

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.explore.levels import Codes, Divider

_STEPS = (
    ("1m", dt.timedelta(minutes=1), "%Y-%m-%d %H:%M"),
    ("5m", dt.timedelta(minutes=5), "%Y-%m-%d %H:%M"),
    ("15m", dt.timedelta(minutes=15), "%Y-%m-%d %H:%M"),
    ("1h", dt.timedelta(hours=1), "%Y-%m-%d %H:%M"),
    ("6h", dt.timedelta(hours=6), "%Y-%m-%d %H:%M"),
    ("1d", dt.timedelta(days=1), "%Y-%m-%d"),
    ("1w", dt.timedelta(days=7), "%Y-%m-%d"),
    ("1mo", dt.timedelta(days=31), "%Y-%m"),
    ("3mo", dt.timedelta(days=92), "%Y-%m"),
    ("1y", dt.timedelta(days=366), "%Y"),
    ("5y", dt.timedelta(days=5 * 366), "%Y"),
    ("10y", dt.timedelta(days=10 * 366), "%Y"),
    ("50y", dt.timedelta(days=50 * 366), "%Y"),
    ("100y", dt.timedelta(days=100 * 366), "%Y"),
    ("1000y", dt.timedelta(days=1000 * 366), "%Y"),
)
_ISO = "%Y-%m-%dT%H:%M:%S"
_LAST = dt.datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - times without a zone stay without one
_CLOCK = dt.date(2000, 1, 1)
"""The day on which times of day are taken to be."""


def divider(values: pl.Series) -> Divider | None:
    """What divides a column of dates, times or both; None if all its values are the same.

    Times with a zone are divided in UTC.
    """
    times = _moments(values)
    start, end = times.min(), times.max()
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime) or start == end:
        return None
    missing = bool(times.null_count())

    def divide(most: int) -> Levels:
        edges, form = _calendar(start, end, most - missing)
        starts = edges.cast(pl.Int64).to_numpy()
        shown = "%H:%M" if values.dtype == pl.Time else form
        return Levels(
            name=values.name,
            kind="time",
            labels=tuple(edges.dt.to_string(shown).to_list()),
            bounds=tuple(edges.dt.to_string(_ISO).to_list()),
            ranges=True,
            others=0,
            missing=missing,
            place=lambda column: _placed(_moments(column), starts),
        )

    return divide


def _moments(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Time:
        frame = values.to_frame("time")
        return frame.select(pl.lit(_CLOCK).dt.combine(pl.col("time"), time_unit="us")).to_series()
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None:
        values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return values.cast(pl.Datetime("us"))


def _calendar(start: dt.datetime, end: dt.datetime, most: int) -> tuple[pl.Series, str]:
    """The edges of the finest steps that are few enough, and how they are written."""
    for every, length, form in _STEPS:
        if (end - start) / length > most:
            continue
        steps = pl.datetime_range(_before(start, every), end, every, time_unit="us", eager=True)
        if steps.len() <= most:
            last = steps.tail(1).dt.offset_by(every)
            return pl.concat([steps, last]).alias("edge").clip(upper_bound=_LAST), form
    raise AssertionError("unreachable: ten steps of a thousand years hold all dates")


def _before(start: dt.datetime, every: str) -> dt.datetime:
    """The step's start at or before a time; years as people count them, so that decades begin with a 0."""
    if every.endswith("y"):
        year = start.year - start.year % int(every[:-1])
        return dt.datetime(max(1, year), 1, 1)  # noqa: DTZ001 - times without a zone stay without one
    truncated = pl.Series([start], dtype=pl.Datetime("us")).dt.truncate(every)[0]
    if not isinstance(truncated, dt.datetime):
        raise TypeError(f"not a time: {truncated!r}")
    return truncated


def _placed(times: pl.Series, edges: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Codes:
    """The step of each time; the missing ones come after the last."""
    codes = np.searchsorted(edges[1:-1], times.cast(pl.Int64).fill_null(0).to_numpy(), side="right")
    placed = codes.astype(np.uint8)
    if times.null_count():
        placed[times.is_null().to_numpy()] = len(edges) - 1
    return placed
