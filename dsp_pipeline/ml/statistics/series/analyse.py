"""From a table with a time column to how its numbers run over time."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.series import (
    ChangePoint,
    Gap,
    Season,
    SeriesProfile,
    TimeGrid,
    TimeSeries,
    Trend,
    UnusualPoint,
)
from dsp_pipeline.ml.statistics.series.autocorrelation import autocorrelations
from dsp_pipeline.ml.statistics.series.change_points import changes, levels
from dsp_pipeline.ml.statistics.series.grid import FEWEST_POINTS, Grid, grid_of, said
from dsp_pipeline.ml.statistics.series.seasonality import patterns
from dsp_pipeline.ml.statistics.series.stationarity import augmented_dickey_fuller, kpss, verdict
from dsp_pipeline.ml.statistics.series.trend import mann_kendall
from dsp_pipeline.ml.statistics.series.unusual import unusual
from dsp_pipeline.ml.statistics.series.wandering import trend_test
from dsp_pipeline.ml.statistics.significance import StepUp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.statistics.arrays import Column, Floats

MOST_SERIES = 20
_MOST_LAGS = 24
_MOST_FILLED_IN = 0.1
_SEVERAL_ROWS = 2.0


def over_time(table: pl.DataFrame, columns: Sequence[Column], *, time: str | None) -> TimeSeries | None:
    """The table's numbers over time: the first 20 columns of measurements, and the rows if several share a point.

    Rows of one point are averaged. Points without a row are filled in by straight lines, up to a tenth of all;
    where more are missing, or the points lie on no grid, only the trend is looked at.

    Args:
        table: The table.
        columns: Its columns.
        time: The time column; None if there is none.

    Returns:
        None without a time column of 20 different points.
    """
    measured = [column.name for column in columns if column.has_numbers and column.kind.is_numeric][:MOST_SERIES]
    if time is None:
        return None
    columns_by_place = [pl.col(name).alias(f"c{place}") for place, name in enumerate(measured)]
    known = table.select(pl.col(time).alias("t"), *columns_by_place).drop_nulls("t")
    grid = grid_of(known["t"].unique().sort(), known.height)
    if grid is None:
        return None
    points = _averaged(known, grid, measured)
    labels = [said(moment) for moment in points["t"].to_list()]
    per_point = known.height / points.height
    named: list[tuple[str | None, str]] = [(name, f"m{place}") for place, name in enumerate(measured)]
    if per_point >= _SEVERAL_ROWS:
        named.insert(0, (None, "rows"))
    profiles = [made for name, field in named for made in _profile(name, points, field, grid, labels)]
    rates = StepUp.under_any_dependence(p := np.array([made.trend.p for made in profiles])).adjusted(p)
    return TimeSeries(
        grid=_described(time, grid, points, labels, per_point),
        series=[
            made.model_copy(update={"trend": made.trend.model_copy(update={"q": float(q)})})
            for made, q in zip(profiles, rates, strict=True)
        ],
    )


def _averaged(known: pl.DataFrame, grid: Grid, measured: Sequence[str]) -> pl.DataFrame:
    """A row for each point with rows: its place, its first moment, its rows, and the mean of each measure."""
    numbers = [pl.col(f"c{place}").cast(pl.Float64) for place in range(len(measured))]
    finite = [pl.when(x.is_finite()).then(x).mean().alias(f"m{place}") for place, x in enumerate(numbers)]
    return (
        known.with_columns(pl.Series("place", grid.places(known["t"])))
        .group_by("place")
        .agg(pl.col("t").min().alias("_first"), pl.len().cast(pl.Float64).alias("rows"), *finite)
        .rename({"_first": "t"})
        .sort("place")
    )


def _described(time: str, grid: Grid, points: pl.DataFrame, labels: Sequence[str], per_point: float) -> TimeGrid:
    places = points["place"].to_numpy()
    gaps = np.diff(places) - 1
    widest = int(np.argmax(gaps)) if len(gaps) else 0
    longest = None
    if grid.step and len(gaps) and gaps[widest] > 0:
        longest = Gap(after=labels[widest], before=labels[widest + 1], points=int(gaps[widest]))
    return TimeGrid(
        column=time,
        unit=grid.unit,
        step=grid.step,
        points=grid.points,
        missing=grid.points - points.height,
        rows_a_point=per_point,
        first=labels[0],
        last=labels[-1],
        longest_gap=longest,
    )


@dataclasses.dataclass(frozen=True)
class _Series:
    """The points of one column that have a value, and the whole series if it may be filled in."""

    times: Floats
    values: Floats
    whole: Floats | None


def _profile(
    name: str | None, points: pl.DataFrame, field: str, grid: Grid, labels: Sequence[str]
) -> Iterator[SeriesProfile]:
    """The profile of one column; nothing if fewer than 20 points have a value or none differs."""
    series = _series(points, field, grid)
    if series is None:
        return
    test = mann_kendall(series.times, series.values)
    if test is None:
        return
    slope = test.slope / grid.step if grid.step else test.slope
    p = trend_test(test, series.times, series.values).p
    made = SeriesProfile(column=name, n=len(series.values), trend=Trend(tau=test.tau, slope=slope, p=p, q=p))
    if series.whole is None:
        yield made
        return
    whole = series.whole
    found = patterns(whole, list(grid.periods()))
    rest = whole - np.sum([one.values for one in found], axis=0) if found else whole
    root, level = augmented_dickey_fuller(rest), kpss(rest)
    names = grid.periods()
    begin = int(series.times[0])
    moments = {place - begin: label for place, label in zip(points["place"].to_list(), labels, strict=True)}
    yield made.model_copy(
        update={
            "seasons": [
                Season(
                    period=one.period,
                    name=names.get(one.period, f"{one.period} points"),
                    strength=one.strength,
                    p=one.p,
                )
                for one in found
            ],
            "change_points": _change_points(rest, moments),
            "unusual": [
                UnusualPoint(
                    at=moments[one.at],
                    value=float(whole[one.at]),
                    expected=float(whole[one.at]) - one.apart,
                    distance=one.distance,
                )
                for one in unusual(rest)
                if one.at in moments
            ],
            "adf": root,
            "kpss": level,
            "verdict": verdict(root, level),
            "autocorrelation": [round(float(rho), 4) for rho in autocorrelations(whole, _MOST_LAGS)],
        }
    )


def _series(points: pl.DataFrame, field: str, grid: Grid) -> _Series | None:
    present = points.drop_nulls(field)
    if present.height < FEWEST_POINTS:
        return None
    times = present["place"].cast(pl.Float64).to_numpy()
    values = present[field].to_numpy()
    holes = grid.points - present.height
    whole = None
    if grid.step and holes <= _MOST_FILLED_IN * grid.points:
        whole = np.interp(np.arange(times[0], times[-1] + 1), times, values)
    return _Series(times, values, whole)


def _change_points(values: Floats, moments: dict[int, str]) -> list[ChangePoint]:
    found = changes(values)
    if not found:
        return []
    steps = levels(values, found)
    spread = float(np.std(values - steps))
    return [
        ChangePoint(
            at=_moment(moments, change.at),
            before=float(steps[change.at - 1]),
            after=float(steps[change.at]),
            effect=float(steps[change.at] - steps[change.at - 1]) / spread if spread > 0 else 0.0,
            p=change.p,
        )
        for change in found
    ]


def _moment(moments: dict[int, str], place: int) -> str:
    """The first point with rows at or after a place."""
    return next(moments[later] for later in sorted(moments) if later >= place)
