"""Cells as a record in a file's own dialect, so that the reader reads the same cells again."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.reading import Reading

_STAND_IN = "\ud800"
"""Stands for a delimiter of several characters while the csv module writes: no decoded text has this character."""

_BOTH = "\r\n"
"""The csv module quotes a cell that holds a character of its line end, and no other line break."""

_ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


def record(cells: Sequence[str], reading: Reading, *, where: str) -> str:
    """A record with its line end.

    Args:
        cells: One for each column.
        reading: How the file was read.
        where: What to call the record in messages.

    Raises:
        InputError: A cell holds what the file's dialect has no way to write.
    """
    if reading.quote is None and reading.escape is None:
        _check_plain(cells, reading, where=where)
    delimiter = reading.delimiter if len(reading.delimiter) == 1 else _STAND_IN
    # Between spaces that set cells apart, an empty cell can't be seen unless it is quoted; a record that begins
    # with a sign may read as a comment.
    plain = reading.delimiter != " " and (cells[0][:1] or "a").isalnum()
    line = io.StringIO(newline="")
    writer = csv.writer(
        line,
        delimiter=delimiter,
        quotechar=reading.quote,
        escapechar=reading.escape,
        doublequote=reading.escape is None,
        quoting=csv.QUOTE_NONE if reading.quote is None else csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL,
        lineterminator=_BOTH,
    )
    # So the csv module quotes a cell that holds a delimiter of several characters.
    writer.writerow([cell.replace(reading.delimiter, delimiter) for cell in cells])
    text = line.getvalue().removesuffix(_BOTH)
    return text.replace(delimiter, reading.delimiter) + line_end(reading)


def line_end(reading: Reading) -> str:
    """What the file's records end with."""
    return _ENDS[reading.line_ending]


def _check_plain(cells: Sequence[str], reading: Reading, *, where: str) -> None:
    for cell in cells:
        if reading.delimiter in cell or "\n" in cell or "\r" in cell:
            raise InputError(
                f"a cell holds {reading.delimiter!r} or a line break, and the file has no quotes to write it in",
                where=where,
                remedy="Take it out of that cell",
            )
