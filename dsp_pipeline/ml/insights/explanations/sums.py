"""Contributions of many rows, summed up: which columns matter, and how their values push."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Dependence, GlobalImportance
from dsp_pipeline.ml.automl.bootstrap import Resamples
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.threshold import called
from dsp_pipeline.ml.insights.explanations.effects import values_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.explanations import Interactions
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.features import Encoding

_MAX_DEPENDENCES = 8
_MAX_POINTS = 500
_WEAK = 0.02
"""Interactions below this share of what a column does alone are not worth a colour."""


@dataclasses.dataclass(frozen=True)
class Attribution:
    """SHAP values of hold-out rows.

    Attributes:
        task: The model's task.
        classes: Its labels; empty for quantities.
        columns: The table's columns that are inputs.
        inputs: The column of each input.
        by_input: Shape (rows, outputs, inputs).
        by_column: Shape (rows, outputs, columns).
        base: Shape (rows, outputs).
        margin: Shape (rows, outputs); base plus the sum over columns.
        response: Probabilities (rows, classes) or predictions (rows, 1).
        judged_response: The same of the model before it was fitted on these rows too, where it was: what tells
            how it errs on rows that it has not seen.
        y: The truth: class indices or quantities.
        rows: The table's row of each.
        additivity_error: The greatest difference between sum and margin, relative to the sum of absolute values.
        threshold: From which probability on the second of two classes is called; None for the more probable one.
        clusters: Rows with one number tell of each other; None if no two rows do.
    """

    task: Task
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    inputs: tuple[str, ...]
    by_input: Floats
    by_column: Floats
    base: Floats
    margin: Floats
    response: Floats
    judged_response: Floats
    y: Floats
    rows: Ints
    additivity_error: float
    threshold: float | None = None
    clusters: Ints | None = None

    @property
    def called(self) -> Ints:
        """The class that each row is called."""
        return called(self.response, self.threshold)

    @property
    def shown_output(self) -> Ints:
        """For each row the output that is explained: the predicted class's, or the only one."""
        if self.margin.shape[1] == 1:
            return np.zeros(self.rows.size, np.int64)
        return np.asarray(self.margin.argmax(axis=1), np.int64)


def importance_of(found: Attribution, seed: int) -> list[GlobalImportance]:
    """Mean absolute SHAP value per column (summed over classes), greatest first, with 95 % bootstrap intervals."""
    sizes = np.abs(found.by_column).sum(axis=1)
    low, high = Resamples.of(sizes.shape[0], found.clusters, seed).mean_intervals(sizes)
    means = sizes.mean(axis=0)
    return [
        GlobalImportance(
            feature=found.columns[index],
            mean_abs=float(means[index]),
            ci_low=float(low[index]),
            ci_high=float(high[index]),
        )
        for index in np.argsort(-means, kind="stable")
    ]


def dependence_of(
    found: Attribution,
    table: pl.DataFrame,
    encodings: Sequence[Encoding],
    interactions: Interactions | None,
) -> list[Dependence]:
    """SHAP values against values for the strongest input of each of the strongest columns.

    For more than two classes the values are those of the commonest predicted class's margin. Where interactions
    are known, the values of the column that interacts most come along.
    """
    output = int(np.bincount(found.shown_output).argmax())
    sizes = np.abs(found.by_column).sum(axis=1).mean(axis=0)
    shown = np.linspace(0, found.rows.size - 1, min(_MAX_POINTS, found.rows.size)).astype(np.int64)
    by_column = {each.column: each for each in encodings}
    result = []
    for index in np.argsort(-sizes, kind="stable")[:_MAX_DEPENDENCES]:
        column = found.columns[index]
        inputs = [position for position, name in enumerate(found.inputs) if name == column]
        strongest = max(inputs, key=lambda at: float(np.abs(found.by_input[:, :, at]).sum()))
        part = inputs.index(strongest)
        partner = _partner(column, interactions)
        result.append(
            Dependence(
                feature=by_column[column].names[part],
                x=_values(table[found.rows[shown]], by_column[column], part),
                shap=[float(f"{value:.6g}") for value in found.by_input[shown, output, strongest]],
                with_feature=partner,
                with_x=[] if partner is None else values_of(table[partner][found.rows[shown]]),
            )
        )
    return result


def _partner(column: str, interactions: Interactions | None) -> str | None:
    """The column that interacts most with this one; None where none does."""
    if interactions is None or column not in interactions.features:
        return None
    place = interactions.features.index(column)
    strengths = [0.0 if at == place else value for at, value in enumerate(interactions.values[place])]
    best = int(np.argmax(strengths))
    return interactions.features[best] if strengths[best] > _WEAK * interactions.values[place][place] else None


def _values(table: pl.DataFrame, encoding: Encoding, part: int) -> list[float | str | None]:
    """An input's values as people know them: labels for categories and flags, else numbers; None for missing."""
    if encoding.encoding in {"category", "flag"} and not encoding.parts[part]:
        labels: list[float | str | None] = table[encoding.column].cast(pl.String).to_list()
        return labels
    numbers = encode(table, [encoding]).values[:, part]
    return [None if np.isnan(value) else float(f"{value:.7g}") for value in numbers]
