"""The points in time of a table: a regular grid if there is one, else calendar units that hold enough rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.series import Unit
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

MOST_POINTS = 2_000
FEWEST_POINTS = 20
_LEAST_REGULAR = 0.9
_LEAST_FILLED = 0.95
_LEAST_FILLED_STEPS = 0.5
_ROWS_A_BUCKET = 3
_WORKDAYS = 5
_DAY = 86_400
_FIRST_YEAR = 1970
_ROUNDING = 1e-6
_SECONDS: dict[Unit, int] = {"second": 1, "minute": 60, "hour": 3_600, "day": _DAY, "week": 7 * _DAY}
_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "year": 12}
_NEXT: dict[Unit, int] = {
    "second": 60,
    "minute": 60,
    "hour": 24,
    "day": 28,
    "week": 52,
    "month": 12,
    "quarter": 4,
}
"""How many of a unit are better counted in the next one."""
_UNITS: tuple[Unit, ...] = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
CALENDAR: dict[Unit, dict[int, str]] = {
    "second": {60: "minute", 3_600: "hour"},
    "minute": {60: "hour", 1_440: "day"},
    "hour": {24: "day", 168: "week"},
    "day": {7: "week", 365: "year"},
    "weekday": {5: "week"},
    "week": {52: "year"},
    "month": {12: "year"},
    "quarter": {4: "year"},
    "year": {},
    "irregular": {},
}
"""How many units each larger part of the calendar has."""


@dataclasses.dataclass(frozen=True)
class Grid:
    """Points in time by whole numbers.

    Attributes:
        unit: What the numbers count.
        step: How many units lie between neighbouring points; 0 on an irregular grid.
        points: Points of the grid from the first to the last, with or without rows.
        origin: The first point in units since 1970.
        moments: All points of an irregular grid in ascending order.
    """

    unit: Unit
    step: int
    points: int
    origin: float
    moments: pl.Series | None = None

    def places(self, times: pl.Series) -> Integers:
        """The number of the point, from 0, that each of these times belongs to."""
        stamps = times.cast(pl.Datetime("us"))
        if self.moments is not None:
            return np.asarray(self.moments.search_sorted(stamps).to_numpy(), dtype=np.int64)
        # Times that lie on the grid do so but for rounding; those between its points belong to the one before.
        return np.floor((_numbers(stamps, self.unit) - self.origin) / self.step + _ROUNDING).astype(np.int64)

    def periods(self) -> dict[int, str]:
        """The periods in points that the calendar suggests, with their names."""
        if not self.step:
            return {}
        return {units // self.step: name for units, name in CALENDAR[self.unit].items() if units % self.step == 0}


def grid_of(times: pl.Series, rows: int) -> Grid | None:
    """The grid of a table's distinct points in time.

    Args:
        times: Distinct dates or datetimes in ascending order.
        rows: How many rows have one.

    Returns:
        None for fewer than 20 points, or for too many to be looked at one by one.
    """
    if len(times) < FEWEST_POINTS:
        return None
    stamps = times.cast(pl.Datetime("us"))
    regular = next((grid for unit in _UNITS if (grid := _regular(stamps, unit)) is not None), None)
    if regular is not None and regular.points <= MOST_POINTS:
        return regular
    found = _by_calendar(stamps, rows)
    if found is None and len(times) <= MOST_POINTS:
        return Grid("irregular", 0, len(times), 0.0, stamps)
    return found


def _numbers(stamps: pl.Series, unit: Unit) -> Floats:
    """Points in time in units since 1970, weeks from its first Monday; months and longer without the days."""
    if unit in _MONTHS:
        months = (stamps.dt.year().cast(pl.Int64) - _FIRST_YEAR) * 12 + stamps.dt.month().cast(pl.Int64) - 1
        return np.asarray(months.to_numpy(), dtype=np.float64) / _MONTHS[unit]
    if unit == "weekday":
        days = stamps.cast(pl.Date).to_numpy().astype("datetime64[D]")
        return np.asarray(np.busday_count(np.datetime64("1970-01-01"), days), dtype=np.float64)
    micros = np.asarray(stamps.to_physical().to_numpy(), dtype=np.float64)
    # 1 January 1970 was a Thursday: weeks begin on Monday.
    shift = 3 * _DAY if unit == "week" else 0
    return (micros / 1e6 + shift) / _SECONDS[unit]


def _regular(stamps: pl.Series, unit: Unit) -> Grid | None:
    """The grid of this unit if nearly all points lie whole steps apart and half of them one step."""
    if unit == "day" and _skips_weekends(stamps):
        unit = "weekday"
    numbers = _numbers(stamps, unit)
    gaps = np.diff(numbers)
    step = float(np.median(gaps))
    if step < 1 or step != round(step) or step >= _NEXT.get(unit, np.inf) or (gaps <= 0).any():
        return None
    whole = np.abs(gaps / step - np.round(gaps / step)) <= _ROUNDING
    if whole.mean() < _LEAST_REGULAR or (np.abs(gaps - step) <= _ROUNDING).mean() < _LEAST_FILLED_STEPS:
        return None
    return Grid(unit, int(step), round((numbers[-1] - numbers[0]) / step) + 1, float(numbers[0]))


def _skips_weekends(stamps: pl.Series) -> bool:
    days = stamps.dt.weekday()
    return bool((days <= _WORKDAYS).all()) and days.n_unique() == _WORKDAYS


def _by_calendar(stamps: pl.Series, rows: int) -> Grid | None:
    """The finest unit of which nearly every one has rows, three on average, and not too many there are."""
    for unit in _UNITS:
        places = np.floor(_numbers(stamps, unit)).astype(np.int64)
        units = int(places[-1] - places[0]) + 1
        if not FEWEST_POINTS <= units <= MOST_POINTS or rows < _ROWS_A_BUCKET * units:
            continue
        filled = int(np.count_nonzero(np.diff(places))) + 1
        if filled >= _LEAST_FILLED * units:
            return Grid(unit, 1, units, float(places[0]))
    return None


def said(moment: object) -> str:
    """A point in time as text: a date if it is midnight."""
    if isinstance(moment, dt.datetime) and moment.time() == dt.time():
        return moment.date().isoformat()
    return str(moment)
