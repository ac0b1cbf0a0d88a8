"""Rows of a table as whole numbers, so that columns of any type can be compared alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from dsp_pipeline.ml.statistics.arrays import Integers

    Hashes = npt.NDArray[np.uint64]


def dense(frame: pl.DataFrame, names: Sequence[str]) -> Integers:
    """Codes of each column's values from 0, -1 where null; shape (columns, rows)."""
    coded = frame.select(pl.col(list(names)).rank("dense").cast(pl.Int64).fill_null(0) - 1)
    return np.asarray(coded.to_numpy().T)


def hashes(frame: pl.DataFrame, name: str, *, seed: int) -> Hashes:
    """A 64-bit hash of each value of a column; nulls have one, too."""
    return np.asarray(frame[name].hash(seed).to_numpy())


def sample_rows(rows: int, wanted: int, seed: int) -> Integers:
    """The numbers of so many rows, ascending, chosen at random; all if there are no more."""
    if rows <= wanted:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, wanted, replace=False))
