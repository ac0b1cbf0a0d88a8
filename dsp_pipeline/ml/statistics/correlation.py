"""Associations between the columns of one complete block of rows.

A block holds only rows in which none of its columns is missing, so each figure is the pairwise-complete one.
"""

from __future__ import annotations

import dataclasses
import heapq
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from dsp_pipeline.ml.statistics.ranks import SINGLE_THREAD_PRODUCTS, dot, standardised
from dsp_pipeline.ml.statistics.significance import chi_squared_p, correlation_p

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

_LEAST_EXPECTED = 5.0
_EXACT_BELOW = 100.0
_EQUALLY_LIKELY = 1e-7
_TAIL_SHARE = 0.1
_STACKED_ROWS = 8_192


@dataclasses.dataclass(frozen=True)
class Standardised:
    """Numbers of one column scaled to mean 0 and mean square 1, with what the tests ask of their shape."""

    values: Floats
    skewness: float
    kurtosis: float


def standardise(values: Floats) -> Standardised | None:
    """The scaled values; None if they do not vary."""
    scaled = standardised(values)
    if scaled is None:
        return None
    squares = scaled * scaled
    count = len(scaled)
    return Standardised(scaled, dot(squares, scaled) / count, dot(squares, squares) / count - 3)


def correlation_matrix(left: list[Floats], right: list[Floats]) -> Floats:
    """Correlations between standardised columns, shape ``(len(left), len(right))``, within -1..1."""
    count = len(left[0])
    if min(len(left), len(right)) == 1:
        # BLAS multiplies by a vector in several threads however small the blocks are.
        return np.clip(np.array([[dot(a, b) for b in right] for a in left]) / count, -1, 1)
    products = np.zeros((len(left), len(right)))
    step = max(1, SINGLE_THREAD_PRODUCTS // products.size)
    for start in range(0, count, _STACKED_ROWS):
        rows = slice(start, start + _STACKED_ROWS)
        a, b = np.vstack([column[rows] for column in left]), np.vstack([column[rows] for column in right])
        for first in range(0, a.shape[1], step):
            products += a[:, first : first + step] @ b[:, first : first + step].T
    return np.asarray(np.clip(products / count, -1, 1))


def pearson_p(r: float, n: int, a: Standardised, b: Standardised) -> float | None:
    """The p of Pearson's r, or None where tails are too heavy for it to mean anything.

    Under independence the fourth moment of r exceeds the normal theory's by about ``k_a * k_b / (3 n)`` (Kendall &
    Stuart, vol. 2, 31.20); where the excess kurtoses or the skewnesses reach a tenth of n, one pair of extreme
    values decides, and Spearman's rho is the one to ask.
    """
    if max(a.kurtosis * b.kurtosis, abs(a.skewness * b.skewness)) > _TAIL_SHARE * n:
        return None
    return float(correlation_p(np.array(r), n))


def between_share(codes: Integers, values: Floats, levels: int) -> float:
    """The share of a standardised column's variance that lies between groups (eta squared), within 0..1.

    Args:
        codes: Each row's group from 0.
        values: Mean 0 and mean square 1.
        levels: Number of groups.
    """
    sums = np.bincount(codes, weights=values, minlength=levels)
    counts = np.bincount(codes, minlength=levels)
    present = counts > 0
    return float(min(1.0, np.sum(sums[present] ** 2 / counts[present]) / len(values)))


def kruskal_wallis_p(rank_share: float, n: int, groups: int) -> float:
    """The p of Kruskal and Wallis's test (1952): ``H = (n - 1) * eta^2`` of the ranks, corrected for ties.

    Valid for any shape of distribution, unlike the F test on small groups with heavy tails.
    """
    return chi_squared_p((n - 1) * rank_share, groups - 1)


@dataclasses.dataclass(frozen=True)
class CramersV:
    """Strength and p of the association of two columns of labels."""

    value: float
    p: float


def cramers_v(table: Integers) -> CramersV | None:
    """Cramér's V, bias-corrected after Bergsma (2013, J. Korean Stat. Soc. 42:323-328), and chi-squared's p.

    Where a cell of the table expects fewer than 5, p comes from the table with its rare labels taken together, so
    that the approximation holds (Cochran 1954): see `independence_p`.

    Args:
        table: Counts, one row and one column per label.

    Returns:
        None unless both columns have two labels at least.
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    rows, columns = table.shape
    n = int(table.sum())
    if min(rows, columns) < 2:  # noqa: PLR2004 - an association needs two labels on either side
        return None
    phi = max(0.0, chi_squared(table) / n - (rows - 1) * (columns - 1) / (n - 1))
    side = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1))
    value = float(np.sqrt(min(1.0, phi / (side - 1)))) if side > 1 else 0.0
    return CramersV(value, independence_p(table))


def independence_p(table: Integers) -> float:
    """The p of the test of independence on the table with its rare labels taken together.

    Chi-squared's, but for two by two tables that expect fewer than 100 somewhere: Fisher's exact test has those,
    since chi-squared's tails are too light there for the small p that many tests at once ask for.

    Args:
        table: Counts without empty rows or columns, two of each at least.
    """
    dense = grouped(table)
    expected = _expected(dense)
    if dense.shape == (2, 2) and expected.min() < _EXACT_BELOW:
        return fisher_exact_p(dense)
    degrees = (dense.shape[0] - 1) * (dense.shape[1] - 1)
    return chi_squared_p(float(np.sum((dense - expected) ** 2 / expected)), degrees)


def fisher_exact_p(table: Integers) -> float:
    """The chance of a two by two table no likelier than this one, given its margins (Fisher 1935)."""
    cell = np.unravel_index(np.argmin(_expected(table)), (2, 2))
    n = int(table.sum())
    row, column = int(table[cell[0]].sum()), int(table[:, cell[1]].sum())
    counts = np.arange(max(0, row + column - n), min(row, column) + 1)
    logs = _log_choose(row, counts) + _log_choose(n - row, column - counts) - _log_choose(n, np.array([column]))
    observed = logs[int(table[cell]) - counts[0]]
    return float(min(1.0, np.exp(logs[logs <= observed + _EQUALLY_LIKELY]).sum()))


def _log_choose(n: int, k: Integers) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def chi_squared(table: Integers) -> float:
    """Pearson's chi-squared of a table of counts without empty rows or columns; no continuity correction."""
    expected = _expected(table)
    return float(np.sum((table - expected) ** 2 / expected))


def _expected(table: Integers) -> Floats:
    return np.asarray(np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum())


def grouped(table: Integers) -> Integers:
    """The table with its rarest labels taken together, two at a time, until every cell expects at least 5.

    The side with more labels gives way first; at least two labels stay on either side.
    """
    rows = _Side(table.sum(axis=1))
    columns = _Side(table.sum(axis=0))
    total = table.sum()
    while rows.least * columns.least < _LEAST_EXPECTED * total and max(len(rows), len(columns)) > 2:  # noqa: PLR2004
        (rows if len(rows) >= len(columns) else columns).merge()
    return np.asarray(rows.membership() @ table @ columns.membership().T)


class _Side:
    """One margin of a table, kept as a heap of (total, first label, labels)."""

    def __init__(self, totals: Integers) -> None:
        self._labels = len(totals)
        self._heap = [(int(total), index, [index]) for index, total in enumerate(totals)]
        heapq.heapify(self._heap)

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def least(self) -> int:
        return self._heap[0][0]

    def merge(self) -> None:
        """Take the two rarest groups together."""
        one = heapq.heappop(self._heap)
        other = heapq.heappop(self._heap)
        heapq.heappush(self._heap, (one[0] + other[0], min(one[1], other[1]), one[2] + other[2]))

    def membership(self) -> Integers:
        """One row per group with a 1 for each of its labels."""
        matrix = np.zeros((len(self._heap), self._labels), dtype=np.int64)
        for row, (_, _, labels) in enumerate(sorted(self._heap, key=lambda group: group[1])):
            matrix[row, labels] = 1
        return matrix
