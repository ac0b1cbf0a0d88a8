"""Counts between edges that follow from the data, not from a fixed number of bins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Histogram
from dsp_pipeline.ml.statistics.descriptive import quantile

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

FEWEST_BINS = 5
MOST_BINS = 60


def histogram(ordered: Floats, *, whole: bool, most: int = MOST_BINS) -> Histogram | None:
    """The histogram of ascending finite values; None if there are none or their range is not representable.

    Whole numbers that span at most ``most`` get one bin each. Otherwise the width is Freedman and Diaconis's,
    ``2 * IQR / n^(1/3)`` (1981, Z. Wahrscheinlichkeitstheorie 57:453-476), or Sturges's number of bins where the
    IQR is 0, bounded to 5..``most`` bins.

    Args:
        ordered: The values.
        whole: Whether all values are whole numbers.
        most: The most bins to return.
    """
    if not len(ordered):
        return None
    low, high = float(ordered[0]), float(ordered[-1])
    if not math.isfinite(high - low):
        return None
    if low == high:
        half = max(0.5, abs(low) * 1e-6)
        return Histogram(edges=[low - half, low + half], counts=[len(ordered)], rule="single value")
    if whole and high - low < most:
        edges = np.arange(low, high + 2) - 0.5
        return Histogram(edges=edges.tolist(), counts=_counts(ordered, edges), rule="one bin per whole number")
    bins, rule = _bins(ordered, most)
    edges = np.linspace(low, high, bins + 1)
    return Histogram(edges=edges.tolist(), counts=_counts(ordered, edges), rule=rule)


def _bins(ordered: Floats, most: int) -> tuple[int, str]:
    count = len(ordered)
    width = 2 * (quantile(ordered, 0.75) - quantile(ordered, 0.25)) / count ** (1 / 3)
    if width > 0:
        wanted = min(float(most), (ordered[-1] - ordered[0]) / width)
        return max(FEWEST_BINS, math.ceil(wanted)), "Freedman-Diaconis"
    return min(most, max(FEWEST_BINS, math.ceil(math.log2(count) + 1))), "Sturges"


def _counts(ordered: Floats, edges: Floats) -> list[int]:
    """Counts of half-open bins, the last one closed, as `numpy.histogram` counts."""
    below = np.searchsorted(ordered, edges, side="left")
    below[-1] = len(ordered)
    return [int(count) for count in np.diff(below)]
