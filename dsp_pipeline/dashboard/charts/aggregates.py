"""The numbers behind charts that the profile does not hold: groups, periods, cells and five-number summaries."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from dsp_pipeline.core.numbers import marked
from dsp_pipeline.dashboard.charts.plotly_charts import Box

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

_GROUP, _VALUE, _COUNT = "group", "value", "count"
_CELLS = 40
_PERIODS = (
    (dt.timedelta(days=3), "1h", "hour"),
    (dt.timedelta(days=120), "1d", "day"),
    (dt.timedelta(days=3 * 366), "1w", "week"),
    (dt.timedelta(days=25 * 366), "1mo", "month"),
)


@dataclasses.dataclass(frozen=True)
class Group:
    """The mean of a measure (or the share of a count) in one group, and how many values it rests on."""

    label: str
    value: float
    count: int


@dataclasses.dataclass(frozen=True)
class Periods:
    """Values along equal steps of time; None where a step has no rows."""

    unit: str
    starts: list[str]
    counts: list[int]
    means: list[float | None]


def measure(column: str) -> pl.Expr:
    """A column's finite values as floats; the others are missing."""
    values = pl.col(column).cast(pl.Float64)
    return pl.when(values.is_finite()).then(values).otherwise(None)


def group_means(frame: pl.DataFrame, group: str, column: str, *, most: int) -> tuple[list[Group], int]:
    """Means of the largest groups, and how many groups there are.

    Groups of a whole-numbered column stay in its order, others go from the highest mean to the lowest.
    """
    grouped = (
        frame.select(pl.col(group).alias(_GROUP), measure(column).alias(_VALUE))
        .drop_nulls()
        .group_by(_GROUP)
        .agg(pl.col(_VALUE).mean(), pl.len().alias(_COUNT))
        .sort([_COUNT, _GROUP], descending=[True, False])
    )
    natural = frame.schema[group].is_integer()
    shown = grouped.head(most)
    shown = shown.sort(_GROUP) if natural else shown.sort([_VALUE, _GROUP], descending=[True, False])
    rows = zip(_labels(shown[_GROUP]), shown[_VALUE].to_list(), shown[_COUNT].to_list(), strict=True)
    return [Group(label, value, count) for label, value, count in rows], grouped.height


def value_counts(frame: pl.DataFrame, column: str, *, most: int) -> tuple[list[Group], int]:
    """The commonest values with their share of the non-missing ones, and how many different ones there are."""
    values = frame[column].drop_nulls()
    counted = values.to_frame(_GROUP).group_by(_GROUP).agg(pl.len().alias(_COUNT))
    counted = counted.sort([_COUNT, _GROUP], descending=[True, False])
    shown, total = counted.head(most), max(1, values.len())
    rows = zip(_labels(shown[_GROUP]), shown[_COUNT].to_list(), strict=True)
    return [Group(label, count / total, count) for label, count in rows], counted.height


def missing_shares(frame: pl.DataFrame, group: str, column: str, *, most: int) -> tuple[list[Group], int]:
    """How much of a column is missing in each of the largest groups, most first, and how many groups there are."""
    grouped = (
        frame.select(pl.col(group).alias(_GROUP), pl.col(column).is_null().alias(_VALUE))
        .drop_nulls(_GROUP)
        .group_by(_GROUP)
        .agg(pl.col(_VALUE).mean(), pl.len().alias(_COUNT))
        .sort([_COUNT, _GROUP], descending=[True, False])
    )
    shown = grouped.head(most).sort([_VALUE, _GROUP], descending=[True, False])
    rows = zip(_labels(shown[_GROUP]), shown[_VALUE].to_list(), shown[_COUNT].to_list(), strict=True)
    return [Group(label, value, count) for label, value, count in rows], grouped.height


CalendarPart = Literal["weekday", "hour", "month"]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def by_calendar(frame: pl.DataFrame, time: str, part: CalendarPart, column: str | None) -> list[Group]:
    """A mean, or without a column the rows per day, in each part of the calendar, in its order."""
    when = pl.col(time).cast(pl.Datetime("us"))
    parts = {"weekday": when.dt.weekday(), "hour": when.dt.hour(), "month": when.dt.month()}
    value = measure(column) if column is not None else pl.lit(None, dtype=pl.Float64)
    grouped = (
        frame.select(parts[part].alias(_GROUP), when.dt.date().alias("day"), value.alias(_VALUE))
        .drop_nulls(_GROUP if column is None else [_GROUP, _VALUE])
        .group_by(_GROUP)
        .agg(pl.col(_VALUE).mean(), pl.len().alias(_COUNT), pl.col("day").n_unique().alias("days"))
        .sort(_GROUP)
    )
    level = pl.col(_VALUE) if column is not None else pl.col(_COUNT) / pl.col("days")
    rows = grouped.select(pl.col(_GROUP), level.alias(_VALUE), pl.col(_COUNT)).rows()
    names = {"weekday": _WEEKDAYS, "month": _MONTHS, "hour": tuple(f"{hour}:00" for hour in range(24))}[part]
    first = 0 if part == "hour" else 1
    return [Group(names[place - first], value, count) for place, value, count in rows]


def five_numbers(frame: pl.DataFrame, group: str, column: str, *, most: int) -> tuple[list[Box], int]:
    """The largest groups' boxes (whiskers at the 5th and 95th percentile), and how many groups there are."""
    grouped = (
        frame.select(pl.col(group).alias(_GROUP), measure(column).alias(_VALUE))
        .drop_nulls()
        .group_by(_GROUP)
        .agg(
            pl.len().alias(_COUNT),
            pl.col(_VALUE).mean().alias("mean"),
            *(pl.col(_VALUE).quantile(q, "linear").alias(str(q)) for q in (0.05, 0.25, 0.5, 0.75, 0.95)),
        )
        .sort([_COUNT, _GROUP], descending=[True, False])
    )
    shown = grouped.head(most)
    natural = frame.schema[group].is_integer()
    shown = shown.sort(_GROUP) if natural else shown.sort(["0.5", _GROUP], descending=[True, False])
    numbers = shown.select("0.05", "0.25", "0.5", "0.75", "0.95", "mean").rows()
    return [Box(label, *row) for label, row in zip(_labels(shown[_GROUP]), numbers, strict=True)], grouped.height


def ordered_values(frame: pl.DataFrame, group: str, column: str) -> dict[str, Floats]:
    """Each group's finite values in ascending order, by the group's label."""
    grouped = (
        frame.select(pl.col(group).alias(_GROUP), measure(column).alias(_VALUE))
        .drop_nulls()
        .group_by(_GROUP)
        .agg(pl.col(_VALUE).sort())
    )
    return dict(zip(_labels(grouped[_GROUP]), (values.to_numpy() for values in grouped[_VALUE]), strict=True))


def by_period(frame: pl.DataFrame, time: str, column: str | None) -> Periods | None:
    """Counts and means along time, in steps that give at most a few hundred; None if time does not vary."""
    value = measure(column) if column is not None else pl.lit(None, dtype=pl.Float64)
    timed = frame.select(pl.col(time).cast(pl.Datetime("us")).alias(_GROUP), value.alias(_VALUE))
    timed = timed.filter(pl.col(_GROUP).is_not_null())
    start, end = timed[_GROUP].min(), timed[_GROUP].max()
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime) or start == end:
        return None
    steps_known = _PERIODS[1:] if frame.schema[time] == pl.Date else _PERIODS
    every, unit = next(((e, u) for longest, e, u in steps_known if end - start <= longest), ("1y", "year"))
    stepped = timed.group_by(pl.col(_GROUP).dt.truncate(every)).agg(pl.col(_VALUE).mean(), pl.len().alias(_COUNT))
    first, last = stepped[_GROUP].min(), stepped[_GROUP].max()
    if not isinstance(first, dt.datetime) or not isinstance(last, dt.datetime):
        return None
    steps = pl.datetime_range(first, last, every, time_unit="us", eager=True).alias(_GROUP).to_frame()
    whole = steps.join(stepped, on=_GROUP, how="left", maintain_order="left")
    pattern = "%Y-%m-%d %H:%M" if every == "1h" else "%Y-%m-%d"
    starts = whole[_GROUP].dt.to_string(pattern).to_list()
    return Periods(unit, starts, whole[_COUNT].fill_null(0).to_list(), whole[_VALUE].to_list())


@dataclasses.dataclass(frozen=True)
class Points:
    """Pairs of finite values; ``cells`` holds counts on a grid of ``edges`` where there are too many to draw."""

    n: int
    x: list[float]
    y: list[float]
    edges: tuple[list[float], list[float]] | None = None
    cells: list[list[int]] | None = None
    outside: int = 0


def pairs(frame: pl.DataFrame, x: str, y: str, *, most: int) -> Points:
    """Two measures' pairs; above ``most`` pairs their counts on a 40 by 40 grid over the central 99 %."""
    both = frame.select(measure(x).alias("x"), measure(y).alias("y")).drop_nulls()
    if both.height <= most:
        return Points(both.height, both["x"].to_list(), both["y"].to_list())
    xs, ys = both["x"].to_numpy(), both["y"].to_numpy()
    ranges = [np.quantile(values, (0.005, 0.995)) for values in (xs, ys)]
    spans = [(low, high if high > low else low + 1.0) for low, high in ranges]
    counts, x_edges, y_edges = np.histogram2d(xs, ys, bins=_CELLS, range=spans)
    cells = counts.T.astype(int).tolist()
    return Points(
        both.height, [], [], (x_edges.tolist(), y_edges.tolist()), cells, both.height - int(counts.sum())
    )


@dataclasses.dataclass(frozen=True)
class CrossTable:
    """Shares within each row of two groups' combinations; ``columns`` and ``rows`` are their labels."""

    columns: list[str]
    rows: list[str]
    shares: list[list[float]]


def cross_shares(frame: pl.DataFrame, rows: str, columns: str, *, most: int) -> CrossTable:
    """How the commonest values of one column divide over the commonest of another (of those shown)."""
    both = frame.select(pl.col(rows).alias("r"), pl.col(columns).alias("c")).drop_nulls()
    kept_rows, kept_columns = _commonest(both["r"], most), _commonest(both["c"], most)
    counted = both.group_by("r", "c").agg(pl.len().alias(_COUNT))
    counts = {(row, column): count for row, column, count in counted.rows()}
    grid = [[counts.get((row, column), 0) for column in kept_columns] for row in kept_rows]
    shares = [[count / (sum(line) or 1) for count in line] for line in grid]
    return CrossTable(_labels(kept_columns), _labels(kept_rows), shares)


def _commonest(values: pl.Series, most: int) -> pl.Series:
    counted = values.to_frame(_GROUP).group_by(_GROUP).agg(pl.len().alias(_COUNT))
    shown = counted.sort([_COUNT, _GROUP], descending=[True, False]).head(most)[_GROUP]
    return shown.sort() if values.dtype.is_integer() else shown


def _labels(values: pl.Series) -> list[str]:
    if values.dtype == pl.Boolean:
        return ["true" if value else "false" for value in values.to_list()]
    texts = [str(value) for value in values.to_list()]
    return [marked(text) for text in texts] if values.dtype.is_numeric() else texts
