"""The main charts, chosen by what the table holds: time, a target, places, and what goes together most."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.numbers import written
from dsp_pipeline.dashboard.charts import aggregates
from dsp_pipeline.dashboard.charts.calendars import calendar
from dsp_pipeline.dashboard.charts.frame import Words
from dsp_pipeline.dashboard.charts.groups import by_group
from dsp_pipeline.dashboard.charts.maps import places
from dsp_pipeline.dashboard.charts.plotly_charts import bars, density, histogram, scatter
from dsp_pipeline.dashboard.charts.times import over_time
from dsp_pipeline.dashboard.wording import MINUS, number, percent, spread, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.profile import Association
    from dsp_pipeline.dashboard.charts.base import PlotlyChart
    from dsp_pipeline.dashboard.charts.plotly_charts import Box
    from dsp_pipeline.dashboard.sections.material import Material

_MOST_BARS = 15
_MOST_GROUPS = 10
_MOST_DOTS = 2_000
_FOUND = 0.05
_WORTH_DRAWING = 0.2
"""The least correlation (or its like) that a chart of two columns is drawn for."""


def charts(material: Material) -> tuple[PlotlyChart, ...]:
    """The main charts, each only where the table has what it needs."""
    return tuple(chart for chart in (*_times(material), *_columns(material), *_pairs(material)) if chart)


def _times(material: Material) -> Iterator[PlotlyChart | None]:
    """Rows over time and through the calendar, and the target over time."""
    time, target = material.time_column(), material.model.target
    if time is None:
        return
    rows = over_time(material.table, time, None, key="overview-rows", noun=material.noun)
    yield _brushed(rows, time)
    if target is not None and target in material.table.columns and material.is_measure(target):
        means = over_time(material.table, time, target, key="overview-target-time", noun=material.noun)
        yield _brushed(means, time)
    if material.table.schema[time] in (pl.Date, pl.Datetime):
        yield calendar(material.table, time, key="overview-calendar", noun=material.noun)


def _brushed(chart: PlotlyChart | None, column: str) -> PlotlyChart | None:
    return dataclasses.replace(chart, brushes=column) if chart is not None else None


def _columns(material: Material) -> Iterator[PlotlyChart | None]:
    """The target's distribution, and where the rows are."""
    target = material.model.target
    if target in material.profile.columns:
        yield column_chart(material, target, key="overview-target")
    found = {name: _meant(material, name, material.table.schema) for name in ("latitude", "longitude")}
    latitude, longitude = found["latitude"], found["longitude"]
    if latitude is not None and longitude is not None:
        yield places(material.table, latitude, longitude, key="overview-map", noun=material.noun)


def _meant(material: Material, meaning: str, schema: pl.Schema) -> str | None:
    """The first column with this meaning that may be shown."""
    return next(
        (
            name
            for name, column in material.profile.columns.items()
            if column.meaning is not None
            and column.meaning.name == meaning
            and name in schema
            and schema[name].is_numeric()
        ),
        None,
    )


def column_chart(material: Material, column: str, *, key: str) -> PlotlyChart | None:
    """A column's histogram or its commonest values, from the profile; None if it has neither."""
    profile = material.profile.columns[column]
    if profile.histogram is not None and not profile.kind.is_categorical:
        dates = profile.kind.is_temporal
        edges, counts = profile.histogram.edges, profile.histogram.counts
        summary = spread(profile, profile.histogram)
        low, high = (profile.statistics.get(name) for name in ("q25", "q75"))
        known = low is not None and high is not None
        title = f"Half of {column} lies between {number(low)} and {number(high)}"
        words = Words(key, title if known else f"Distribution of {column}", summary)
        return _brushed(histogram(words, edges, counts, value_title=column, dates=dates), column)
    if not profile.top_values:
        return None
    shown = profile.top_values[:_MOST_BARS]
    title = f"{column} is {shown[0].value} in {percent(shown[0].share)}"
    words = Words(key, title, f"The {len(shown)} commonest of {whole(profile.distinct)} different values.")
    return bars(
        words,
        [top.value for top in shown],
        [top.count for top in shown],
        value_title=material.noun,
        texts=[percent(top.share) for top in shown],
    )


def _pairs(material: Material) -> Iterator[PlotlyChart | None]:
    """The two numbers that go together most, and the number that differs most between groups."""
    found = [pair for pair in material.profile.associations if pair.q is not None and pair.q <= _FOUND]
    strongest = _strongest(found, "spearman", material)
    if strongest is not None:
        yield _numbers(material, strongest)
    grouped = _strongest(found, "correlation_ratio", material)
    if grouped is not None:
        yield _groups(material, grouped)


def _strongest(found: list[Association], measure: str, material: Material) -> Association | None:
    schema = material.table.schema
    fit = [pair for pair in found if pair.measure == measure and pair.a in schema and pair.b in schema]
    fit = [pair for pair in fit if _drawable(material, pair, schema)]
    best = max(fit, key=lambda pair: abs(pair.value), default=None)
    return best if best is not None and abs(best.value) >= _WORTH_DRAWING else None


def _drawable(material: Material, pair: Association, schema: pl.Schema) -> bool:
    numbers = [name for name in (pair.a, pair.b) if schema[name].is_numeric()]
    if pair.measure == "spearman":
        return len(numbers) == 2  # noqa: PLR2004 - both
    groups = [name for name in (pair.a, pair.b) if name not in numbers and material.is_group(name)]
    return len(numbers) == len(groups) == 1


def _numbers(material: Material, pair: Association) -> PlotlyChart | None:
    x, y = pair.a, pair.b
    points = aggregates.pairs(material.table, x, y, most=_MOST_DOTS)
    if not points.n:
        return None
    way = "rises" if pair.value > 0 else "falls"
    rank = written(pair.value, ".2f").replace("-", MINUS)
    title = f"{y} {way} with {x} (rank correlation {rank})"
    if points.edges is None or points.cells is None:
        return scatter(
            Words("overview-pair", title, f"{whole(points.n)} pairs."), points.x, points.y, titles=(x, y)
        )
    said = f"{whole(points.n)} pairs as a density; the {whole(points.outside)} outermost lie outside the frame."
    return density(Words("overview-pair", title, said), points.edges, points.cells, titles=(x, y))


def _groups(material: Material, pair: Association) -> PlotlyChart | None:
    group, column = (pair.a, pair.b) if material.table.schema[pair.b].is_numeric() else (pair.b, pair.a)

    def title(drawn: Sequence[Box]) -> str:
        top, bottom = max(drawn, key=lambda one: one.median), min(drawn, key=lambda one: one.median)
        return (
            f"{column} differs by {group}: half above {number(top.median)} for {top.label}, "
            f"above {number(bottom.median)} for {bottom.label}"
        )

    return by_group(material.table, group, column, key="overview-groups", most=_MOST_GROUPS, title=title, fewest=2)
