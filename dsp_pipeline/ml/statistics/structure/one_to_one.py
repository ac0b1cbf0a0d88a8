"""Columns that go one to one: each value of one with one value of the other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.ml.statistics.samples import sample_rows
from dsp_pipeline.ml.statistics.structure.codes import dense, first_places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.artifacts.profile import ColumnProfile

_SCREENED = 4_000
_MOST_CELLS = 8_000_000
_MOST_DISTINCT_SHARE = 0.5


def one_to_one(table: pl.DataFrame, profiles: Mapping[str, ColumnProfile], *, seed: int) -> list[list[str]]:
    """The groups of two columns or more, each in the table's order; gaps go with gaps.

    Columns whose values mostly occur once have no part: that each goes with one value of any other is their
    nature. A sample of rows brings together what may go one to one; all rows confirm it.

    Args:
        table: The table.
        profiles: Its columns' profiles.
        seed: Of the sample of rows.
    """
    names = [
        name
        for name in table.columns
        if 1 < profiles[name].distinct <= _MOST_DISTINCT_SHARE * profiles[name].count
    ]
    if not names:
        return []
    few = sample_rows(table.height, min(_SCREENED, max(50, _MOST_CELLS // len(names))), seed)
    alike: dict[tuple[int, int, bytes], list[str]] = defaultdict(list)
    for name, codes in zip(names, dense(table[few], names), strict=True):
        profile = profiles[name]
        alike[profile.distinct, profile.missing, first_places(codes).tobytes()].append(name)
    groups = [group for group in alike.values() if len(group) > 1]
    return groups if len(few) == table.height else [sure for group in groups for sure in _confirmed(table, group)]


def _confirmed(table: pl.DataFrame, names: list[str]) -> list[list[str]]:
    """The parts of a group that go one to one in all rows."""
    parts: list[list[str]] = []
    for name in names:
        for part in parts:
            if _go_together(table, part[0], name):
                part.append(name)
                break
        else:
            parts.append([name])
    return [part for part in parts if len(part) > 1]


def _go_together(table: pl.DataFrame, a: str, b: str) -> bool:
    pairs, first, second = table.select(
        pl.struct(a, b).n_unique().alias("pairs"), pl.col(a).n_unique().alias("a"), pl.col(b).n_unique().alias("b")
    ).row(0)
    return bool(pairs == first == second)
