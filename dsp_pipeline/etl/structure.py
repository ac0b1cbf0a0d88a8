"""The structural gate: every record has the header's width, or is set aside with its line and the reason.

The text comes in blocks. A block that is provably well formed (gate.py) goes to Polars as it is. In any other
one the lines that are whole records go to Polars, and the doubtful ones are read one by one (exact.py): a fault
costs its own lines only. Cells are never cut, joined or moved to make a record fit; those that a file leaves off
at the ends of its rows are missing (short_rows.py). Polars has to count as many rows as the gate did.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.etl.doubtful import Doubtful, judge
from dsp_pipeline.etl.exact import (
    ExactRows,
    cell_count,
    raw_schema,
    readable,
    readable_lines,
)
from dsp_pipeline.etl.gate import Block, Lines, headers_again, kept, prove, tell_apart
from dsp_pipeline.etl.quarantine import BELOW, QUARANTINE_SCHEMA, Reason, quarantine_frame
from dsp_pipeline.etl.records import records, split_lines
from dsp_pipeline.etl.spool import Spool
from dsp_pipeline.etl.tables import LINE, StoredTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsp_pipeline.etl.footer import Footer
    from dsp_pipeline.etl.gate import Mask
    from dsp_pipeline.etl.layout import Layout

_LINE_END = re.compile(rb"\r\n|\n|\r")
_MAX_LINE_CELLS = 4
"""A line without end this many times longer than the largest cell is no table's."""

_PIECE = 1 << 23
"""Bytes that are told apart at a time where more of them had to wait for a quote that never came."""

_BELOW = Reason(BELOW, None, None, "a row", "the line stands below the table, as a total or a note")


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many records and lines a text has.

    Attributes:
        records: Records, counted by the gate and not by the tables.
        read: Those that fit the table.
        set_aside: Those that do not.
        blank_lines: Lines that hold nothing at all, or are comments; they are no records.
        below: How many of the records set aside stand below the table.
        literal: How many rows have quotes in their text that quote nothing.
    """

    records: int = 0
    read: int = 0
    set_aside: int = 0
    blank_lines: int = 0
    below: int = 0
    literal: int = 0


@dataclasses.dataclass(frozen=True)
class Structure:
    """The records of a file, told apart.

    Attributes:
        read: `LINE` and one String column per name; unquoted empty cells are null.
        set_aside: The records that do not fit, in the quarantine's schema.
        counts: How many there are.
    """

    read: StoredTable
    set_aside: StoredTable
    counts: Counts


class _Taken(NamedTuple):
    """What was made of the beginning of a text: how many bytes and lines it is, and its good records."""

    size: int
    lines: int
    frame: pl.DataFrame


def read_structure(
    blocks: Iterable[bytes], layout: Layout, footer: Footer, *, name: str, damaged: bool
) -> Structure:
    """All records of a text, in bounded memory.

    Args:
        blocks: UTF-8 without a byte order mark, cut anywhere.
        layout: What has been decided before.
        footer: Takes what stands below the table off the text; its lines are set aside.
        name: The file's name for messages.
        damaged: Whether there are bytes that are not valid UTF-8; the lines they stand on are set aside.

    Raises:
        ReadingError: A line is longer than any table's.
    """
    gate = Gate(layout, Spool(), name=name, damaged=damaged)
    frames = (frame for frame in gate.frames(footer.without(blocks)) if frame.height)
    read = StoredTable.written(frames, raw_schema(layout.names), statistics=False)
    gate.set_aside_below(footer.text)
    set_aside = StoredTable.written(gate.rejected.frames(), QUARANTINE_SCHEMA)
    return Structure(read, set_aside, gate.counts(read=read.height, set_aside=set_aside.height))


class Gate:
    """One pass over a text.

    Attributes:
        rejected: The records that do not fit, in the order of their lines, as far as the text was passed.
    """

    def __init__(self, layout: Layout, rejected: Spool, *, name: str, damaged: bool) -> None:
        """A pass that is to be made.

        Args:
            layout: What has been decided before.
            rejected: Takes the records that do not fit.
            name: The file's name for messages.
            damaged: As `read_structure` has it.
        """
        self._layout, self._name = layout, name
        self._damaged = damaged
        self._line = layout.first_data_line + 1
        self._is_open = False
        self._records = 0
        self._blank_lines = 0
        self._below = 0
        self._literal = 0
        self.rejected = rejected

    def counts(self, *, read: int, set_aside: int) -> Counts:
        """How many records and lines were passed, where so many came out.

        Raises:
            ReadingError: These are not as many as went in.
        """
        if self._records != read + set_aside:
            raise ReadingError(
                f"{self._records:,} records were counted, but {read:,} were read and {set_aside:,} rejected",
                where=self._name,
                remedy="This is a fault of the reader: report it with the file",
            )
        return Counts(self._records, read, set_aside, self._blank_lines, self._below, self._literal)

    def frames(self, blocks: Iterable[bytes]) -> Iterator[pl.DataFrame]:
        """The good records, piece by piece; empty where a piece has none."""
        waiting, skip = b"", self._layout.first_data_line
        for block, is_last in _with_last(blocks):
            told = len(waiting)
            waiting += block
            if skip:
                begin = _behind_lines(waiting, skip)
                if begin is None and not is_last:
                    continue
                waiting, skip = waiting[begin if begin is not None else len(waiting) :], 0
            if is_last and waiting and not waiting.endswith((b"\n", b"\r")):
                waiting += b"\n"
            has_quote = not self._is_open or self._is_quote_behind(waiting, told)
            if not has_quote and not is_last and len(waiting) <= self._layout.max_cell_bytes:
                # What is open stays open: there is nothing to read anew.
                continue
            while waiting:
                piece = waiting if has_quote or not self._layout.is_plain else _first_lines(waiting)
                taken = self._take(piece, is_last=is_last or len(piece) < len(waiting))
                if not taken.size:
                    break
                self._line += taken.lines
                waiting = waiting[taken.size :]
                yield taken.frame
            self._check_line(waiting)

    def _is_quote_behind(self, waiting: bytes, told: int) -> bool:
        """Whether a quote stands in a text behind the last whole line of its part that was told before."""
        quote = self._layout.dialect.quote
        return quote is None or quote.encode() in waiting[waiting.rfind(b"\n", 0, told) + 1 :]

    def set_aside_below(self, text: bytes) -> None:
        """Set aside each line of a text that stands below all records."""
        lines = split_lines(text.decode("utf-8", "surrogateescape"))
        found = [
            (self._line + place, readable(line), [_BELOW]) for place, line in enumerate(lines) if line.strip()
        ]
        self._set_aside(quarantine_frame(found))
        self._records += len(found)
        self._below += len(found)
        self._blank_lines += len(lines) - len(found)

    def _check_line(self, waiting: bytes) -> None:
        if len(waiting) > _MAX_LINE_CELLS * self._layout.max_cell_bytes:
            raise ReadingError(
                f"a line is longer than {_MAX_LINE_CELLS * self._layout.max_cell_bytes:,} bytes",
                where=f"{self._name}, line {self._line:,}",
                remedy="Check that the file is a table, or raise DSP_LIMIT_MAX_CELL_BYTES",
            )

    def _take(self, text: bytes, *, is_last: bool) -> _Taken:
        """What can be told of the beginning of a text; nothing if more of it is needed."""
        self._is_open = False
        if not is_last and text.endswith(b"\r"):
            # Its line feed may be the next block's first byte.
            text = text[:-1]
        plain = self._with_line_feeds(text) if self._layout.is_plain else None
        if plain is None:
            return self._record_by_record(text, is_last=is_last)
        block = Block(plain, self._layout)
        return self._proved(block) or self._line_by_line(block, is_last=is_last)

    def _with_line_feeds(self, text: bytes) -> bytes | None:
        """The text with LF or CRLF as line ends; None where carriage returns can't be told from cells' own."""
        if b"\r" not in text or text.count(b"\r") == text.count(b"\r\n"):
            return text
        quote = self._layout.dialect.quote
        if b"\n" in text or (quote is not None and quote.encode() in text):
            return None
        return text.replace(b"\r", b"\n")

    def _proved(self, block: Block) -> _Taken | None:
        text = block.data
        if headers_again(text, self._layout):
            return None
        proof = prove(block)
        if proof is None or (self._damaged and not _is_utf8(text[: proof.end])):
            return None
        frame = self._parsed(text[: proof.end], self._line + proof.lines)
        if frame is None:
            return None
        self._records += frame.height
        return _Taken(proof.end, proof.line_count, frame)

    def _parsed(self, text: bytes, lines: np.ndarray) -> pl.DataFrame | None:
        """Well-formed records by Polars; None if it counts other rows than the gate does."""
        frame = pl.read_csv(
            text,
            has_header=False,
            schema=dict.fromkeys(self._layout.names, pl.String),
            separator=self._layout.dialect.delimiter,
            quote_char=self._layout.dialect.quote,
            infer_schema=False,
            # Rows that lack cells at their ends may come first.
            missing_columns="raise" if self._layout.least_width is None else "insert",
        )
        if frame.height != len(lines):
            return None
        return frame.insert_column(0, pl.Series(LINE, lines, dtype=pl.Int64))

    def _line_by_line(self, told: Block, *, is_last: bool) -> _Taken:
        part = told.whole_lines()
        block = part.data
        if not block:
            return _Taken(0, 0, pl.DataFrame())
        lines = tell_apart(part, damaged=self._damaged)
        reader = Doubtful(block, lines, self._layout, first_line=self._line, is_last=is_last)
        stop = reader.read()
        self._is_open = stop < len(lines)
        within = np.arange(len(lines)) < stop
        free = within & ~reader.claimed
        keep = lines.clean & free
        clean = self._parsed(kept(block, lines, keep), self._line + np.flatnonzero(keep)) if keep.any() else None
        if clean is None and keep.any():
            return self._record_by_record(told.data, is_last=is_last)
        good = reader.good.frame()
        frame = pl.concat([clean, good]).sort(LINE) if clean is not None else good
        misfits = ~lines.clean & ~lines.blank & ~lines.doubtful & free
        self._set_aside(self._of_wrong_width(block, lines, misfits), quarantine_frame(reader.faults))
        self._literal += reader.literal
        self._records += frame.height + int(misfits.sum()) + len(reader.faults)
        self._blank_lines += int((lines.blank & free).sum())
        return _Taken(int(lines.starts[stop]) if stop < len(lines) else len(block), stop, frame)

    def _of_wrong_width(self, block: bytes, lines: Lines, misfits: Mask) -> pl.DataFrame:
        """Lines that are whole records of another width."""
        places = np.flatnonzero(misfits)
        raw = readable_lines(kept(block, lines, misfits))
        width = self._layout.width
        found = pl.DataFrame(
            {"line": self._line + places, "raw": raw, "cells": lines.delimiters[places] + 1},
            schema={"line": pl.Int64, "raw": pl.String, "cells": pl.Int64},
        )
        words = pl.format(
            "{} cell{}", "cells", pl.when(pl.col("cells") == 1).then(pl.lit("")).otherwise(pl.lit("s"))
        )
        reason = pl.struct(
            code=pl.when(pl.col("cells") < width)
            .then(pl.lit("too_few_cells"))
            .otherwise(pl.lit("too_many_cells")),
            column=pl.lit(None, dtype=pl.String),
            value=words,
            expected=pl.lit(cell_count(width)),
            message=pl.format(f"the row has {{}} where the header has {width:,}", words),
        )
        return found.select("line", "raw", reasons=pl.concat_list(reason))

    def _record_by_record(self, text: bytes, *, is_last: bool) -> _Taken:
        lines = split_lines(text.decode("utf-8", "surrogateescape"))
        good, faults = ExactRows(self._layout.names), []
        covered = position = 0
        layout = self._layout
        for record in records(lines, layout.dialect, width=layout.width, max_cell=layout.max_cell_bytes):
            is_open = record.fault is not None and record.fault.code == "unclosed_quote"
            if not is_last and (record.end == len(lines) or is_open) and len(text) <= 2 * layout.max_cell_bytes:
                self._is_open = is_open
                break
            raw = "".join(lines[record.first : record.end])
            judged = judge(record, raw, layout)
            if isinstance(judged, Reason):
                faults.append((self._line + record.first, readable(raw), [judged]))
            else:
                good.add(self._line + record.first, judged.cells)
                self._literal += judged.is_literal
            covered += record.end - record.first
            position = record.end
        else:
            position = len(lines)
        frame = good.frame()
        self._set_aside(quarantine_frame(faults))
        self._records += frame.height + len(faults)
        self._blank_lines += position - covered
        size = len("".join(lines[:position]).encode("utf-8", "surrogateescape"))
        return _Taken(size, position, frame)

    def _set_aside(self, *frames: pl.DataFrame) -> None:
        found = pl.concat(frames).sort("line", maintain_order=True)
        if found.height:
            self.rejected.add(found)


def _with_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block, and whether it is the last one."""
    remaining = iter(blocks)
    block = next(remaining, b"")
    for following in remaining:
        yield block, False
        block = following
    yield block, True


def _first_lines(text: bytes) -> bytes:
    """A text's first whole lines, as many as are told apart at a time."""
    return text[: text.rfind(b"\n", 0, _PIECE) + 1] or text


def _behind_lines(text: bytes, count: int) -> int | None:
    """Where a text goes on behind so many lines; None if it does not have them, or may not."""
    for number, end in enumerate(_LINE_END.finditer(text), start=1):
        if number == count:
            return None if end.group() == b"\r" and end.end() == len(text) else end.end()
    return None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
