"""Numbers in ranges with round edges.

Where a column has few different numbers each of them is a level. Otherwise the central 99 % are cut at multiples
of 1, 2 or 5 times a power of ten, and one range on either side takes the rest, so that a long tail leaves the
shape of the others to be seen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.dashboard.explore.levels import Levels
from dsp_pipeline.dashboard.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.dashboard.explore.levels import Codes, Divider

_CENTRE = (0.005, 0.995)
_ROUND = (1.0, 2.0, 5.0, 10.0)
_MOST_SINGLE = 64
_NOT_CENTRAL = 4
"""Levels kept free: both tails, and one each for what rounding the first and the last edge may add."""


def divider(values: pl.Series, *, distinct: int) -> Divider | None:
    """What divides a numeric column.

    Nothing does if it has fewer than two different finite numbers, or its ends lie further apart than doubles go.

    Args:
        values: The whole column.
        distinct: How many different values it has, as far as is known; it spares looking for single levels.
    """
    known = _finite(values).drop_nulls()
    low, high = known.min(), known.max()
    if not isinstance(low, float) or not isinstance(high, float) or low == high or not math.isfinite(high - low):
        return None
    missing = known.len() < values.len()
    single = known.unique().sort().to_list() if distinct <= _MOST_SINGLE else None
    start, end = (known.quantile(share, "linear") or 0.0 for share in _CENTRE)
    if start == end:
        start, end = low, high

    def divide(most: int) -> Levels:
        room = most - missing
        if single is not None and len(single) <= room:
            return _levels(values.name, single, [*single, math.inf], missing=missing)
        step = _step((end - start) / (room - _NOT_CENTRAL), whole=values.dtype.is_integer())
        edges = _edges((low, high), (start, end), step)
        return _levels(values.name, edges, edges, missing=missing)

    return divide


def spelt(value: float) -> str:
    """A number as links and scripts spell it: the shortest text that JavaScript and Python read as that number."""
    return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def placed(values: np.ndarray[tuple[int], np.dtype[np.float64]], edges: Sequence[float]) -> Codes:
    """The range of each value; NaN, which stands for missing ones, comes after the last range."""
    inner = np.asarray(edges[1:-1])
    codes = np.searchsorted(inner, values, side="right").astype(np.uint8)
    codes[np.isnan(values)] = len(edges) - 1
    return codes


def _levels(name: str, bounds: list[float], edges: list[float], *, missing: bool) -> Levels:
    return Levels(
        name=name,
        kind="number",
        labels=tuple(number(_plain(bound)) for bound in bounds),
        bounds=tuple(spelt(bound) for bound in bounds),
        ranges=bounds is edges,
        others=0,
        missing=missing,
        place=lambda column: placed(_finite(column).to_numpy(), edges),
    )


def _finite(values: pl.Series) -> pl.Series:
    """As floats; what is not finite is missing."""
    floats = values.cast(pl.Float64)
    if not values.dtype.is_float():
        return floats
    return floats.to_frame().select(pl.when(pl.first().is_finite()).then(pl.first())).to_series()


def _plain(value: float) -> float:
    return int(value) if value.is_integer() else value


def _edges(ends: tuple[float, float], centre: tuple[float, float], step: float) -> list[float]:
    """Round edges over the centre, with the ends before and after them where they lie outside."""
    (low, high), (start, end) = ends, centre
    places = range(math.floor(start / step), math.floor(end / step) + 2)
    # Where doubles lie further apart than the steps, neighbours fall together.
    inside = sorted({_multiple(place, step) for place in places})
    before = [low] if low < inside[0] else []
    after = [high] if high > inside[-1] else []
    return [*before, *inside, *after]


def _step(wanted: float, *, whole: bool) -> float:
    """The smallest round number that is not below the wanted one, and not below 1 for whole numbers."""
    power = math.floor(math.log10(wanted))
    step = next(float(f"{digit}e{power}") for digit in _ROUND if float(f"{digit}e{power}") >= wanted)
    return max(1.0, step) if whole else step


def _multiple(place: int, step: float) -> float:
    """``place * step`` as a person would write it: 3 times 0.1 is 0.3."""
    return round(place * step, max(0, 1 - math.floor(math.log10(step))))
