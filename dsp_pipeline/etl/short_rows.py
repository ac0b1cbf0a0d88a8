"""Rows that end before the table does: some programs write no cell behind the last one that holds something.

A record that lost a cell by accident looks the same, and has its values in the wrong columns. So short rows are
read only where they are systematic: many of them, among whole ones, hardly any row with an empty last cell (which
such a program never writes), and the same kind of values in each column whether its rows are short or whole: of
text, none of the few words that whole rows have further right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.cells import is_typed_column

if TYPE_CHECKING:
    from collections.abc import Sequence

_MIN_ROWS = 3
_MIN_SHARE = 0.1
_MAX_EMPTY_ENDS = 0.1
"""So many rows with an empty last cell, per short one, may have been mended or added by hand."""

_MIN_VALUES, _MIN_REPEATS, _MAX_MOVED = 10, 3, 0.1
"""The words of a column are known where it has so many cells, and each word so often in the mean; up to such a
share of short rows may have others."""

_CONFIDENCE, _UNSURE = 0.75, 0.5


class ShortRows(NamedTuple):
    """How few cells a row may have, and why that is fewer than the table has; None where it is not."""

    least: int | None
    decision: Decision | None


def settle_short_rows(rows: Sequence[Sequence[str]], width: int, *, said: str | None) -> ShortRows:
    """Whether rows with fewer cells than names lack empty ones at their ends.

    Args:
        rows: The first records below the header.
        width: How many cells the header has.
        said: What the sidecar says, which always wins: ``fill`` or ``quarantine``.
    """
    if said == "fill":
        return ShortRows(1, _decision("the sidecar says so", 1.0))
    short = [row for row in rows if len(row) < width]
    is_named = width > max((len(row) for row in rows), default=0)
    if said == "quarantine" or not (
        are_systematic(rows, width, has_titles=False) or (is_named and _are_alike(rows))
    ):
        return ShortRows(None, None)
    why = f"{written(len(short))} of the first {written(len(rows))} rows have fewer than {written(width)} cells, "
    why += "as all have" if is_named else "and the same kind of values in each column as the others"
    why += ": the last cells of rows are left off where they hold nothing"
    is_typed = is_typed_column([row[0] for row in rows])
    return ShortRows(1 if is_typed else 2, _decision(why, _UNSURE if is_named else _CONFIDENCE))


def are_systematic(rows: Sequence[Sequence[str]], width: int, *, has_titles: bool = True) -> bool:
    """Whether rows that are short stand among whole ones, and are no accidents.

    Args:
        rows: The first records.
        width: How many cells a whole row has.
        has_titles: Whether titles may stand above the first whole row.
    """
    places = [place for place, row in enumerate(rows) if len(row) == width]
    if len(places) < max(_MIN_ROWS, _MIN_SHARE * len(rows)) or max(map(len, rows)) > width:
        return False
    # Titles above a table and notes below it are short, too.
    among = rows[places[0] if has_titles else 0 : places[-1]]
    short = [row for row in among if 1 < len(row) < width]
    if len(short) < max(_MIN_ROWS, _MIN_SHARE * len(rows)) or not _end_filled(rows, len(short)):
        return False
    whole = [rows[place] for place in places]
    columns = [_filled(whole, place) for place in range(width)]
    return all(
        _are_of_one_kind(column, others := _filled(short, place))
        and not _are_moved(others, column, columns[place:])
        for place, column in enumerate(columns)
    )


def _are_alike(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows that are never as wide as the header are all of one width, or do not end with empty cells."""
    widths = set(map(len, rows))
    return len(rows) >= _MIN_ROWS and min(widths) > 1 and (len(widths) == 1 or _end_filled(rows, len(rows)))


def _filled(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place] for row in rows if place < len(row) and row[place].strip()]


def _are_of_one_kind(column: Sequence[str], others: Sequence[str]) -> bool:
    """Whether both are numbers, dates and the like, or neither; a few values tell nothing."""
    is_told = min(len(column), len(others)) >= _MIN_ROWS
    return not is_told or is_typed_column(column) == is_typed_column(others)


def _are_moved(cells: Sequence[str], column: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether short rows have words in a column that whole rows have in one further right only.

    Args:
        cells: What short rows have in the column.
        column: What whole rows have there.
        rest: The same of that column and all behind it.
    """
    own = set(column)
    strange = [cell for cell in cells if cell not in own]
    if len(strange) < max(_MIN_ROWS, _MAX_MOVED * len(cells)) or len(column) < _MIN_VALUES:
        return False
    if _are_few(column) and not _are_few(strange):
        return True
    known = [set(other) for other in rest[1:] if len(other) >= _MIN_VALUES and _are_few(other)]
    return any(sum(cell in words for cell in strange) * 2 > len(strange) for words in known)


def _are_few(cells: Sequence[str]) -> bool:
    """Whether the same few words stand in a column again and again."""
    return len(set(cells)) * _MIN_REPEATS <= len(cells)


def _end_filled(rows: Sequence[Sequence[str]], short: int) -> bool:
    return sum(1 for row in rows if not row[-1].strip()) <= _MAX_EMPTY_ENDS * short


def _decision(why: str, confidence: float) -> Decision:
    return Decision(
        what="short rows",
        choice="read, without values at their ends",
        why=why,
        confidence=confidence,
        alternatives=[Alternative(choice="set aside", why_not="nothing else is wrong with them")],
    )
