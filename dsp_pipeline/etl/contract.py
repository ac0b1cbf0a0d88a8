"""What the next version has to be: inferred from the first one, and checked on each one after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.validation import CheckResult, Contract, ContractColumn
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.counting import distinct_integers
from dsp_pipeline.etl.remedies import remedy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.schema import Promise
    from dsp_pipeline.etl.tables import StoredTable

KEPT = "contract"
"""The name of the check that stands for a whole contract without a breach."""


def infer_contract(table: StoredTable, columns: Sequence[ColumnReading], *, version: str) -> Contract:
    """The contract that this table meets: columns, their types, which are always filled or all different."""
    found = [_column(table, column) for column in columns]
    return Contract(columns=found, inferred_from=version, rows=table.height)


def next_contract(previous: Contract | None, inferred: Contract, sidecar: Sidecar) -> Contract:
    """The contract for the next version.

    The previous one stays as it is; new columns join it, and a column whose type the sidecar declares follows it.
    """
    if previous is None:
        return inferred
    now = {column.name: column for column in inferred.columns}
    kept = [now.get(c.name, c) if c.name in sidecar.types else c for c in previous.columns]
    kept = [column for column in kept if column.name not in sidecar.ignore]
    known = {column.name for column in kept}
    new = [column for column in inferred.columns if column.name not in known]
    return Contract(columns=[*kept, *new], inferred_from=previous.inferred_from, rows=inferred.rows)


def check_contract(
    contract: Contract, inferred: Contract, table: StoredTable, sidecar: Sidecar
) -> list[CheckResult]:
    """How a table differs from what a contract promises, each breach with severity ``warning``.

    One result says so where there is none.

    Args:
        contract: What is promised.
        inferred: What this table would promise.
        table: The valid rows, typed.
        sidecar: What the owner says: ignored columns are not missed, declared types are meant.
    """
    now = {column.name: column for column in inferred.columns}
    expected = [_meant(column, now, sidecar) for column in contract.columns if column.name not in sidecar.ignore]
    broken = _broken(table, [column for column in expected if not _is_kept(column, now.get(column.name))])
    by_name = {column.name: column for column in expected}
    results = [
        _breach(promise, name, _words(promise, by_name[name], now), rows)
        for (name, promise), rows in broken.items()
    ]
    known = {column.name for column in contract.columns}
    new = [name for name in now if name not in known]
    results += [_breach("known", name, "the column is new in this version", table.height) for name in new]
    return results or [_kept(contract)]


def _is_kept(promised: ContractColumn, found: ContractColumn | None) -> bool:
    """Whether what was inferred from all values of a column proves that it keeps its promise already."""
    if found is None or found.dtype != promised.dtype:
        return False
    return (promised.nullable or not found.nullable) and (found.unique or not promised.unique)


def _broken(table: StoredTable, doubtful: Sequence[ContractColumn]) -> dict[tuple[str, Promise], int]:
    if not doubtful:
        return {}
    # Pandera costs two CPU-seconds to import: only where it has something to tell.
    from dsp_pipeline.etl.schema import broken_promises  # noqa: PLC0415 - see above

    return broken_promises(table, doubtful)


def _meant(column: ContractColumn, now: Mapping[str, ContractColumn], sidecar: Sidecar) -> ContractColumn:
    """The column with its type as it is now, where another type is no surprise: it was empty, or is declared."""
    after = now.get(column.name)
    if after is None:
        return column
    if column.name in sidecar.types or ColumnKind.EMPTY in {column.kind, after.kind}:
        return column.model_copy(update={"dtype": after.dtype})
    return column


def _words(promise: str, column: ContractColumn, now: Mapping[str, ContractColumn]) -> str:
    after = now.get(column.name)
    became = after.dtype if after else "missing"
    return {
        "present": "the column is missing in this version",
        "dtype": f"the column was {column.dtype} and is {became} now",
        "filled": "the column was always filled and has gaps now",
        "unique": "the column's values were all different and some are repeated now",
    }[promise]


def _breach(promise: str, column: str, message: str, rows: int) -> CheckResult:
    return CheckResult(
        name=f"contract.{promise}",
        column=column,
        passed=False,
        failed_rows=rows,
        severity="warning",
        message=message,
        code=f"contract.{promise}",
        remedy=remedy(f"contract.{promise}", column=column, severity="warning"),
    )


def _kept(contract: Contract) -> CheckResult:
    message = f"all {written(len(contract.columns))} columns are as in version {contract.inferred_from}"
    return CheckResult(
        name=KEPT, column=None, passed=True, failed_rows=0, severity="warning", message=message, code=KEPT
    )


def _column(table: StoredTable, column: ColumnReading) -> ContractColumn:
    nullable = table.null_counts[column.name] > 0
    may_be_unique = column.kind is ColumnKind.IDENTIFIER and not nullable
    unique = may_be_unique and _distinct(table.column(column.name)) == table.height
    return ContractColumn(name=column.name, kind=column.kind, dtype=column.dtype, nullable=nullable, unique=unique)


def _distinct(values: pl.Series) -> int:
    return distinct_integers(values) if values.dtype.is_integer() else values.n_unique()
