"""From an insight's chart hint to a chart over the rows that the insight is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.dashboard.charts import aggregates
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.groups import by_group
from dsp_pipeline.dashboard.charts.plotly_charts import (
    bars,
    density,
    histogram,
    line,
    matrix,
    scatter,
)
from dsp_pipeline.dashboard.charts.times import by_calendar, over_time
from dsp_pipeline.dashboard.wording import number, percent, plural, spread, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.core.artifacts.insights import Insight
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.sections.material import Material

MOST_GROUPS = 12
MOST_DOTS = 2_000


class HintedCharts:
    """Draws the charts that insights ask for."""

    def __init__(self, material: Material) -> None:
        self._material = material

    def chart(self, insight: Insight, key: str) -> PlotlyChart | None:
        """The chart of an insight; None where it asks for none, or its columns cannot be drawn that way."""
        drawers: dict[str, Callable[[pl.DataFrame, list[str], str], PlotlyChart | None]] = {
            "histogram": self._histogram,
            "bar": self._bar,
            "scatter": self._pairs,
            "heatmap": self._heatmap,
            "line": self._line,
            "box": self._box,
        }
        if insight.chart.points:
            return _told(insight, key)
        columns = [name for name in dict.fromkeys(insight.chart.columns) if name in self._material.table.columns]
        if insight.chart.kind not in drawers or not columns:
            return None
        frame = self._subspace(insight.subspace)
        if not frame.height:
            return None
        if insight.type.startswith("missing"):
            return self._missing(frame, columns, key)
        part = _calendar_part(insight)
        if part is not None and self._material.kind(columns[0]).is_temporal:
            return self._calendar(frame, columns, key, part)
        return drawers[insight.chart.kind](frame, columns, key)

    def _subspace(self, subspace: dict[str, str]) -> pl.DataFrame:
        frame = self._material.table
        for column, value in subspace.items():
            if column in frame.columns:
                frame = frame.filter(pl.col(column).cast(pl.String) == value)
        return frame

    def _histogram(self, frame: pl.DataFrame, columns: list[str], key: str) -> PlotlyChart | None:
        if len(columns) > 1 and self._material.is_group(columns[1]):
            return self._box(frame, columns, key)
        profile = self._material.profile.columns[columns[0]]
        if profile.histogram is None:
            return self._counts(frame, columns[0], key)
        shown, dates = profile.histogram, profile.kind.is_temporal
        part: list[int] | None = None
        if frame.height != self._material.table.height and profile.kind.is_numeric:
            values = frame.select(aggregates.measure(columns[0])).to_series().drop_nulls().to_numpy()
            part = np.histogram(values, bins=np.asarray(shown.edges))[0].tolist()
        counts = shown.counts if part is None else part
        summary = f"{whole(sum(counts))} values. {spread(profile, shown, part)}"
        words = Words(key, f"Distribution of {columns[0]}", summary)
        return histogram(words, shown.edges, counts, value_title=columns[0], dates=dates)

    def _bar(self, frame: pl.DataFrame, columns: list[str], key: str) -> PlotlyChart | None:
        if self._has_time(columns):
            return self._line(frame, columns, key)
        if len(columns) == 1:
            return self._counts(frame, columns[0], key)
        found = self._group_and_measure(columns)
        if found is None:
            return self._heatmap(frame, columns, key)
        group, column = found
        groups, total = aggregates.group_means(frame, group, column, most=MOST_GROUPS)
        if not groups:
            return None
        top, bottom = max(groups, key=lambda one: one.value), min(groups, key=lambda one: one.value)
        summary = (
            f"Highest for {top.label} ({number(top.value)}, n = {whole(top.count)}), "
            f"lowest for {bottom.label} ({number(bottom.value)}, n = {whole(bottom.count)})."
            f"{_left_out(groups, total)}"
        )
        return bars(
            Words(key, f"Mean of {column} by {group}", summary),
            [one.label for one in groups],
            [one.value for one in groups],
            value_title=f"mean of {column}",
            texts=[number(one.value) for one in groups],
        )

    def _counts(self, frame: pl.DataFrame, column: str, key: str) -> PlotlyChart | None:
        groups, total = aggregates.value_counts(frame, column, most=MOST_GROUPS)
        if not groups:
            return None
        first = groups[0]
        summary = (
            f"{first.label} is the commonest, {percent(first.value)} of the values.{_left_out(groups, total)}"
        )
        return bars(
            Words(key, f"Values of {column}", summary),
            [one.label for one in groups],
            [one.count for one in groups],
            value_title=self._material.noun,
            texts=[percent(one.value) for one in groups],
        )

    def _missing(self, frame: pl.DataFrame, columns: list[str], key: str) -> PlotlyChart | None:
        """How much of each column is missing, or of the second one by the first, if that one has no gaps."""
        group = columns[0]
        if len(columns) != 2 or frame[group].null_count() or not self._material.is_group(group):  # noqa: PLR2004
            shares = [(name, frame[name].null_count() / frame.height) for name in columns]
            title, total = "Share missing by column", len(shares)
        else:
            groups, total = aggregates.missing_shares(frame, group, columns[1], most=MOST_GROUPS)
            shares = [(one.label, one.value) for one in groups]
            title = f"Share of {columns[1]} missing by {group}"
        if not shares:
            return None
        top = max(shares, key=lambda share: share[1])
        summary = f"Highest for {top[0]} ({percent(top[1])}).{_left_out(shares, total)}"
        return bars(
            Words(key, title, summary),
            [label for label, _ in shares],
            [100 * share for _, share in shares],
            value_title="% missing",
            texts=[percent(share) for _, share in shares],
        )

    def _calendar(
        self, frame: pl.DataFrame, columns: list[str], key: str, part: aggregates.CalendarPart
    ) -> PlotlyChart | None:
        column = next((name for name in columns[1:] if self._material.is_measure(name)), None)
        return by_calendar(frame, columns[0], part, column=column, key=key, noun=self._material.noun)

    def _pairs(self, frame: pl.DataFrame, columns: list[str], key: str) -> PlotlyChart | None:
        if len(columns) < 2:  # noqa: PLR2004 - a pair
            return None
        x, y = columns[:2]
        if not (self._material.kind(x).is_numeric and self._material.kind(y).is_numeric):
            return self._line(frame, columns, key) if self._has_time(columns) else self._bar(frame, columns, key)
        points = aggregates.pairs(frame, x, y, most=MOST_DOTS)
        if not points.n:
            return None
        title = f"{y} against {x}"
        if points.edges is None or points.cells is None:
            return scatter(Words(key, title, f"{whole(points.n)} pairs."), points.x, points.y, titles=(x, y))
        summary = (
            f"{whole(points.n)} pairs as a density; the {whole(points.outside)} outermost lie outside the frame."
        )
        return density(Words(key, title, summary), points.edges, points.cells, titles=(x, y))

    def _heatmap(self, frame: pl.DataFrame, columns: list[str], key: str) -> PlotlyChart | None:
        if len(columns) < 2:  # noqa: PLR2004 - a pair
            return self._counts(frame, columns[0], key)
        rows, across = columns[:2]
        if not (self._material.is_group(rows) and self._material.is_group(across)):
            both_numeric = self._material.kind(rows).is_numeric and self._material.kind(across).is_numeric
            return self._pairs(frame, columns, key) if both_numeric else None
        table = aggregates.cross_shares(frame, rows, across, most=MOST_GROUPS)
        summary = f"Each row divides one value of {rows} over the values of {across}, as shares of the row."
        return matrix(
            Words(key, f"{across} within {rows}", summary),
            (table.columns, table.rows),
            table.shares,
            titles=(across, rows),
            texts=[[percent(share) for share in line_] for line_ in table.shares],
        )

    def _line(self, frame: pl.DataFrame, columns: list[str], key: str) -> PlotlyChart | None:
        times = [name for name in columns if self._material.kind(name).is_temporal]
        if not times:
            return self._bar(frame, columns, key)
        measures = [name for name in columns if name not in times and self._material.is_measure(name)]
        return over_time(frame, times[0], measures[0] if measures else None, key=key, noun=self._material.noun)

    def _box(self, frame: pl.DataFrame, columns: list[str], key: str) -> PlotlyChart | None:
        found = self._group_and_measure(columns)
        if found is None:
            return self._heatmap(frame, columns, key)
        group, column = found
        return by_group(frame, group, column, key=key, most=MOST_GROUPS, title=lambda _: f"{column} by {group}")

    def _group_and_measure(self, columns: list[str]) -> tuple[str, str] | None:
        """Which of two columns groups and which is measured; None where neither order makes sense."""
        orders = ((columns[0], columns[-1]), (columns[-1], columns[0]))
        fit = [
            (group, column)
            for group, column in orders
            if group != column and self._material.is_group(group) and self._material.is_measure(column)
        ]
        return min(fit, key=lambda pair: self._material.kind(pair[0]).is_numeric, default=None)

    def _has_time(self, columns: list[str]) -> bool:
        return any(self._material.kind(name).is_temporal for name in columns)


def _told(insight: Insight, key: str) -> PlotlyChart:
    """The insight's own figures, so that the chart shows what the statement says."""
    hint = insight.chart
    percent_sign = "%" if hint.value_title.startswith("%") else ""
    labels, values = [point.label for point in hint.points], [point.value for point in hint.points]
    told = [f"{point.label} ({number(point.value)}{percent_sign})" for point in hint.points if point.told]
    summary = plural(len(labels), "figure") + (f"; told above: {', '.join(told[:4])}." if told else ".")
    words = Words(key, hint.title, summary)
    if hint.kind == "line":
        return line(words, labels, list(values), value_title=hint.value_title)
    spans = [(point.low, point.high) for point in hint.points]
    known = [(low, high) for low, high in spans if low is not None and high is not None]
    return bars(
        words,
        labels,
        values,
        value_title=hint.value_title,
        texts=[f"{number(value)}{percent_sign}" for value in values],
        intervals=known if len(known) == len(values) else None,
    )


_CALENDAR_PARTS: dict[str, aggregates.CalendarPart] = {"ISODOW": "weekday", "HOUR": "hour", "MONTH": "month"}


def _calendar_part(insight: Insight) -> aggregates.CalendarPart | None:
    """The part of the calendar that an insight on seasons is about: the one that its evidence extracts."""
    if insight.type != "seasonality":
        return None
    return next((part for word, part in _CALENDAR_PARTS.items() if f"EXTRACT({word} " in insight.evidence), None)


def _left_out(shown: Sequence[object], total: int) -> str:
    return f" The {len(shown)} largest of {whole(total)} groups are shown." if total > len(shown) else ""
