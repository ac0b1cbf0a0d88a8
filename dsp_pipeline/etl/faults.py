"""What fails: for each failed check its rows, its result in the report, and the reason of each row."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.validation import CheckResult
from dsp_pipeline.core.numbers import plain
from dsp_pipeline.core.rules import PLACEHOLDERS, filled_message, literal_message, message_parts
from dsp_pipeline.etl.remedies import remedy
from dsp_pipeline.etl.rule_checks import TEXT_PREFIX, not_computed
from dsp_pipeline.etl.shown import shown, told
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.rules import Severity
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.casting import Failure
    from dsp_pipeline.etl.rule_checks import RowCheck, TableCheck
    from dsp_pipeline.etl.tables import RawTable, StoredTable

_EXAMPLES = 5
_LOOKED_AT = 50
"""So many failing rows are looked at for examples that differ."""

_NOT_SHOWN = "[not shown]"
"""What stands in the place of a cell."""

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
class Fault:
    """Rows that fail one check.

    Attributes:
        code: What the reasons call it.
        name: The check's name.
        column: The column it is about; None for whole rows.
        columns: The columns whose values are shown.
        expected: What is expected.
        message: What a person is told, with placeholders.
        severity: ``error`` puts the rows into quarantine.
        rows: The positions of the rows, ascending (UInt32).
    """

    code: str
    name: str
    column: str | None
    columns: tuple[str, ...]
    expected: str
    message: str
    severity: Severity
    rows: pl.Series

    @property
    def published(self) -> str:
        """What is told of all the rows together, with no cell of any of them."""
        known = {"column": self._about, "expected": self.expected}
        parts = message_parts(self.message)
        return "".join(text + (known.get(name, _NOT_SHOWN) if name is not None else "") for text, name in parts)

    @property
    def _about(self) -> str:
        return self.column or ", ".join(self.columns)

    @property
    def reads(self) -> list[str]:
        """All columns whose text the reasons have."""
        named = [name for _, name in message_parts(self.message) if name is not None and name not in PLACEHOLDERS]
        return list(dict.fromkeys((*self.columns, *named)))

    @property
    def plain(self) -> Fault:
        """The same for files, which know no marks of numbers."""
        return dataclasses.replace(self, expected=plain(self.expected), message=plain(self.message))

    def within(self, start: int, height: int) -> pl.Series:
        """Those of the rows that are in a batch, by their places in it."""
        first, last = self.rows.search_sorted(start), self.rows.search_sorted(start + height)
        return self.rows[int(first) : int(last)] - start

    def values(self, cells: pl.DataFrame) -> pl.Series:
        """What stands in the columns of rows."""
        return shown(cells, self.columns)

    def messages(self, cells: pl.DataFrame) -> pl.Series:
        """What a person is told of each of these rows."""
        return told(cells, self.message, columns=self.columns, column=self._about, expected=self.expected)


def type_faults(failures: Sequence[Failure], sidecar: Sidecar) -> list[Fault]:
    """The cells that are not what their column is: bad rows, or missing values where the owner wants them so."""
    severity: Severity = "warning" if sidecar.exceptions == "null" else "error"
    return [_type_fault(failure, severity) for failure in failures]


def _type_fault(failure: Failure, severity: Severity) -> Fault:
    column = failure.column
    word = _DTYPE_WORDS[column.dtype]
    return Fault(
        "type",
        "type",
        column.name,
        (column.name,),
        word + (f" written as {column.format}" if column.format else ""),
        literal_message(f"{column.name} is not {word}"),
        severity,
        failure.rows,
    )


def rule_faults(
    raw: RawTable, typed: StoredTable, checks: Sequence[RowCheck], by_type: Sequence[Fault]
) -> list[Fault]:
    """The rows that break a rule, for each check that some row fails; the columns of one check at a time are read.

    A cell that is not of its column's type has that reason for quarantine already, and no other of that column.
    """
    if not checks:
        return []
    # Pandera costs CPU-seconds to import: only where there are rules.
    from dsp_pipeline.etl.schema import failed_rows  # noqa: PLC0415 - see above

    failing = {fault.column: fault.rows for fault in by_type if fault.severity == "error"}
    found: list[Fault] = []
    for check in checks:
        # A condition may name no column at all; it still has a row for each row.
        columns = check.columns or tuple(typed.schema)[:1]
        frame = pl.DataFrame([column_of(raw, typed, name) for name in columns])
        rows = failed_rows(frame, [check], where=raw.reading.source.said_in).get(check.name)
        if rows is not None and check.column in failing:
            rows = rows.filter(~rows.is_in(failing[check.column].implode()))
        if rows is not None and not rows.is_empty():
            found.append(
                Fault(
                    check.code,
                    check.name,
                    check.column,
                    check.shown,
                    check.expected,
                    check.message,
                    check.severity,
                    rows,
                )
            )
    return found


def column_of(raw: RawTable, typed: StoredTable, name: str) -> pl.Series:
    """A whole column for rules: typed, or as text where it is ignored or asked for with `TEXT_PREFIX`."""
    if name in typed.schema:
        return typed.column(name)
    return raw.stored.column(name.removeprefix(TEXT_PREFIX)).alias(name)


def result_of(fault: Fault, raw: RawTable) -> CheckResult:
    """A failed check in the report, with a few values and lines."""
    cells = _cells_at(raw, fault.rows.head(_LOOKED_AT), list(dict.fromkeys((LINE, *fault.reads))))
    examples = fault.values(cells).unique(maintain_order=True).head(_EXAMPLES).to_list()
    message = str(fault.messages(cells)[0])
    if fault.code == "type" and fault.name == "type":
        message = f"{message}: {', '.join(map(repr, examples))}"
    return CheckResult(
        name=fault.name,
        column=fault.column,
        passed=False,
        failed_rows=len(fault.rows),
        severity=fault.severity,
        message=message,
        examples=examples,
        code=fault.code,
        expected=fault.expected,
        lines=cells[LINE].head(_EXAMPLES).to_list(),
        remedy=remedy(fault.code, column=fault.column, severity=fault.severity),
    )


def _cells_at(raw: RawTable, rows: pl.Series, names: list[str]) -> pl.DataFrame:
    """Some rows' text, without the whole of a column in memory."""
    if raw.stored.is_small:
        return raw.stored.frame.select(names)[rows.to_list()]
    # The rows are ascending: none behind the last one is looked at.
    scan = raw.stored.scan().select(names).head(int(rows[-1]) + 1).with_row_index("__row__")
    return scan.filter(pl.col("__row__").is_in(rows.implode())).drop("__row__").collect()


def passed(check: RowCheck | TableCheck) -> CheckResult:
    """A check that nothing fails, in the report."""
    return CheckResult(
        name=check.name,
        column=check.column,
        passed=True,
        failed_rows=0,
        severity=check.severity,
        code=check.code,
        expected=check.expected,
    )


@dataclasses.dataclass(frozen=True)
class TableResults:
    """What the rules on the table as a whole come to.

    Attributes:
        results: One for each check.
        timeliness: How fresh the table is, from 0 to 1: the mean over the checks of its age; None without any.
    """

    results: list[CheckResult]
    timeliness: float | None


def table_results(
    raw: RawTable, typed: StoredTable, is_bad: pl.Series, checks: Sequence[TableCheck]
) -> TableResults:
    """What the rules on the table as a whole come to, on the rows that are not bad."""
    results: list[CheckResult] = []
    freshness: list[float] = []
    for check in checks:
        columns = check.columns or tuple(typed.schema)[:1]
        frame = pl.DataFrame([column_of(raw, typed, name) for name in columns]).filter(~is_bad)
        asked = {"holds": check.holds, "found": check.found, "freshness": check.freshness}
        try:
            met = frame.select(**{name: expr for name, expr in asked.items() if expr is not None}).row(
                0, named=True
            )
        except pl.exceptions.PolarsError as error:
            raise not_computed(check, str(error), where=raw.reading.source.said_in) from error
        results.append(_table_result(check, holds=met["holds"], found=met.get("found")))
        if check.freshness is not None:
            freshness.append(met["freshness"])
    return TableResults(results, sum(freshness) / len(freshness) if freshness else None)


def _table_result(check: TableCheck, *, holds: bool | None, found: str | None) -> CheckResult:
    """One check on the table as a whole in the report, with what was found instead."""
    result = passed(check).model_copy(update={"about": "table"})
    if holds is not False:
        return result
    values = {"value": found or "", "column": check.column or "", "expected": check.expected}
    failed = {
        "passed": False,
        "message": filled_message(check.message, values),
        "remedy": remedy(check.code, column=check.column, severity=check.severity),
    }
    return result.model_copy(update=failed)
