"""How far apart two means are, and how far off that could be: by row, or by clusters of rows that are alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.insights.contrast import Contrast

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints


def difference_of(values: Floats, one: Bools, other: Bools, clusters: Ints | None) -> Contrast | None:
    """The difference of two parts' means; None where there is nothing to tell it by.

    Welch's (1947) where rows are independent. Where they are in clusters, sums of residuals by cluster take the
    place of rows (Liang and Zeger 1986), so that clusters of one row give the same.

    Args:
        values: Each row's value.
        one: Which rows are in the first part.
        other: Which rows are in the second one; none is in both.
        clusters: Numbers from 0; rows with one number tell of each other. None if no two rows do.
    """
    codes = np.arange(values.size) if clusters is None else clusters
    counts = [np.count_nonzero(np.bincount(codes[part])) for part in (one, other)]
    if min(counts) < 2:  # noqa: PLR2004 - a variance needs two
        return None
    sums = [_sums(values, part, codes) for part in (one, other)]
    parts = [count / (count - 1) * float(each @ each) for count, each in zip(counts, sums, strict=True)]
    variance = sum(parts) - 2 * float(sums[0] @ sums[1])
    if variance <= 0:
        return None
    free = sum(parts) ** 2 / sum(each**2 / (count - 1) for count, each in zip(counts, parts, strict=True))
    return Contrast(float(values[one].mean() - values[other].mean()), math.sqrt(variance), free)


def _sums(values: Floats, part: Bools, codes: Ints) -> Floats:
    """By cluster, what its rows add to the error of the part's mean."""
    inside = values[part]
    residuals = (inside - inside.mean()) / inside.size
    return np.bincount(codes[part], residuals, minlength=int(codes.max()) + 1).astype(np.float64)
