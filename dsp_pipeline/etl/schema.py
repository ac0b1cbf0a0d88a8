"""The Pandera schemas that a table is held to: what the contract promises, and the sidecar's rules as checks.

Eager frames only: on a LazyFrame Pandera checks the schema and no values.
"""

from __future__ import annotations

import enum
import itertools
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from dsp_pipeline.etl.casting import POLARS_TYPES
from dsp_pipeline.etl.rule_checks import not_computed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsp_pipeline.core.artifacts.validation import ContractColumn
    from dsp_pipeline.etl.rule_checks import RowCheck
    from dsp_pipeline.etl.tables import StoredTable

_BATCH = 50
"""Columns per schema: Pandera's time grows with the square of their number."""

_BATCH_CELLS = 1 << 23
"""Cells per schema, so that few columns of a long table stand in memory."""

_EXAMPLES = 5


class Promise(enum.StrEnum):
    """What a contract says of a column."""

    PRESENT = "present"
    DTYPE = "dtype"
    FILLED = "filled"
    UNIQUE = "unique"


_BROKEN = {
    SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME: Promise.PRESENT,
    SchemaErrorReason.WRONG_DATATYPE: Promise.DTYPE,
    SchemaErrorReason.SERIES_CONTAINS_NULLS: Promise.FILLED,
    SchemaErrorReason.SERIES_CONTAINS_DUPLICATES: Promise.UNIQUE,
}


def broken_promises(table: StoredTable, columns: Iterable[ContractColumn]) -> dict[tuple[str, Promise], int]:
    """What a table does not keep of a contract: (column, promise) to the number of rows that are concerned.

    All rows are where a column is missing or has another type; for a value that is repeated, every row with it.
    """
    broken: dict[tuple[str, Promise], int] = {}
    there = set(table.schema)
    for batch in _batches(columns, max(1, min(_BATCH, _BATCH_CELLS // max(table.height, 1)))):
        schema = pa.DataFrameSchema({column.name: _as_column(column) for column in batch})
        found = pl.DataFrame([table.column(column.name) for column in batch if column.name in there])
        for error in _errors(schema, found):
            promise = _BROKEN[error.reason_code]
            missing = promise is Promise.PRESENT
            name = str(error.failure_cases if missing else error.schema.name)
            whole = missing or promise is Promise.DTYPE
            broken[name, promise] = table.height if whole else len(_failing(error))
    return broken


def failed_rows(table: pl.DataFrame, checks: Iterable[RowCheck], *, where: str) -> dict[str, pl.Series]:
    """For each check that some row fails, by its name: the positions of those rows (UInt32, ascending).

    Args:
        table: The typed table, with the texts that checks read beside it.
        checks: What every row has to meet.
        where: The sidecar's name for messages.

    Raises:
        SidecarError: A condition can't be computed of the values.
    """
    failed: dict[str, pl.Series] = {}
    for check in checks:
        schema = pa.DataFrameSchema(checks=[_as_check(check)])
        for error in _errors(schema, table.select(check.columns) if check.columns else table):
            if error.reason_code is SchemaErrorReason.CHECK_ERROR:
                raise not_computed(check, _cause(error), where=where) from error
            failed[check.name] = _failing(error)
    return failed


def _batches(columns: Iterable[ContractColumn], most: int) -> Iterator[list[ContractColumn]]:
    remaining = iter(columns)
    while batch := list(itertools.islice(remaining, most)):
        yield batch


def _as_column(column: ContractColumn) -> pa.Column:
    return pa.Column(POLARS_TYPES[column.dtype], nullable=column.nullable, unique=column.unique)


def _as_check(check: RowCheck) -> pa.Check:
    holds = check.holds.fill_null(value=True).alias("holds")

    def evaluate(data: pa.PolarsData) -> pl.LazyFrame:
        # A condition that names no column is one value: it stands in each row all the same.
        return data.lazyframe.with_columns(holds).select("holds")

    return pa.Check(evaluate, name=check.name, error=check.message, n_failure_cases=_EXAMPLES)


def _failing(error: SchemaError) -> pl.Series:
    met: pl.DataFrame = error.check_output
    return met.to_series().not_().arg_true()


def _cause(error: SchemaError) -> str:
    """What Polars says, which Pandera wraps in the name of the exception."""
    told = str(error.failure_cases)
    return told.partition('("')[2].removesuffix('")') or told


def _errors(schema: pa.DataFrameSchema, table: pl.DataFrame) -> list[SchemaError]:
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as errors:
        return list(errors.schema_errors)
    return []
