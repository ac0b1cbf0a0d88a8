"""Labels: the commonest ones each as a level, all others together as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.dashboard.explore.levels import Levels
from dsp_pipeline.dashboard.wording import clipped
from dsp_pipeline.etl.counting import commonest_first

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.dashboard.explore.levels import Codes, Divider

LABEL_LENGTH = 80
_MOST_LABELS = 254
_COMMONEST = 30
_LEAST_COVERED = 0.02
"""If the commonest labels together hold a smaller share, nearly every row is different: nothing to filter by."""


def divider(values: pl.Series, shown: Callable[[str], str]) -> Divider | None:
    """What divides a column of labels, the commonest first.

    None if the column has fewer than two labels, or so many that the commonest ones say nothing.

    Args:
        values: The whole column.
        shown: What may be shown of a label.
    """
    texts = _texts(values)
    counted = commonest_first(texts)
    missing = bool(texts.null_count())
    rows = counted["count"].to_numpy()
    if rows.size <= 1 or rows[:_COMMONEST].sum() < _LEAST_COVERED * rows.sum():
        return None
    commonest = counted["value"].head(_MOST_LABELS).to_list()

    def divide(most: int) -> Levels:
        room = most - missing
        labels = commonest if counted.height <= room else commonest[: room - 1]
        others = counted.height - len(labels)
        called = [clipped(shown(label), LABEL_LENGTH) for label in labels]
        return Levels(
            name=values.name,
            kind="category",
            labels=tuple(called),
            bounds=_distinct(called),
            ranges=False,
            others=others,
            missing=missing,
            place=lambda column: _placed(_texts(column), labels, others=bool(others)),
        )

    return divide


def _texts(values: pl.Series) -> pl.Series:
    if values.dtype == pl.String:
        return values
    if values.dtype == pl.Boolean:
        return values.replace_strict([True, False], ["true", "false"], return_dtype=pl.String)
    return values.cast(pl.String)


def _distinct(labels: list[str]) -> tuple[str, ...]:
    """The labels as links spell them: those that look the same, cut or hidden as they are, are numbered."""
    taken: dict[str, int] = {}
    spelt = []
    for label in labels:
        taken[label] = taken.get(label, 0) + 1
        spelt.append(label if taken[label] == 1 else f"{label} ({taken[label]})")
    return tuple(spelt)


def _placed(texts: pl.Series, labels: list[str], *, others: bool) -> Codes:
    """The level of each label; all others come after the listed ones, the missing ones last."""
    unlisted, missing = len(labels), len(labels) + others
    codes = texts.replace_strict(labels, range(len(labels)), default=unlisted, return_dtype=pl.UInt8)
    if not texts.null_count():
        return codes.to_numpy()
    placed = codes.fill_null(missing).to_numpy().copy()
    placed[texts.is_null().to_numpy()] = missing
    return placed
