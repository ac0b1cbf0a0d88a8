"""Models that are fitted: what they add up per row, and how that becomes a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.encoding import Matrix

ModelKind = Literal["booster", "linear", "ensemble"]

_STEEP = 30.0


class Scorer(Protocol):
    """A fitted model whose margin is a sum of contributions, so that it can be explained exactly."""

    @property
    def kind(self) -> ModelKind:
        """Which of the kinds it is, as the manifest says it."""
        ...

    @property
    def method(self) -> str:
        """How `contributions` are computed, in words."""
        ...

    @property
    def explain_seconds(self) -> float:
        """About how many CPU-seconds `contributions` takes per row."""
        ...

    @property
    def interact_seconds(self) -> float:
        """About how many CPU-seconds all interactions of the inputs take per row."""
        ...

    def margin(self, matrix: Matrix) -> Floats:
        """What the link turns into a prediction; shape (rows, outputs)."""
        ...

    def contributions(self, matrix: Matrix) -> Floats:
        """SHAP values, shape (rows, outputs, inputs + 1); the last one is the base, and they sum to the margin."""
        ...

    def to_files(self) -> dict[str, bytes]:
        """The model as files; no pickles."""
        ...


def respond(task: Task, margin: Floats) -> Floats:
    """Margins as probabilities (rows, classes) or predictions (rows, 1)."""
    if is_classes(task):
        return _sigmoid(margin[:, 0]) if margin.shape[1] == 1 else _softmax(margin)
    return np.exp(np.clip(margin, -_STEEP, _STEEP)) if task == "count" else margin


def _sigmoid(margin: Floats) -> Floats:
    positive = 1 / (1 + np.exp(-np.clip(margin, -_STEEP, _STEEP)))
    return np.column_stack([1 - positive, positive])


def _softmax(margin: Floats) -> Floats:
    grown = np.exp(margin - margin.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def guess(task: Task, y: Floats, classes: int) -> Floats:
    """What guessing answers, shape (1, outputs): the classes' shares (each seen at least once), or the mean."""
    if is_classes(task):
        counts = np.bincount(y.astype(np.int64), minlength=classes) + 1.0
        return np.asarray((counts / counts.sum())[None, :])
    return np.array([[float(y.mean())]])
