"""How strongly each two columns go together, with the false discovery rate over all pairs.

Columns that miss the same rows form a group; every two groups give one complete block of rows, in which all their
pairs are measured at once.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Association
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics import correlation
from dsp_pipeline.ml.statistics.descriptive import entropy_bits
from dsp_pipeline.ml.statistics.ranks import average_ranks, dense_codes
from dsp_pipeline.ml.statistics.significance import benjamini_hochberg, correlation_p

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Booleans, Column, Floats, Integers

MOST_COLUMNS = 100
FEWEST_ROWS = 5
_MOST_WORK = 60_000_000
_FEWEST_SAMPLED = 5_000


@dataclasses.dataclass(frozen=True)
class Associations:
    """All pairs measured, and what was left out to bound the cost.

    Attributes:
        pairs: In the table's order of columns, each with its measures.
        left_out: Columns that could have been measured, beyond the first `MOST_COLUMNS` most variable ones.
        sampled_rows: How many rows were looked at, if not all.
    """

    pairs: list[Association]
    left_out: list[str]
    sampled_rows: int | None


@dataclasses.dataclass(frozen=True)
class _Variable:
    """A column ready to be measured: codes of labels, or numbers with the codes of their ranks; -1 is missing."""

    name: str
    position: int
    codes: Integers
    numbers: Floats | None
    levels: int


@dataclasses.dataclass(frozen=True)
class _Group:
    """Columns with values in just the same rows."""

    rows: Booleans
    numbers: list[_Variable]
    labels: list[_Variable]


def associate(columns: Sequence[Column], profiles: dict[str, ColumnProfile], *, seed: int) -> Associations:
    """The associations of a table's columns.

    Two columns of numbers (points in time included, by Spearman only) get Pearson's r and Spearman's rho, two of
    labels Cramér's V, mixed ones the correlation ratio. Constant, empty, text and identifier columns have none.

    Args:
        columns: The table's columns.
        profiles: Their profiles; histograms and counts decide which columns vary most.
        seed: For the sample of rows that is taken where ranking all would cost too much.
    """
    eligible = [column for column in columns if _is_eligible(column, profiles[column.name])]
    kept = _most_variable(eligible, profiles)
    left_out = [column.name for column in eligible if column not in kept]
    variables = [_variable(column, position) for position, column in enumerate(kept)]
    groups = _groups(variables)
    rows = len(columns[0].series) if columns else 0
    sample = _affordable_rows(groups, rows)
    if sample < rows:
        chosen = np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))
        groups = _groups([_restricted(variable, chosen) for variable in variables])
    temporal = {column.name for column in kept if column.is_temporal}
    found = [found for block in _blocks(groups) for found in block.associations(temporal)]
    found.sort(key=lambda item: item[0])
    pairs = [association for _, association in found]
    adjusted = benjamini_hochberg([association.p for association in pairs])
    pairs = [pair.model_copy(update={"q": q}) for pair, q in zip(pairs, adjusted, strict=True)]
    return Associations(pairs, left_out, sample if sample < rows else None)


def _is_eligible(column: Column, profile: ColumnProfile) -> bool:
    if column.kind in {ColumnKind.EMPTY, ColumnKind.CONSTANT, ColumnKind.TEXT, ColumnKind.IDENTIFIER}:
        return False
    return profile.distinct > 1 and profile.count >= FEWEST_ROWS


def _most_variable(columns: list[Column], profiles: dict[str, ColumnProfile]) -> list[Column]:
    """At most `MOST_COLUMNS`, by bits of information a row: entropy times the share of rows with a value."""
    if len(columns) <= MOST_COLUMNS:
        return columns

    def bits(column: Column) -> float:
        profile = profiles[column.name]
        counts = profile.histogram.counts if profile.histogram else [top.count for top in profile.top_values]
        return entropy_bits(np.array(counts or [1])) * profile.count / (profile.count + profile.missing)

    best = sorted(range(len(columns)), key=lambda index: (-bits(columns[index]), index))[:MOST_COLUMNS]
    return [columns[index] for index in sorted(best)]


def _variable(column: Column, position: int) -> _Variable:
    if column.has_numbers or column.is_temporal or column.is_time_of_day:
        numbers = column.finite
        return _Variable(column.name, position, dense_codes(numbers), numbers, 0)
    codes = column.levels.lumped(correlation.MOST_LEVELS)
    return _Variable(column.name, position, codes, None, min(len(column.levels.names), correlation.MOST_LEVELS))


def _restricted(variable: _Variable, rows: Integers) -> _Variable:
    numbers = None if variable.numbers is None else variable.numbers[rows]
    return dataclasses.replace(variable, codes=variable.codes[rows], numbers=numbers)


def _groups(variables: Sequence[_Variable]) -> list[_Group]:
    groups: dict[bytes, _Group] = {}
    for variable in variables:
        rows = variable.codes >= 0
        group = groups.setdefault(np.packbits(rows).tobytes(), _Group(rows, [], []))
        (group.labels if variable.numbers is None else group.numbers).append(variable)
    return list(groups.values())


def _affordable_rows(groups: Sequence[_Group], rows: int) -> int:
    """How many rows may be ranked anew for every two groups within the bound on work."""
    sizes = [len(group.numbers) + len(group.labels) for group in groups]
    rankings = sum(sizes) + sum(a + b for a, b in itertools.combinations(sizes, 2))
    return rows if rankings * rows <= _MOST_WORK else min(rows, max(_FEWEST_SAMPLED, _MOST_WORK // rankings))


@dataclasses.dataclass(frozen=True)
class _Block:
    """Two groups (or one with itself) on the rows that both have values in."""

    left: _Group
    right: _Group
    rows: Booleans
    n: int

    def associations(self, temporal: set[str]) -> Iterator[tuple[tuple[int, int, int], Association]]:
        """Each pair across the two groups, with the key to sort by."""
        yield from self._between_numbers(temporal)
        yield from self._between_labels()
        if self.left.labels:
            yield from self._mixed(self.left.labels, self.right_numbers)
        if self.right.labels and self.left is not self.right:
            yield from self._mixed(self.right.labels, self.left_numbers)

    @functools.cached_property
    def left_numbers(self) -> list[_Measured]:
        """The left group's numbers on these rows, those that vary."""
        return self._numbers(self.left.numbers)

    @functools.cached_property
    def right_numbers(self) -> list[_Measured]:
        """The right group's numbers on these rows, those that vary."""
        return self.left_numbers if self.left is self.right else self._numbers(self.right.numbers)

    def _between_numbers(self, temporal: set[str]) -> Iterator[tuple[tuple[int, int, int], Association]]:
        left, right = self.left_numbers, self.right_numbers
        if not left or not right:
            return
        plain = correlation.correlation_matrix([c.scaled.values for c in left], [c.scaled.values for c in right])
        ranked = correlation.correlation_matrix([c.ranks for c in left], [c.ranks for c in right])
        ranked_p = correlation_p(ranked, self.n)
        for (i, a), (j, b) in itertools.product(enumerate(left), enumerate(right)):
            if self.left is self.right and i >= j:
                continue
            if not {a.variable.name, b.variable.name} & temporal:
                p = correlation.pearson_p(plain[i, j], self.n, a.scaled, b.scaled)
                yield self._association(a.variable, b.variable, "pearson", 0, plain[i, j], p)
            yield self._association(a.variable, b.variable, "spearman", 1, ranked[i, j], float(ranked_p[i, j]))

    def _between_labels(self) -> Iterator[tuple[tuple[int, int, int], Association]]:
        pairs = (
            itertools.combinations(self.left.labels, 2)
            if self.left is self.right
            else itertools.product(self.left.labels, self.right.labels)
        )
        for a, b in pairs:
            combined = a.codes[self.rows] * b.levels + b.codes[self.rows]
            table = np.bincount(combined, minlength=a.levels * b.levels).reshape(a.levels, b.levels)
            found = correlation.cramers_v(table)
            if found:
                yield self._association(a, b, "cramers_v", 2, found.value, found.p)

    def _mixed(
        self, labels: Sequence[_Variable], numbers: Sequence[_Measured]
    ) -> Iterator[tuple[tuple[int, int, int], Association]]:
        for label in labels:
            codes = label.codes[self.rows]
            groups = int(np.count_nonzero(np.bincount(codes, minlength=label.levels)))
            if groups < 2:  # noqa: PLR2004 - a comparison needs two groups
                continue
            for number in numbers:
                share = correlation.between_share(codes, number.scaled.values, label.levels)
                ranked = correlation.between_share(codes, number.ranks, label.levels)
                p = correlation.kruskal_wallis_p(ranked, self.n, groups)
                yield self._association(label, number.variable, "correlation_ratio", 3, float(np.sqrt(share)), p)

    def _numbers(self, variables: Sequence[_Variable]) -> list[_Measured]:
        found = (_Measured.of(variable, self.rows) for variable in variables)
        return [measured for measured in found if measured is not None]

    def _association(
        self, a: _Variable, b: _Variable, measure: str, order: int, value: float, p: float | None
    ) -> tuple[tuple[int, int, int], Association]:
        first, second = (a, b) if a.position < b.position else (b, a)
        made = Association(a=first.name, b=second.name, measure=measure, value=float(value), n=self.n, p=p, q=None)
        return (first.position, second.position, order), made


@dataclasses.dataclass(frozen=True)
class _Measured:
    """A column of numbers within a block."""

    variable: _Variable
    scaled: correlation.Standardised
    ranks: Floats

    @classmethod
    def of(cls, variable: _Variable, rows: Booleans) -> _Measured | None:
        """The column on these rows; None if it does not vary there."""
        numbers = variable.numbers
        scaled = None if numbers is None else correlation.standardise(numbers[rows])
        ranks = correlation.standardise(average_ranks(variable.codes, rows)) if scaled else None
        return cls(variable, scaled, ranks.values) if scaled and ranks else None


def _blocks(groups: Sequence[_Group]) -> Iterator[_Block]:
    for left, right in itertools.combinations_with_replacement(groups, 2):
        rows = left.rows if left is right else left.rows & right.rows
        n = int(rows.sum())
        if n >= FEWEST_ROWS:
            yield _Block(left, right, rows, n)
