"""Single predictions taken apart: the typical ones, the extreme ones, and those that were wrong."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.explanations import Contribution, ExplainedRow
from dsp_pipeline.ml.automl.metrics import losses
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.insights.explained_sums import Attribution

_MAX_CONTRIBUTIONS = 10


def explain_rows(found: Attribution, table: pl.DataFrame) -> list[ExplainedRow]:
    """A handful of hold-out rows, each with why it is shown; ``row`` is the table's row, from 0.

    The largest contributions are listed one by one, the others as one, so that all add up to the margin.
    """
    chosen = _chosen(found)
    return [_explained(found, table, position, why) for position, why in chosen.items()]


def _chosen(found: Attribution) -> dict[int, str]:
    """Positions of the rows to show, each with the reason."""
    wrong = losses(found.task, found.y, found.response)
    ways = _class_ways(found) if is_classes(found.task) else _quantity_ways(found.response[:, 0])
    order = np.argsort(-wrong, kind="stable")
    said = "the most surprising outcome" if is_classes(found.task) else "the largest error"
    chosen: dict[int, str] = {}
    for position, why in [
        *ways,
        (int(order[0]), said),
        *((int(each), "another large miss") for each in order[1:3]),
    ]:
        chosen.setdefault(position, why)
    return chosen


def _quantity_ways(predicted: Floats) -> list[tuple[int, str]]:
    middle = int(np.argmin(np.abs(predicted - np.median(predicted))))
    return [
        (middle, "a typical prediction"),
        (int(predicted.argmax()), "the highest prediction"),
        (int(predicted.argmin()), "the lowest prediction"),
    ]


def _class_ways(found: Attribution) -> list[tuple[int, str]]:
    """The surest row of each of the first few classes, the typical one, and the least sure one."""
    sureness = found.response.max(axis=1)
    middle = int(np.argmin(np.abs(sureness - np.median(sureness))))
    surest = [
        (int(found.response[:, index].argmax()), f"the surest '{label}'")
        for index, label in enumerate(found.classes[:3])
    ]
    return [
        (middle, "a prediction of typical sureness"),
        *surest,
        (int(sureness.argmin()), "the least sure prediction"),
    ]


def _explained(found: Attribution, table: pl.DataFrame, position: int, why: str) -> ExplainedRow:
    row = int(found.rows[position])
    output = int(found.shown_output[position])
    values = found.by_column[position, output]
    order = np.argsort(-np.abs(values), kind="stable")
    cells = table.row(row, named=True)
    shown = order if order.size <= _MAX_CONTRIBUTIONS + 1 else order[:_MAX_CONTRIBUTIONS]
    contributions = [
        Contribution(
            feature=found.columns[index], value=as_text(cells[found.columns[index]]), shap=float(values[index])
        )
        for index in shown
    ]
    if shown.size < order.size:
        rest = order[shown.size :]
        contributions.append(
            Contribution(feature=f"{rest.size} other columns", value="", shap=float(values[rest].sum()))
        )
    prediction, actual = _outcomes(found, position)
    return ExplainedRow(
        row=row,
        why_shown=why,
        prediction=prediction,
        actual=actual,
        base=float(found.base[position, output]),
        margin=float(found.margin[position, output]),
        contributions=contributions,
    )


def _outcomes(found: Attribution, position: int) -> tuple[str, str]:
    """The prediction and the truth as text."""
    response, truth = found.response[position], float(found.y[position])
    if not is_classes(found.task):
        return as_text(float(response[0])), as_text(truth)
    best = int(response.argmax())
    return f"{found.classes[best]} ({response[best]:.1%})", found.classes[int(truth)]


def as_text(value: object) -> str:
    """A cell as a person would write it; "missing" where there is none."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "missing"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return str(value)
