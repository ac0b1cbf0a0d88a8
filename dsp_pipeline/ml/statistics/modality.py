"""Whether values have more than one peak: Hartigan and Hartigan's dip test (1985, Ann. Statist. 13:70-84)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Modality

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

SIGNIFICANT = 0.01
_FEWEST_DISTINCT = 10
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999)
QUANTILES: dict[int, tuple[float, ...]] = {
    50: (0.2673, 0.3, 0.3464, 0.4014, 0.458, 0.4957, 0.5698, 0.5982, 0.6537),
    100: (0.2744, 0.308, 0.3546, 0.4122, 0.4724, 0.5121, 0.5924, 0.6233, 0.6928),
    200: (0.2801, 0.3148, 0.3623, 0.4197, 0.4807, 0.5213, 0.6059, 0.639, 0.6982),
    500: (0.2851, 0.3202, 0.367, 0.4265, 0.4889, 0.5305, 0.6178, 0.643, 0.7071),
}
"""Quantiles of sqrt(n) * dip of n uniform values at `SHARES`, from 20,000 simulated samples each.

`python -m dsp_pipeline_tests.ml.statistics.dip_quantiles` prints them.
"""


def modality(ordered: Floats) -> Modality | None:
    """The dip test on a random sample of at most 500 values; None where there are too few different ones.

    Under the null hypothesis all values come from one peak; the uniform is the hardest such case to tell from two.
    Values that were rounded are first spread over the step that they were rounded to: ties are no peaks.

    Args:
        ordered: Finite values in ascending order.
    """
    size = max((size for size in QUANTILES if size <= len(ordered)), default=0)
    if not size:
        return None
    rng = np.random.default_rng([len(ordered), 17])
    sample = ordered if size == len(ordered) else np.sort(rng.choice(ordered, size, replace=False))
    steps = np.diff(sample)
    if np.count_nonzero(steps) < _FEWEST_DISTINCT or not math.isfinite(sample[-1] - sample[0]):
        return None
    if not np.all(steps > 0):
        step = float(steps[steps > 0].min())
        sample = np.sort(sample + rng.uniform(-step / 2, step / 2, size))
    found = dip(sample)
    return Modality(dip=found, p=dip_p(found, size), n=size)


def dip_p(found: float, size: int) -> float:
    """The share of uniform samples whose dip is as large; between 0.001 and 0.9, where the table ends.

    Args:
        found: A dip.
        size: Of how many values; one of `QUANTILES`.
    """
    place = np.interp(found * math.sqrt(size), QUANTILES[size], SHARES, left=SHARES[0], right=SHARES[-1])
    return float(round(1 - place, 4))


def dip(ordered: Floats) -> float:
    """The distance between the values' cumulative shares and the nearest ones of a distribution with one peak.

    Such shares are convex left of the peak and concave right of it. The paper's algorithm: fit the greatest
    convex minorant and the least concave majorant between two ends; where they are furthest apart lie the next
    ends; outside of these the fits stay, and the largest distance of the shares to them is what the dip has to
    allow for.

    Args:
        ordered: Different values in ascending order.
    """
    count = len(ordered)
    low, high, found = 0, count - 1, 1.0
    while True:
        x = ordered[low : high + 1]
        below, above = _convex_corners(x), len(x) - 1 - _convex_corners(-x[::-1])[::-1]
        before = np.arange(len(x), dtype=np.float64)
        minorant = np.interp(x, x[below], before[below])
        majorant = np.interp(x, x[above], before[above] + 1)
        apart = majorant - minorant
        start, end = _next_ends(apart, below, above)
        if apart[np.concatenate((below, above))].max() <= found:
            break
        left = (before + 1 - minorant)[: start + 1]
        right = (majorant - before)[end:]
        # The ends themselves belong to the middle part: there the shares may jump.
        found = max(found, left[:-1].max(initial=0.0), right[1:].max(initial=0.0))
        if (start, end) == (0, len(x) - 1):
            break
        low, high = low + start, low + end
    return float(found / (2 * count))


def _next_ends(apart: Floats, below: Integers, above: Integers) -> tuple[int, int]:
    """The corners of minorant and majorant around the place where they are furthest apart."""
    at_below, at_above = below[apart[below].argmax()], above[apart[above].argmax()]
    if apart[at_below] > apart[at_above]:
        return int(at_below), int(above[np.searchsorted(above, at_below)])
    return int(below[np.searchsorted(below, at_above, side="right") - 1]), int(at_above)


def _convex_corners(x: Floats) -> Integers:
    """The corners of the greatest convex minorant of the points (x, place)."""
    values = x.tolist()
    corners: list[int] = []
    for place, value in enumerate(values):
        while len(corners) > 1:
            last, further = corners[-1], corners[-2]
            if (last - further) * (value - values[last]) < (place - last) * (values[last] - values[further]):
                break
            corners.pop()
        corners.append(place)
    return np.asarray(corners)
