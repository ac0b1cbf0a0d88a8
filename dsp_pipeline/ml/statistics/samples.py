"""Which of many rows or values are looked at where all would cost too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.statistics.arrays import Integers


def sample_rows(rows: int, wanted: int, seed: int | Sequence[int]) -> Integers:
    """The numbers of so many rows, ascending, chosen at random; all if there are no more."""
    if rows <= wanted:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, wanted, replace=False))


def evenly_spaced(count: int, most: int) -> Integers:
    """At most so many places of ``count`` values, the first and the last among them, at equal distances.

    Of ascending values these are evenly spaced order statistics, which keep a distribution's shape without the
    chance of a random sample.
    """
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.int64)
