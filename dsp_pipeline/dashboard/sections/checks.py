"""What was checked, what was wrong, where, and what to do about it; and the rows that were set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp_pipeline.core.numbers import marked, plain
from dsp_pipeline.dashboard.view import Grid
from dsp_pipeline.dashboard.wording import NONE, clipped, plural, whole
from dsp_pipeline.etl.remedies import remedy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsp_pipeline.core.artifacts.validation import CheckResult, Validation
    from dsp_pipeline.dashboard.sections.material import Material

MOST_CHECKS = 60
MOST_QUARANTINED = 20
_RAW_LENGTH = 240
_ON_WIDTHS = frozenset({"too_few_cells", "too_many_cells"})
"""Reasons whose messages hold counts, and nothing from the file."""


def problems(validation: Validation) -> Grid | None:
    """The checks that failed; None where none did."""
    failed = _ordered(check for check in validation.checks if not check.passed)
    if not failed:
        return None
    rows = tuple(
        (
            _result(check),
            _name(check),
            check.column or "whole rows",
            whole(check.failed_rows) if check.about == "rows" else "the table",
            _lines(check),
            check.message or NONE,
            clipped(", ".join(check.examples[:3]), 80) or NONE,
            check.remedy or NONE,
        )
        for check in failed[:MOST_CHECKS]
    )
    header = ("Result", "Check", "Column", "Rows", "Lines", "What is wrong", "For example", "What to do")
    left_out = _left_out(len(failed), "failed")
    return Grid(header, rows, "What is wrong, where, and what to do", numeric=frozenset({3}), left_out=left_out)


def every(validation: Validation) -> Grid:
    """All checks, those that failed first."""
    rows = tuple(
        (
            _result(check),
            _name(check),
            check.column or "whole rows",
            whole(check.failed_rows),
            check.expected or NONE,
        )
        for check in _ordered(validation.checks)[:MOST_CHECKS]
    )
    header = ("Result", "Check", "Column", "Rows failed", "Expected")
    left_out = _left_out(len(validation.checks), "mostly passed")
    return Grid(header, rows, "Checks", numeric=frozenset({3}), left_out=left_out)


def summary(validation: Validation) -> str:
    """How many checks passed."""
    checks = validation.checks
    if not checks:
        return "Nothing was checked."
    failed = sum(not check.passed for check in checks)
    return f"{whole(len(checks) - failed)} of {plural(len(checks), 'check')} passed."


def reasons(validation: Validation) -> Grid | None:
    """Why rows were set aside; None where none was."""
    if not validation.reasons:
        return None
    rows = tuple(
        (
            reason.code.replace("_", " "),
            reason.column or NONE,
            clipped(_told(reason.message, reason.code, reason.column, validation.checks), 120),
            whole(reason.rows),
            remedy(reason.code, column=reason.column, severity="error"),
        )
        for reason in validation.reasons
    )
    header = ("Reason", "Column", "For example", "Rows", "What to do")
    return Grid(header, rows, "Why rows were set aside", numeric=frozenset({3}))


def quarantined(material: Material) -> Grid | None:
    """The first rows that were set aside, as they stand in the file; None where none was."""
    height = material.validated.quarantined.height
    if not height:
        return None
    found = material.quarantined(MOST_QUARANTINED)
    left_out = f"The first {MOST_QUARANTINED} of {whole(height)}; all are in quarantine.csv. "
    mending = "Mend them there and drop it with 'dsp drop quarantine.csv --fixes'."
    return Grid(
        ("Line", "Text as it stands in the file", "Reasons"),
        tuple(_quarantined_row(row, material.validation.checks) for row in found.iter_rows(named=True)),
        "Quarantined rows",
        numeric=frozenset({0}),
        left_out=f"{left_out if height > MOST_QUARANTINED else ''}{mending}",
    )


def _told(message: str, code: str, column: str | None, checks: Iterable[CheckResult]) -> str:
    """A reason's message, which the quarantine keeps plain, with the numbers marked that it has from its check."""
    if code in _ON_WIDTHS:
        return marked(message)
    for check in checks:
        if (check.code, check.column) == (code, column) and check.expected:
            message = message.replace(plain(check.expected), check.expected)
    return message


def _ordered(checks: Iterable[CheckResult]) -> list[CheckResult]:
    return sorted(checks, key=lambda check: (check.passed, check.severity != "error", -check.failed_rows))


def _result(check: CheckResult) -> str:
    return "passed" if check.passed else "failed" if check.severity == "error" else "warning"


def _name(check: CheckResult) -> str:
    return check.name.replace("_", " ")


def _lines(check: CheckResult) -> str:
    more = " ..." if len(check.lines) < check.failed_rows else ""
    return (", ".join(map(whole, check.lines)) + more) if check.lines else NONE


def _left_out(count: int, which: str) -> str:
    hidden = count - MOST_CHECKS
    return f"{whole(hidden)} more, {which}, are in validation.json." if hidden > 0 else ""


def _quarantined_row(row: dict[str, Any], checks: Sequence[CheckResult]) -> tuple[str, str, str]:
    texts = [
        f"{reason['column'] + ': ' if reason['column'] else ''}"
        f"{_told(reason['message'] or reason['code'], reason['code'], reason['column'], checks)}"
        for reason in row["reasons"] or []
    ]
    line = row["line"]
    return (
        whole(line) if isinstance(line, int) else NONE,
        clipped(str(row["raw"] or ""), _RAW_LENGTH),
        clipped("; ".join(texts), _RAW_LENGTH),
    )
