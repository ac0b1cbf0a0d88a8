"""Where the level of a series changes for good."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import kolmogorov

from dsp_pipeline.ml.statistics.series.stationarity import augmented_dickey_fuller, long_run_variance

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

MOST_CHANGES = 5
_FEWEST_POINTS = 30
_SHORTEST = 10
_LEVEL = 0.05
_BETTER = 0.9
# What a wandering series with breaks where they suit best falls below in 5 %: Zivot & Andrews (1992, J. Bus. Econ.
# Stat. 10:251-270), model A; Lumsdaine & Papell (1997, Rev. Econ. Stat. 79:212-218), model AA.
_ONE_BREAK, _MORE_BREAKS = -4.80, -6.16


@dataclasses.dataclass(frozen=True)
class Change:
    """A change of level.

    Attributes:
        at: Place of the first point of the new level.
        p: That of the largest deviation of cumulated sums.
    """

    at: int
    p: float


def changes(values: Floats) -> list[Change]:
    """The changes in order of time, at most five, by binary segmentation (Vostrikova 1981).

    A split is where the cumulated deviations from the mean are largest; its p is Kolmogorov's of a Brownian
    bridge, with the long-run variance of what is left after the split (Ploberger & Kraemer 1992), times the
    number of segments tried. Nothing is returned where a straight line explains as much as the levels, or where
    the series wanders even around its levels: there a level is no description.

    Args:
        values: The series without gaps and seasons.
    """
    if len(values) < _FEWEST_POINTS:
        return []
    found: list[Change] = []
    segments, tried = [(0, len(values))], 0
    while segments and len(found) < MOST_CHANGES:
        start, stop = segments.pop(0)
        if stop - start < 2 * _SHORTEST:
            continue
        tried += 1
        split = likeliest_split(values[start:stop])
        p = split.p(split.long_run_variance)
        if p * tried <= _LEVEL:
            found.append(Change(start + split.at, p))
            segments += [(start, start + split.at), (start + split.at, stop)]
    found.sort(key=lambda change: change.at)
    return found if found and _are_levels(values, found) else []


@dataclasses.dataclass(frozen=True)
class Split:
    """Where a series is likeliest to change its level.

    Attributes:
        at: Place of the first point of the new level.
        deviation: The largest sum of deviations from the mean of all points before a place, without its sign.
        rest: Each point's deviation from the mean on its side.
    """

    at: int
    deviation: float
    rest: Floats

    @property
    def places(self) -> int:
        """How many places it is the likeliest of."""
        return len(self.rest) - 2 * _SHORTEST + 1

    @property
    def long_run_variance(self) -> float:
        """That of the rest, over n^(1/3) neighbours."""
        return long_run_variance(self.rest, int(len(self.rest) ** (1 / 3)))

    def p(self, variance: float) -> float:
        """That of the largest deviation, if the points have this variance in the long run."""
        if not variance > 0:
            return 0.0 if self.deviation > 0 else 1.0
        return kolmogorov_p(self.deviation / math.sqrt(variance * len(self.rest)))


def likeliest_split(values: Floats) -> Split:
    """The likeliest change of a series of 20 points at least, with ten on either side."""
    sums = np.abs(np.cumsum(values - values.mean())[:-1])
    inner = sums[_SHORTEST - 1 : len(values) - _SHORTEST]
    at = int(np.argmax(inner)) + _SHORTEST
    rest = np.concatenate((values[:at] - values[:at].mean(), values[at:] - values[at:].mean()))
    return Split(at, float(inner.max()), rest)


def kolmogorov_p(statistic: float) -> float:
    """The chance that a Brownian bridge strays this far from 0 (Kolmogorov 1933)."""
    return float(kolmogorov(statistic))


def levels(values: Floats, found: list[Change]) -> Floats:
    """The mean of its segment at each point."""
    bounds = [0, *(change.at for change in found), len(values)]
    parts = [values[start:stop] for start, stop in itertools.pairwise(bounds)]
    return np.concatenate([np.full(len(part), part.mean()) for part in parts])


def _are_levels(values: Floats, found: list[Change]) -> bool:
    around = values - levels(values, found)
    times = np.arange(len(values)) - (len(values) - 1) / 2
    line = values.mean() + times * float(times @ values) / float(times @ times)
    if float(around @ around) > _BETTER * float(np.sum((values - line) ** 2)):
        return False
    test = augmented_dickey_fuller(around)
    return test is None or test.statistic <= (_ONE_BREAK if len(found) == 1 else _MORE_BREAKS)
