"""Whether a model is better than guessing, and by how much, in words."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.sidecar import Task

_GRADES = ((0.02, "Barely better than guessing"), (0.15, "Somewhat better than guessing"))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A model beside guessing, on rows that neither has seen.

    Attributes:
        task: The task.
        target: What is predicted.
        rows: Rows of the hold-out.
        model: The model's headline metric there.
        baseline: Guessing's.
        gain_low: Lower end of the 95 % interval of the mean loss that the model saves per row.
        gain_high: Upper end.
        cv_gain: What it saves in cross-validation, in the headline metric.
    """

    task: Task
    target: str
    rows: int
    model: float
    baseline: float
    gain_low: float
    gain_high: float
    cv_gain: float

    @property
    def is_better(self) -> bool:
        """Whether the whole interval and cross-validation say that the model saves loss."""
        return self.gain_low > 0 and self.cv_gain > 0

    @property
    def saved(self) -> float:
        """The share of guessing's loss (squared error for a regression) that the model saves."""
        power = 2 if self.task == "regression" else 1
        return 1 - (self.model / self.baseline) ** power if self.baseline > 0 else 0.0


def in_words(comparison: Comparison, metric: str, measured: Mapping[str, float]) -> str:
    """The verdict: one to three sentences that need no knowledge of metrics."""
    figures = (
        f"on {written(comparison.rows)} rows that it had not seen its {metric} is "
        f"{written(comparison.model, '.4g')},"
        f" guessing's {written(comparison.baseline, '.4g')}"
    )
    if not comparison.is_better:
        return (
            f"No better than guessing '{comparison.target}': {figures}, and the difference may be chance."
            " Do not act on its predictions."
        )
    grade = next((words for bound, words in _GRADES if comparison.saved < bound), "Clearly better than guessing")
    return f"{grade} '{comparison.target}': {figures}. {_plainly(comparison, measured)}"


def _plainly(comparison: Comparison, measured: Mapping[str, float]) -> str:
    if not is_classes(comparison.task):
        share = f"It explains {written(comparison.saved, '.0%')} of the differences between rows"
        return f"{share}; it is off by {written(measured['mae'], '.3g')} on average."
    right = f"It names the right class in {written(measured['accuracy'], '.1%')} of rows"
    if comparison.task == "binary" and "auc" in measured:
        return (
            f"{right}, and ranks a row of one class above a row of the other in "
            f"{written(measured['auc'], '.1%')} of pairs."
        )
    return f"{right}."
