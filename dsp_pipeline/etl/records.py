"""The exact reader: one record after the other, with the physical lines it stands on.

It is slower than Polars and reads what Polars can't: line breaks in quotes, escapes, comments, delimiters of
several characters, lines that are at fault. A fault costs one physical line; reading goes on with the next one.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import _csv
    from collections.abc import Iterable, Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import Reading

_ENDS = "\r\n"
_ANY_SIZE = (1 << 31) - 1
"""The csv module's own bound on cells is one for the whole process: it never decides here."""

_STAND_IN = "\ud800"
"""Stands for a delimiter of several characters while the csv module reads: no decoded text has this character."""


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    """How cells and records are set apart.

    Attributes:
        delimiter: One character or several.
        quote: None means that no character quotes.
        escape: What makes the quote, the delimiter or itself a plain character; a doubled quote always is one.
        skip_space: Spaces behind delimiters do not count; with spaces as delimiters, a run of them is one, and
            tabs among them are spaces.
        comment: Lines that begin with it are no records, unless they lie within quotes.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    skip_space: bool = False
    comment: str | None = None

    @classmethod
    def of(cls, reading: Reading) -> Dialect:
        """How the records of a file that was read are set apart; their comments are not among them."""
        return cls(reading.delimiter, reading.quote, reading.escape, skip_space=reading.skip_space)


class Fault(NamedTuple):
    """Why lines make no record: a code for machines, and words for people."""

    code: str
    message: str


class Record(NamedTuple):
    """The cells that stand on the lines ``first`` to ``end`` (0-based, end exclusive), or what is wrong there."""

    first: int
    end: int
    cells: list[str]
    fault: Fault | None


_STRAY = Fault("stray_quote", "there is text behind a closing quote, or a quote is never closed")
_TOO_LARGE = Fault("cell_too_large", "a cell is larger than the limit, or a quote is never closed")


def split_lines(text: str) -> list[str]:
    r"""A text's physical lines with their ends, which are ``\n``, ``\r\n`` or ``\r``, also mixed."""
    return list(io.StringIO(text, newline=""))


def records(
    lines: Sequence[str],
    dialect: Dialect,
    *,
    start: int = 0,
    width: int | None = None,
    max_cell: int = _ANY_SIZE,
) -> Iterator[Record]:
    """The records on the lines from ``start`` on; blank lines and comments are passed over.

    Quoting is strict: text behind a closing quote, or a quote that is never closed, is a fault of the line on
    which that record began.

    Args:
        lines: Physical lines with their ends.
        dialect: How cells are set apart.
        start: The first line (0-based).
        width: How many cells a record has. Where it is given, a record that spans lines and has another number of
            cells is the work of a stray quote: it costs its first line only, and the next one is read anew.
        max_cell: How many characters a cell may have. A larger one is a fault of its record's first line.
    """
    feed = _Feed(lines, dialect, start, max_cell)
    while feed.position < len(lines):
        reader = _csv_reader(feed.rest(), dialect, strict=True)
        try:
            for cells in reader:
                first, end = feed.first, feed.position
                feed.is_fresh = True
                if feed.size > max_cell and max(map(len, cells)) > max_cell:
                    yield Record(first, first + 1, [], _TOO_LARGE)
                    feed.position = first + 1
                elif _swallows(cells, first, end, width):
                    yield Record(first, first + 1, [], _STRAY)
                    feed.position, feed.suspect = first + 1, end - 1
                elif first == feed.suspect and dialect.quote and lines[first].count(dialect.quote) % 2:
                    yield Record(first, end, [], _STRAY)
                elif cells and not _is_blank(lines, first, end, dialect):
                    yield Record(first, end, _restored(cells, dialect), None)
        except (csv.Error, _TooLargeError) as error:
            yield Record(feed.first, feed.first + 1, [], _fault(error))
            feed.position, feed.is_fresh = feed.first + 1, True


def lenient_cells(raw: str, dialect: Dialect) -> list[str]:
    """The cells of a text that may break the rules of quoting, as well as they can be told."""
    lines = [_prepared(line, dialect) for line in split_lines(raw)]
    return _restored(next(_csv_reader(lines, dialect, strict=False), []), dialect)


class _TooLargeError(Exception):
    """The cell that is open holds more than a cell may."""


class _Feed:
    """Lines on their way into the csv module, which does not tell where a record begins.

    Attributes:
        position: The line that is read next.
        first: The line on which the present record began.
        is_fresh: Whether the next line begins a record; comments can only stand there.
        suspect: The line with the quote that seemed to close a stray one; it is a stray one itself.
        size: How many characters the present record has so far.
    """

    def __init__(self, lines: Sequence[str], dialect: Dialect, start: int, max_cell: int) -> None:
        self._lines, self._dialect, self._max_cell = lines, dialect, max_cell
        self.position = self.first = start
        self.is_fresh = True
        self.size = 0
        self.suspect = -1

    def rest(self) -> Iterator[str]:
        """The lines from the position on, which may be set back in between."""
        lines, dialect, comment = self._lines, self._dialect, self._dialect.comment
        is_plain = _is_plain(dialect)
        without_quote = 0
        while self.position < len(lines):
            line = lines[self.position]
            if self.is_fresh:
                if comment is not None and line.startswith(comment):
                    self.position += 1
                    continue
                self.first, self.is_fresh, self.size, without_quote = self.position, False, 0, 0
            elif dialect.quote is not None:
                # All that stands behind the last line with a quote is within one cell.
                without_quote = 0 if dialect.quote in line else without_quote + len(line)
                if without_quote > self._max_cell:
                    raise _TooLargeError
            self.size += len(line)
            self.position += 1
            yield line if is_plain else _prepared(line, dialect)


def _is_plain(dialect: Dialect) -> bool:
    """Whether the csv module can read lines just as they are."""
    has_runs = dialect.skip_space and dialect.delimiter == " "
    return len(dialect.delimiter) == 1 and dialect.escape is None and not has_runs


def _prepared(line: str, dialect: Dialect) -> str:
    """A line in such a form that the csv module finds in it what is meant."""
    escape = dialect.escape
    if escape and escape in line:
        special = "|".join(map(re.escape, filter(None, (escape, dialect.quote, dialect.delimiter))))
        # An escape before anything else is a plain character, which the csv module would drop.
        line = re.sub(f"{re.escape(escape)}({special})?", lambda m: m[0] if m[1] else escape * 2, line)
    if len(dialect.delimiter) > 1:
        line = line.replace(dialect.delimiter, _STAND_IN)
    if dialect.delimiter == " " and dialect.skip_space:
        text = line.rstrip(_ENDS)
        line = _with_spaces(text, dialect.quote).rstrip(" ") + line[len(text) :]
    return line


def _with_spaces(text: str, quote: str | None) -> str:
    """A line with spaces for tabs; those within quotes are a cell's own."""
    if quote is None or quote not in text:
        return text.replace("\t", " ")
    mark = re.escape(quote)
    return re.sub(f"{mark}[^{mark}]*{mark}|\t", lambda match: " " if match[0] == "\t" else match[0], text)


def _restored(cells: list[str], dialect: Dialect) -> list[str]:
    if len(dialect.delimiter) == 1:
        return cells
    return [cell.replace(_STAND_IN, dialect.delimiter) for cell in cells]


def _csv_reader(lines: Iterable[str], dialect: Dialect, *, strict: bool) -> _csv.Reader:
    csv.field_size_limit(_ANY_SIZE)
    return csv.reader(
        lines,
        strict=strict,
        delimiter=dialect.delimiter if len(dialect.delimiter) == 1 else _STAND_IN,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape,
        skipinitialspace=dialect.skip_space,
    )


def _swallows(cells: Sequence[str], first: int, end: int, width: int | None) -> bool:
    return width is not None and end > first + 1 and len(cells) != width


def _is_blank(lines: Sequence[str], first: int, end: int, dialect: Dialect) -> bool:
    """Whether a line holds nothing: whitespace, and none of it separates cells (spaces alone never do)."""
    if end != first + 1 or lines[first].strip():
        return False
    return dialect.delimiter == " " or dialect.delimiter not in lines[first]


def _fault(error: Exception) -> Fault:
    if isinstance(error, _TooLargeError):
        return _TOO_LARGE
    if "unexpected end of data" in str(error):
        return Fault("unclosed_quote", "a quote is opened and never closed")
    return _STRAY
