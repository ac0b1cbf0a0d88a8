"""Kendall's tau-b of all pairs of columns at once.

The signs of the differences between all pairs of rows make a matrix; its product with itself counts concordant
minus discordant pairs for every two columns. Rows are sampled where there are more than can be compared.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.measured import Measured
from dsp_pipeline.ml.statistics.ranks import SINGLE_THREAD_PRODUCTS
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95, normal_p

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats, Integers
    from dsp_pipeline.ml.statistics.measured import Variable

MOST_ROWS = 2_000
FEWEST_SAMPLED = 1_000
_MOST_PRODUCTS = 3e9
_FEWEST_PAIRS = 5


def rows_to_compare(columns: int, rows: int) -> int:
    """How many rows may be compared with each other within the bound on work."""
    affordable = int((2 * _MOST_PRODUCTS) ** 0.5 / max(1, columns))
    return min(rows, max(FEWEST_SAMPLED, min(MOST_ROWS, affordable)))


def kendall(variables: Sequence[Variable], *, rows: int) -> Iterator[Measured]:
    """Tau-b of every two columns on the rows that have both values, with its p by the normal approximation.

    Args:
        variables: Columns of numbers or points in time, on the rows that are compared.
        rows: How many rows the table has. Where that is more than were compared, the error is half a 95 % interval
            by the greatest variance that tau of a sample has, ``2 (1 - tau^2) / n`` (Kendall & Gibbons 1990,
            Rank Correlation Methods, ch. 5).
    """
    if len(variables) < 2:  # noqa: PLR2004 - a pair
        return
    codes = np.vstack([variable.codes for variable in variables])
    tau, balance = _taus(codes)
    present = codes >= 0
    sampled = codes.shape[1] < rows
    whole = [_Ties.of(row[mask]) for row, mask in zip(codes, present, strict=True)]
    for i, j in itertools.combinations(range(len(variables)), 2):
        if np.isnan(tau[i, j]):
            continue
        both = present[i] & present[j]
        n = int(both.sum())
        if n < _FEWEST_PAIRS:
            continue
        ties = [whole[k] if n == whole[k].n else _Ties.of(codes[k][both]) for k in (i, j)]
        error = TWO_SIDED_95 * float(np.sqrt(2 * (1 - tau[i, j] ** 2) / n)) if sampled else None
        p = _p(float(balance[i, j]), *ties)
        first, second = variables[i].position, variables[j].position
        yield Measured(first, second, "kendall", float(tau[i, j]), n, p, error)


def _taus(codes: Integers) -> tuple[Floats, Floats]:
    """Tau-b and concordant minus discordant pairs, each of shape (columns, columns)."""
    count, rows = codes.shape
    values = np.where(codes >= 0, codes, np.nan).astype(np.float32)
    gaps = bool((codes < 0).any())
    balance, untied = np.zeros((count, count)), np.zeros((count, count))
    width = max(1, SINGLE_THREAD_PRODUCTS // count**2)
    for offset in range(1, rows):
        differences = values[:, offset:] - values[:, :-offset]
        known = ~np.isnan(differences)
        signs = np.sign(np.where(known, differences, 0) if gaps else differences)
        for start in range(0, rows - offset, width):
            block = signs[:, start : start + width]
            balance += block @ block.T
            if gaps:
                untied += np.abs(block) @ known[:, start : start + width].T.astype(np.float32)
        if not gaps:
            untied += np.count_nonzero(signs, axis=1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = balance / np.sqrt(untied * untied.T)
    return np.clip(tau, -1, 1), balance


class _Ties:
    """What the variance of tau asks of one column's ties."""

    def __init__(self, n: int, pairs: float, triples: float, weighted: float) -> None:
        self.n, self.pairs, self.triples, self.weighted = n, pairs, triples, weighted

    @classmethod
    def of(cls, codes: Integers) -> _Ties:
        counts = np.unique(codes, return_counts=True)[1].astype(np.float64)
        steps = counts * (counts - 1)
        return cls(
            len(codes),
            float(steps.sum()) / 2,
            float((steps * (counts - 2)).sum()),
            float((steps * (2 * counts + 5)).sum()),
        )


def _p(balance: float, x: _Ties, y: _Ties) -> float:
    """Two-sided p of concordant minus discordant pairs, its variance corrected for ties (Kendall & Gibbons, ch.

    4).
    """
    n = x.n
    pairs = n * (n - 1.0)
    variance = (
        (pairs * (2 * n + 5) - x.weighted - y.weighted) / 18
        + 2 * x.pairs * y.pairs / pairs
        + x.triples * y.triples / (9 * pairs * (n - 2))
    )
    return normal_p(balance / variance**0.5) if variance > 0 else 1.0
