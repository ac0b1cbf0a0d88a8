"""Values that lie far from the middle of their column, with the rows in which they stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Fences, OutlierRow, Outliers
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics.descriptive import quantile
from dsp_pipeline.ml.statistics.samples import evenly_spaced

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

FENCE = 1.5
_SKEWED = 0.1
_ROBUST_FENCE = 3.5
NORMAL_MAD = 0.6744897501960817
"""The normal's third quartile: what its MAD is in standard deviations."""

_EXAMPLES_A_SIDE = 5
_FEWEST_VALUES = 8
_FEWEST_FOR_SKEW = 30
_MEDCOUPLE_VALUES = 400


def find_outliers(ordered: Floats, values: Floats, *, brief: bool = False) -> Outliers | None:
    """Values beyond the fences of a box plot: Tukey's, or those adjusted for skew where the column is skewed.

    Tukey's lie 1.5 IQR outside the quartiles (Exploratory Data Analysis, 1977). Of a skewed column they would
    call the whole long tail outliers; where the medcouple of 30 values or more is beyond 0.1 the fences are
    stretched by it on the long side and pulled in on the other (Hubert and Vandervieren 2008, Comput. Stat. Data
    Anal. 52:5186-5201). ``others`` says how many values the other rules call outliers: Tukey's, and 3.5 robust
    standard deviations from the median (Iglewicz and Hoaglin 1993).

    Args:
        ordered: The finite values in ascending order.
        values: The column in the table's order, NaN where there is no finite value.
        brief: Whether to name one example on either side instead of five, and no other rule.

    Returns:
        None where fences mean nothing: fewer than 8 values, or a middle half without any spread.
    """
    if len(ordered) < _FEWEST_VALUES:
        return None
    first, third = quantile(ordered, 0.25), quantile(ordered, 0.75)
    skew = medcouple(ordered)
    with np.errstate(over="ignore"):
        reach = FENCE * (third - first)
        tukey = _fences(ordered, f"IQR fences ({written(FENCE, 'g')})", first - reach, third + reach)
        adjusted = _adjusted(ordered, first, third, skew)
    if first == third or tukey is None:
        return None
    is_skewed = len(ordered) >= _FEWEST_FOR_SKEW and abs(skew) > _SKEWED
    chosen = adjusted if adjusted is not None and is_skewed else tukey
    lowest = ordered[: np.searchsorted(ordered, chosen.low, side="left")]
    highest = ordered[np.searchsorted(ordered, chosen.high, side="right") :]
    most = 1 if brief else _EXAMPLES_A_SIDE
    return Outliers(
        method=chosen.worded("method"),
        low_fence=chosen.low,
        high_fence=chosen.high,
        count=chosen.count,
        examples=[*_few(lowest, most, from_end=False), *_few(highest, most, from_end=True)],
        medcouple=skew,
        others=[] if brief else [each for each in (tukey, _robust(ordered)) if each and each is not chosen],
        rows=_rows(values, chosen, (first, third), most) if chosen.count else [],
    )


def medcouple(ordered: Floats) -> float:
    """How skewed the middle of ascending values is, between -1 and 1 (Brys, Hubert and Struyf 2004).

    The median, over all pairs of a value below the median and one above it, of how much further the one above is
    from it, as a share of their distance. Of more than 400 values that many evenly spaced ones are taken.
    """
    ordered = ordered[evenly_spaced(len(ordered), _MEDCOUPLE_VALUES)]
    largest = float(np.abs(ordered).max())
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # In units of the largest: distances of huge values would be more than a double holds.
        ordered = ordered / largest if largest > 0 else ordered
        centred = ordered - quantile(ordered, 0.5)
        below, above = centred[centred <= 0], centred[centred >= 0]
        pairs = (above[None, :] + below[:, None]) / (above[None, :] - below[:, None])
    ties = int(np.count_nonzero(centred == 0))
    if ties:
        # Pairs of two values at the median compare by their places: one of them is below, another above.
        steps = np.arange(ties)
        pairs[len(below) - ties :, :ties] = np.sign(steps[:, None] + steps[None, :] - (ties - 1))
    found = float(np.median(pairs))
    return found if math.isfinite(found) else 0.0


def _adjusted(ordered: Floats, first: float, third: float, skew: float) -> Fences | None:
    low, high = (-4.0, 3.0) if skew >= 0 else (-3.0, 4.0)
    spread = FENCE * (third - first)
    return _fences(
        ordered,
        f"adjusted box plot ({written(FENCE, 'g')} IQR, medcouple)",
        first - math.exp(low * skew) * spread,
        third + math.exp(high * skew) * spread,
    )


def _robust(ordered: Floats) -> Fences | None:
    middle = quantile(ordered, 0.5)
    deviation = float(np.median(np.abs(ordered - middle))) / NORMAL_MAD
    reach = _ROBUST_FENCE * deviation
    return (
        _fences(ordered, f"median and MAD ({written(_ROBUST_FENCE, 'g')})", middle - reach, middle + reach)
        if deviation > 0
        else None
    )


def _fences(ordered: Floats, method: str, low: float, high: float) -> Fences | None:
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    below = int(np.searchsorted(ordered, low, side="left"))
    above = len(ordered) - int(np.searchsorted(ordered, high, side="right"))
    return Fences(method=method, low=low, high=high, count=below + above)


def _rows(values: Floats, fences: Fences, quartiles: tuple[float, float], most: int) -> list[OutlierRow]:
    """The furthest values on either side with their rows, in the table's order."""
    with np.errstate(invalid="ignore"):
        below, above = np.flatnonzero(values < fences.low), np.flatnonzero(values > fences.high)
    furthest = [
        *below[np.argsort(values[below], kind="stable")[:most]].tolist(),
        *above[np.argsort(-values[above], kind="stable")[:most]].tolist(),
    ]
    return [
        OutlierRow(row=place + 1, value=float(values[place]), why=_why(float(values[place]), *quartiles))
        for place in sorted(furthest)
    ]


def _why(value: float, first: float, third: float) -> str:
    spread = third - first
    if value < first:
        return f"{written((first - value) / spread, '.3g')} IQR below the lower quartile"
    return f"{written((value - third) / spread, '.3g')} IQR above the upper quartile"


def _few(values: Floats, most: int, *, from_end: bool) -> list[float]:
    # Ties may be many; fifty values are enough to find five distinct ones or to say that there are fewer.
    near = values[-50:] if from_end else values[:50]
    distinct = np.unique(near)
    return [float(value) for value in (distinct[-most:] if from_end else distinct[:most])]
