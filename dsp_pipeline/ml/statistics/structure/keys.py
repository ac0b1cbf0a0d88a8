"""Columns, and pairs of columns, that identify rows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.samples import sample_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Column

MOST_KEYS = 10
_MOST_PARTS = 12
_SCREENED = 5_000
_GROUPED = 50_000
_FEWEST_ROWS = 10
_EXPECTED_REPEATS = 10


def candidate_keys(
    table: pl.DataFrame, columns: Sequence[Column], profiles: dict[str, ColumnProfile], *, seed: int
) -> list[list[str]]:
    """The minimal sets of one or two columns without gaps whose values differ between all rows.

    There are at most `MOST_KEYS`. Measurements are left out: that all are different is their nature. Pairs are
    looked for among the twelve columns with most distinct values, where independent columns of as many values
    would repeat some pairs: that pairs of nearly unique columns are unique says nothing.

    Args:
        table: The table.
        columns: Its columns.
        profiles: Their profiles.
        seed: Of the sample that rules most pairs out.
    """
    rows = table.height
    if rows < _FEWEST_ROWS:
        return []
    complete = [
        column.name
        for column in columns
        if profiles[column.name].missing == 0 and profiles[column.name].distinct > 1 and _may_identify(column)
    ]
    single = [name for name in complete if profiles[name].distinct == rows]
    parts = sorted(set(complete) - set(single), key=lambda name: (-profiles[name].distinct, complete.index(name)))
    pairs = [
        sorted(pair, key=complete.index)
        for pair in itertools.combinations(parts[:_MOST_PARTS], 2)
        if _tells(profiles[pair[0]].distinct * profiles[pair[1]].distinct, rows)
    ]
    few = table[sample_rows(rows, _SCREENED, seed)]
    double = [pair for pair in pairs if _is_key(few, pair)]
    found = [[name] for name in single]
    for pair in double:
        if len(found) >= MOST_KEYS:
            break
        if few.height == rows or (_is_key(_whole_groups(table, pair, seed), pair) and _is_key(table, pair)):
            found.append(pair)
    return found[:MOST_KEYS]


def _whole_groups(table: pl.DataFrame, names: list[str], seed: int) -> pl.DataFrame:
    """All rows of some of the first column's values: where a pair repeats, it repeats there."""
    step = max(1, table.height // _GROUPED)
    return table.select(names).filter(pl.col(names[0]).hash(seed) % step == 0)


def _tells(combinations: int, rows: int) -> bool:
    """Whether combinations are enough for all rows, but too few for independent columns not to repeat some."""
    return rows <= combinations <= rows**2 / 2 / _EXPECTED_REPEATS


def _may_identify(column: Column) -> bool:
    measures = {ColumnKind.CONTINUOUS, ColumnKind.BOOLEAN, ColumnKind.CONSTANT, ColumnKind.EMPTY}
    return column.kind not in measures and not column.series.dtype.is_float()


def _is_key(frame: pl.DataFrame, names: list[str]) -> bool:
    return frame.select(names).n_unique() == frame.height
