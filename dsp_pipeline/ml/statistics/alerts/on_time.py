"""Alerts on how the table and its numbers run over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics.alerts.facts import raised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert
    from dsp_pipeline.core.artifacts.series import SeriesProfile, TimeGrid
    from dsp_pipeline.core.thresholds import AlertThresholds
    from dsp_pipeline.ml.statistics.alerts.facts import Facts

_LEAST_TAU = 0.3


def on_time(facts: Facts) -> Iterator[Alert]:
    """Points without rows, and series that move, repeat or jump."""
    found = facts.series
    if found is None:
        return
    yield from _on_gaps(found.grid)
    for series in found.series:
        yield from _on_series(series, found.grid, facts.limits, tests=len(found.series))


def _on_gaps(grid: TimeGrid) -> Iterator[Alert]:
    gap = grid.longest_gap
    if gap is not None:
        points = "One point" if grid.missing == 1 else f"{written(grid.missing)} points"
        every = f"{grid.step} {grid.unit}s" if grid.step > 1 else grid.unit
        text = (
            f"{points} of '{grid.column}' have no row, of one every {every} "
            f"({written(grid.missing / grid.points, '.1%')}); "
            f"the longest gap is between {gap.after} and {gap.before}."
        )
        yield raised("time_gaps", text, column=grid.column, value=grid.missing / grid.points, threshold=0)


def _on_series(series: SeriesProfile, grid: TimeGrid, limits: AlertThresholds, *, tests: int) -> Iterator[Alert]:
    name = "The number of rows" if series.column is None else f"'{series.column}'"
    columns = [name for name in (series.column, grid.column) if name is not None]
    trend, column = series.trend, series.column
    if trend.q <= limits.significance and abs(trend.tau) >= _LEAST_TAU:
        way = "rises" if trend.slope > 0 else "falls"
        per = f"a {grid.unit}" if grid.step else "a point"
        text = (
            f"{name} {way} over time, by {written(abs(trend.slope), '.4g')} {per} (Kendall's tau "
            f"{written(trend.tau, '.2f')})."
        )
        yield raised("trend", text, column=column, value=trend.tau, threshold=_LEAST_TAU, columns=columns)
    for season in series.seasons:
        if season.strength >= limits.seasonality and season.p * tests <= limits.significance:
            text = (
                f"{name} repeats every {season.name}: that explains {written(season.strength, '.0%')} of "
                "its variance."
            )
            limit = limits.seasonality
            yield raised("seasonal", text, column=column, value=season.strength, threshold=limit, columns=columns)
    changes = [change for change in series.change_points if change.p * tests <= limits.significance]
    if changes:
        most = max(changes, key=lambda change: abs(change.effect))
        others = "" if len(changes) == 1 else f" It changes {len(changes)} times in all."
        text = (
            f"{name} changes its level at {most.at}, from {written(most.before, '.4g')} to "
            f"{written(most.after, '.4g')}.{others}"
        )
        yield raised("change_point", text, column=column, value=most.effect, threshold=0, columns=columns)
    if series.verdict == "non-stationary" and series.adf is not None:
        text = f"{name} wanders: it has no level that it comes back to (ADF p = {written(series.adf.p, '.2g')})."
        yield raised(
            "non_stationary",
            text,
            column=column,
            value=series.adf.p,
            threshold=limits.significance,
            columns=columns,
        )
