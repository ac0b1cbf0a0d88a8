"""Contributions of many rows, summed up: which columns matter, and how their values push."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.artifacts.explanations import Dependence, GlobalImportance
from dsp_pipeline.ml.automl.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.features import Encoding

_RESAMPLES = 300
_MAX_DEPENDENCES = 8
_MAX_POINTS = 500


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
        y: The truth: class indices or quantities.
        rows: The table's row of each.
        additivity_error: The greatest difference between sum and margin, relative to the sum of absolute values.
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
    y: Floats
    rows: Ints
    additivity_error: float

    @property
    def shown_output(self) -> Ints:
        """For each row the output that is explained: the predicted class's, or the only one."""
        if self.margin.shape[1] == 1:
            return np.zeros(self.rows.size, np.int64)
        return np.asarray(self.margin.argmax(axis=1), np.int64)


def importance_of(found: Attribution, seed: int) -> list[GlobalImportance]:
    """Mean absolute SHAP value per column (summed over classes), greatest first, with 95 % bootstrap intervals."""
    sizes = np.abs(found.by_column).sum(axis=1)
    rng = np.random.default_rng([seed, 22])
    rows = sizes.shape[0]
    weights = rng.multinomial(rows, np.full(rows, 1 / rows), _RESAMPLES) / rows
    low, high = np.quantile(weights @ sizes, [0.025, 0.975], axis=0)
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


def dependence_of(found: Attribution, table: pl.DataFrame, encodings: Sequence[Encoding]) -> list[Dependence]:
    """SHAP values against values for the strongest input of each of the strongest columns.

    For more than two classes the values are those of the commonest predicted class's margin.
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
        result.append(
            Dependence(
                feature=by_column[column].names[part],
                x=_values(table[found.rows[shown]], by_column[column], part),
                shap=[float(f"{value:.6g}") for value in found.by_input[shown, output, strongest]],
            )
        )
    return result


def _values(table: pl.DataFrame, encoding: Encoding, part: int) -> list[float | str | None]:
    """An input's values as people know them: labels for categories and flags, else numbers; None for missing."""
    if encoding.encoding in {"category", "flag"} and not encoding.parts[part]:
        labels: list[float | str | None] = table[encoding.column].cast(pl.String).to_list()
        return labels
    numbers = encode(table, [encoding]).values[:, part]
    return [None if np.isnan(value) else float(f"{value:.7g}") for value in numbers]
