"""Functional dependencies between two columns: exact ones, and such as hold but for a few rows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.structure import Dependency
from dsp_pipeline.ml.statistics.structure.codes import dense, sample_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Floats, Integers

MOST_DETERMINANTS = 100
MOST_DEPENDENCIES = 50
_SCREENED = 4_000
_FEW_GROUPS = 200
_FEWEST_PAIRS = 30
_LEAST_AGREEMENT = 0.9
_LEAST_LIFT = 0.8
_MOST_DISTINCT_SHARE = 0.5


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
    table: pl.DataFrame, profiles: dict[str, ColumnProfile], *, least_share: float, seed: int
) -> Dependencies:
    """The columns that follow from another one, in ``least_share`` of the rows that have both values at least.

    A determinant has two rows a value at least on average. A sample of whole groups of rows rules most pairs out
    by how often neighbours of one group agree; the others are counted in full. Dependents that are nearly always
    the same follow from anything: what counts is how much more often neighbours agree than any two rows.

    Args:
        table: The table.
        profiles: Its columns' profiles.
        least_share: The least share of rows in which an approximate dependency holds.
        seed: Of the sample.
    """
    varying = [name for name, profile in profiles.items() if profile.distinct > 1]
    able = [name for name in varying if profiles[name].distinct <= _MOST_DISTINCT_SHARE * profiles[name].count]
    able.sort(key=lambda name: profiles[name].distinct)
    tried = able[:MOST_DETERMINANTS]
    found: list[Dependency] = []
    few = table[sample_rows(table.height, _SCREENED, seed)].select(varying)
    for determinant in tried:
        frame = few if profiles[determinant].distinct <= _FEW_GROUPS else _whole_groups(table, determinant, seed)
        for dependent in _likely(frame.select(varying), determinant, varying):
            made = _count(table, determinant, dependent)
            if made and made.share >= least_share:
                found.append(made)
    found.sort(key=lambda made: (-made.share, varying.index(made.determinant), varying.index(made.dependent)))
    return Dependencies(found[:MOST_DEPENDENCIES], len(tried) if len(tried) < len(able) else None)


def _whole_groups(table: pl.DataFrame, name: str, seed: int) -> pl.DataFrame:
    """About `_SCREENED` rows, with all rows of each value that is among them."""
    step = table.height // _SCREENED
    if step <= 1:
        return table
    return table.filter(table[name].hash(seed) % step == 0)


def _likely(frame: pl.DataFrame, determinant: str, names: Sequence[str]) -> Iterator[str]:
    """The columns whose neighbours agree within groups of the determinant much more often than at large."""
    codes = dense(frame.sort(determinant, nulls_last=True), names)
    own = codes[names.index(determinant)]
    together = (own[1:] == own[:-1]) & (own[1:] >= 0)
    if together.sum() < _FEWEST_PAIRS:
        return
    before, after = codes[:, :-1][:, together], codes[:, 1:][:, together]
    known = (before >= 0) & (after >= 0)
    pairs = known.sum(axis=1)
    agreement = ((before == after) & known).sum(axis=1) / np.maximum(pairs, 1)
    at_large = np.array([_agreement_at_large(row) for row in codes])
    lift = (agreement - at_large) / np.maximum(1 - at_large, 1e-12)
    for name, enough, agree, more in zip(names, pairs >= _FEWEST_PAIRS, agreement, lift, strict=True):
        if name != determinant and enough and agree >= _LEAST_AGREEMENT and more >= _LEAST_LIFT:
            yield name


def _agreement_at_large(codes: Integers) -> float:
    """How often two rows drawn at random agree."""
    counts: Floats = np.bincount(codes[codes >= 0]).astype(np.float64)
    total = counts.sum()
    return float(np.sum(counts * (counts - 1)) / (total * (total - 1))) if total > 1 else 1.0


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
