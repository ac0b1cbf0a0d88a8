"""What is left of a correlation when the column that could explain it is held constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.measured import Measured
from dsp_pipeline.ml.statistics.ranks import dot, standardised
from dsp_pipeline.ml.statistics.significance import correlation_p

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.statistics.arrays import Floats
    from dsp_pipeline.ml.statistics.measured import Variable

_A_COPY = 0.98
_LEAST_LINK = 0.1
_MOST_WORK = 100_000_000
_FEWEST_ROWS = 8


def partial_correlation(r_ab: float, r_ac: float, r_bc: float) -> float:
    """Pearson's r of a and b with c held constant (Yule 1907), within -1..1."""
    explained = (1 - r_ac**2) * (1 - r_bc**2)
    return float(np.clip((r_ab - r_ac * r_bc) / np.sqrt(explained), -1, 1))


def partials(
    variables: Sequence[Variable], pairs: Sequence[tuple[int, int]], pearson: Sequence[Measured]
) -> Iterator[Measured]:
    """The partial correlation of each of these pairs given its strongest confounder.

    That is the column with the largest product of its correlations with both, each 0.1 at least, and neither so
    large (0.98) that it is a copy. Pairs without one yield nothing. All three correlations are taken on the rows
    that have all three values.

    Args:
        variables: All columns that were measured, by position.
        pairs: The pairs to look at, the most interesting first; the last ones are left out where rows are so
            many that looking at all would cost too much.
        pearson: All of Pearson's correlations.
    """
    matrix = np.full((len(variables), len(variables)), np.nan)
    for figure in pearson:
        matrix[figure.a, figure.b] = matrix[figure.b, figure.a] = figure.value
    n_of = {figure.pair: figure.n for figure in pearson}
    work = 0
    for a, b in pairs:
        c = _confounder(matrix, a, b)
        if c is None:
            continue
        counts = {n_of[_ascending(*two)] for two in ((a, b), (a, c), (b, c))}
        rows = np.all([variables[k].codes >= 0 for k in (a, b, c)], axis=0)
        n = int(rows.sum())
        if n < _FEWEST_ROWS:
            continue
        if counts == {n}:
            r = matrix[a, b], matrix[a, c], matrix[b, c]
        else:
            work += n
            found = _correlations([variables[k] for k in (a, b, c)], rows) if work <= _MOST_WORK else None
            if found is None:
                continue
            r = found
        if max(abs(r[1]), abs(r[2])) >= _A_COPY:
            continue
        value = partial_correlation(*r)
        # One column held constant takes one degree of freedom: n - 3, as if there were one row fewer.
        p = float(correlation_p(np.array(value), n - 1))
        yield Measured(a, b, "partial_pearson", value, n, p, given=c)


def _ascending(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _confounder(matrix: Floats, a: int, b: int) -> int | None:
    with_a, with_b = np.abs(matrix[a]), np.abs(matrix[b])
    eligible = (np.minimum(with_a, with_b) >= _LEAST_LINK) & (np.maximum(with_a, with_b) < _A_COPY)
    eligible[[a, b]] = False
    if not eligible.any():
        return None
    return int(np.argmax(np.where(eligible, with_a * with_b, -1)))


def _correlations(variables: Sequence[Variable], rows: Floats) -> tuple[float, float, float] | None:
    scaled = [standardised(v.numbers[rows]) if v.numbers is not None else None for v in variables]
    a, b, c = scaled
    if a is None or b is None or c is None:
        return None
    n = len(a)
    return dot(a, b) / n, dot(a, c) / n, dot(b, c) / n
