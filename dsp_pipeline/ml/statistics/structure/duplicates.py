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
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Booleans, Integers
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
    whole, agree = _whole_rows(table, names, seed)
    if _arise_by_chance(agree, table.height):
        return None
    rows = _first_of_equals(whole)
    step = math.ceil(len(names) * table.height / _MOST_CELLS)
    near = np.zeros(table.height, dtype=np.bool_)
    counts: dict[str, int] = {}
    examples: list[NearDuplicate] = []
    for place, name in enumerate(names):
        repeats, firsts = _repeats((whole ^ hashes(table, name, seed=place))[rows], step)
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


def _whole_rows(table: pl.DataFrame, names: Sequence[str], seed: int) -> tuple[Hashes, Booleans]:
    """A hash of each row, and whether each column agrees in each pair of rows drawn at random.

    All columns' hashes at once would be as large as the table: they are made one by one, and again where a
    column is left out.
    """
    left, right = _drawn(table.height, len(names), seed)
    whole = np.zeros(table.height, dtype=np.uint64)
    agree = np.empty((len(names), len(left)), dtype=np.bool_)
    for place, name in enumerate(names):
        column = hashes(table, name, seed=place)
        whole ^= column
        agree[place] = column[left] == column[right]
    return whole, agree


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


def _drawn(rows: int, columns: int, seed: int) -> tuple[Integers, Integers]:
    """The rows of pairs drawn at random."""
    drawn = np.random.default_rng(seed).integers(0, rows, (2, min(_PAIRS_DRAWN, _MOST_COMPARED // columns)))
    left, right = drawn[:, drawn[0] != drawn[1]]
    return left, right


def _arise_by_chance(agree: Booleans, rows: int) -> bool:
    """Whether rows of independent columns that repeat as often as these would be near-duplicates of each other.

    Also where, by pairs of rows drawn at random, a row has one near-duplicate on average.

    Args:
        agree: Whether each column agrees in each pair of rows; shape (columns, pairs).
        rows: How many rows the table has.
    """
    columns, pairs = agree.shape
    total = agree.sum(axis=0)
    if (total == columns - 1).mean() * rows > 1:
        return True
    rates = np.log(np.maximum(agree.mean(axis=1), 0.5 / pairs))
    chance = np.exp(rates.sum() - rates).sum()
    return bool(rows**2 / 2 * chance > _MOST_BY_CHANCE)
