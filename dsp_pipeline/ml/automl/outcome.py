"""The target as numbers: which rows have one, and what it is there."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.task import MAX_CLASSES, infer_task, is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Floats, Ints

MIN_ROWS = 20
"""Rows with a target below which nothing can be learnt and judged."""

MIN_CLASS_ROWS = 8
"""Rows of a class below which it cannot be both learnt and judged."""

_MAX_RARE_SHARE = 0.2

_UNFIT = {
    ColumnKind.EMPTY: "has no value at all",
    ColumnKind.CONSTANT: "has the same value in every row",
    ColumnKind.DATE: "is a date; a model predicts classes and quantities",
    ColumnKind.TIMESTAMP: "is a point in time; a model predicts classes and quantities",
    ColumnKind.TIME: "is a time of day; a model predicts classes and quantities",
    ColumnKind.TEXT: "is free text; a model predicts classes and quantities",
    ColumnKind.IDENTIFIER: "identifies rows; there is nothing in it to learn",
}


class NoModelError(Exception):
    """There is no model to fit; the message is the verdict, without a full stop."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A target ready to be learnt.

    Attributes:
        task: What is predicted.
        task_reason: Why that task.
        target: The column.
        classes: The labels in order; empty for quantities. The last of two is the positive one.
        rows: Table rows (0-based, ascending) that have a usable target.
        y: For each of these the class's index or the quantity.
        notes: What was left out, in words.
    """

    task: Task
    task_reason: str
    target: str
    classes: tuple[str, ...]
    rows: Ints
    y: Floats
    notes: tuple[str, ...]

    @property
    def outputs(self) -> int:
        """Margins per row: one, or one per class where there are more than two."""
        return len(self.classes) if len(self.classes) > 2 else 1  # noqa: PLR2004 - two classes need one margin


def outcome_of(column: pl.Series, kind: ColumnKind, task: Task | None) -> Outcome:
    """A column as a target.

    Args:
        column: The typed column, nulls included.
        kind: What the reader says of it.
        task: What the owner wants; None infers it.

    Raises:
        NoModelError: The column cannot be learnt, with the reason.
    """
    if kind in _UNFIT:
        raise NoModelError(f"'{column.name}' {_UNFIT[kind]}")
    if task is None:
        task, reason = infer_task(column, kind)
    else:
        reason = "the task was given"
    outcome = _classes(column, task, reason) if is_classes(task) else _quantity(column, task, reason)
    if outcome.rows.size < MIN_ROWS:
        raise NoModelError(
            f"'{column.name}' is known in {outcome.rows.size} rows only; {MIN_ROWS} are needed to learn and judge"
        )
    return outcome


def _missing_note(column: pl.Series, usable: int) -> list[str]:
    lost = column.len() - usable
    return [f"{written(lost)} rows without a usable '{column.name}' are left out"] if lost else []


def _quantity(column: pl.Series, task: Task, reason: str) -> Outcome:
    if not column.dtype.is_numeric():
        raise NoModelError(f"'{column.name}' holds {column.dtype} values, not the numbers that {task} needs")
    values = column.cast(pl.Float64).to_numpy().astype(np.float64)
    # Squares of values beyond this overflow in single precision, which the boosters compute in.
    usable = np.isfinite(values) & (np.abs(values) < 1e18)  # noqa: PLR2004 - see above
    if task == "count":
        usable &= values >= 0
    rows = np.flatnonzero(usable)
    y = values[rows]
    if np.unique(y).size < 2:  # noqa: PLR2004 - one value is constant
        raise NoModelError(f"'{column.name}' {_UNFIT[ColumnKind.CONSTANT]}")
    return Outcome(task, reason, column.name, (), rows, y, tuple(_missing_note(column, rows.size)))


def _classes(column: pl.Series, task: Task, reason: str) -> Outcome:
    labels = labels_of(column)
    counts = _ordered_counts(column, labels)
    kept = [label for label, count in counts if count >= MIN_CLASS_ROWS]
    rare = {label: count for label, count in counts if count < MIN_CLASS_ROWS}
    _check_classes(column.name, task, kept, rare, sum(count for _, count in counts))
    code = labels.replace_strict(kept, range(len(kept)), default=None, return_dtype=pl.Float64)
    rows = np.flatnonzero(code.is_not_null().to_numpy())
    notes = _missing_note(column, rows.size + sum(rare.values()))
    if rare:
        named = ", ".join(f"'{label}'" for label in list(rare)[:5])
        notes.append(f"{len(rare)} classes with fewer than {MIN_CLASS_ROWS} rows are left out ({named})")
    y = code.to_numpy()[rows].astype(np.float64)
    return Outcome(task, reason, column.name, tuple(kept), rows, y, tuple(notes))


def _check_classes(name: str, task: Task, kept: list[str], rare: dict[str, int], total: int) -> None:
    """Raise where the classes cannot be learnt."""
    if len(kept) + len(rare) < 2:  # noqa: PLR2004 - one class is constant
        raise NoModelError(f"'{name}' {_UNFIT[ColumnKind.CONSTANT] if total else _UNFIT[ColumnKind.EMPTY]}")
    if task == "binary" and len(kept) + len(rare) > 2:  # noqa: PLR2004 - what binary means
        raise NoModelError(f"'{name}' has {len(kept) + len(rare)} values; a binary task needs two")
    lost = sum(rare.values())
    if len(kept) > MAX_CLASSES or (len(kept) + len(rare) > MAX_CLASSES and lost > _MAX_RARE_SHARE * total):
        raise NoModelError(
            f"'{name}' has {written(len(kept) + len(rare))} different labels, too many to be classes"
        )
    if len(kept) < 2:  # noqa: PLR2004 - see above
        label, count = min(rare.items(), key=lambda item: (item[1], item[0]))
        raise NoModelError(
            f"'{name}' has {count} rows of class '{label}'; {MIN_CLASS_ROWS} are needed to learn and judge"
        )


def labels_of(column: pl.Series) -> pl.Series:
    """The column as text labels, null where missing; whole decimals are written without the point."""
    if column.dtype.is_float():
        column = column.replace([float("nan")], [None])
        present = column.drop_nulls()
        if bool((present == present.round()).all()) and bool((present.abs() < 1e15).all()):  # noqa: PLR2004 - exact
            column = column.cast(pl.Int64)
    return column.cast(pl.String)


def _ordered_counts(column: pl.Series, labels: pl.Series) -> list[tuple[str, int]]:
    """Each label with its rows, in the values' own order."""
    order = column.cast(pl.String) if column.dtype in {pl.Categorical, pl.Enum} else column
    frame = pl.DataFrame({"label": labels, "order": order}).drop_nulls("label")
    grouped = frame.group_by("label").agg(pl.len().alias("n"), pl.col("order").first()).sort("order", "label")
    return list(zip(grouped["label"].to_list(), grouped["n"].to_list(), strict=True))
