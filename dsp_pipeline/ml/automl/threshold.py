"""From which probability on to call a row positive: for the best F1 score, for a stated cost, or as was said.

F1 is the harmonic mean of precision and recall (van Rijsbergen 1979). Half is rarely its best threshold where one
class is rare. Where a false alarm costs a and a miss b, true probabilities ask for a / (a + b) (Elkan 2001). A
threshold is chosen in cross-validation and judged on the hold-out, so that the scores told are honest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import Costs, Threshold
from dsp_pipeline.ml.automl.metrics import cumulated

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import CallCosts
    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints
    from dsp_pipeline.ml.automl.options import CallOptions


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


def cheapest_threshold(positive: Bools, scores: Floats, costs: CallCosts) -> float:
    """The threshold for the least cost.

    It is the one that true probabilities ask for. Only where another one is cheaper on these rows by more than a
    standard error does that one win: the cheapest of all is otherwise mostly the luckiest.
    """
    asked = costs.false_positive / (costs.false_positive + costs.false_negative)
    true, false = cumulated(positive, scores)
    total = costs.false_positive * false + costs.false_negative * (positive.sum() - true)
    levels = np.r_[np.unique(scores)[::-1], 0.0]
    best = int(np.argmin(total))
    other = float((levels[best] + levels[best + 1]) / 2)
    saved = _cost(positive, scores >= asked, costs) - _cost(positive, scores >= other, costs)
    error = float(saved.std(ddof=1)) / np.sqrt(saved.size) if saved.size > 1 else 0.0
    return other if float(saved.mean()) > error else asked


def chosen_threshold(positive: Bools, scores: Floats, wish: CallOptions) -> float | None:
    """What the owner's wish leads to on rows that no model had seen; None where one class is absent."""
    if isinstance(wish.threshold, float):
        return wish.threshold
    if positive.all() or not positive.any():
        return None
    if wish.costs is not None:
        return cheapest_threshold(positive, scores, wish.costs)
    return best_threshold(positive, scores)


def judged_threshold(value: float, positive: Bools, scores: Floats, wish: CallOptions | None = None) -> Threshold:
    """A threshold with its scores on rows that did not choose it; without a positive call precision is 0."""
    called = scores >= value
    hits = int((called & positive).sum())
    costs = None if wish is None or wish.costs is None else _judged_costs(positive, scores, called, wish.costs)
    is_given = wish is not None and isinstance(wish.threshold, float)
    return Threshold(
        value=value,
        f1=2 * hits / max(1, int(called.sum()) + int(positive.sum())),
        precision=hits / max(1, int(called.sum())),
        recall=hits / max(1, int(positive.sum())),
        chosen_for="costs" if costs is not None else "given" if is_given else "f1",
        used=wish is not None and wish.is_said,
        costs=costs,
    )


def _judged_costs(positive: Bools, scores: Floats, called: Bools, costs: CallCosts) -> Costs:
    alike = [np.full(positive.size, fill) for fill in (False, True)]
    return Costs(
        false_positive=costs.false_positive,
        false_negative=costs.false_negative,
        per_row=float(_cost(positive, called, costs).mean()),
        per_row_at_half=float(_cost(positive, scores > 0.5, costs).mean()),  # noqa: PLR2004 - the more probable class
        per_row_all_alike=min(float(_cost(positive, each, costs).mean()) for each in alike),
    )


def _cost(positive: Bools, called: Bools, costs: CallCosts) -> Floats:
    """What each row's call costs."""
    return costs.false_positive * (called & ~positive) + costs.false_negative * (~called & positive)


def called(response: Floats, threshold: float | None) -> Ints:
    """The class that each row is called: the second of two from a threshold on, else the most probable one."""
    if threshold is None:
        return np.asarray(response.argmax(axis=1), np.int64)
    return np.asarray(response[:, 1] >= threshold, np.int64)
