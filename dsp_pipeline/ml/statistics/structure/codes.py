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
    """Codes of each column's values from 0, -1 where null; shape (columns, rows), 32 bits each."""
    coded = frame.select(pl.col(list(names)).rank("dense").cast(pl.Int32).fill_null(0) - 1)
    return np.ascontiguousarray(coded.to_numpy().T)


def first_places(codes: Integers) -> Integers:
    """Each row's first row with the same value: equal for columns that go one to one, whatever their values."""
    rows = np.arange(len(codes))
    first = np.empty(int(codes.max()) + 2, dtype=np.int64)
    # Written from the last row to the first, so that the first one stays; -1 finds the last place.
    first[codes[::-1]] = rows[::-1]
    return first[codes]


def agreement_at_large(codes: Integers) -> float:
    """How often two rows with values drawn at random agree."""
    counts = np.bincount(codes[codes >= 0]).astype(np.float64)
    total = counts.sum()
    return float(np.sum(counts * (counts - 1)) / (total * (total - 1))) if total > 1 else 1.0


def hashes(frame: pl.DataFrame, name: str, *, seed: int) -> Hashes:
    """A 64-bit hash of each value of a column; nulls have one, too."""
    return np.asarray(frame[name].hash(seed).to_numpy())
