"""Whether a table's first record holds names: what stands above what, and what speaks for and against it."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl.cells import Look, is_typed_column, look
from dsp_pipeline.etl.header_rows import are_years

if TYPE_CHECKING:
    from collections.abc import Sequence

_OUTVOTED = 3
_COUNT = re.compile(r"[0-9]{1,6}")
_MIN_SERIES = 3
_MOSTLY = 0.9
_MIN_BODY = 3
_VALUE_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"[^@\s]+@[^@\s]+\.\w+",
        r"(?:https?|ftp|file)://\S+",
        r"\d{1,3}(?:\.\d{1,3}){3}",
        r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
        r"[A-Za-z]{1,5}[-_ ]?\d{2,}(?:[-_ ]?\d+)*",
        r"(?:[A-Za-z]:)?[\\/](?:[^\\/]+[\\/])+[^\\/]*",
        r"\+?[\d ()/-]{7,}",
        r"[A-Za-z_]\w*=\S.*",
        r"#\d+",
        r"(?=.*\d)[0-9a-fA-F]{16,}",
        r"[\w.-]*[\w-]\.[A-Za-z][A-Za-z0-9]{1,3}",
        r"[+-]?\d[\d.,]*\s?[^\d.,\s].*",
    )
)
"""Mail, web and IP addresses, UUIDs, codes with numbers, paths, phone numbers, settings, numbers with something
behind them, checksums, names of files: no names of columns."""


def has_names(top: Sequence[str], body: Sequence[Sequence[str]], *, declared: bool | None) -> Decision:
    """Whether a record holds the names of the columns below it.

    Args:
        top: The record's cells.
        body: The records below it, all of one width.
        declared: What the sidecar says, which always wins.
    """
    if declared is not None:
        return _said("yes" if declared else "no", "the sidecar says so", 1.0)
    # Where files were put one behind the other, the header comes again.
    columns = list(zip(*([row for row in body if list(row) != list(top)] or body), strict=True))
    looks = [look(cell) for cell in top]
    typed = [number for number, kind in enumerate(looks) if kind in {Look.NUMBER, Look.DATE}]
    told = [
        number
        for number, column in enumerate(columns[: len(top)])
        if looks[number] not in {Look.EMPTY, look(column[0])} and is_typed_column(column)
    ]
    values = sorted(set(typed) - set(told))
    if values and not _is_series(top, typed, columns) and len(told) < _OUTVOTED * len(values):
        return _said("no", f"the first record holds values such as {top[values[0]]!r}, not names", 0.9)
    if not body:
        return _said("yes", "the only record holds no numbers or dates", 0.6)
    if told:
        where = f"{len(told)} of {len(columns)} columns"
        why = f"the first record holds words above numbers, dates or booleans in {where}"
        return _said("yes", why, 0.99)
    return _by_words(top, columns)


def _by_words(top: Sequence[str], columns: Sequence[Sequence[str]]) -> Decision:
    """The decision where all columns, or all that have names, are text."""
    alike = [cell for cell, column in zip(top, columns, strict=False) if _is_shaped_like(cell, column)]
    if alike:
        return _said("no", f"the first record holds {alike[0]!r}, and all values below look like that", 0.8)
    again = [cell for cell, column in zip(top, columns, strict=False) if _times_again(cell, column) > 1]
    if again:
        return _said("no", f"the first record holds {again[0]!r}, which comes again as a value below", 0.8)
    unlike = sum(1 for cell, column in zip(top, columns, strict=False) if _is_unlike(cell, column))
    if unlike:
        why = f"the first record's words do not look like the values below in {unlike} of {len(columns)} columns"
        return _said("yes", why, 0.9)
    repeated = sum(1 for cell, column in zip(top, columns, strict=False) if _times_again(cell, column))
    if repeated > len(top) / 2 or len(set(top)) < len(top) / 2:
        return _said("no", "the first record's words come again as values below", 0.7)
    return _said("yes", "the first record's words are all different and no values below", 0.7)


def _times_again(cell: str, column: Sequence[str]) -> int:
    """How often a cell is a value of its column; a box holds nothing or its own name, which is no value."""
    is_box = {one.strip() for one in column} == {cell.strip(), ""}
    return column.count(cell) if cell.strip() and not is_box else 0


def _is_series(top: Sequence[str], typed: Sequence[int], columns: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers in a header are its names: years, or numbers counted up, with something else below."""
    if are_years(top, typed):
        return True
    names = [top[place].strip() for place in typed]
    if len(names) < _MIN_SERIES or not all(map(_COUNT.fullmatch, names)):
        return False
    numbers = [int(name) for name in names]
    counts_up = all(after - before == 1 for before, after in itertools.pairwise(numbers))
    if not counts_up or numbers[0] not in {0, 1}:
        return False
    below = [cell.strip() for place in typed if place < len(columns) for cell in columns[place]]
    counts = sum(1 for cell in below if _COUNT.fullmatch(cell))
    return len(typed) < len(top) or counts < len(below) / 2


def _is_shaped_like(cell: str, column: Sequence[str]) -> bool:
    """Whether a cell has a shape that no name has, and nearly all values of the column have it, too."""
    shapes = [one for one in _VALUE_SHAPES if one.fullmatch(cell.strip())]
    values = [value for value in column if value.strip()]
    return bool(values) and any(_share(shape, values) >= _MOSTLY for shape in shapes)


def _is_unlike(cell: str, column: Sequence[str]) -> bool:
    """Whether all values of a column have one shape, or one length, and the cell above them does not."""
    values = [value.strip() for value in column if value.strip()]
    if not cell.strip() or len(values) < _MIN_BODY:
        return False
    if any(_share(shape, values) >= _MOSTLY and not shape.fullmatch(cell.strip()) for shape in _VALUE_SHAPES):
        return True
    lengths = {len(value) for value in values}
    return len(lengths) == 1 and len(cell.strip()) not in lengths and len(set(values)) > 1


def _share(shape: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(1 for value in values if shape.fullmatch(value.strip())) / len(values)


def _said(choice: str, why: str, confidence: float) -> Decision:
    if confidence == 1:
        return Decision(what="header", choice=choice, why=why, confidence=confidence)
    other = (
        Alternative(choice="no", why_not="its words would be the values of a row")
        if choice == "yes"
        else Alternative(choice="yes", why_not="its values would be names, and a row would be missing")
    )
    return Decision(what="header", choice=choice, why=why, confidence=confidence, alternatives=[other])
