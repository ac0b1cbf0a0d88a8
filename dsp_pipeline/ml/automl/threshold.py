"""From which probability on to call a row positive: the one of the best F1 score in cross-validation.

F1 is the harmonic mean of precision and recall (van Rijsbergen 1979). Half is rarely its best threshold where one
class is rare. It is chosen in cross-validation and judged on the hold-out, so that the scores told are honest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import Threshold
from dsp_pipeline.ml.automl.metrics import cumulated

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Bools, Floats


def best_threshold(positive: Bools, scores: Floats) -> float | None:
    """The least score to call positive for the greatest F1; None where one class is absent.

    It lies halfway to the next lower score, so that rounding moves no row across it.
    """
    if positive.all() or not positive.any():
        return None
    true, false = cumulated(positive, scores)
    levels = np.r_[np.unique(scores)[::-1], 0.0]
    best = int(np.argmax(2 * true / (true + false + positive.sum())))
    return float((levels[best] + levels[best + 1]) / 2)


def judged_threshold(value: float, positive: Bools, scores: Floats) -> Threshold:
    """A threshold with its scores on rows that did not choose it; without a positive call precision is 0."""
    called = scores >= value
    hits = int((called & positive).sum())
    return Threshold(
        value=value,
        f1=2 * hits / max(1, int(called.sum()) + int(positive.sum())),
        precision=hits / max(1, int(called.sum())),
        recall=hits / max(1, int(positive.sum())),
    )
