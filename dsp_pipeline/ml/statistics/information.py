"""How much two columns of any kind tell about each other, whatever the form of the dependence.

Columns are cut into few classes; what follows rests on the table of counts of two columns' classes.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.correlation import chi_squared
from dsp_pipeline.ml.statistics.descriptive import entropy
from dsp_pipeline.ml.statistics.measured import Measured
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95, chi_squared_p

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from dsp_pipeline.ml.statistics.arrays import Integers
    from dsp_pipeline.ml.statistics.measured import Variable

MOST_CLASSES = 10
_ROWS_A_CELL = 10
_LEAST_EXPECTED = 5.0
_FEWEST_ROWS = 8


def mutual_information(table: Integers) -> float:
    """Mutual information in nats of a table of counts, as scikit-learn's ``mutual_info_score`` has it."""
    total = table.sum()
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    filled = table > 0
    cells = table[filled]
    expected = np.outer(rows, columns)[filled] / total
    return float(max(0.0, np.sum(cells * np.log(cells / expected)) / total))


def theils_u(table: Integers) -> tuple[float, float]:
    """Theil's uncertainty coefficients.

    The shares of entropy that rows explain of columns, and columns of rows.
    """
    nats = mutual_information(table)
    explained = [entropy(table.sum(axis=0)), entropy(table.sum(axis=1))]
    first, second = (min(1.0, nats / whole) if whole > 0 else 0.0 for whole in explained)
    return first, second


@dataclasses.dataclass(frozen=True)
class PermutationMoments:
    """Mean and variance of Pearson's chi-squared over all permutations of one column against the other."""

    mean: float
    variance: float

    @classmethod
    def of(cls, table: Integers) -> PermutationMoments:
        """Both, exactly, from the margins (Dawson 1954, Biometrika 41:280-281).

        Args:
            table: Counts without empty rows or columns, 4 or more in total.
        """
        n = float(table.sum())
        spread = [_margin(table.sum(axis=axis), n) for axis in (1, 0)]
        (v1, w1), (v2, w2) = spread
        rows, columns = table.shape
        mean = n * (rows - 1) * (columns - 1) / (n - 1)
        variance = 2 * n / (n - 3) * (v1 - w1) * (v2 - w2) + n**2 / (n - 1) * w1 * w2
        return cls(mean, variance)

    def p(self, statistic: float) -> float:
        """The chance of a value at least this large, by the scaled chi-squared with this mean and variance."""
        if not self.variance > 0:
            return 1.0
        return chi_squared_p(statistic * 2 * self.mean / self.variance, 2 * self.mean**2 / self.variance)


def _margin(totals: Integers, n: float) -> tuple[float, float]:
    classes = len(totals)
    v = (classes - 1) * (n - classes) / (n - 1)
    w = (float(np.sum(1 / totals)) - classes**2 / n) / (n - 2) * n
    return v, w


@dataclasses.dataclass(frozen=True)
class Classes:
    """A column cut into few classes.

    Attributes:
        position: The column's place among the columns that are measured.
        codes: Each row's class; `count` where missing.
        count: Number of classes.
    """

    position: int
    codes: npt.NDArray[np.int16]
    count: int

    @classmethod
    def of(cls, variable: Variable) -> Classes:
        """Classes of about equally many rows: ranges of numbers, or common labels and all others.

        There are at most `MOST_CLASSES`, few enough for 10 rows a cell of a table of two such columns; each has
        half an equal share of the rows at least, as far as ties allow.
        """
        present = variable.codes[variable.codes >= 0]
        counts = np.bincount(present) if len(present) else np.zeros(1, dtype=np.int64)
        most = int(np.clip((len(present) / _ROWS_A_CELL) ** 0.5, 2, MOST_CLASSES))
        class_of = _ranges(counts, most) if variable.numbers is not None else _common(counts, most)
        count = int(class_of.max()) + 1
        # The last entry is what code -1, a missing value, finds.
        codes = np.append(class_of, count).astype(np.int16)[variable.codes]
        return cls(variable.position, codes, count)


def _ranges(counts: Integers, most: int) -> Integers:
    """The class of each distinct value in ascending order."""
    total = counts.sum()
    middles = (np.cumsum(counts) - counts / 2) / max(1, total)
    wanted = np.minimum((middles * most).astype(np.int64), most - 1)
    sizes = np.bincount(wanted, weights=counts, minlength=most)
    merged = np.zeros(most, dtype=np.int64)
    held = 0.0
    for place in range(1, most):
        held += sizes[place - 1]
        enough = held >= total / (2 * most) and sizes[place:].sum() >= total / (2 * most)
        merged[place] = merged[place - 1] + enough
        held = 0.0 if enough else held
    return np.asarray(np.unique(merged[wanted], return_inverse=True)[1])


def _common(counts: Integers, most: int) -> Integers:
    """The class of each label, the labels ordered from the commonest.

    Labels as common as the first one left out are left out too, so that names decide nothing. Where that leaves
    none, labels stay as they are if there are not too many; else they are all one class, which tells nothing.
    """
    kept = int((counts[: most - 1] >= counts.sum() / (2 * most)).sum())
    while kept and kept < len(counts) and counts[kept - 1] == counts[kept]:
        kept -= 1
    if not kept and len(counts) <= 2 * most:
        return np.arange(len(counts))
    return np.minimum(np.arange(len(counts)), kept)


def informed_pairs(variables: Sequence[Variable], *, rows: int) -> Iterator[Measured]:
    """Mutual information of every two columns, with its p under permutation.

    p is that of chi-squared on the same classes, small ones taken together until each cell expects 5, against
    its exact permutation moments; None where even two by two classes expect fewer.

    Args:
        variables: The columns on the rows that are counted.
        rows: How many rows the table has; where that is more, the error is stated.
    """
    cut = [Classes.of(variable) for variable in variables]
    for a, b in itertools.combinations([classes for classes in cut if classes.count > 1], 2):
        table = _table(a, b)
        n = int(table.sum())
        if n < _FEWEST_ROWS or min(table.shape) < 2:  # noqa: PLR2004 - nothing varies together
            continue
        nats = mutual_information(table)
        error = _sampling_error(table, nats) if len(a.codes) < rows else None
        yield Measured(a.position, b.position, "mutual_information", nats, n, permutation_p(table), error)


def _sampling_error(table: Integers, nats: float) -> float:
    """Half a 95 % interval by the delta method, and the bias of a sample (Miller 1955)."""
    n = table.sum()
    filled = table > 0
    shares = table[filled] / n
    logs = np.log(shares / (np.outer(table.sum(axis=1), table.sum(axis=0))[filled] / n**2))
    variance = max(0.0, float(np.sum(shares * logs**2)) - nats**2)
    degrees = (table.shape[0] - 1) * (table.shape[1] - 1)
    return float(TWO_SIDED_95 * np.sqrt(variance / n) + degrees / (2 * n))


def _table(a: Classes, b: Classes) -> Integers:
    stride = b.count + 1
    counts = np.bincount(a.codes * np.int16(stride) + b.codes, minlength=(a.count + 1) * stride)
    table = counts.reshape(a.count + 1, stride)[:-1, :-1]
    return np.asarray(table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0])


def permutation_p(table: Integers) -> float | None:
    """The p of independence under permutation; None where the table is too thin to tell."""
    least = float(table.sum(axis=1).min()) * float(table.sum(axis=0).min()) / float(table.sum())
    return None if least < _LEAST_EXPECTED else PermutationMoments.of(table).p(chi_squared(table))
