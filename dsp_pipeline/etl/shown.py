"""The values of cells in what people read: reasons, examples, messages. The one place where they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.rules import message_parts
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_VALUE = 200
"""Characters of a value that are shown; it stands whole in the row's raw text."""


def shown(cells: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """What stands in some columns of rows, as one text for each row.

    Args:
        cells: The rows, as text.
        columns: The columns; where there are several, each value follows its name.
    """
    return cells.select(_shown(columns).alias("value")).to_series()


def told(cells: pl.DataFrame, message: str, *, columns: Sequence[str], column: str, expected: str) -> pl.Series:
    """A message for each row, with its placeholders filled.

    Args:
        cells: The rows, as text; `LINE` among them.
        message: The message with placeholders, as `core.rules.message_parts` has it.
        columns: The columns that ``{value}`` stands for.
        column: What ``{column}`` stands for.
        expected: What ``{expected}`` stands for.
    """
    fixed = {"column": pl.lit(column), "expected": pl.lit(expected), "value": _shown(columns)}
    parts: list[pl.Expr] = []
    for text, name in message_parts(message):
        parts.append(pl.lit(text))
        if name is not None:
            line = pl.col(LINE).cast(pl.String)
            parts.append(line if name == "line" else fixed.get(name, _clipped(pl.col(name).fill_null(""))))
    filled = pl.concat_str(parts) if parts else pl.lit("")
    # A message without placeholders is one value: it stands in each row all the same.
    return cells.lazy().select(pl.col(LINE), filled.alias("message")).collect()["message"]


def _shown(columns: Sequence[str]) -> pl.Expr:
    if len(columns) == 1:
        return _clipped(pl.col(columns[0]).fill_null(""))
    parts = [pl.concat_str(pl.lit(f"{name}="), pl.col(name).fill_null("")) for name in columns]
    return _clipped(pl.concat_str(parts, separator=", ")) if parts else pl.lit("")


def _clipped(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.len_chars() > MAX_VALUE).then(text.str.head(MAX_VALUE - 1) + "…").otherwise(text)
