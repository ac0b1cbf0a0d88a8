"""How predictions move with one column: partial dependence, single rows' lines, accumulated local effects.

Friedman (2001) for partial dependence, Goldstein et al. (2015) for individual lines, Apley and Zhu (2020) for
accumulated local effects: partial dependence puts every value into every row, which for correlated columns makes
rows that cannot be; accumulated effects only compare neighbouring values in rows that are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Effect, Effects
from dsp_pipeline.etl.counting import commonest_first
from dsp_pipeline.ml.insights.explanations.relations import is_ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints
    from dsp_pipeline.ml.insights.explanations.replacing import Replaced

_MOST_FEATURES = 8
_GRID = 20
_LINES = 20
_MOST_LABELS = 12
_RELATED = 0.5
_DIGITS = 5


def effects_of(rows: Replaced, columns: Sequence[str], found: Floats) -> Effects:
    """The effects of columns.

    Args:
        rows: A few hundred rows of the hold-out.
        columns: The strongest ones first; the first eight are looked at.
        found: Associations of these columns, in the same order.
    """
    shown = columns[:_MOST_FEATURES]
    return Effects(
        unit=rows.unit,
        rows=rows.table.height,
        features=[_effect(rows, name, columns, found[place]) for place, name in enumerate(shown)],
    )


def _effect(rows: Replaced, name: str, columns: Sequence[str], found: Floats) -> Effect:
    grid = grid_of(rows.table[name])
    lines = lines_of(rows, name, grid)
    shown = np.linspace(0, lines.shape[0] - 1, min(_LINES, lines.shape[0])).astype(np.int64)
    made = Effect(
        feature=name,
        x=values_of(grid),
        partial=_rounded(lines.mean(axis=0)),
        single=[_rounded(line) for line in lines[shown]],
    )
    if is_ordered(grid.dtype) and grid.dtype != pl.Boolean and grid.len() > 1:
        edges, accumulated = accumulated_of(rows, name, grid)
        made = made.model_copy(update={"edges": edges, "accumulated": _rounded(accumulated)})
    others = found.copy()
    others[columns.index(name)] = 0
    strongest = int(others.argmax())
    if others[strongest] < _RELATED:
        return made
    return made.model_copy(update={"related": columns[strongest], "association": float(others[strongest])})


def grid_of(column: pl.Series) -> pl.Series:
    """Values to look at: quantiles that occur, or the commonest labels; each once."""
    present = column.drop_nulls()
    if column.dtype.is_float():
        present = present.filter(present.is_finite())
    if not is_ordered(column.dtype):
        return commonest_first(present)["value"].head(_MOST_LABELS)
    ordered = present.sort()
    places = np.unique(np.linspace(0, ordered.len() - 1, min(_GRID, ordered.len())).astype(np.int64))
    return ordered[places].unique(maintain_order=True)


def lines_of(rows: Replaced, name: str, grid: pl.Series) -> Floats:
    """Each row's prediction at each value, shape (rows, values); their mean is the partial dependence."""
    height = rows.table.height
    repeated = grid[np.repeat(np.arange(grid.len()), height)]
    return rows.predict(name, repeated).reshape(grid.len(), height).T


def accumulated_of(rows: Replaced, name: str, grid: pl.Series) -> tuple[list[float], Floats]:
    """Where the grid's values are as numbers, and the accumulated effect there, 0 on average over the rows."""
    column = rows.table[name]
    edges, own = _numbers(grid), _numbers(column)
    present = np.isfinite(own)
    # A value belongs to the interval that ends at the first edge that is not below it.
    place = np.clip(np.searchsorted(edges, np.where(present, own, edges[0])), 1, edges.size - 1).astype(np.int64)

    def predict(ends: Ints) -> Floats:
        return rows.predict(name, grid[ends])

    return edges.tolist(), accumulated_effects(place, present, edges.size, predict)


def accumulated_effects(place: Ints, present: Bools, edges: int, predict: Callable[[Ints], Floats]) -> Floats:
    """The accumulated local effect at each edge.

    Args:
        place: For each row the edge at the upper end of its interval.
        present: Which rows count.
        edges: How many edges there are.
        predict: Predictions of all rows with the column at the given edges, one for each row.
    """
    steps = predict(place) - predict(place - 1)
    counts = np.bincount(place[present], minlength=edges)
    sums = np.bincount(place[present], steps[present], minlength=edges)
    effect = np.cumsum(np.where(counts > 0, sums / np.maximum(counts, 1), 0.0))
    middles = (effect[place] + effect[place - 1]) / 2
    return np.asarray(effect - middles[present].mean())


def _numbers(column: pl.Series) -> Floats:
    """Numbers as they are; dates and times as the page draws them: milliseconds since 1970 or midnight."""
    if column.dtype == pl.Date:
        column = column.cast(pl.Datetime("ms"))
    if column.dtype == pl.Time:
        return (column.to_physical() / 1_000_000).cast(pl.Float64).to_numpy().astype(np.float64)
    if column.dtype == pl.Datetime:
        column = column.dt.epoch("ms")
    return column.cast(pl.Float64).to_numpy().astype(np.float64)


def values_of(grid: pl.Series) -> list[float | str | None]:
    """A grid's values: numbers (dates and times as milliseconds), else labels."""
    if is_ordered(grid.dtype) and grid.dtype != pl.Boolean:
        return list(_numbers(grid).tolist())
    return list(grid.cast(pl.String).to_list())


def _rounded(values: Floats) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]
