"""The most unusual rows of a table over all its numbers together, and which columns make them so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import UnusualCell, UnusualRow
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.isolation import grow
from dsp_pipeline.ml.statistics.samples import sample_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Column, Floats

MOST_ROWS, MOST_COLUMNS = 10_000, 60
UNUSUAL = 0.65
_MOST_SHOWN = 10
_CELLS = 3
_FEWEST_ROWS, _FEWEST_COLUMNS = 50, 2


def unusual_rows(
    columns: Sequence[Column], profiles: Mapping[str, ColumnProfile], *, seed: int
) -> list[UnusualRow]:
    """Up to ten rows that an isolation forest cuts off soonest, most unusual first.

    The forest sees at most 60 columns of numbers, those with the most different values, and a random sample of
    at most 10,000 rows; a missing number is the column's median. Rows with a score of 0.65 or more are unusual:
    ordinary rows have about 0.5. Identifiers and personal data are left out.

    Args:
        columns: The table's columns.
        profiles: Their profiles.
        seed: Of the sample and the forest.
    """
    chosen = _chosen(columns, profiles)
    rows = len(columns[0].series) if columns else 0
    if rows < _FEWEST_ROWS or len(chosen) < _FEWEST_COLUMNS:
        return []
    places = sample_rows(rows, MOST_ROWS, [seed, 23])
    values = np.column_stack([column.finite[places] for column in chosen])
    matrix = np.where(np.isnan(values), [_middle(profiles[column.name]) for column in chosen], values)
    forest = grow(matrix, seed=seed)
    scores = forest.scores(matrix)
    order = np.argsort(-scores, kind="stable")[:_MOST_SHOWN]
    return [
        UnusualRow(
            row=int(places[place]) + 1,
            score=float(scores[place]),
            cells=_cells(values, int(place), forest.blame(matrix[place]), chosen),
        )
        for place in order
        if scores[place] >= UNUSUAL
    ]


def _chosen(columns: Sequence[Column], profiles: Mapping[str, ColumnProfile]) -> list[Column]:
    usable = [
        column
        for column in columns
        if column.has_numbers
        and column.kind is not ColumnKind.IDENTIFIER
        and not profiles[column.name].is_hidden
        and profiles[column.name].distinct > 2  # noqa: PLR2004 - two values cut nothing off
    ]
    kept = sorted(usable, key=lambda column: -profiles[column.name].distinct)[:MOST_COLUMNS]
    names = {column.name for column in kept}
    return [column for column in usable if column.name in names]


def _middle(profile: ColumnProfile) -> float:
    middle = profile.statistics.get("median")
    return float(middle) if isinstance(middle, float | int) else 0.0


def _cells(values: Floats, place: int, blamed: Floats, columns: Sequence[Column]) -> list[UnusualCell]:
    """The values that did most to cut the row off, each with how many of those looked at lie below it."""
    order = np.argsort(-blamed, kind="stable")
    return [
        UnusualCell(
            column=columns[index].name,
            value=float(values[place, index]),
            share_below=float(np.mean(values[~np.isnan(values[:, index]), index] < values[place, index])),
        )
        for index in order[~np.isnan(values[place, order])][:_CELLS]
    ]
