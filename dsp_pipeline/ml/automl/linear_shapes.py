"""The linear models that compete: lines, lines that bend, and products, as far as the table's size allows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.ml.automl.linear_fit import PLAIN, LinearShape, count_terms
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.effort import Work
    from dsp_pipeline.ml.automl.encoding import Matrix

LINEAR: dict[Task, str] = {
    "binary": "Logistic regression",
    "multiclass": "Logistic regression",
    "ordinal": "Logistic regression",
    "regression": "Ridge regression",
    "count": "Poisson regression",
}
_MOST_TERMS = 64
_MOST_CELLS = 5_000_000
"""Rows times products at most: they are held in double precision while fitting."""

_LIGHTER = 10.0
_SECONDS_PER_CELL = 7e-9
"""CPU-seconds of an iterative fit per row, term and output, as measured."""

_SECONDS_PER_SQUARE = 5e-10
"""CPU-seconds of a ridge per row and squared number of terms."""


@dataclasses.dataclass(frozen=True)
class NamedShape:
    """A linear model's form, and what the leaderboard calls it."""

    name: str
    shape: LinearShape


def shapes_for(sample: Matrix, task: Task, work: Work, seconds: float) -> list[NamedShape]:
    """The plain one first, then those for which there is time.

    Args:
        sample: Some training rows.
        task: The task.
        work: How many rows, inputs, outputs and fits there are.
        seconds: CPU-seconds that others than the plain one may take in all.
    """
    name = LINEAR[task]
    chosen = [NamedShape(name, PLAIN)]
    terms = count_terms(sample, bends=False)
    candidates = [(f"{name}, bending lines", LinearShape(bends=True), count_terms(sample, bends=True))]
    if is_classes(task):
        candidates.insert(0, (f"{name}, lighter penalty", LinearShape(freedom=_LIGHTER), terms))
    pairs = terms * (terms + 1) // 2
    if terms <= _MOST_TERMS and work.rows * pairs <= _MOST_CELLS:
        products = LinearShape(products=True)
        candidates.append((f"{name}, with products", products, terms + pairs))
        if is_classes(task):
            firmer = dataclasses.replace(products, freedom=1 / _LIGHTER)
            candidates.append((f"{name}, with products, firmer penalty", firmer, terms + pairs))
    for called, shape, size in candidates:
        seconds -= _seconds(task, work, size)
        if seconds >= 0:
            chosen.append(NamedShape(called, shape))
    return chosen


def _seconds(task: Task, work: Work, terms: int) -> float:
    """About how many CPU-seconds all fits of a model with so many terms take."""
    if task == "regression":
        return work.fits * _SECONDS_PER_SQUARE * work.rows * terms**2
    return work.fits * _SECONDS_PER_CELL * work.rows * terms * work.outputs
