"""How much work fitting may be, decided beforehand from the table's size and the budget.

The seconds are estimates from measurements on two shared cores (docs/user-guide/model.md); the decision uses no
clock, so that the same table and seed give the same model everywhere.
"""

from __future__ import annotations

import dataclasses

_AUTO_SECONDS = 6.0
_FINAL_SHARE = 0.6
_SECONDS_PER_UNIT = 9e-9
"""CPU-seconds per training row, input, output and boosting round."""

_TRAIN_SHARE = 0.8
_MAX_ROWS = 200_000
_MIN_ROWS = 2_000
_CV_SHARE = 10
_MAX_INPUTS = 400
_ROUNDS = 120
_ROUNDS_OF_SMALL = 300
_MIN_ROUNDS = 40
_MAX_GROWTH = 4.0


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
    """

    rows: int
    cv_rows: int
    linear_rows: int
    rounds: int
    rounds_of_small: int
    inputs: int


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
    return Effort(rows, sampled, sampled, rounds, of_small, inputs)
