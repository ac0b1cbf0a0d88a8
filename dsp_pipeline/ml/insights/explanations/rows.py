"""Single predictions taken apart: the typical ones, the extreme ones, and those that were wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.explanations import Contribution, ExplainedRow
from dsp_pipeline.ml.automl.metrics import losses
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.insights.explanations.words import as_text, outcomes_of, unseen_of

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.insights.explanations.counterfactuals import Neighbours
    from dsp_pipeline.ml.insights.explanations.sums import Attribution

_MAX_CONTRIBUTIONS = 10


def explain_rows(found: Attribution, table: pl.DataFrame, neighbours: Neighbours) -> list[ExplainedRow]:
    """A handful of hold-out rows, each with why it is shown; ``row`` is the table's row, from 0.

    Errors are those of answers that had not learnt from the rows; what is taken apart is the model as served.
    The largest contributions are listed one by one, the others as one, so that all add up to the margin.
    """
    return [
        _explained(found, table, position, why).model_copy(
            update={"counterfactuals": neighbours.described(position)}
        )
        for position, why in _chosen(found).items()
    ]


def _chosen(found: Attribution) -> dict[int, str]:
    """Positions of the rows to show, each with the reason."""
    wrong = losses(found.task, found.y, found.judged_response)
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
    prediction, actual = outcomes_of(found, position)
    return ExplainedRow(
        row=row,
        why_shown=why,
        prediction=prediction,
        unseen=unseen_of(found, position),
        actual=actual,
        base=float(found.base[position, output]),
        margin=float(found.margin[position, output]),
        contributions=contributions,
    )
