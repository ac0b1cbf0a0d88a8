"""What one cell's text looks like by itself: evidence for delimiters, headers and types."""

from __future__ import annotations

import enum
import re

NULL_TOKENS = frozenset(
    {"na", "n/a", "#n/a", "#na", "<na>", "n.a.", "nan", "null", "(null)", "\\n", "none", "nil", "missing"}
    | {"-", "--", "?", ".", "#value!", "#div/0!", "#ref!", "#num!", "#name?", "k.a.", "k. a."}
)
"""Texts (lower case) that stand for a missing value where everything else is a number, date or boolean."""

TEXT_NULL_TOKENS = frozenset({"na", "n/a", "#n/a", "#na", "<na>", "nan", "null", "(null)", "\\n", "?"})
"""Texts (lower case) that stand for a missing value among words too: 'none' and '-' may be meant there."""


class Look(enum.StrEnum):
    """What a cell looks like at first sight."""

    EMPTY = "empty"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    WORD = "word"
    OTHER = "other"


_NUMBER = re.compile(
    r"[+-]?(?:[$€£]\s?)?"
    r"(?:\d+(?:[.,]\d+)?|\d{1,3}(?:([.,'\u2019 \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?|[.,]\d+)"
    r"(?:[eE][+-]?\d{1,3})?\s?[%€$£]?"
)
_DATE = re.compile(
    r"(?:\d{1,4}([-/.])\d{1,2}\1\d{1,4}|\d{1,2}[- .][A-Za-z]{3,9}[- .,]+\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2}, \d{4})"
    r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp][Mm])?(?:\s?Z|\s?[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?"
)
_BOOLEANS = frozenset({"true", "false", "yes", "no", "ja", "nein", "oui", "non", "t", "f", "y", "n", "j"})
_WORD = re.compile(r"[^\W\d_][\w .'\u2019&/()+#@-]*")
_MAX_WORD = 200


def look(cell: str) -> Look:
    """What a cell looks like; surrounding whitespace does not count."""
    text = cell.strip()
    if not text or text.lower() in NULL_TOKENS:
        return Look.EMPTY
    if _NUMBER.fullmatch(text):
        return Look.NUMBER
    if _DATE.fullmatch(text):
        return Look.DATE
    if text.lower() in _BOOLEANS:
        return Look.BOOLEAN
    if len(text) <= _MAX_WORD and _WORD.fullmatch(text):
        return Look.WORD
    return Look.OTHER
