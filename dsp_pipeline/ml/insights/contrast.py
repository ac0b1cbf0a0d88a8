"""Means of groups of rows, and how far two of them lie apart."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

    Codes: TypeAlias = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]
    Index: TypeAlias = int | slice | np.ndarray[Any, Any] | tuple[int | slice | np.ndarray[Any, Any], ...]

FEWEST = 20


@dataclasses.dataclass(frozen=True)
class Moments:
    """Count, mean and variance of each group of rows, as arrays of any shape.

    Attributes:
        n: Rows.
        mean: Their mean; NaN without rows.
        variance: Their variance with divisor n - 1; NaN with fewer than two.
    """

    n: Floats
    mean: Floats
    variance: Floats

    @classmethod
    def of(cls, scores: Floats, codes: Codes, levels: int) -> Moments:
        """The moments of each of `levels` groups; codes below 0 are left out."""
        kept = codes >= 0
        if not kept.all():
            scores, codes = scores[kept], codes[kept]
        n = np.bincount(codes, minlength=levels).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.bincount(codes, weights=scores, minlength=levels) / n
            rest = scores - mean[codes]
            variance = np.bincount(codes, weights=rest * rest, minlength=levels) / (n - 1)
        return cls(n, mean, np.where(n > 1, variance, np.nan))

    def shaped(self, shape: tuple[int, ...]) -> Moments:
        """The groups as a table."""
        return Moments(self.n.reshape(shape), self.mean.reshape(shape), self.variance.reshape(shape))

    def transposed(self) -> Moments:
        """A table of groups the other way round."""
        return Moments(self.n.T, self.mean.T, self.variance.T)

    def at(self, index: Index) -> Moments:
        """Some of the groups."""
        return Moments(np.asarray(self.n[index]), np.asarray(self.mean[index]), np.asarray(self.variance[index]))

    def pooled(self, index: Index) -> Moments:
        """Some of the groups taken together as one."""
        part = self.at(index)
        filled = part.n > 0
        n, mean = part.n[filled], part.mean[filled]
        variance = np.where(n > 1, part.variance[filled], 0.0)
        total = float(n.sum())
        middle = float((n * mean).sum() / total) if total else float("nan")
        squares = float(((n - 1) * variance).sum() + (n * (mean - middle) ** 2).sum())
        spread = squares / (total - 1) if total > 1 else float("nan")
        return Moments(np.array(total), np.array(middle), np.array(spread))


@dataclasses.dataclass(frozen=True)
class Contrast:
    """A weighted sum of independent means with its standard error.

    Attributes:
        value: The sum; positive where what was searched for is there.
        error: Its standard error.
        freedom: Degrees of freedom of the error, by Welch and Satterthwaite.
    """

    value: float
    error: float
    freedom: float

    @property
    def p(self) -> float:
        """One-sided: the chance of a value at least this large if the true one were not positive."""
        if not self.error > 0 or not np.isfinite(self.value):
            return 1.0
        return float(special.stdtr(self.freedom, -self.value / self.error))

    def signed(self, sign: float) -> Contrast:
        """The contrast as seen from the side that `sign` says: 1 leaves it, -1 turns it round."""
        return dataclasses.replace(self, value=sign * self.value)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        half = float(special.stdtrit(self.freedom, 0.975)) * self.error if self.error > 0 else 0.0
        return self.value - half, self.value + half


def contrast(groups: list[tuple[float, Moments]]) -> Contrast:
    """The sum of weight times mean.

    Of two errors the larger is taken: that with each group's own variance (Welch 1947), and that with the common
    one, which is not fooled by a group in which nothing varies.

    Args:
        groups: Weights with the moments of one group each; weights add up to 0.
    """
    weights = np.array([weight for weight, _ in groups])
    n = np.array([float(moments.n) for _, moments in groups])
    means = np.array([float(moments.mean) for _, moments in groups])
    variances = np.array([float(moments.variance) for _, moments in groups])
    if np.any(n < 2) or not np.all(np.isfinite(means)):  # noqa: PLR2004 - a variance needs two
        return Contrast(float("nan"), float("nan"), 1.0)
    parts = weights**2 * variances / n
    own = float(parts.sum())
    common = float(((n - 1) * variances).sum() / (n - 1).sum())
    shared = common * float((weights**2 / n).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        welch = own**2 / float((parts**2 / (n - 1)).sum()) if own > 0 else float(n.min() - 1)
    return Contrast(float(weights @ means), float(np.sqrt(max(own, shared))), max(1.0, welch))


def differences(one: Moments, others: Moments) -> list[Contrast]:
    """One group against each of several."""
    return [contrast([(1.0, one), (-1.0, others.at(place))]) for place in range(len(others.n))]
