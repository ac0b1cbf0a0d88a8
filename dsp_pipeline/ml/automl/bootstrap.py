"""The bootstrap: what rows' figures add up to when the rows had been drawn otherwise (Efron 1979).

Above 1,000 rows (or clusters), shuffled blocks of them are drawn instead of single ones: the sums of blocks are
all that a mean, or a ratio of means, needs.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Floats, Ints

_RESAMPLES = 1_000
_MAX_UNITS = 1_000
LEVELS = (0.025, 0.975)
"""The ends of a 95 % interval."""


@dataclasses.dataclass(frozen=True)
class Resamples:
    """Draws with replacement, the same for everything that is measured on one set of rows.

    Attributes:
        codes: Which unit each row is drawn with.
        weights: How often each unit was drawn, shape (resamples, units).
    """

    codes: Ints
    weights: Floats

    @classmethod
    def of(cls, rows: int, clusters: Ints | None, seed: int) -> Resamples:
        """Draws of so many rows.

        Args:
            rows: How many there are.
            clusters: Rows with one number are drawn together; None draws rows.
            seed: Of the draws.
        """
        rng = np.random.default_rng([seed, 7])
        units = clusters if clusters is not None else rng.permutation(rows)
        _, codes = np.unique(units, return_inverse=True)
        if codes.max() >= _MAX_UNITS:
            codes = rng.permutation(int(codes.max()) + 1)[codes] % _MAX_UNITS
        count = int(codes.max()) + 1
        return cls(codes, _drawn(rng, count).astype(np.float64))

    def sums(self, columns: Floats) -> Floats:
        """What columns of rows' figures, shape (rows, columns), add up to in each draw: (resamples, columns)."""
        return np.asarray(self.weights @ np.column_stack([np.bincount(self.codes, each) for each in columns.T]))

    def counts(self) -> Floats:
        """How many rows each draw has."""
        return np.asarray(self.weights @ np.bincount(self.codes).astype(np.float64))

    def mean_intervals(self, columns: Floats) -> tuple[Floats, Floats]:
        """The 95 % intervals of the columns' means."""
        low, high = np.quantile(self.sums(columns) / self.counts()[:, None], LEVELS, axis=0)
        return low, high

    def mean_interval(self, rows: Floats) -> tuple[float, float]:
        """The 95 % interval of the mean of rows' figures."""
        low, high = self.mean_intervals(rows[:, None])
        return float(low[0]), float(high[0])

    def ratio_intervals(self, sums: Floats, counts: Floats) -> tuple[Floats, Floats]:
        """The 95 % intervals of ratios of sums, column by column; NaN where a draw may leave a column nothing."""
        over = self.sums(counts)
        ratios = np.divide(self.sums(sums), over, out=np.full_like(over, np.nan), where=over > 0)
        low, high = np.quantile(ratios, LEVELS, axis=0)
        return low, high


def _drawn(rng: np.random.Generator, count: int) -> Ints:
    """How often each of so many units is drawn, shape (resamples, units)."""
    # A seventh of what NumPy's multinomial takes, which draws a binomial for each unit.
    cells = rng.integers(0, count, (_RESAMPLES, count)) + np.arange(0, _RESAMPLES * count, count)[:, None]
    return np.bincount(cells.ravel(), minlength=_RESAMPLES * count).reshape(_RESAMPLES, count)
