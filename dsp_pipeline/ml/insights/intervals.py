"""95 % intervals of effects, from the distribution of the statistic that tests them."""

from __future__ import annotations

import math

from scipy import special

from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95

_LOW, _HIGH = 0.975, 0.025
_MOST = 1e6


def explained_interval(statistic: float, degrees: int, n: int) -> tuple[float, float]:
    """The interval of the share of variance that groups explain, from the chi-squared statistic of their test.

    The statistic is taken for non-central chi-squared, whose centre ``n * share`` is bounded (Steiger & Fouladi
    1997). Beyond a million the normal approximation takes over, where the inverse is no longer computed well.

    Args:
        statistic: Kruskal and Wallis's H, or chi-squared.
        degrees: Its degrees of freedom.
        n: Rows.
    """
    low, high = _centres(statistic, degrees)
    return min(1.0, low / n), min(1.0, high / n)


def _centres(statistic: float, degrees: int) -> tuple[float, float]:
    """The 95 % interval of the non-centrality."""
    if statistic > _MOST:
        half = TWO_SIDED_95 * 2 * math.sqrt(statistic)
        return max(0.0, statistic - degrees - half), statistic - degrees + half
    return _centre(statistic, degrees, _LOW), _centre(statistic, degrees, _HIGH)


def _centre(statistic: float, degrees: int, share: float) -> float:
    """The non-centrality under which a share of values lies below the statistic; 0 where none is so small."""
    if float(special.chdtr(degrees, statistic)) <= share:
        return 0.0
    found = float(special.chndtrinc(statistic, degrees, share))
    return found if math.isfinite(found) else max(0.0, statistic - degrees)


def cramer_interval(value: float, n: int, rows: int, columns: int) -> tuple[float, float]:
    """The interval of Cramér's V of a table with so many rows and columns, from chi-squared as above."""
    least = min(rows, columns) - 1
    if least < 1 or n < 1:
        return 0.0, 1.0
    degrees = (rows - 1) * (columns - 1)
    low, high = _centres(value**2 * n * least + degrees, degrees)
    return min(1.0, math.sqrt(low / (n * least))), min(1.0, math.sqrt(high / (n * least)))


def kendall_interval(tau: float, variance: float, n: int) -> tuple[float, float]:
    """The interval of tau from the variance of S, as the test has it."""
    half = TWO_SIDED_95 * math.sqrt(variance) / (n * (n - 1) / 2)
    return max(-1.0, tau - half), min(1.0, tau + half)
