"""Single rows' contributions of the strongest columns, for a beeswarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Swarm
from dsp_pipeline.ml.insights.explanations.relations import is_ordered

if TYPE_CHECKING:
    from dsp_pipeline.ml.insights.explanations.sums import Attribution

_MOST_FEATURES = 12
_MOST_ROWS = 300


def swarms_of(found: Attribution, table: pl.DataFrame) -> list[Swarm]:
    """The strongest columns' contributions in at most 300 rows, each with its value's rank where it has one.

    For more than two classes the contributions are to the commonest predicted class's margin.
    """
    output = int(np.bincount(found.shown_output).argmax())
    order = np.argsort(-np.abs(found.by_column).sum(axis=1).mean(axis=0), kind="stable")[:_MOST_FEATURES]
    shown = np.linspace(0, found.rows.size - 1, min(_MOST_ROWS, found.rows.size)).astype(np.int64)
    return [
        Swarm(
            feature=found.columns[index],
            shap=[float(f"{value:.5g}") for value in found.by_column[shown, output, index]],
            level=_levels(table[found.columns[index]][found.rows[shown]]),
        )
        for index in order
    ]


def _levels(values: pl.Series) -> list[float | None]:
    """Ranks from 0 to 1, ties in their middle."""
    if not is_ordered(values.dtype):
        return [None] * values.len()
    physical = values.to_physical() if values.dtype.is_temporal() else values
    ranks = physical.cast(pl.Float64).fill_nan(None).rank()
    most = max(2, ranks.drop_nulls().len())
    return [None if rank is None else round((rank - 1) / (most - 1), 3) for rank in ranks.to_list()]
