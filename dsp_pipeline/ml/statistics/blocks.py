"""Measures on whole blocks of rows: columns that miss the same rows form a group.

Every two groups give one block of rows that both have values in; all pairs across them are measured there at
once, each on the rows in which both columns have a value.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics import correlation
from dsp_pipeline.ml.statistics.information import theils_u
from dsp_pipeline.ml.statistics.measured import Measured
from dsp_pipeline.ml.statistics.ranks import average_ranks
from dsp_pipeline.ml.statistics.significance import correlation_p

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.statistics.arrays import Booleans, Floats
    from dsp_pipeline.ml.statistics.measured import Variable

FEWEST_ROWS = 5


@dataclasses.dataclass(frozen=True)
class Group:
    """Columns with values in just the same rows."""

    rows: Booleans
    numbers: list[Variable]
    labels: list[Variable]

    def __len__(self) -> int:
        return len(self.numbers) + len(self.labels)


def groups_of(variables: Sequence[Variable]) -> list[Group]:
    """The columns by the rows they have values in."""
    groups: dict[bytes, Group] = {}
    for variable in variables:
        rows = variable.codes >= 0
        group = groups.setdefault(np.packbits(rows).tobytes(), Group(rows, [], []))
        (group.labels if variable.numbers is None else group.numbers).append(variable)
    return list(groups.values())


def rankings(groups: Sequence[Group]) -> int:
    """How many times a column is ranked for `measure_all`."""
    sizes = [len(group) for group in groups]
    return sum(sizes) + sum(a + b for a, b in itertools.combinations(sizes, 2))


def measure_all(groups: Sequence[Group]) -> Iterator[Measured]:
    """Pearson's r, Spearman's rho, Cramér's V, Theil's U and the correlation ratio of all pairs they apply to."""
    for left, right in itertools.combinations_with_replacement(groups, 2):
        rows = left.rows if left is right else left.rows & right.rows
        n = int(rows.sum())
        if n >= FEWEST_ROWS:
            yield from _Block(left, right, rows, n).measure()


@dataclasses.dataclass(frozen=True)
class _Number:
    """A column of numbers within a block."""

    variable: Variable
    scaled: correlation.Standardised
    ranks: Floats

    @classmethod
    def of(cls, variable: Variable, rows: Booleans) -> _Number | None:
        """The column on these rows; None if it does not vary there."""
        numbers = variable.numbers
        scaled = None if numbers is None else correlation.standardise(numbers[rows])
        ranks = correlation.standardise(average_ranks(variable.codes, rows)) if scaled else None
        return cls(variable, scaled, ranks.values) if scaled and ranks else None


@dataclasses.dataclass(frozen=True)
class _Block:
    """Two groups (or one with itself) on the rows that both have values in."""

    left: Group
    right: Group
    rows: Booleans
    n: int

    def measure(self) -> Iterator[Measured]:
        """Each pair across the two groups."""
        yield from self._between_numbers()
        yield from self._between_labels()
        if self.left.labels:
            yield from self._mixed(self.left.labels, self.right_numbers)
        if self.right.labels and self.left is not self.right:
            yield from self._mixed(self.right.labels, self.left_numbers)

    @functools.cached_property
    def left_numbers(self) -> list[_Number]:
        """The left group's numbers on these rows, those that vary."""
        return self._numbers(self.left.numbers)

    @functools.cached_property
    def right_numbers(self) -> list[_Number]:
        """The right group's numbers on these rows, those that vary."""
        return self.left_numbers if self.left is self.right else self._numbers(self.right.numbers)

    def _numbers(self, variables: Sequence[Variable]) -> list[_Number]:
        found = (_Number.of(variable, self.rows) for variable in variables)
        return [number for number in found if number is not None]

    def _between_numbers(self) -> Iterator[Measured]:
        left, right = self.left_numbers, self.right_numbers
        if not left or not right:
            return
        plain = correlation.correlation_matrix([c.scaled.values for c in left], [c.scaled.values for c in right])
        ranked = correlation.correlation_matrix([c.ranks for c in left], [c.ranks for c in right])
        ranked_p = correlation_p(ranked, self.n)
        for (i, x), (j, y) in itertools.product(enumerate(left), enumerate(right)):
            if self.left is self.right and i >= j:
                continue
            if not (x.variable.is_temporal or y.variable.is_temporal):
                p = correlation.pearson_p(plain[i, j], self.n, x.scaled, y.scaled)
                yield self._of(x.variable, y.variable, "pearson", plain[i, j], p)
            yield self._of(x.variable, y.variable, "spearman", ranked[i, j], float(ranked_p[i, j]))

    def _between_labels(self) -> Iterator[Measured]:
        pairs = (
            itertools.combinations(self.left.labels, 2)
            if self.left is self.right
            else itertools.product(self.left.labels, self.right.labels)
        )
        for x, y in pairs:
            combined = x.codes[self.rows] * y.levels + y.codes[self.rows]
            table = np.bincount(combined, minlength=x.levels * y.levels).reshape(x.levels, y.levels)
            found = correlation.cramers_v(table)
            if found:
                yield self._of(x, y, "cramers_v", found.value, found.p)
                of_y, of_x = theils_u(table)
                yield self._of(y, x, "theils_u", of_y, found.p, keep_order=True)
                yield self._of(x, y, "theils_u", of_x, found.p, keep_order=True)

    def _mixed(self, labels: Sequence[Variable], numbers: Sequence[_Number]) -> Iterator[Measured]:
        for label in labels:
            codes = label.codes[self.rows]
            groups = int(np.count_nonzero(np.bincount(codes, minlength=label.levels)))
            if groups < 2:  # noqa: PLR2004 - a comparison needs two groups
                continue
            for number in numbers:
                share = correlation.between_share(codes, number.scaled.values, label.levels)
                ranked = correlation.between_share(codes, number.ranks, label.levels)
                p = correlation.kruskal_wallis_p(ranked, self.n, groups)
                yield self._of(label, number.variable, "correlation_ratio", float(np.sqrt(share)), p)

    def _of(
        self, x: Variable, y: Variable, measure: str, value: float, p: float | None, *, keep_order: bool = False
    ) -> Measured:
        first, second = x.position, y.position
        if first > second and not keep_order:
            first, second = second, first
        return Measured(first, second, measure, float(value), self.n, p)
