"""Why each row is predicted so: the columns that move its prediction most, with their exact SHAP values.

TreeSHAP costs a thousand times more than predicting (it visits leaves times depth squared), so by default there
are reasons only where all rows together take no longer than ten seconds of one core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.scorers import Scorer

COLUMNS = ("reason_1", "reason_2", "reason_3")
AUTO_SECONDS = 10.0
"""CPU-seconds that reasons may take where nobody asked for them."""

_MAX_CELLS = 2_000_000
_LONGEST_CELL = 40


def are_affordable(scorer: Scorer, rows: int) -> bool:
    """Whether the reasons of so many rows are given without being asked for."""
    return scorer.explain_seconds * rows <= AUTO_SECONDS


def contributions(scorer: Scorer, matrix: Matrix, shown: Ints) -> tuple[list[str], Floats]:
    """What each table column adds to a row's margin.

    Args:
        scorer: The model.
        matrix: The rows' inputs.
        shown: For each row which of the margin's outputs is explained.

    Returns:
        The table's columns, and an array (rows, columns).
    """
    columns = list(dict.fromkeys(matrix.columns))
    of_input = np.array([columns.index(name) for name in matrix.columns])
    rows, inputs = matrix.values.shape
    result = np.zeros((rows, len(columns)))
    outputs = int(shown.max(initial=0)) + 1
    step = max(1, _MAX_CELLS // ((inputs + 1) * outputs))
    for start in range(0, rows, step):
        part = np.arange(start, min(start + step, rows))
        found = scorer.contributions(matrix.take(part))[np.arange(part.size), shown[part], :-1]
        for place, column in enumerate(of_input):
            result[part, column] += found[:, place]
    return columns, result


def as_text(values: Floats, cells: pl.DataFrame, shown: Sequence[str]) -> list[pl.Series]:
    """The three largest contributions of each row, such as ``tenure = 3 (+1.24)``; null where there are fewer.

    Args:
        values: What each column adds, shape (rows, columns).
        cells: The rows' own text; one column for each that adds something.
        shown: What a person knows each of these columns as; two may have one name.
    """
    order = np.argsort(-np.abs(values), axis=1, kind="stable")[:, : len(COLUMNS)]
    texts = []
    for place, name in enumerate(COLUMNS):
        if place >= order.shape[1]:
            texts.append(pl.Series(name, [None] * values.shape[0], pl.String))
            continue
        chosen = order[:, place]
        added = values[np.arange(values.shape[0]), chosen]
        figures = pl.Series([f" ({value:+.3g})" if value else None for value in added], dtype=pl.String)
        texts.append((_cells_of(chosen, cells, shown) + figures).alias(name))
    return texts


def _cells_of(chosen: Ints, cells: pl.DataFrame, shown: Sequence[str]) -> pl.Series:
    """``column = cell`` for the column that was chosen in each row."""
    result = pl.Series([None] * chosen.size, dtype=pl.String)
    for index in np.unique(chosen):
        at = np.flatnonzero(chosen == index)
        text = cells.to_series(int(index)).gather(at)
        long = text.str.len_chars() > _LONGEST_CELL
        cut = pl.select(
            pl.when(long).then(text.str.head(_LONGEST_CELL - 1) + "…").otherwise(text).fill_null("missing")
        ).to_series()
        result = result.scatter(at, f"{shown[index]} = " + cut)
    return result
