"""Tables into matrices, by the encodings that were chosen in training."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.ml.automl.features import Encoding, part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.automl.arrays import Bools, Ints, Singles

_DTYPES: dict[str, pl.DataType] = {
    "number": pl.Float64(),
    "flag": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "time": pl.Time(),
    "text": pl.String(),
    "category": pl.String(),
}


@dataclasses.dataclass(frozen=True)
class Matrix:
    """Inputs of rows.

    Attributes:
        values: Shape (rows, inputs), single precision; NaN is missing; categories are level numbers.
        names: The inputs' names.
        categories: Which inputs hold level numbers.
        columns: The table's column that each input comes from.
    """

    values: Singles
    names: tuple[str, ...]
    categories: Bools
    columns: tuple[str, ...]

    def take(self, rows: Ints) -> Matrix:
        """The matrix of these rows."""
        return dataclasses.replace(self, values=self.values[rows])


def encode(table: pl.DataFrame, encodings: Sequence[Encoding]) -> Matrix:
    """The matrix of a table. Labels that training never saw are missing, or rare where training had rare ones."""
    # A frame's schema is made anew each time it is asked for, at a cost that grows with its columns.
    table = table.select(each.column for each in encodings)
    schema = table.schema
    expressions = [each for encoding in encodings for each in _expressions(encoding, schema[encoding.column])]
    columns = table.select(each.alias(str(index)) for index, each in enumerate(expressions)).get_columns()
    values = np.empty((table.height, len(columns)), np.float32, order="F")
    for index, column in enumerate(columns):
        values[:, index] = column.to_numpy()
    values[np.isinf(values)] = np.nan
    return Matrix(
        values=values,
        names=tuple(name for each in encodings for name in each.names),
        categories=np.array(
            [each.encoding == "category" and not part for each in encodings for part in each.parts]
        ),
        columns=tuple(each.column for each in encodings for _ in each.parts),
    )


def _expressions(each: Encoding, dtype: pl.DataType) -> list[pl.Expr]:
    """One single-precision expression per part."""
    wanted = _DTYPES[each.encoding]
    source = pl.col(each.column)
    if type(dtype) is not type(wanted) and not (each.encoding == "number" and dtype.is_numeric()):
        source = source.cast(wanted, strict=False)
    if each.encoding == "category":
        return [_category(source, each, part) for part in each.parts]
    cast = pl.Float32()
    if each.encoding in {"number", "flag"}:
        return [source.cast(cast)]
    return [part_of(source, part).cast(cast) for part in each.parts]


def _category(source: pl.Expr, each: Encoding, part: str) -> pl.Expr:
    """A label's number, or its share of the training rows."""
    if part == "frequency":
        known = pl.Series(each.shares, dtype=pl.Float32)
        rest: float | None = 0.0
    else:
        known = pl.Series(range(len(each.levels)), dtype=pl.Float32)
        rest = float(len(each.levels)) if each.has_other else None
    found = source.replace_strict(list(each.levels), known, default=rest, return_dtype=pl.Float32)
    return pl.when(source.is_not_null()).then(found)
