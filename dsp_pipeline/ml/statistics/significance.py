"""p-values from `scipy.special` (a tenth of the import cost of `scipy.stats`), and the false discovery rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats

_LEAST_FOR_CORRELATION = 3


def correlation_p(r: Floats, n: int) -> Floats:
    """Two-sided p of correlation coefficients under independence.

    Student's t with ``n - 2`` degrees of freedom, ``t = r * sqrt((n - 2) / (1 - r^2))``: exact for Pearson's r of
    bivariate normal data, the usual approximation for Spearman's rho (Kendall & Stuart, vol. 2, 31.19).

    Args:
        r: Coefficients between -1 and 1, any shape.
        n: Number of pairs of values; below 3 every p is 1.
    """
    if n < _LEAST_FOR_CORRELATION:
        return np.ones_like(r)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / np.clip(1 - r**2, 0, None))
    p = 2 * special.stdtr(n - 2, -t)
    return np.asarray(np.where(np.isnan(t), 1.0, p))


def chi_squared_p(statistic: float, degrees: float) -> float:
    """The chance of a chi-squared value at least this large; 1 without degrees of freedom."""
    return float(special.chdtrc(degrees, statistic)) if degrees > 0 else 1.0


def normal_p(z: float) -> float:
    """Two-sided p of a standard normal value."""
    return float(2 * special.ndtr(-abs(z)))


def fisher_interval(r: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """A confidence interval of a correlation by Fisher's z; the whole range below four pairs."""
    if n <= _LEAST_FOR_CORRELATION or abs(r) >= 1:
        return (-1.0, 1.0) if n <= _LEAST_FOR_CORRELATION else (r, r)
    half = float(special.ndtri(0.5 + level / 2)) / np.sqrt(n - 3)
    z = np.arctanh(r)
    return float(np.tanh(z - half)), float(np.tanh(z + half))


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """The adjusted p of each test, so that rejecting at ``q <= a`` keeps the false discovery rate at most ``a``.

    Step-up procedure of Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289-300; equal to R's
    ``p.adjust(method = "BH")``. None stands for "not tested": it stays None and counts for nothing.
    """
    tested = [index for index, p in enumerate(p_values) if p is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    if not tested:
        return adjusted
    p = np.array([p_values[index] for index in tested], dtype=np.float64)
    order = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    q = np.minimum(1.0, np.minimum.accumulate(p[order] * len(p) / ranks))
    for position, value in zip(order, q, strict=True):
        adjusted[tested[position]] = float(value)
    return adjusted
