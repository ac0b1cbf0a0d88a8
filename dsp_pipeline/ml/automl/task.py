"""Which kind of prediction a target asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.automl.names import tokens, words_of

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats

MAX_CLASSES = 50
"""More labels than this are no classes but text."""

_FEW = 20
"""Distinct whole numbers up to which a column may be codes of classes."""

_CLASS_WORDS = words_of(
    "target label class classes category species type segment cluster group grade diagnosis digit y outcome"
)
_COUNT_WORDS = words_of(
    "count counts number num n nr visits claims events accidents awards articles goals calls orders "
    "purchases incidents children clicks deaths cases defects"
)

CLASS_TASKS: frozenset[Task] = frozenset({"binary", "multiclass", "ordinal"})


def is_classes(task: Task) -> bool:
    """Whether the task predicts one of several classes (ordered ones included)."""
    return task in CLASS_TASKS


def infer_task(column: pl.Series, kind: ColumnKind) -> tuple[Task, str]:
    """The task that a target asks for, and the reason in words.

    Args:
        column: The target; its name counts as evidence.
        kind: What the reader says of it; numeric, boolean or category.
    """
    present = column.drop_nulls()
    if kind is ColumnKind.BOOLEAN or column.dtype == pl.Boolean:
        return "binary", "it is true or false"
    distinct = present.n_unique()
    if distinct == 2:  # noqa: PLR2004 - two values are what binary means
        return "binary", "it has two values"
    if not column.dtype.is_numeric():
        return "multiclass", f"it holds {distinct} labels"
    values = present.cast(pl.Float64).to_numpy()
    return _of_numbers(column.name, values[np.isfinite(values)])


def _of_numbers(name: str, values: Floats) -> tuple[Task, str]:
    """Regression, unless whole numbers look like codes of classes or like counts."""
    words = set(tokens(name))
    levels = np.unique(values)
    whole = bool(np.all(levels == np.round(levels)))
    if not whole or levels.size == 0:
        return "regression", "it holds decimal numbers"
    if levels.size <= _FEW and _is_run(levels) and words & _CLASS_WORDS:
        return "multiclass", f"it holds {levels.size} codes and is named like a class"
    if levels[0] >= 0 and (words & _COUNT_WORDS or _looks_counted(values, levels)):
        return "count", "it holds whole numbers from zero on, most of them small"
    return "regression", "it holds whole numbers in a wide range" if levels.size > _FEW else "it holds numbers"


def _is_run(levels: Floats) -> bool:
    """Whether the levels are 0, 1, 2... or 1, 2, 3... without a gap."""
    return levels[0] in {0.0, 1.0} and levels[-1] - levels[0] == levels.size - 1


def _looks_counted(values: Floats, levels: Floats) -> bool:
    """Zeros are common, the mean is small, and the right tail is the long one: a Poisson-like shape."""
    mean = float(values.mean())
    zeros = float(np.mean(values == 0))
    tail = float(levels[-1]) - mean
    return zeros >= 0.02 and mean <= 10 and tail > 2 * mean and levels.size <= 200  # noqa: PLR2004 - the shape
