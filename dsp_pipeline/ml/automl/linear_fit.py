"""Regularised linear models, fitted: ridge by its closed form, logistic and Poisson by scikit-learn."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from dsp_pipeline.ml.automl.linear import Linear, Term, expand
from dsp_pipeline.ml.automl.products import ProductInputs
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix

_MAX_LEVELS = 30
_KNOTS = (0.2, 0.4, 0.6, 0.8)
_MIN_DISTINCT = 8
_NEVER = -20.0
"""The margin of a class that was absent from the rows fitted on."""


@dataclasses.dataclass(frozen=True)
class LinearShape:
    """Which form a linear model has.

    Attributes:
        freedom: What divides a logistic regression's penalty; a ridge finds its own.
        bends: Whether lines may bend at quantiles of a number.
        products: Whether products of pairs of terms are inputs too.
    """

    freedom: float = 1.0
    bends: bool = False
    products: bool = False


PLAIN = LinearShape()


def fit_linear(matrix: Matrix, y: Floats, task: Task, outputs: int, *, shape: LinearShape = PLAIN) -> Linear:
    """A ridge, logistic or Poisson regression, whichever the task asks for.

    Args:
        matrix: The inputs.
        y: Class indices or quantities, one per row; at least two different ones.
        task: The task.
        outputs: Margins per row.
        shape: Its form.
    """
    terms = _terms(matrix, bends=shape.bends)
    expanded = expand(matrix, terms)
    pairs = ProductInputs.of(expanded) if shape.products else None
    inputs = expanded if pairs is None else np.hstack([expanded, pairs.values])
    if is_classes(task):
        coefficients, intercepts = _logistic(
            inputs, y.astype(np.int64), len(terms), outputs=outputs, freedom=shape.freedom
        )
    elif task == "count":
        fitted = PoissonRegressor(alpha=1e-2 / shape.freedom, max_iter=200, tol=1e-4).fit(inputs, y)
        coefficients, intercepts = np.asarray(fitted.coef_)[None, :], np.array([fitted.intercept_])
    else:
        coefficients, intercepts = _ridge(inputs, y)
    form = None if pairs is None else pairs.form(coefficients[:, len(terms) :])
    return Linear(terms, coefficients[:, : len(terms)], intercepts, form)


def count_terms(matrix: Matrix, *, bends: bool) -> int:
    """How many terms a linear model of it has, before products."""
    return len(_terms(matrix, bends=bends))


def _logistic(inputs: Floats, y: Ints, terms: int, *, outputs: int, freedom: float) -> tuple[Floats, Floats]:
    """One margin for two classes, else one per class."""
    # 1 is scikit-learn's own penalty; with more inputs than rows it has to be firmer.
    inverse = freedom * min(1.0, y.size / max(1.0, 10.0 * terms))
    fitted = LogisticRegression(C=inverse, max_iter=200, tol=1e-3).fit(inputs, y)
    if outputs == 1:
        return np.asarray(fitted.coef_), np.asarray(fitted.intercept_)
    coefficients = np.zeros((outputs, inputs.shape[1]))
    intercepts = np.full(outputs, _NEVER)
    present = np.asarray(fitted.classes_, np.int64)
    if present.size == 2:  # noqa: PLR2004 - scikit-learn keeps one margin for two classes; each gets half
        coefficients[present] = np.vstack([-fitted.coef_[0], fitted.coef_[0]]) / 2
        intercepts[present] = np.array([-fitted.intercept_[0], fitted.intercept_[0]]) / 2
    else:
        coefficients[present], intercepts[present] = fitted.coef_, fitted.intercept_
    return coefficients, intercepts


def _ridge(inputs: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Ridge regression with the penalty of the least generalised cross-validation error (Golub et al. 1979)."""
    centre = float(y.mean())
    if not inputs.shape[1]:
        return np.zeros((1, 0)), np.array([centre])
    squares, directions, projected = _principal(inputs, y - centre)
    rest = float(np.sum((y - centre) ** 2) - np.sum(projected**2))

    def error(alpha: float) -> float:
        shrink = squares / (squares + alpha)
        residual = rest + float(np.sum(((1 - shrink) * projected) ** 2))
        return residual / max(y.size - 1.0 - float(shrink.sum()), 1e-9) ** 2

    alpha = min((float(each) for each in y.size * np.logspace(-5, 2, 15)), key=error)
    coefficients = directions @ (np.sqrt(squares) / (squares + alpha) * projected)
    return coefficients[None, :], np.array([centre])


def _principal(inputs: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Squared singular values, right singular vectors as columns, and y along the left ones.

    From the smaller of the two Gram matrices: a tenth of a singular value decomposition's time.
    """
    rows, columns = inputs.shape
    if columns <= rows:
        squares, directions = np.linalg.eigh(inputs.T @ inputs)
        kept = squares > 1e-10 * squares[-1]  # below that it is rounding
        squares, directions = squares[kept], directions[:, kept]
        return squares, directions, (directions.T @ (inputs.T @ y)) / np.sqrt(squares)
    squares, left = np.linalg.eigh(inputs @ inputs.T)
    kept = squares > 1e-10 * squares[-1]
    squares, left = squares[kept], left[:, kept]
    return squares, inputs.T @ left / np.sqrt(squares), left.T @ y


def _terms(matrix: Matrix, *, bends: bool) -> tuple[Term, ...]:
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
            terms += _standardised(Term(index, "value", 0, fill, 0.0, 1.0), filled)
            if bends:
                terms += _bends(index, column[~missing], filled, fill)
        if missing.any():
            terms += _standardised(Term(index, "missing", 0, 0.0, 0.0, 1.0), missing.astype(np.float64))
    return tuple(terms)


def _bends(index: int, present: Floats, filled: Floats, fill: float) -> list[Term]:
    """One term per knot: the distance above it. Few distinct values have no room for bends."""
    if np.unique(present).size < _MIN_DISTINCT:
        return []
    terms: list[Term] = []
    for knot in np.unique(np.quantile(present, _KNOTS)).tolist():
        above = np.maximum(filled - knot, 0.0)
        terms += _standardised(Term(index, "above", 0, fill, 0.0, 1.0, knot), above)
    return terms


def _level_terms(index: int, column: Floats) -> list[Term]:
    present = column[~np.isnan(column)].astype(np.int64)
    common = np.argsort(-np.bincount(present), kind="stable")[:_MAX_LEVELS]
    terms: list[Term] = []
    for level in sorted(int(each) for each in common):
        terms += _standardised(Term(index, "level", level, 0.0, 0.0, 1.0), (column == level).astype(np.float64))
    return terms


def _standardised(term: Term, values: Floats) -> list[Term]:
    """The term with its values' mean and scale; none if they do not vary."""
    scale = float(values.std())
    if not np.isfinite(scale) or scale <= 1e-12 * max(1.0, abs(term.fill)):
        return []
    return [dataclasses.replace(term, mean=float(values.mean()), scale=scale)]
