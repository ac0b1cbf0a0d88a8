"""Regularised linear models, fitted: ridge by its closed form, logistic and Poisson by scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from dsp_pipeline.ml.automl.linear import Linear, Term, expand
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix

_MAX_LEVELS = 30
_NEVER = -20.0
"""The margin of a class that was absent from the rows fitted on."""


def fit_linear(matrix: Matrix, y: Floats, task: Task, outputs: int, *, freedom: float = 1.0) -> Linear:
    """A ridge, logistic or Poisson regression, whichever the task asks for.

    Args:
        matrix: The inputs.
        y: Class indices or quantities, one per row; at least two different ones.
        task: The task.
        outputs: Margins per row.
        freedom: What divides a logistic regression's penalty; a ridge finds its own.
    """
    terms = _terms(matrix)
    expanded = expand(matrix, terms)
    if is_classes(task):
        return _logistic(terms, expanded, y.astype(np.int64), outputs=outputs, freedom=freedom)
    if task == "count":
        fitted = PoissonRegressor(alpha=1e-2, max_iter=200, tol=1e-4).fit(expanded, y)
        return Linear(terms, np.asarray(fitted.coef_)[None, :], np.array([fitted.intercept_]))
    return _ridge(terms, expanded, y)


def _logistic(terms: tuple[Term, ...], expanded: Floats, y: Ints, *, outputs: int, freedom: float) -> Linear:
    """One margin for two classes, else one per class."""
    # 1 is scikit-learn's own penalty; with more inputs than rows it has to be firmer.
    inverse = freedom * min(1.0, y.size / max(1.0, 10.0 * len(terms)))
    fitted = LogisticRegression(C=inverse, max_iter=200, tol=1e-3).fit(expanded, y)
    if outputs == 1:
        return Linear(terms, np.asarray(fitted.coef_), np.asarray(fitted.intercept_))
    coefficients = np.zeros((outputs, len(terms)))
    intercepts = np.full(outputs, _NEVER)
    present = np.asarray(fitted.classes_, np.int64)
    if present.size == 2:  # noqa: PLR2004 - scikit-learn keeps one margin for two classes; each gets half
        coefficients[present] = np.vstack([-fitted.coef_[0], fitted.coef_[0]]) / 2
        intercepts[present] = np.array([-fitted.intercept_[0], fitted.intercept_[0]]) / 2
    else:
        coefficients[present], intercepts[present] = fitted.coef_, fitted.intercept_
    return Linear(terms, coefficients, intercepts)


def _ridge(terms: tuple[Term, ...], expanded: Floats, y: Floats) -> Linear:
    """Ridge regression with the penalty of the least generalised cross-validation error (Golub et al. 1979)."""
    centre = float(y.mean())
    if not terms:
        return Linear(terms, np.zeros((1, 0)), np.array([centre]))
    left, singular, right = np.linalg.svd(expanded, full_matrices=False)
    projected = left.T @ (y - centre)
    rest = float(np.sum((y - centre) ** 2) - np.sum(projected**2))

    def error(alpha: float) -> float:
        shrink = singular**2 / (singular**2 + alpha)
        residual = rest + float(np.sum(((1 - shrink) * projected) ** 2))
        return residual / max(y.size - 1.0 - float(shrink.sum()), 1e-9) ** 2

    alpha = min((float(each) for each in y.size * np.logspace(-5, 2, 15)), key=error)
    coefficients = right.T @ (singular / (singular**2 + alpha) * projected)
    return Linear(terms, coefficients[None, :], np.array([centre]))


def _terms(matrix: Matrix) -> tuple[Term, ...]:
    """The expanded inputs of training rows, each with what standardises it."""
    terms: list[Term] = []
    for index in range(matrix.values.shape[1]):
        column = matrix.values[:, index].astype(np.float64)
        missing = np.isnan(column)
        if matrix.categories[index]:
            terms += _level_terms(index, column)
        elif not missing.all():
            fill = float(np.mean(column[~missing]))
            filled = np.where(missing, fill, column)
            terms += _standardised(index, "value", 0, filled, fill)
        if missing.any():
            terms += _standardised(index, "missing", 0, missing.astype(np.float64), 0.0)
    return tuple(terms)


def _level_terms(index: int, column: Floats) -> list[Term]:
    present = column[~np.isnan(column)].astype(np.int64)
    common = np.argsort(-np.bincount(present), kind="stable")[:_MAX_LEVELS]
    terms: list[Term] = []
    for level in sorted(int(each) for each in common):
        terms += _standardised(index, "level", level, (column == level).astype(np.float64), 0.0)
    return terms


def _standardised(
    index: int, kind: Literal["value", "missing", "level"], level: int, values: Floats, fill: float
) -> list[Term]:
    scale = float(values.std())
    if not np.isfinite(scale) or scale <= 1e-12 * max(1.0, abs(fill)):
        return []
    return [Term(index, kind, level, fill, float(values.mean()), scale)]
