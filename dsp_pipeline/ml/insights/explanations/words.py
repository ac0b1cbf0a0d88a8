"""Cells, predictions and truths as a person would write them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.automl.threshold import called

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.insights.explanations.sums import Attribution


def as_text(value: object) -> str:
    """A cell as a person would write it; "missing" where there is none."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "missing"
    if isinstance(value, float):
        return written(value, ".6g")
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return str(value)


def outcomes_of(found: Attribution, position: int) -> tuple[str, str]:
    """The prediction and the truth of one of an attribution's rows, as text."""
    truth = float(found.y[position])
    actual = found.classes[int(truth)] if is_classes(found.task) else as_text(truth)
    return _answered(found, found.response[position]), actual


def unseen_of(found: Attribution, position: int) -> str | None:
    """What was predicted of a row before the model was fitted on it too; None if that was the same."""
    unseen = _answered(found, found.judged_response[position])
    return None if unseen == _answered(found, found.response[position]) else unseen


def _answered(found: Attribution, response: Floats) -> str:
    if not is_classes(found.task):
        return as_text(float(response[0]))
    best = int(called(response[None, :], found.threshold)[0])
    return f"{found.classes[best]} ({written(response[best], '.1%')})"
