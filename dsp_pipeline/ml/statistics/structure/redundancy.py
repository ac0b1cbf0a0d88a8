"""Groups of columns of which one would do."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.structure import Redundancy
from dsp_pipeline.ml.statistics.ranks import average_ranks, standardised
from dsp_pipeline.ml.statistics.samples import sample_rows
from dsp_pipeline.ml.statistics.structure.codes import hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from dsp_pipeline.core.artifacts.profile import Association, ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Column

MOST_GROUPS = 50
NEARLY_ONE = 0.98
_SCREENED = 2_000
_BLOCK = 1_000
_SYMMETRIC = frozenset({"pearson", "spearman"})


def redundant_groups(
    table: pl.DataFrame,
    columns: Sequence[Column],
    profiles: Mapping[str, ColumnProfile],
    *,
    together: Sequence[Sequence[str]],
    pairs: Iterable[Association],
    left_out: Sequence[str],
    seed: int,
) -> list[Redundancy]:
    """The groups, each with the strictest reason that holds all of it together; the larger first.

    Columns are equal row for row; or each value of one goes with one value of the other; or their correlation (of
    labels, Theil's U both ways) is 0.98 at least: not of two times, since what lies between them is information.
    Columns whose pairs were not measured are compared by Spearman's rho on 2,000 rows.

    Args:
        table: The table.
        columns: Its columns.
        profiles: Their profiles.
        together: The groups of columns that go one to one.
        pairs: The associations that were measured.
        left_out: Columns whose associations were not.
        seed: Of the sample of rows.
    """
    varying = [column for column in columns if profiles[column.name].distinct > 1]
    order = {column.name: place for place, column in enumerate(varying)}
    equal = list(_equal(table, [column.name for column in varying]))
    mutual = [(group[0], name) for group in together for name in group[1:]]
    times = {column.name for column in columns if column.is_temporal}
    strong = [(a, b) for a, b in _nearly_one(pairs) if not {a, b} & times]
    if left_out:
        strong += _ranked_alike([column for column in varying if column.has_numbers], seed)
    groups: list[Redundancy] = []
    taken: dict[str, str] = {}
    for why, links in (("equal", equal), ("one to one", mutual), ("correlated", strong)):
        heads = [(taken.get(a, a), taken.get(b, b)) for a, b in links]
        for group in _connected(heads, order):
            members = sorted({name for name in order if taken.get(name, name) in group}, key=order.__getitem__)
            groups = [made for made in groups if not set(made.columns) <= set(members)]
            groups.append(Redundancy.model_validate({"columns": members, "why": why}))
            taken |= dict.fromkeys(members, members[0])
    groups.sort(key=lambda made: (-len(made.columns), order[made.columns[0]]))
    return groups[:MOST_GROUPS]


def _nearly_one(pairs: Iterable[Association]) -> Iterator[tuple[str, str]]:
    explained: dict[frozenset[str], int] = defaultdict(int)
    for pair in pairs:
        if pair.measure in _SYMMETRIC and abs(pair.value) >= NEARLY_ONE:
            yield pair.a, pair.b
        elif pair.measure == "theils_u" and pair.value >= NEARLY_ONE:
            key = frozenset((pair.a, pair.b))
            explained[key] += 1
            if explained[key] == 2:  # noqa: PLR2004 - either of the other
                yield pair.a, pair.b


def _equal(table: pl.DataFrame, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each column with the first one that equals it, both of one type."""
    firsts: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name in names:
        mark = int(np.bitwise_xor.reduce(np.multiply(hashes(table, name, seed=0), _positions(table.height))))
        alike = firsts[str(table[name].dtype), mark]
        first = next((other for other in alike if table[other].equals(table[name], check_names=False)), None)
        if first is None:
            alike.append(name)
        else:
            yield first, name


def _positions(rows: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.arange(1, 2 * rows + 1, 2, dtype=np.uint64)


def _ranked_alike(columns: Sequence[Column], seed: int) -> list[tuple[str, str]]:
    """The pairs of columns of numbers with a rank correlation of nearly one on a sample of rows.

    Gaps count as ties.
    """
    if not columns:
        return []
    rows = sample_rows(len(columns[0].series), _SCREENED, seed)
    scaled = []
    for column in columns:
        values = column.finite[rows]
        known = ~np.isnan(values)
        codes = np.unique(values[known], return_inverse=True)[1]
        ranks = np.zeros(len(rows))
        ranks[known] = average_ranks(codes) - (known.sum() + 1) / 2 if known.any() else 0
        scaled.append(standardised(ranks))
    usable = [(column.name, ranks) for column, ranks in zip(columns, scaled, strict=True) if ranks is not None]
    if not usable:
        return []
    matrix = np.vstack([ranks for _, ranks in usable]).astype(np.float32)
    found: list[tuple[str, str]] = []
    for start in range(0, len(matrix), _BLOCK):
        correlations = np.abs(matrix[start : start + _BLOCK] @ matrix[start:].T) / len(rows)
        alike = np.triu(correlations >= NEARLY_ONE, 1)
        # One link a column holds a group together; all of them would be as many as pairs.
        later = np.flatnonzero(alike.any(axis=0))
        found += [
            (usable[start + i][0], usable[start + j][0])
            for i, j in zip(alike[:, later].argmax(axis=0), later, strict=True)
        ]
    return found


def _connected(links: Iterable[tuple[str, str]], order: Mapping[str, int]) -> list[set[str]]:
    """The groups of names that links hold together."""
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for a, b in links:
        first, second = sorted((find(a), find(b)), key=order.__getitem__)
        root[second] = first
    groups: dict[str, set[str]] = defaultdict(set)
    for name in list(root):
        groups[find(name)].add(name)
    return [group for group in groups.values() if len(group) > 1]
