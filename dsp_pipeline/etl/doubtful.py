"""Lines that only the exact reader can judge: which of them are records, and what is wrong with the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dsp_pipeline.etl.exact import DecodedLines, ExactRows, fault_of, readable, with_nulls
from dsp_pipeline.etl.quarantine import Reason
from dsp_pipeline.etl.records import records

if TYPE_CHECKING:
    from dsp_pipeline.etl.gate import Lines
    from dsp_pipeline.etl.layout import Layout
    from dsp_pipeline.etl.records import Record

_MIN_SWALLOWED = 3
_SWALLOWED_SHARE = 0.8
_UNCLOSED = Reason(
    "unclosed_quote", None, None, "a closed quote", "a quote is opened and not closed on its own row"
)
_STRAY = Reason("stray_quote", None, None, "a closed quote", "a quote closes that was not opened on this row")
_HEADER_AGAIN = Reason("repeated_header", None, None, "a row", "the line is the header once more")


class Cells(NamedTuple):
    """The cells of a good record, and whether there are quotes in its text that quote nothing."""

    cells: list[str | None]
    is_literal: bool = False


def judge(record: Record, raw: str, layout: Layout) -> Cells | Reason:
    """A record's cells, with null for those that are empty and not quoted; or why it does not fit."""
    reason = fault_of(record, raw, layout)
    if reason is None:
        missing = layout.width - len(record.cells)
        return Cells([*with_nulls(record, raw, layout.dialect), *[None] * missing])
    literal = _literal(raw, layout) if reason.code == "stray_quote" else None
    return Cells(literal, is_literal=True) if literal is not None else reason


def _literal(raw: str, layout: Layout) -> list[str | None] | None:
    """The cells of a line on which text stands behind closing quotes, as in ``"Foo" bar``.

    Only where nothing else can be meant: no quote is open at a delimiter, and there are as many cells as names.
    """
    dialect, text = layout.dialect, raw.rstrip("\r\n")
    if not layout.is_plain or dialect.quote is None or "\r" in text or "\n" in text:
        return None
    parts = text.split(dialect.delimiter)
    if len(parts) != layout.width or any(part.count(dialect.quote) % 2 for part in parts):
        return None
    mark = re.escape(dialect.quote)
    whole = re.compile(f"{mark}((?:[^{mark}]|{mark}{mark})*){mark}")
    found = [(part, whole.fullmatch(part)) for part in parts]
    return [
        match.group(1).replace(dialect.quote * 2, dialect.quote) if match else part or None
        for part, match in found
    ]


class Doubtful:
    """The doubtful lines of a block, read one after the other.

    Attributes:
        claimed: The lines that were read, or belong to one that was.
        good: The records among them.
        faults: The others: line, text, reasons.
        literal: How many of the good ones have quotes in their text.
    """

    def __init__(self, block: bytes, lines: Lines, layout: Layout, *, first_line: int, is_last: bool) -> None:
        self._texts = DecodedLines(block, lines.starts.tolist(), lines.ends.tolist())
        self._lines, self._layout, self._first_line = lines, layout, first_line
        self._size, self._is_last = len(block), is_last
        # The line with the quote that seemed to close a stray one: it is a stray one itself.
        self._suspect = -1
        self.claimed = np.zeros(len(lines), np.bool_)
        self.good = ExactRows(layout.names)
        self.faults: list[tuple[int, str, list[Reason]]] = []
        self.literal = 0

    def read(self) -> int:
        """Read them; returns the line (0-based) from which on the next block is needed to tell."""
        free = 0
        for place in np.flatnonzero(self._lines.doubtful).tolist():
            if place < free:
                continue
            end = self._one(place)
            if end is None:
                return int(place)
            self.claimed[place:end] = True
            free = end
        return len(self._lines)

    def _one(self, place: int) -> int | None:
        """The line behind the record that begins on a doubtful one; None if the block ends too early to tell."""
        raw = self._texts[place]
        if self._layout.header_line and raw.rstrip("\r\n").encode("utf-8", "replace") == self._layout.header_line:
            return self._fault(place, raw, _HEADER_AGAIN)
        if place == self._suspect and raw.count(self._layout.dialect.quote or "") % 2:
            return self._fault(place, raw, _STRAY)
        layout = self._layout
        found = records(self._texts, layout.dialect, start=place, max_cell=layout.max_cell_bytes)
        record = next(found, None)
        if record is None:
            return place + 1
        is_open = record.fault is not None and record.fault.code == "unclosed_quote"
        rest = self._size - int(self._lines.starts[place])
        if is_open and not self._is_last and rest <= self._layout.max_cell_bytes:
            return None
        if self._swallows(record):
            self._suspect = record.end - 1
            return self._fault(place, raw, _UNCLOSED)
        raw = "".join(self._texts[record.first : record.end])
        judged = judge(record, raw, self._layout)
        if isinstance(judged, Reason):
            self._fault(place, raw, judged)
        else:
            self.good.add(self._first_line + place, judged.cells)
            self.literal += judged.is_literal
        return record.end

    def _fault(self, place: int, raw: str, reason: Reason) -> int:
        self.faults.append((self._first_line + place, readable(raw), [reason]))
        return place + 1

    def _swallows(self, record: Record) -> bool:
        """Whether what a record's quotes hold are records themselves: then a quote was left open above them."""
        if record.fault is not None or record.end - record.first < 2:  # noqa: PLR2004 - it stands on one line
            return False
        if not self._layout.fits(len(record.cells)):
            return bool(self._lines.clean[record.first + 1 : record.end].any())
        inner = self._lines.clean[record.first + 1 : record.end - 1]
        return int(inner.sum()) >= _MIN_SWALLOWED and float(inner.mean()) >= _SWALLOWED_SHARE
