"""Values that lie far from the middle half of their column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Outliers
from dsp_pipeline.ml.statistics.descriptive import quantile

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

FENCE = 1.5
_EXAMPLES_A_SIDE = 5
_FEWEST_VALUES = 8


def iqr_outliers(ordered: Floats) -> Outliers | None:
    """Values beyond Tukey's fences, 1.5 IQR outside the quartiles (Exploratory Data Analysis, 1977).

    The examples are up to five lowest and five highest, distinct, in ascending order.

    Args:
        ordered: The finite values in ascending order.

    Returns:
        None where fences mean nothing: fewer than 8 values, or a middle half without any spread.
    """
    if len(ordered) < _FEWEST_VALUES:
        return None
    first, third = quantile(ordered, 0.25), quantile(ordered, 0.75)
    with np.errstate(over="ignore"):
        low, high = first - FENCE * (third - first), third + FENCE * (third - first)
    if first == third or not np.isfinite([low, high]).all():
        return None
    lowest = ordered[: np.searchsorted(ordered, low, side="left")]
    highest = ordered[np.searchsorted(ordered, high, side="right") :]
    examples = [*_few(lowest, from_end=False), *_few(highest, from_end=True)]
    return Outliers(
        method="IQR fences (1.5)",
        low_fence=low,
        high_fence=high,
        count=len(lowest) + len(highest),
        examples=examples,
    )


def _few(values: Floats, *, from_end: bool) -> list[float]:
    # Ties may be many; fifty values are enough to find five distinct ones or to say that there are fewer.
    near = values[-50:] if from_end else values[:50]
    distinct = np.unique(near)
    return [float(value) for value in (distinct[-_EXAMPLES_A_SIDE:] if from_end else distinct[:_EXAMPLES_A_SIDE])]
