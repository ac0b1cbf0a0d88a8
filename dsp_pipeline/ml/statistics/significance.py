"""p-values from `scipy.special` (a tenth of the import cost of `scipy.stats`), and the false discovery rate."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats

TWO_SIDED_95 = 1.959963984540054
"""The standard normal's 97.5 % point."""

_LEAST_FOR_CORRELATION = 3


def correlation_p(r: Floats, n: int | Floats) -> Floats:
    """Two-sided p of correlation coefficients under independence.

    Student's t with ``n - 2`` degrees of freedom, ``t = r * sqrt((n - 2) / (1 - r^2))``: exact for Pearson's r of
    bivariate normal data, the usual approximation for Spearman's rho (Kendall & Stuart, vol. 2, 31.19).

    Args:
        r: Coefficients between -1 and 1, any shape.
        n: Number of pairs of values, of all or of each; below 3 a p is 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / np.clip(1 - r**2, 0, None))
    p = 2 * special.stdtr(np.maximum(np.asarray(n) - 2, 1), -t)
    return np.asarray(np.where(np.isnan(t) | (np.asarray(n) < _LEAST_FOR_CORRELATION), 1.0, p))


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


def harmonic(count: int) -> float:
    """1 + 1/2 + ... + 1/count, by the digamma function (Abramowitz & Stegun 1964, 6.3.2)."""
    return float(special.digamma(count + 1) + np.euler_gamma)


@dataclasses.dataclass(frozen=True)
class StepUp:
    """A step-up procedure over a family of tests, which can be asked for the adjusted p of any p.

    Attributes:
        ordered: The family's p in ascending order.
        factor: What m p / rank is multiplied with: 1 for Benjamini & Hochberg (1995, J. R. Stat. Soc. B
            57:289-300).
    """

    ordered: Floats
    factor: float

    @classmethod
    def of(cls, p: Floats) -> StepUp:
        """Benjamini & Hochberg's, for independent or positively dependent tests."""
        return cls(np.sort(p), 1.0)

    @classmethod
    def under_any_dependence(cls, p: Floats, *, tests: int | None = None) -> StepUp:
        """Benjamini & Yekutieli's (2001, Ann. Stat. 29:1165-1188): dearer by 1 + 1/2 + ... + 1/m.

        Args:
            p: The family's p.
            tests: How many tests the family has, if more than these; no other is smaller than the least of them
                would be, were it known: the rates are upper bounds.
        """
        of_all = len(p) if tests is None else tests
        return cls(np.sort(p), harmonic(of_all) * of_all / max(1, len(p)))

    def adjusted(self, p: Floats) -> Floats:
        """The least rate at which the procedure's bound on p reaches each of the values; NaN stays NaN.

        For a member of the family this is its adjusted p, as in R's ``p.adjust``.
        """
        count = len(self.ordered)
        if not count:
            return np.full(len(p), np.nan)
        scaled = self.ordered * (count * self.factor) / np.arange(1, count + 1)
        least_from = np.append(np.minimum.accumulate(scaled[::-1])[::-1], np.inf)
        below = np.searchsorted(self.ordered, p, side="left")
        with np.errstate(divide="ignore", invalid="ignore"):
            # With `below` discoveries the bound is rate * below / (m * factor): it may reach p
            # before the next one.
            own = np.where(below > 0, p * (count * self.factor) / below, np.inf)
        rates = np.minimum(1.0, np.minimum(least_from[below], own))
        return np.asarray(np.where(np.isnan(p), np.nan, rates))


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """The adjusted p of each test, so that rejecting at ``q <= a`` keeps the false discovery rate at most ``a``.

    Equal to R's ``p.adjust(method = "BH")``. None stands for "not tested": it stays None and counts for nothing.
    """
    p = np.array([np.nan if value is None else value for value in p_values], dtype=np.float64)
    q = StepUp.of(p[~np.isnan(p)]).adjusted(p)
    return [None if np.isnan(value) else float(value) for value in q]
