"""Tables in which nothing is related to anything, made as hard as tables are.

Heavy tails, ties, rare labels, gaps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.ml.statistics.arrays import columns_of
from dsp_pipeline.ml.statistics.associations import associate
from dsp_pipeline.ml.statistics.profile import column_profile
from dsp_pipeline_tests.ml.tables import validated

if TYPE_CHECKING:
    from collections.abc import Callable

FOUND = 0.05
_START = np.datetime64("2024-01-01", "us")


def _shapes(rng: np.random.Generator, rows: int) -> list[Callable[[], pl.Series]]:
    """One maker for each shape of column."""
    labels = [f"l{i}" for i in range(60)]
    few = [0.7, 0.2, 0.07, 0.02, 0.01]
    zipf = 1 / np.arange(1, 61)

    def gappy() -> pl.Series:
        return pl.Series(np.where(rng.random(rows) < rng.uniform(0.02, 0.6), np.nan, rng.normal(size=rows)))

    return [
        lambda: pl.Series(rng.normal(size=rows)),
        lambda: pl.Series(rng.standard_cauchy(rows)),
        lambda: pl.Series(rng.poisson(0.3, rows)),
        lambda: pl.Series(rng.choice(labels[:5], rows, p=few)),
        lambda: pl.Series(rng.random(rows) < 0.01),
        gappy,
        lambda: pl.Series(rng.pareto(0.8, rows)),
        lambda: pl.Series(rng.choice(labels, rows, p=zipf / zipf.sum())),
        lambda: pl.Series(_START + rng.integers(0, 500_000, rows).astype("timedelta64[m]")),
        lambda: pl.Series(rng.random(rows) < 0.05),
    ]


def noise(seed: int, *, rows: int = 10_000, columns: int = 20) -> pl.DataFrame:
    """A table of independent columns of ten shapes in turn."""
    rng = np.random.default_rng(seed)
    shapes = _shapes(rng, rows)
    return pl.DataFrame({f"c{i}": shapes[i % len(shapes)]().alias(f"c{i}") for i in range(columns)})


def finds_something(frame: pl.DataFrame) -> bool:
    """Whether any association of the table counts as found."""
    columns = columns_of(validated(frame))
    profiles = {column.name: column_profile(column, brief=True) for column in columns}
    pairs = associate(columns, profiles, seed=0).pairs
    return any(pair.q is not None and pair.q <= FOUND for pair in pairs)
