"""Tables into matrices, by the encodings that were chosen in training."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.ml.automl.features import Encoding, part_of
from dsp_pipeline.ml.automl.topics import topic_values

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
    made = [_expressions(encoding, schema[encoding.column]) for encoding in encodings]
    flat = [expression for each in made for expression in each]
    columns = iter(table.select(each.alias(str(index)) for index, each in enumerate(flat)).get_columns())
    values = np.empty((table.height, sum(len(each.parts) for each in encodings)), np.float32, order="F")
    index = 0
    for encoding, expressions in zip(encodings, made, strict=True):
        for _ in expressions:
            values[:, index] = next(columns).to_numpy()
            index += 1
        if encoding.topics is not None:
            found = topic_values(table[encoding.column].cast(pl.String), encoding.topics)
            values[:, index : index + found.shape[1]] = found
            index += found.shape[1]
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
    """One single-precision expression per part; topics, which come last, are none."""
    wanted = _DTYPES[each.encoding]
    source = pl.col(each.column)
    if type(dtype) is not type(wanted) and not (each.encoding == "number" and dtype.is_numeric()):
        source = source.cast(wanted, strict=False)
    if each.encoding == "category":
        return [_category(source, each, part) for part in each.parts]
    cast = pl.Float32()
    if each.encoding in {"number", "flag"}:
        return [source.cast(cast)]
    return [part_of(source, part).cast(cast) for part in each.parts if not part.startswith("topic")]


def _category(source: pl.Expr, each: Encoding, part: str) -> pl.Expr:
    """A label's number, its share of the training rows, or what these come to on average."""
    levels: Sequence[str] = each.levels
    rest: float | None
    if part.startswith("outcome") and each.typical is not None:
        output = int(part.removeprefix("outcome") or 1) - 1
        levels, rest = each.typical.levels, each.typical.prior[output]
        known = pl.Series(each.typical.means[output], dtype=pl.Float32)
    elif part == "frequency":
        known = pl.Series(each.shares, dtype=pl.Float32)
        rest = 0.0
    else:
        known = pl.Series(range(len(each.levels)), dtype=pl.Float32)
        rest = float(len(each.levels)) if each.has_other else None
    found = source.replace_strict(list(levels), known, default=rest, return_dtype=pl.Float32)
    return pl.when(source.is_not_null()).then(found)
