"""Points of a series that stand apart from their neighbours."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import ndtri

from dsp_pipeline.ml.statistics.outliers import NORMAL_MAD

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

MOST_UNUSUAL = 20
_NEIGHBOURS = 7
_LOCAL = 50
_LEVEL = 0.05
_TAKES_PART, _FEW = 1.12, 6.0
"""A point takes part in its neighbours' median, which narrows the middle of the distances and not their ends, and
few points know their spread badly: the bound is widened by what keeps 20 to 2,000 normal values at the level."""


@dataclasses.dataclass(frozen=True)
class Unusual:
    """A point that stands apart.

    Attributes:
        at: Its place.
        apart: How far it lies from the median of its neighbours, in units of the series.
        distance: The same in robust standard deviations.
    """

    at: int
    apart: float
    distance: float


def unusual(values: Floats) -> list[Unusual]:
    """The points far from the running median of the seven on each side, the farthest 20, in order of time.

    This is Hampel's identifier (Davies & Gather 1993, J. Am. Stat. Assoc. 88:782-792): distances are in median
    absolute deviations, the larger of the whole series' and of the fifty points on each side, so that a stretch
    that is rough as a whole is not called unusual point by point. The bound is one that the farthest of as many
    normal values passes in at most about 5 % of all series.

    Args:
        values: The series without gaps and seasons.
    """
    series = pl.Series(values)
    apart = values - _running_median(series, _NEIGHBOURS)
    sizes = pl.Series(np.abs(apart))
    spread = np.fmax(float(np.median(sizes.to_numpy())), _running_median(sizes, _LOCAL)) / NORMAL_MAD
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = np.where(spread > 0, apart / spread, 0.0)
    bound = -float(ndtri(_LEVEL / (2 * len(values)))) * (_TAKES_PART + _FEW / len(values))
    far = np.flatnonzero(np.abs(distances) > bound)
    farthest = far[np.argsort(-np.abs(distances[far]), kind="stable")][:MOST_UNUSUAL]
    return [Unusual(int(at), float(apart[at]), float(distances[at])) for at in np.sort(farthest)]


def _running_median(series: pl.Series, aside: int) -> Floats:
    """The median of each point and those beside it, of fewer at the ends."""
    found = series.rolling_median(window_size=2 * aside + 1, min_samples=aside + 1, center=True)
    return found.to_numpy()
