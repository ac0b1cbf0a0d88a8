"""A raw table to a validated one: typed, held to rules and contract, bad rows in quarantine with their reasons."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.validation import CheckResult, Contract, Validation
from dsp_pipeline.core.errors import ValidationError
from dsp_pipeline.etl.casting import POLARS_TYPES, Failure, cast
from dsp_pipeline.etl.contract import check_contract, infer_contract, next_contract
from dsp_pipeline.etl.header import QUARANTINE_NAMES
from dsp_pipeline.etl.named import check_named_columns
from dsp_pipeline.etl.quality import measure_quality
from dsp_pipeline.etl.quarantine import QUARANTINE_SCHEMA, Reason, commonest_reasons, quarantine_frame
from dsp_pipeline.etl.rules import TEXT_PREFIX, RowCheck, row_checks
from dsp_pipeline.etl.tables import LINE, StoredTable, ValidatedTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Reading
    from dsp_pipeline.core.sidecar import Severity, Sidecar
    from dsp_pipeline.etl.tables import RawTable

_EXAMPLES = 5
_DTYPE_WORDS = {
    "int64": "a whole number",
    "float64": "a number",
    "decimal": "a number",
    "boolean": "yes or no",
    "date": "a date",
    "datetime": "a timestamp",
    "time": "a time of day",
}


@dataclasses.dataclass(frozen=True)
class _Fault:
    """Rows that fail one check: their positions, and what makes up the reason for each."""

    check: CheckResult
    code: str
    columns: tuple[str, ...]
    expected: str
    message: str
    rows: pl.Series

    def within(self, start: int, height: int) -> pl.Series:
        """Those of the rows that are in a batch, by their places in it."""
        first, last = self.rows.search_sorted(start), self.rows.search_sorted(start + height)
        return self.rows[int(first) : int(last)] - start

    def values(self, batch: pl.DataFrame, rows: pl.Series) -> list[str]:
        """What stands in the columns at these rows of a batch; with the columns' names where there are several."""
        cells = batch.select(pl.col(self.columns).gather(rows).fill_null(""))
        if len(self.columns) == 1:
            return cells.to_series().to_list()
        return [", ".join(f"{name}={cell}" for name, cell in row.items()) for row in cells.iter_rows(named=True)]


def validate(raw: RawTable, *, sidecar: Sidecar, previous: Contract | None = None) -> ValidatedTable:
    """The typed rows that meet the rules, and the others in quarantine.

    Args:
        raw: The table as read.
        sidecar: What the owner says, with what the launchpad says on top.
        previous: The contract that the dataset's last version left; differences are warnings.

    Returns:
        The table without the columns that the sidecar ignores; `Validation.rows_in` is always the sum of
        `rows_valid` and `rows_quarantined`.

    Raises:
        SidecarError: The sidecar names a column that is not there, or a rule does not fit its column.
        ValidationError: More rows are bad than the sidecar allows, or all are.
    """
    reading = raw.reading
    where = reading.source.sidecar_key or reading.source.key
    check_named_columns(sidecar, [column.name for column in reading.columns], where=where)
    ignored = set(sidecar.ignore) | set(QUARANTINE_NAMES.values())
    columns = [column for column in reading.columns if column.name not in ignored]
    typed, failures = _typed(raw, columns)
    faults, passed = _faults(raw, typed, failures, sidecar, where=where)
    is_bad = _union(raw.stored.height, (fault.rows for fault in faults if fault.check.severity == "error"))
    _check_share(raw, is_bad, faults, sidecar)
    table = _without(typed, is_bad)
    quarantine = _quarantine(raw, is_bad, faults)
    inferred = infer_contract(table, columns, version=reading.source.version)
    checks = [_structure_check(reading), *passed, *(fault.check for fault in faults)]
    checks += check_contract(previous or inferred, inferred, table, sidecar)
    validation = Validation(
        rows_in=reading.rows_in,
        rows_valid=table.height,
        rows_quarantined=quarantine.height,
        ignored_columns=[column.name for column in reading.columns if column.name in ignored],
        checks=checks,
        quality=measure_quality(table, columns, checks, rows_in=reading.rows_in, inferred=inferred),
        contract=next_contract(previous, inferred, sidecar),
    )
    _assert_conserved(validation, reading)
    return ValidatedTable(table, quarantine, validation, reading, sidecar)


def _typed(raw: RawTable, columns: Sequence[ColumnReading]) -> tuple[StoredTable, list[Failure]]:
    """The columns typed, batch by batch, and the cells that could not be."""
    failures: dict[str, list[Failure]] = {}

    def batches() -> Iterator[pl.DataFrame]:
        start = 0
        for batch in raw.stored.batches():
            typed, failed = cast(batch, columns)
            for failure in failed:
                moved = dataclasses.replace(failure, rows=failure.rows + start)
                failures.setdefault(failure.column.name, []).append(moved)
            start += batch.height
            yield typed

    typed = StoredTable.written(batches(), pl.Schema({c.name: POLARS_TYPES[c.dtype] for c in columns}))
    found = (failures[column.name] for column in columns if column.name in failures)
    return typed, [
        Failure(each[0].column, pl.concat([one.rows for one in each]), pl.concat([one.values for one in each]))
        for each in found
    ]


def _without(typed: StoredTable, is_bad: pl.Series) -> StoredTable:
    """The rows that are not bad."""
    if not is_bad.any():
        return typed

    def batches() -> Iterator[pl.DataFrame]:
        start = 0
        for batch in typed.batches():
            yield batch.filter(~is_bad[start : start + batch.height])
            start += batch.height

    return StoredTable.written(batches(), typed.schema)


def _faults(
    raw: RawTable, typed: StoredTable, failures: Sequence[Failure], sidecar: Sidecar, *, where: str
) -> tuple[list[_Fault], list[CheckResult]]:
    """What fails, cell types first, and the results of the checks that nothing fails."""
    severity: Severity = "warning" if sidecar.exceptions == "null" else "error"
    by_type = [_type_fault(failure, severity) for failure in failures]
    failing = {fault.columns[0]: fault.rows for fault in by_type}
    passed = [_passed("type", column, "error") for column in typed.schema if column not in failing]
    checks = row_checks(sidecar, _checked_schema(raw, typed), where=where)
    by_rule: list[_Fault] = []
    for check, rows in zip(checks, _failed_rows(raw, typed, checks), strict=True):
        # A cell that is not of its column's type has that reason already, if that is one for quarantine.
        told = failing.get(check.column or "") if severity == "error" else None
        new = rows if told is None else rows.filter(~rows.is_in(told.implode()))
        if new.is_empty():
            passed.append(_passed(check.name, check.column, check.severity))
        else:
            by_rule.append(_rule_fault(check, new, raw))
    return [*by_type, *by_rule], passed


def _checked_schema(raw: RawTable, typed: StoredTable) -> pl.Schema:
    """What rules may speak of: typed columns, and ignored ones as text."""
    texts = {name: dtype for name, dtype in raw.stored.schema.items() if name != LINE}
    return pl.Schema({**texts, **typed.schema})


def _failed_rows(raw: RawTable, typed: StoredTable, checks: Sequence[RowCheck]) -> list[pl.Series]:
    """The positions of the rows that fail, for each check; the columns of one check at a time are in memory."""
    if not checks:
        return []
    # Pandera costs two CPU-seconds to import: only where a table is validated.
    from dsp_pipeline.etl.schema import failed_rows  # noqa: PLC0415 - see above

    def read(name: str) -> pl.Series:
        if name in typed.schema:
            return typed.column(name)
        return raw.stored.column(name.removeprefix(TEXT_PREFIX)).alias(name)

    none = pl.Series([], dtype=pl.UInt32)
    found: list[pl.Series] = []
    for check in checks:
        # A condition may name no column at all; it still has a row for each row.
        columns = check.columns or tuple(typed.schema)[:1]
        failed = failed_rows(pl.DataFrame([read(name) for name in columns]), [check])
        found.append(failed.get(check.name, none))
    return found


def _type_fault(failure: Failure, severity: Severity) -> _Fault:
    column = failure.column
    expected = _DTYPE_WORDS[column.dtype] + (f" written as {column.format}" if column.format else "")
    message = f"{column.name} is not {_DTYPE_WORDS[column.dtype]}"
    examples = failure.values.unique(maintain_order=True).head(_EXAMPLES).to_list()
    check = CheckResult(
        name="type",
        column=column.name,
        passed=False,
        failed_rows=len(failure.rows),
        severity=severity,
        message=f"{message}: {', '.join(map(repr, examples))}",
        examples=examples,
    )
    return _Fault(check, "type", (column.name,), expected, message, failure.rows)


def _rule_fault(check: RowCheck, rows: pl.Series, raw: RawTable) -> _Fault:
    columns = tuple(name.removeprefix(TEXT_PREFIX) for name in check.columns)
    fault = _Fault(
        _passed(check.name, check.column, check.severity), check.code, columns, check.expected, check.message, rows
    )
    cells = pl.DataFrame([raw.stored.column(name) for name in columns])
    examples = list(dict.fromkeys(fault.values(cells, rows.head(_EXAMPLES * 10))))[:_EXAMPLES]
    result = CheckResult(
        name=check.name,
        column=check.column,
        passed=False,
        failed_rows=len(rows),
        severity=check.severity,
        message=check.message,
        examples=examples,
    )
    return dataclasses.replace(fault, check=result)


def _passed(name: str, column: str | None, severity: Severity) -> CheckResult:
    return CheckResult(name=name, column=column, passed=True, failed_rows=0, severity=severity)


def _structure_check(reading: Reading) -> CheckResult:
    rejected = reading.rows_rejected
    message = f"{rejected:,} of {reading.rows_in:,} records do not fit the table" if rejected else ""
    return CheckResult(
        name="structure", column=None, passed=not rejected, failed_rows=rejected, severity="error", message=message
    )


def _union(height: int, positions: Iterable[pl.Series]) -> pl.Series:
    """A mask over all rows, true at any of the positions."""
    found = pl.concat([pl.Series([], dtype=pl.UInt32), *positions]).unique()
    mask = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    return mask.scatter(found, values=True) if len(found) else mask


def _check_share(raw: RawTable, is_bad: pl.Series, faults: Sequence[_Fault], sidecar: Sidecar) -> None:
    """Raise if more rows are bad than the sidecar allows, before any reason is written out."""
    reading = raw.reading
    bad = int(is_bad.sum()) + reading.rows_rejected
    share = bad / reading.rows_in
    if share <= sidecar.max_bad_rows and bad < reading.rows_in:
        return
    counted = commonest_reasons(raw.set_aside.scan())
    counted += [(fault.message, len(fault.rows)) for fault in faults if fault.check.severity == "error"]
    counted.sort(key=lambda pair: (-pair[1], pair[0]))
    told = "; ".join(f"{rows:,} x {message}" for message, rows in counted[:10])
    raise ValidationError(
        f"{bad:,} of {reading.rows_in:,} rows ({share:.1%}) are bad, "
        f"more than the {sidecar.max_bad_rows:.1%} allowed: {told}",
        where=reading.source.key,
        remedy="Mend the rows, correct what the sidecar says of the columns, or raise max_bad_rows in it",
    )


def _quarantine(raw: RawTable, is_bad: pl.Series, faults: Sequence[_Fault]) -> StoredTable:
    """The rows that do not fit the table and those that fail a check, in the order of their lines."""
    if not is_bad.any():
        return raw.set_aside
    failed = StoredTable.written(_bad_batches(raw, is_bad, faults), QUARANTINE_SCHEMA)
    if not raw.set_aside.height:
        return failed
    merged = raw.set_aside.scan().merge_sorted(failed.scan(), key="line")
    return StoredTable.written(merged.collect_batches(maintain_order=True), QUARANTINE_SCHEMA)


def _bad_batches(raw: RawTable, is_bad: pl.Series, faults: Sequence[_Fault]) -> Iterator[pl.DataFrame]:
    start = 0
    for batch in raw.stored.batches():
        is_bad_here = is_bad[start : start + batch.height]
        if is_bad_here.any():
            yield _quarantined(batch, start, is_bad_here, faults, raw.reading)
        start += batch.height


def _quarantined(
    batch: pl.DataFrame, start: int, is_bad: pl.Series, faults: Sequence[_Fault], reading: Reading
) -> pl.DataFrame:
    """The rows of a batch that fail a check of severity error, each once, with all their reasons."""
    reasons: dict[int, list[Reason]] = {}
    for fault in faults:
        if fault.check.severity == "error":
            rows = fault.within(start, batch.height)
            for row, value in zip(rows.to_list(), fault.values(batch, rows), strict=True):
                reasons.setdefault(row, []).append(
                    Reason(fault.code, fault.check.column, value, fault.expected, fault.message)
                )
    bad = batch.filter(is_bad)
    lines, texts = bad[LINE].to_list(), _written(bad.drop(LINE), reading)
    return quarantine_frame(zip(lines, texts, (reasons[row] for row in is_bad.arg_true().to_list()), strict=True))


def _written(cells: pl.DataFrame, reading: Reading) -> list[str]:
    """Rows as text in the file's own dialect."""
    written: list[str] = []
    for row in cells.iter_rows():
        line = io.StringIO(newline="")
        escape = reading.escape or (None if reading.quote else "\\")
        writer = csv.writer(
            line,
            delimiter=reading.delimiter,
            quotechar=reading.quote,
            escapechar=escape,
            doublequote=reading.escape is None,
            quoting=csv.QUOTE_MINIMAL if reading.quote else csv.QUOTE_NONE,
            lineterminator="",
        )
        writer.writerow(row)
        written.append(line.getvalue())
    return written


def _assert_conserved(validation: Validation, reading: Reading) -> None:
    counted = validation.rows_valid + validation.rows_quarantined
    if counted != validation.rows_in:
        raise ValidationError(
            f"{validation.rows_in:,} rows came in, and {counted:,} are valid or in quarantine",
            where=reading.source.key,
            remedy="This is a fault of the validator: report it with the file",
        )
