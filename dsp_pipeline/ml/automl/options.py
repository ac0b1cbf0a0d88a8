"""What can be asked of the trainer, as one value that is cheap to import."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.core.sidecar import CallCosts, Task


@dataclasses.dataclass(frozen=True)
class CallOptions:
    """From which probability on to call a row the second of two classes.

    Attributes:
        threshold: "f1" for the greatest F1 score, a probability, or None.
        costs: What wrong calls cost; None if nobody said.
    """

    threshold: Literal["f1"] | float | None = None
    costs: CallCosts | None = None

    @property
    def is_said(self) -> bool:
        """Whether the owner wants classes called by a threshold, not by which is more probable."""
        return self.threshold is not None or self.costs is not None


@dataclasses.dataclass(frozen=True)
class ModelOptions:
    """How to train.

    Attributes:
        target: The column to predict; None lets the trainer propose one.
        task: What kind of prediction; None infers it from the target.
        wants_no_model: The owner said ``target: null``: fit nothing.
        budget_seconds: CPU-seconds that fitting may take; None decides by the table's size. Kept by choosing the
            work beforehand from a cost model, never by a clock, so that a seed gives the same model everywhere.
        seed: Of all randomness.
        threads: That XGBoost may use.
        clock: Seconds that only grow, to report how long each fit took; without one this is not measured,
            and two runs give the same bytes.
        call: From which probability on to call a row the second of two classes.
    """

    target: str | None = None
    task: Task | None = None
    wants_no_model: bool = False
    budget_seconds: float | None = None
    seed: int = 0
    threads: int = 1
    clock: Callable[[], float] | None = None
    call: CallOptions = CallOptions()
