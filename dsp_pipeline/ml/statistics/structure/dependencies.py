"""Functional dependencies between two columns: exact ones, and such as hold but for a few rows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.structure import Dependency
from dsp_pipeline.ml.statistics.samples import sample_rows
from dsp_pipeline.ml.statistics.structure.codes import agreement_at_large, dense

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

MOST_DETERMINANTS = 100
MOST_DEPENDENCIES = 50
_SCREENED = 4_000
_MOST_CELLS = 4_000_000
_FEW_GROUPS = 200
_FEWEST_PAIRS = 30
_LEAST_AGREEMENT = 0.9
_LEAST_LIFT = 0.8
_MOST_DISTINCT_SHARE = 0.5
_MOST_COUNTED_ROWS = 40_000_000
_MOST_COUNTS = 300


@dataclasses.dataclass(frozen=True)
class Dependencies:
    """The dependencies that were found.

    Attributes:
        found: The most complete first, at most `MOST_DEPENDENCIES`.
        searched: How many determinants were tried, if not all there are.
    """

    found: list[Dependency]
    searched: int | None


def dependencies(
    table: pl.DataFrame, profiles: dict[str, ColumnProfile], names: Sequence[str], *, least_share: float, seed: int
) -> Dependencies:
    """The columns that follow from another one, in ``least_share`` of the rows that have both values at least.

    A determinant has two rows a value at least on average. A sample of whole groups of rows rules most pairs out
    by how often neighbours of one group agree; the likeliest others, at most 300, are counted in full.
    Dependents that are nearly always the same follow from anything: what counts is how much more often
    neighbours agree than any two rows.

    Args:
        table: The table.
        profiles: Its columns' profiles.
        names: The columns to look at, one of each group that goes one to one.
        least_share: The least share of rows in which an approximate dependency holds.
        seed: Of the sample.
    """
    varying = [name for name in names if profiles[name].distinct > 1]
    able = [name for name in varying if profiles[name].distinct <= _MOST_DISTINCT_SHARE * profiles[name].count]
    able.sort(key=lambda name: profiles[name].distinct)
    tried = able[:MOST_DETERMINANTS]
    likely = sorted(_candidates(table.select(varying), profiles, tried, seed))
    counts = min(_MOST_COUNTS, max(1, _MOST_COUNTED_ROWS // max(1, table.height)))
    made = (_count(table, determinant, dependent) for _, determinant, dependent in likely[:counts])
    found = [one for one in made if one is not None and one.share >= least_share]
    found.sort(key=lambda one: (-one.share, varying.index(one.determinant), varying.index(one.dependent)))
    return Dependencies(found[:MOST_DEPENDENCIES], len(tried) if len(tried) < len(able) else None)


def _candidates(
    table: pl.DataFrame, profiles: dict[str, ColumnProfile], tried: Sequence[str], seed: int
) -> Iterator[tuple[float, str, str]]:
    """How far neighbours in a group are from always agreeing, the determinant and the dependent."""
    names = table.columns
    wanted = min(_SCREENED, _MOST_CELLS // max(1, len(names)))
    codes = dense(table[sample_rows(table.height, wanted, seed)], names)
    at_large = np.array([agreement_at_large(row) for row in codes])
    step = table.height // wanted if wanted else 1
    cells = _MOST_CELLS * len(tried) // 2
    for determinant in tried:
        own = codes
        if profiles[determinant].distinct > _FEW_GROUPS and step > 1:
            whole = table.filter(table[determinant].hash(seed) % step == 0)
            cells -= whole.height * len(names)
            if cells < 0:
                continue
            own = dense(whole, names)
        for agreement, place in _agreeing(own, names.index(determinant), at_large):
            yield 1 - agreement, determinant, names[place]


def _agreeing(codes: Integers, determinant: int, at_large: Floats) -> Iterator[tuple[float, int]]:
    """The columns whose neighbours agree within groups of the determinant much more often than at large."""
    order = np.argsort(codes[determinant], kind="stable")
    groups = codes[determinant][order]
    first = order[:-1][(groups[1:] == groups[:-1]) & (groups[1:] >= 0)]
    second = order[1:][(groups[1:] == groups[:-1]) & (groups[1:] >= 0)]
    if len(first) < _FEWEST_PAIRS:
        return
    before, after = codes[:, first], codes[:, second]
    known = (before >= 0) & (after >= 0)
    pairs = known.sum(axis=1)
    agreement = ((before == after) & known).sum(axis=1) / np.maximum(pairs, 1)
    lift = (agreement - at_large) / np.maximum(1 - at_large, 1e-12)
    fitting = (pairs >= _FEWEST_PAIRS) & (agreement >= _LEAST_AGREEMENT) & (lift >= _LEAST_LIFT)
    for place in np.flatnonzero(fitting):
        if place != determinant:
            yield float(agreement[place]), int(place)


def _count(table: pl.DataFrame, determinant: str, dependent: str) -> Dependency | None:
    """The dependency over all rows that have both values."""
    counted = (
        table.lazy()
        .select(pl.col(determinant).alias("a"), pl.col(dependent).alias("b"))
        .drop_nulls()
        .group_by("a", "b")
        .len(name="rows")
        .group_by("a")
        .agg(pl.col("rows").max().alias("kept"), pl.col("rows").sum().alias("all"))
        .select(pl.col("kept").sum(), pl.col("all").sum())
        .collect()
        .row(0)
    )
    kept, n = int(counted[0]), int(counted[1])
    if not n:
        return None
    return Dependency(determinant=determinant, dependent=dependent, share=kept / n, exceptions=n - kept, n=n)
