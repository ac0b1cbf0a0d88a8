"""Rows that occur more than once, exactly or in all columns but one."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.structure import NearDuplicate, NearDuplicates
from dsp_pipeline.ml.statistics.structure.codes import hashes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Integers
    from dsp_pipeline.ml.statistics.structure.codes import Hashes

FEWEST_COLUMNS = 3
_FEWEST_ROWS = 10
_MOST_EXAMPLES = 10
_MOST_BY_CHANCE = 0.01
_PAIRS_DRAWN = 20_000
_MOST_COMPARED = 2_000_000
_MOST_CELLS = 20_000_000


def duplicate_rows(table: pl.DataFrame) -> int:
    """How many rows repeat an earlier one in every column.

    Rows are first compared by a 64-bit hash; those whose hash occurs again are compared in full.
    """
    if not table.width or not table.height:
        return 0
    repeated = table.hash_rows().is_duplicated()
    if not repeated.any():
        return 0
    suspects = table.filter(repeated)
    return suspects.height - suspects.unique().height


def near_duplicates(
    table: pl.DataFrame, profiles: Mapping[str, ColumnProfile], *, seed: int
) -> NearDuplicates | None:
    """The rows that agree with an earlier one in all columns but one, and are not equal to it.

    Of each row the hashes of all columns but one are compared, in turn. None where that would say nothing: fewer
    than three columns that vary, or so few different rows that columns of such values make near-duplicates by
    chance.

    Args:
        table: The table.
        profiles: Its columns' profiles.
        seed: Of the pairs of rows that are drawn to see how often columns agree.
    """
    names = [name for name in table.columns if profiles[name].distinct > 1]
    if table.height < _FEWEST_ROWS or len(names) < FEWEST_COLUMNS:
        return None
    hashed = np.vstack([hashes(table, name, seed=place) for place, name in enumerate(names)])
    if _arise_by_chance(hashed, seed):
        return None
    whole = np.bitwise_xor.reduce(hashed, axis=0)
    rows = _first_of_equals(whole)
    step = math.ceil(len(names) * table.height / _MOST_CELLS)
    near = np.zeros(table.height, dtype=np.bool_)
    counts: dict[str, int] = {}
    examples: list[NearDuplicate] = []
    for name, column in zip(names, hashed, strict=True):
        repeats, firsts = _repeats((whole ^ column)[rows], step)
        if len(repeats):
            counts[name] = len(repeats)
            near[rows[repeats]] = True
            pairs = zip(rows[repeats].tolist(), rows[firsts].tolist(), strict=True)
            examples += [
                NearDuplicate(row=row + 1, earlier=first + 1, column=name)
                for row, first in itertools.islice(pairs, _MOST_EXAMPLES)
            ]
    commonest = dict(sorted(counts.items(), key=lambda item: -item[1])[:_MOST_EXAMPLES])
    examples.sort(key=lambda example: example.row)
    return NearDuplicates(
        rows=int(near.sum()), searched=1 / step, columns=commonest, examples=examples[:_MOST_EXAMPLES]
    )


def _repeats(keys: Hashes, step: int) -> tuple[Integers, Integers]:
    """The places of keys that occurred before, and of their first occurrence; of every ``step``-th key only."""
    searched = np.arange(len(keys)) if step == 1 else np.flatnonzero(keys % np.uint64(step) == 0)
    repeated = _repeated(keys[searched])
    if not len(repeated):
        return searched[:0], searched[:0]
    places = searched[np.isin(keys[searched], repeated)]
    _, first, inverse = np.unique(keys[places], return_index=True, return_inverse=True)
    firsts = places[first][inverse]
    later = firsts != places
    return places[later], firsts[later]


def _repeated(keys: Hashes) -> Hashes:
    """The keys that occur more than once, each once or more."""
    ordered = np.sort(keys)
    return np.asarray(ordered[1:][ordered[1:] == ordered[:-1]])


def _first_of_equals(whole: Hashes) -> Integers:
    """The places of the keys that did not occur before."""
    repeated = _repeated(whole)
    if not len(repeated):
        return np.arange(len(whole))
    return np.flatnonzero(pl.Series(whole).is_first_distinct().to_numpy())


def _arise_by_chance(hashed: Hashes, seed: int) -> bool:
    """Whether rows of independent columns that repeat as often as these would be near-duplicates of each other.

    Also where, by pairs of rows drawn at random, a row has one near-duplicate on average.
    """
    columns, rows = hashed.shape
    pairs = min(_PAIRS_DRAWN, _MOST_COMPARED // columns)
    drawn = np.random.default_rng(seed).integers(0, rows, (2, pairs))
    drawn = drawn[:, drawn[0] != drawn[1]]
    agree = hashed[:, drawn[0]] == hashed[:, drawn[1]]
    total = agree.sum(axis=0)
    if (total == columns - 1).mean() * rows > 1:
        return True
    rates = np.log(np.maximum(agree.mean(axis=1), 0.5 / pairs))
    chance = np.exp(rates.sum() - rates).sum()
    return bool(rows**2 / 2 * chance > _MOST_BY_CHANCE)
