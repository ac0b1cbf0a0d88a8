"""Which columns work together: exact SHAP interaction values, on as many rows as half a second allows.

Lundberg et al. (2020): a row's prediction as a sum over pairs of inputs. XGBoost computes them for trees; of a
linear model only its products have some. Weights of an ensemble apply to them as to all SHAP values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.explanations import Interactions
from dsp_pipeline.ml.automl.ensemble import Ensemble
from dsp_pipeline.ml.automl.linear import Linear, expand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.scorers import Scorer

_MAX_SECONDS = 0.4
_MAX_ROWS = 200
_MIN_ROWS = 10
_MAX_CELLS = 4_000_000
_MOST_FEATURES = 12


def interactions_of(scorer: Scorer, matrix: Matrix, columns: Sequence[str]) -> Interactions | None:
    """Mean absolute interactions of the strongest columns.

    Args:
        scorer: The model.
        matrix: Rows of the hold-out.
        columns: The strongest ones first; the first twelve are shown.

    Returns:
        None where fewer than ten rows fit the time or memory: wide tables and many classes.
    """
    inputs = matrix.values.shape[1]
    outputs = scorer.margin(matrix.take(np.arange(1))).shape[1]
    by_time = int(_MAX_SECONDS / max(scorer.interact_seconds, 1e-9))
    rows = min(_MAX_ROWS, by_time, _MAX_CELLS // (outputs * (inputs + 1) ** 2), matrix.values.shape[0])
    if rows < _MIN_ROWS:
        return None
    few = matrix.take(np.linspace(0, matrix.values.shape[0] - 1, rows).astype(np.int64))
    shown = list(columns[:_MOST_FEATURES])
    by_column = _by_column(_values(scorer, few, outputs), few, shown)
    strengths = np.abs(by_column).sum(axis=1).mean(axis=0)
    doubled = strengths * np.where(np.eye(len(shown)) > 0, 1.0, 2.0)
    return Interactions(
        features=shown, values=[[float(f"{value:.4g}") for value in row] for row in doubled], rows=rows
    )


def _values(scorer: Scorer, matrix: Matrix, outputs: int) -> Floats:
    """Interaction values, shape (rows, outputs, inputs, inputs)."""
    if isinstance(scorer, Ensemble):
        parts = [each.weight * _values(each.scorer, matrix, outputs) for each in scorer.members]
        return np.asarray(np.sum(parts, axis=0))
    if isinstance(scorer, Linear):
        return _of_line(scorer, matrix)
    # Only here: it brings XGBoost, which a linear model does without.
    from dsp_pipeline.ml.automl.booster import Booster  # noqa: PLC0415 - see above

    if not isinstance(scorer, Booster):
        raise TypeError(f"no interactions are known of a model of the kind {scorer.kind}")
    return scorer.interactions(matrix)


def _of_line(scorer: Linear, matrix: Matrix) -> Floats:
    """A linear model's: each input alone, but for products of two inputs, of which each has half.

    The halves are interventional ones with the inputs' own distributions as background; what is left of an input's
    contribution is what it does alone.
    """
    alone = scorer.contributions(matrix)[:, :, :-1]
    result = np.zeros((*alone.shape, alone.shape[2]))
    if scorer.products is not None:
        factors = scorer.products.factors(expand(matrix, scorer.terms))
        belongs = np.zeros((len(scorer.terms), alone.shape[2]))
        belongs[np.arange(len(scorer.terms)), [term.input for term in scorer.terms]] = 1
        for output, weights in enumerate(scorer.products.weights):
            for row, own in enumerate(factors):
                result[row, output] = belongs.T @ (weights * np.outer(own, own)) @ belongs
    places = np.arange(alone.shape[2])
    result[:, :, places, places] = 0
    result[:, :, places, places] = alone - result.sum(axis=3)
    return result


def _by_column(values: Floats, matrix: Matrix, columns: Sequence[str]) -> Floats:
    """Added up by pairs of columns, shape (rows, outputs, columns, columns)."""
    chosen = np.array([[name == column for column in columns] for name in matrix.columns], np.float64)
    return np.asarray(np.einsum("roij,ia,jb->roab", values, chosen, chosen, optimize=True))
