"""Patterns that repeat every so many points."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes
from dsp_pipeline.ml.statistics.series.autocorrelation import autocorrelations
from dsp_pipeline.ml.statistics.significance import chi_squared_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats

FEWEST_CYCLES = 4
_MOST_GUESSES = 2
_MOST_PEAKS = 3
_NEARLY = 0.95
_LEAST_PEAK = 0.2
_LEAST_STRENGTH = 0.1
_LEVEL = 0.05


@dataclasses.dataclass(frozen=True)
class Pattern:
    """A repeating pattern.

    Attributes:
        period: Its length in points.
        strength: The share of variance that it explains once the trend is taken off, 0..1.
        p: Friedman's.
        values: The pattern at every point of the series, of mean 0.
    """

    period: int
    strength: float
    p: float
    values: Floats


def patterns(values: Floats, calendar: Sequence[int]) -> list[Pattern]:
    """The patterns of a series, the shorter first: each is taken off before others are looked for.

    Those periods are tried that the calendar suggests, and then up to two where the autocorrelation of what is
    left has a peak, if they fit in four times. A pattern counts if its p is at most 0.05, divided by the number
    of periods tried (all lags, where peaks are), and it explains a tenth of the variance.

    Args:
        values: The series without gaps.
        calendar: Periods to try in any case.
    """
    known = sorted(period for period in set(calendar) if 1 < period <= len(values) // FEWEST_CYCLES)
    found, rest = _taken_off(values, known, len(known))
    # A peak was picked among all lags: each of them counts as tried.
    guessed = _guessed(rest, len(known) + len(values) // FEWEST_CYCLES)
    return sorted([*found, *guessed], key=lambda one: one.period)


def _taken_off(values: Floats, periods: Sequence[int], tries: int) -> tuple[list[Pattern], Floats]:
    found: list[Pattern] = []
    for period in periods:
        one = pattern(values, period)
        if one is not None and one.p * tries <= _LEVEL and one.strength >= _LEAST_STRENGTH:
            found.append(one)
            values = values - one.values
    return found, values


def _guessed(values: Floats, tries: int) -> list[Pattern]:
    """Up to two patterns whose periods no calendar suggests, each the shortest of those that explain nearly most.

    A period that is no whole number of points shows in the one of its multiples that nearly is: of the tide, which
    comes every 12.42 hours, seven make 87.
    """
    found: list[Pattern] = []
    for _ in range(_MOST_GUESSES):
        tried = [one for lag in _peaks(values) if (one := pattern(values, lag)) is not None]
        usable = [one for one in tried if one.p * tries <= _LEVEL and one.strength >= _LEAST_STRENGTH]
        if found:
            # What a rounded period leaves of the first pattern is no second one.
            usable = [one for one in usable if one.values.var() >= _LEAST_STRENGTH * found[0].values.var()]
        if not usable:
            break
        most = max(one.strength for one in usable)
        found.append(next(one for one in usable if one.strength >= _NEARLY * most))
        values = values - found[-1].values
    return found


def _peaks(values: Floats) -> list[int]:
    """The lags of the highest peaks of the autocorrelation around a straight line, after it fell below 0 once.

    Both as it is, which favours short lags, and by the points that each lag has, which favours none.
    """
    times = np.arange(len(values)) - (len(values) - 1) / 2
    line = times * float(times @ (values - values.mean())) / float(times @ times)
    rho = autocorrelations(values - line, len(values) // FEWEST_CYCLES + 1)
    negative = np.flatnonzero(rho < 0)
    inner = rho[1:-1]
    peaks = np.flatnonzero((inner > rho[:-2]) & (inner >= rho[2:]) & (inner >= _LEAST_PEAK)) + 2
    after = [lag for lag in peaks.tolist() if len(negative) and lag > negative[0]]
    by_height = sorted(after, key=lambda lag: -rho[lag - 1])
    by_point = sorted(after, key=lambda lag: -rho[lag - 1] / (len(values) - lag))
    return sorted({*by_height[:_MOST_PEAKS], *by_point[:_MOST_PEAKS]})


def pattern(values: Floats, period: int) -> Pattern | None:
    """The classical decomposition: off with a centred moving average of one period, then the mean of each phase.

    Strength is Wang, Smith & Hyndman's (2006, Data Min. Knowl. Discov. 13:335-364), ``1 - var(R) / var(S + R)``;
    p is Friedman's (1937) with cycles as blocks, so that slow changes between cycles do not count.
    """
    detrended = values - _moving_average(values, period)
    known = np.flatnonzero(~np.isnan(detrended))
    if len(known) < FEWEST_CYCLES * period - period:
        return None
    phases = known % period
    means = np.bincount(phases, weights=detrended[known], minlength=period) / np.bincount(phases, minlength=period)
    means = means - means.mean()
    seasonal = means[np.arange(len(values)) % period]
    rest = detrended[known] - seasonal[known]
    whole = float(np.var(detrended[known]))
    if not whole > 0:
        return None
    strength = max(0.0, 1 - float(np.var(rest)) / whole)
    return Pattern(period, strength, friedman_p(_cycles(detrended[known], period)), seasonal)


def _moving_average(values: Floats, period: int) -> Floats:
    """Centred, of odd length or with half weights at the ends; NaN where it does not fit."""
    weights = np.ones(period) if period % 2 else np.concatenate(([0.5], np.ones(period - 1), [0.5]))
    inner = np.convolve(values, weights / period, mode="valid")
    half = len(weights) // 2
    return np.concatenate((np.full(half, np.nan), inner, np.full(len(values) - half - len(inner), np.nan)))


def _cycles(values: Floats, period: int) -> Floats:
    whole = len(values) // period
    return np.asarray(values[: whole * period].reshape(whole, period))


def friedman_p(blocks: Floats) -> float:
    """The p of Friedman's test that columns are alike, ties considered.

    Args:
        blocks: Shape (blocks, columns).
    """
    count, columns = blocks.shape
    ranks = np.vstack([average_ranks(dense_codes(block)) for block in blocks])
    spread = float(np.sum((ranks - (columns + 1) / 2) ** 2))
    if not spread > 0:
        return 1.0
    between = float(np.sum((ranks.mean(axis=0) - (columns + 1) / 2) ** 2)) * count
    return chi_squared_p(between * count * (columns - 1) / spread, columns - 1)
