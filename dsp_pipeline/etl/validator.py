"""A raw table to a validated one: typed, held to rules and contract, bad rows in quarantine with their reasons."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.validation import CheckResult, Contract, Validation
from dsp_pipeline.core.errors import ValidationError
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.bad_rows import quarantined
from dsp_pipeline.etl.casting import POLARS_TYPES, Failure, cast
from dsp_pipeline.etl.contract import check_contract, infer_contract, next_contract
from dsp_pipeline.etl.faults import Fault, passed, result_of, rule_faults, table_results, type_faults
from dsp_pipeline.etl.named import check_named_columns, check_some_left, ignored_columns
from dsp_pipeline.etl.quality import measure_quality
from dsp_pipeline.etl.quarantine import BELOW, reason_counts
from dsp_pipeline.etl.remedies import remedy
from dsp_pipeline.etl.rule_checks import RowCheck, TableCheck
from dsp_pipeline.etl.rules import Ruling, checks_of
from dsp_pipeline.etl.tables import StoredTable, ValidatedTable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.core.rules import Reference
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.tables import RawTable, TypedTable


@dataclasses.dataclass(frozen=True)
class Outside:
    """What has to be known besides the file.

    Attributes:
        now: The time of the analysis, with its zone.
        previous: The contract that the dataset's last version left; differences are warnings.
        referenced: The values of other datasets' columns that rules refer to; what is not there was not made yet.
    """

    now: dt.datetime
    previous: Contract | None = None
    referenced: Mapping[Reference, pl.Series] = dataclasses.field(default_factory=dict)

    @property
    def utc(self) -> dt.datetime:
        """The time in UTC, without its zone, as tables have it."""
        return self.now.astimezone(dt.UTC).replace(tzinfo=None)


def validate(raw: RawTable, *, sidecar: Sidecar, outside: Outside) -> ValidatedTable:
    """The typed rows that meet the rules, and the others in quarantine.

    Args:
        raw: The table as read.
        sidecar: What the owner says, with what the launchpad says on top.
        outside: The time, the last version's contract, and other datasets' values.

    Returns:
        The table without the columns that the sidecar ignores; `Validation.rows_in` is always the sum of
        `rows_valid` and `rows_quarantined`.

    Raises:
        SidecarError: The sidecar names a column that is not there, or ignores all; a rule does not fit its column.
        ValidationError: More rows are bad than the sidecar allows, or all are.
    """
    reading = raw.reading
    where = reading.source.said_in
    check_named_columns(sidecar, [column.name for column in reading.columns], where=where)
    ignored = ignored_columns(sidecar)
    columns = [column for column in reading.columns if column.name not in ignored]
    check_some_left(columns, where=where)
    last_rows = outside.previous.rows if outside.previous else None
    ruling = Ruling(_as_ruled(reading.columns, ignored), outside.utc, outside.referenced, last_rows, where=where)
    checks = checks_of(sidecar, ruling)
    known = _typed_already(raw, columns)
    # Where a cell's type alone makes its row bad, and no rule asks for all rows, the others are written at once.
    only_good = known is None and not checks and sidecar.exceptions != "null"
    typed, failures = (known.stored, known.failures) if known else _typed(raw, columns, only_good=only_good)
    row_checks = [check for check in checks if isinstance(check, RowCheck)]
    by_type = type_faults(failures, sidecar)
    faults = [*by_type, *rule_faults(raw, typed, row_checks, by_type)]
    is_bad = _union(raw.stored.height, (fault.rows for fault in faults if fault.severity == "error"))
    _check_share(raw, is_bad, faults, sidecar)
    table = typed if only_good else _without(typed, is_bad)
    quarantine = quarantined(raw, is_bad, faults)
    _assert_conserved(reading.rows_in, table, quarantine, where=reading.source.key)
    inferred = infer_contract(table, columns, version=reading.source.version)
    table_checks = [check for check in checks if isinstance(check, TableCheck)]
    on_table = table_results(raw, typed, is_bad, table_checks)
    results = [
        _structure_check(raw),
        *_row_results(raw, typed, faults, row_checks),
        *on_table.results,
        *check_contract(outside.previous or inferred, inferred, table, sidecar),
    ]
    validation = Validation(
        rows_in=reading.rows_in,
        rows_valid=table.height,
        rows_quarantined=quarantine.height,
        ignored_columns=[column.name for column in reading.columns if column.name in ignored],
        checks=results,
        quality=measure_quality(
            table,
            columns,
            results,
            rows_in=reading.rows_in - reading.rows_below,
            inferred=inferred,
            timeliness=on_table.timeliness,
        ),
        contract=_left_by(results, outside.previous, inferred, sidecar),
        reasons=reason_counts(quarantine.scan()),
    )
    return ValidatedTable(table, quarantine, validation, reading, sidecar)


def _left_by(
    results: Sequence[CheckResult], previous: Contract | None, inferred: Contract, sidecar: Sidecar
) -> Contract:
    """The contract for the next version; one that must not be analysed changes nothing of the last one's."""
    if previous is not None and any(check.blocks for check in results):
        return previous
    return next_contract(previous, inferred, sidecar)


def _typed_already(raw: RawTable, columns: Sequence[ColumnReading]) -> TypedTable | None:
    """The table as it was typed in reading, if it has the columns that are wanted."""
    names = [column.name for column in columns]
    return raw.typed if raw.typed is not None and list(raw.typed.stored.schema) == names else None


def _typed(
    raw: RawTable, columns: Sequence[ColumnReading], *, only_good: bool
) -> tuple[StoredTable, list[Failure]]:
    """The columns typed, batch by batch, and the cells that could not be; with or without these cells' rows."""
    failures: dict[str, list[Failure]] = {}

    def batches() -> Iterator[pl.DataFrame]:
        start = 0
        for batch in raw.stored.batches():
            typed, failed = cast(batch, columns)
            for failure in failed:
                moved = dataclasses.replace(failure, rows=failure.rows + start)
                failures.setdefault(failure.column.name, []).append(moved)
            start += batch.height
            yield (
                typed.filter(~_union(batch.height, (one.rows for one in failed)))
                if only_good and failed
                else typed
            )

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


def _as_ruled(columns: Iterable[ColumnReading], ignored: Collection[str]) -> list[ColumnReading]:
    """What rules may speak of: columns as they are typed, and ignored ones as text."""
    as_text = {"dtype": "string", "format": None}
    return [column.model_copy(update=as_text) if column.name in ignored else column for column in columns]


def _row_results(
    raw: RawTable, typed: StoredTable, faults: Sequence[Fault], checks: Sequence[RowCheck]
) -> list[CheckResult]:
    """What the checks on rows come to, those that nothing fails included."""
    failed = {(fault.name, fault.column) for fault in faults}
    results = [_passed_type(column) for column in typed.schema if ("type", column) not in failed]
    results += [passed(check) for check in checks if (check.name, check.column) not in failed]
    return [*results, *(result_of(fault, raw) for fault in faults)]


def _passed_type(column: str) -> CheckResult:
    return CheckResult(name="type", column=column, passed=True, failed_rows=0, severity="error", code="type")


def _structure_check(raw: RawTable) -> CheckResult:
    reading = raw.reading
    rejected = reading.rows_rejected - reading.rows_below
    if not rejected:
        return CheckResult(
            name="structure", column=None, passed=True, failed_rows=0, severity="error", code="structure"
        )
    return CheckResult(
        name="structure",
        column=None,
        passed=False,
        failed_rows=rejected,
        severity="error",
        message=f"{written(rejected)} of {written(reading.rows_in)} records do not fit the table",
        code="structure",
        lines=_first_misfits(raw),
        remedy=remedy("structure", column=None, severity="error"),
    )


def _first_misfits(raw: RawTable) -> list[int]:
    """The first lines that do not fit the table; what stands below it is no fault."""
    code = pl.col("reasons").list.first().struct.field("code")
    found = raw.set_aside.scan().filter(code != BELOW).select("line").head(5)
    return found.collect()["line"].to_list()


def _union(height: int, positions: Iterable[pl.Series]) -> pl.Series:
    """A mask over all rows, true at any of the positions."""
    found = pl.concat([pl.Series([], dtype=pl.UInt32), *positions]).unique()
    mask = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    return mask.scatter(found, values=True) if len(found) else mask


def _check_share(raw: RawTable, is_bad: pl.Series, faults: Sequence[Fault], sidecar: Sidecar) -> None:
    """Raise if more rows are bad than the sidecar allows, before any reason is written out."""
    reading = raw.reading
    if reading.rows_in == reading.rows_below:
        raise ValidationError(
            "the table has no rows", where=reading.source.key, remedy="Drop it again when it has rows"
        )
    bad = int(is_bad.sum()) + reading.rows_rejected - reading.rows_below
    share = bad / reading.rows_in
    if share <= sidecar.max_bad_rows and bad < reading.rows_in - reading.rows_below:
        return
    misfits = reason_counts(raw.set_aside.scan())
    counted = [(reason.rows, reason.message, reason.message) for reason in misfits if reason.code != BELOW]
    errors = [fault for fault in faults if fault.severity == "error"]
    counted += [(len(fault.rows), result_of(fault, raw).message, fault.published) for fault in errors]
    counted.sort(key=lambda each: (-each[0], each[1]))
    found = f"{written(bad)} of {written(reading.rows_in)} rows ({written(share, '.1%')}) are bad"
    is_over = share > sidecar.max_bad_rows
    why = f"more than the {written(sidecar.max_bad_rows, '.1%')} allowed" if is_over else "so no row is left"
    said = f"{found}, {why}: "
    what = said + "; ".join(f"{written(rows)} x {message}" for rows, message, _ in counted[:10])
    published = said + "; ".join(f"{written(rows)} x {message}" for rows, _, message in counted[:10])
    raise ValidationError(
        what,
        where=reading.source.key,
        remedy="Mend the rows, correct what the sidecar says of the columns, or raise max_bad_rows in it"
        if is_over
        else "Mend the rows, or correct what the sidecar says of the columns",
        published=what if sidecar.personal_data == "allow" else published,
    )


def _assert_conserved(rows_in: int, table: StoredTable, quarantine: StoredTable, *, where: str) -> None:
    """Raise unless the records that the gate counted in the bytes are as many as the rows in the files written."""
    valid, bad = table.counted_in_file(), quarantine.counted_in_file()
    if valid + bad != rows_in:
        raise ValidationError(
            f"{rows_in:,} rows came in, and {valid:,} valid and {bad:,} bad ones were written",
            where=where,
            remedy="This is a fault of the validator: report it with the file",
        )
