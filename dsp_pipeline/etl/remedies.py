"""What a person can do about a check that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp_pipeline.core.rules import Severity

_MEND = "Mend the rows in quarantine.csv and drop it with 'dsp drop --fixes'"
_STRUCTURE = f"{_MEND}; if there are many, check the delimiter and the quotes at the source"
_REMEDIES = {
    "structure": _STRUCTURE,
    "footer": "Nothing: what stands below the table is kept out of it; 'footer' under 'reading' overrules that",
    "repeated_header": "Nothing, if files were put one behind the other: the line is a header, not a row",
    "type": f"{_MEND}, or declare the column's type or format under 'types' in the sidecar",
    "unique": "Find out why the key comes again: a row exported twice, or a key that lacks a column",
    "references": "Drop the other dataset's newest file first, or mend the values that it does not have",
    "max_age": "Ask the source for a newer extract",
    "max_missing": "Ask the source why so much is missing, or raise 'max_missing'",
    "rows": "Check that the extract is complete",
    "contract.present": "Ask the source why the column is gone; if for good, name it under 'ignore'",
    "contract.known": "Nothing, if the column is meant to be there: from now on it is part of the contract",
    "contract.dtype": "Ask the source what changed; if for good, declare the type under 'types'",
    "contract.filled": "Ask the source why values are missing; a rule with not_null sets such rows aside",
    "contract.unique": "Find out why values come again; a rule with unique sets such rows aside",
}


def remedy(code: str, *, column: str | None, severity: Severity) -> str:
    """What to do next, in one sentence without a full stop.

    Args:
        code: The check's form; ``contract.*`` for what breaks the contract.
        column: The column it is about.
        severity: Whether rows were set aside for it.
    """
    if code in _REMEDIES:
        return _REMEDIES[code]
    if severity == "warning":
        return f"Look at the rows, and mend {column or 'them'} at the source"
    return f"{_MEND}, or correct the rule if they are right"
