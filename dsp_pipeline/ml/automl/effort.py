"""How much work fitting may be, decided beforehand from the table's size and the budget.

The seconds are estimates from measurements on two shared cores (docs/user-guide/model.md); the decision uses no
clock, so that the same table and seed give the same model everywhere.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.booster_shapes import Shape

_AUTO_SECONDS = 6.0
_FINAL_SHARE = 0.6
_SECONDS_PER_UNIT = 9e-9
"""CPU-seconds per training row, input, output and boosting round."""

_SECONDS_PER_TREE = 1.5e-4
"""CPU-seconds per output and boosting round whatever the rows, on one thread."""

_TRAIN_SHARE = 0.8
_MAX_ROWS = 200_000
_MIN_ROWS = 2_000
_CV_SHARE = 10
_MAX_INPUTS = 400
_ROUNDS = 120
_ROUNDS_OF_SMALL = 300
_MIN_ROUNDS = 40
_MAX_GROWTH = 4.0
_SAFETY = 0.8
_EXTRA_SECONDS = (0.45, 1.5)
_EXTRA_SECONDS_PER_ROW = 2.5e-4
"""What more shapes of trees may take if nobody named a budget: little on small tables, to feel instant."""


@dataclasses.dataclass(frozen=True)
class Effort:
    """Bounds on the work.

    Attributes:
        rows: That are learnt from and judged on.
        cv_rows: Of these that cross-validation uses.
        linear_rows: That a linear model is fitted on.
        rounds: Of boosting at most.
        rounds_of_small: Of boosting at most, on tables no larger than ``cv_rows``.
        inputs: Columns that are inputs.
        seconds: CPU-seconds in all.
        is_auto: Whether nobody named them.
    """

    rows: int
    cv_rows: int
    linear_rows: int
    rounds: int
    rounds_of_small: int
    inputs: int
    seconds: float
    is_auto: bool


@dataclasses.dataclass(frozen=True)
class Work:
    """What one boosted model costs: fits of so many rows, inputs and outputs (a final one and one per fold)."""

    rows: int
    inputs: int
    outputs: int
    fits: int

    def seconds(self, rounds: int) -> float:
        """CPU-seconds of so many rounds."""
        per_round = _SECONDS_PER_TREE + _SECONDS_PER_UNIT * self.rows * self.inputs
        return self.fits * rounds * self.outputs * per_round


def affordable(effort: Effort, work: Work, shapes: Sequence[Shape]) -> list[Shape]:
    """The first of the shapes that fit into what the regular one leaves of the budget.

    Tables that are too large for cross-validation on all rows have none: there the regular shape takes all.
    """
    if work.rows > effort.cv_rows:
        return []
    left = _SAFETY * effort.seconds - work.seconds(effort.rounds_of_small)
    if effort.is_auto:
        least, most = _EXTRA_SECONDS
        left = min(left, most, max(least, _EXTRA_SECONDS_PER_ROW * work.rows))
    chosen: list[Shape] = []
    for shape in shapes:
        trees = shape.rounds_of(effort.rounds_of_small) * shape.side_by_side(work.outputs)
        left -= work.seconds(trees)
        if left < 0:
            break
        chosen.append(shape)
    return chosen


def plan_effort(columns: int, outputs: int, budget_seconds: float | None) -> Effort:
    """The bounds for a table.

    Args:
        columns: Inputs that the table may have.
        outputs: Margins per row.
        budget_seconds: CPU-seconds; None for what "auto" allows.
    """
    seconds = _AUTO_SECONDS if budget_seconds is None else budget_seconds
    growth = min(_MAX_GROWTH, seconds / _AUTO_SECONDS) ** 0.5
    inputs = max(1, min(columns, _MAX_INPUTS))
    rounds = max(_MIN_ROUNDS, round(growth * _ROUNDS / outputs**0.5))
    train = _FINAL_SHARE * seconds / (_SECONDS_PER_UNIT * inputs * outputs * rounds)
    rows = int(min(_MAX_ROWS, max(_MIN_ROWS, train / _TRAIN_SHARE)))
    sampled = max(_MIN_ROWS, rows // _CV_SHARE)
    # A table that fits into the sample is small: there rounds cost little, and small steps need more of them.
    of_small = max(_MIN_ROUNDS, round(growth * _ROUNDS_OF_SMALL / outputs**0.5))
    return Effort(rows, sampled, sampled, rounds, of_small, inputs, seconds, budget_seconds is None)
