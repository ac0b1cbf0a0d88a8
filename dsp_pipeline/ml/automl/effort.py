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

_AUTO_SECONDS = 12.0
_FINAL_SHARE = 0.6
_SECONDS_PER_UNIT = 9e-9
"""CPU-seconds per training row, input, output and boosting round."""

_SECONDS_PER_TREE = 1.5e-4
"""CPU-seconds per output and boosting round whatever the rows, on one thread."""

_TRAIN_SHARE = 0.8
_MAX_ROWS = 200_000
_MIN_ROWS = 2_000
_CV_SHARE = 6
_MAX_INPUTS = 400
_ROUNDS = 200
_ROUNDS_OF_SMALL = 800
_REGULAR_SHARE = 0.5
_MIN_ROUNDS = 40
_MAX_GROWTH = 4.0
_SAFETY = 0.8
_EXTRA_SECONDS = (2.0, 5.0)
_EXTRA_SECONDS_PER_ROW = 4e-4
"""What more shapes of trees may take if nobody named a budget: little on small tables, to feel instant."""

_LINEAR_SECONDS = 3.0
"""What more linear models may take then."""

_LINEAR_SHARE = 0.3
"""Of what the regular trees leave of a named budget."""


@dataclasses.dataclass(frozen=True)
class Effort:
    """Bounds on the work.

    Attributes:
        rows: That are learnt from and judged on.
        cv_rows: Of these that cross-validation uses.
        linear_rows: That a linear model is fitted on.
        rounds: Of boosting at most.
        rounds_of_small: Of boosting at most, on tables no larger than ``cv_rows``; `rounds_for` says how many.
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
    """What a model costs: fits of so many rows, inputs and outputs.

    There is one per fold, one on all that is learnt from, and for small tables one on all rows, to be served.
    """

    rows: int
    inputs: int
    outputs: int
    fits: int

    def seconds(self, rounds: int) -> float:
        """CPU-seconds of so many rounds."""
        per_round = _SECONDS_PER_TREE + _SECONDS_PER_UNIT * self.rows * self.inputs
        return self.fits * rounds * self.outputs * per_round

    def within(self, rows: int) -> Work:
        """The same with so many rows at most."""
        return dataclasses.replace(self, rows=min(rows, self.rows))


def rounds_for(effort: Effort, work: Work) -> int:
    """Boosting rounds of the regular shape at most. Small tables need more of them, and there they cost little."""
    if work.rows > effort.cv_rows:
        return effort.rounds
    within = int(_REGULAR_SHARE * effort.seconds / work.seconds(1))
    return max(_MIN_ROUNDS, min(effort.rounds_of_small, within))


def linear_seconds(effort: Effort, work: Work) -> float:
    """CPU-seconds for other linear models than the plain one."""
    return _LINEAR_SECONDS if effort.is_auto else _LINEAR_SHARE * _left(effort, work)


def affordable(effort: Effort, work: Work, shapes: Sequence[Shape]) -> list[Shape]:
    """The first of the shapes that fit into what the regular one and linear models leave of the budget.

    Tables that are too large for cross-validation on all rows have none: there the regular shape takes all.
    """
    if work.rows > effort.cv_rows:
        return []
    left = (1 - _LINEAR_SHARE) * _left(effort, work)
    if effort.is_auto:
        least, most = _EXTRA_SECONDS
        left = min(left, most, max(least, _EXTRA_SECONDS_PER_ROW * work.rows))
    chosen: list[Shape] = []
    limit = rounds_for(effort, work)
    for shape in shapes:
        trees = shape.rounds_of(limit) * shape.side_by_side(work.outputs)
        left -= work.seconds(trees)
        if left < 0:
            break
        chosen.append(shape)
    return chosen


def _left(effort: Effort, work: Work) -> float:
    """What the regular trees leave of the budget; large tables have them on a part of the rows only."""
    sampled = work.within(effort.cv_rows)
    return _SAFETY * effort.seconds - sampled.seconds(rounds_for(effort, sampled))


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
    of_small = max(_MIN_ROUNDS, round(growth * _ROUNDS_OF_SMALL / outputs**0.5))
    return Effort(rows, sampled, sampled, rounds, of_small, inputs, seconds, budget_seconds is None)
