"""The exact half of the structural gate: record by record, with the reason where one does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import polars as pl

from dsp_pipeline.etl.quarantine import Reason
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from dsp_pipeline.etl.layout import Layout
    from dsp_pipeline.etl.records import Dialect, Record

_BATCH_CELLS = 400_000
_ENDS = "\r\n"
_SURROGATE = re.compile("[\ud800-\udfff]")


class DecodedLines(Sequence[str]):
    """The lines of a block as text, decoded when asked for; bytes that are not UTF-8 become surrogates."""

    def __init__(self, block: bytes, starts: Sequence[int], ends: Sequence[int]) -> None:
        self._block, self._starts, self._ends = block, starts, ends

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, line: int) -> str: ...
    @overload
    def __getitem__(self, line: slice) -> list[str]: ...
    def __getitem__(self, line: int | slice) -> str | list[str]:
        if isinstance(line, slice):
            return [self[one] for one in range(len(self))[line]]
        return self._block[self._starts[line] : self._ends[line] + 1].decode("utf-8", "surrogateescape")


class ExactRows:
    """Good records on their way into frames, turned into columns every so often to keep memory small."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._lines: list[int] = []
        self._rows: list[list[str | None]] = []
        self._frames: list[pl.DataFrame] = []

    def add(self, line: int, cells: list[str | None]) -> None:
        """Take in a record that begins on a line (1-based)."""
        self._lines.append(line)
        self._rows.append(cells)
        if len(self._rows) * len(self._names) >= _BATCH_CELLS:
            self._flush()

    def frame(self) -> pl.DataFrame:
        """All of them."""
        self._flush()
        return pl.concat([pl.DataFrame(schema=raw_schema(self._names)), *self._frames])

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            series = [
                pl.Series(name, cells, dtype=pl.String) for name, cells in zip(self._names, columns, strict=True)
            ]
            self._frames.append(pl.DataFrame([pl.Series(LINE, self._lines, dtype=pl.Int64), *series]))
            self._lines, self._rows = [], []


def raw_schema(names: Sequence[str]) -> pl.Schema:
    """The columns of a table as it was read."""
    return pl.Schema({LINE: pl.Int64(), **dict.fromkeys(names, pl.String())})


def fault_of(record: Record, raw: str, layout: Layout) -> Reason | None:
    """Why a record does not fit the table; None if it does."""
    if "\x00" in raw:
        return Reason("nul", None, None, "text", "the row holds a NUL byte")
    if _SURROGATE.search(raw):
        return Reason("encoding", None, None, "valid UTF-8", "the row holds bytes that are not valid UTF-8")
    if record.fault is not None:
        return Reason(record.fault.code, None, None, cell_count(layout.width), record.fault.message)
    if not layout.fits(len(record.cells)):
        return width_reason(len(record.cells), layout.width)
    return None


def width_reason(found: int, width: int) -> Reason:
    """That a record has more or fewer cells than the header."""
    return Reason(
        code="too_few_cells" if found < width else "too_many_cells",
        column=None,
        value=cell_count(found),
        expected=cell_count(width),
        message=f"the row has {cell_count(found)} where the header has {width:,}",
    )


def cell_count(count: int) -> str:
    """A number of cells in words."""
    return f"{count:,} cell{'' if count == 1 else 's'}"


def readable(raw: str) -> str:
    r"""A record's text without its last line end; bytes that are not valid UTF-8 as ``\xff``."""
    return raw.rstrip(_ENDS).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def readable_lines(raw: bytes) -> list[str]:
    """The same of records of one line each, every one of which has its line feed."""
    lines = raw.decode("utf-8", "backslashreplace").split("\n")[:-1]
    return [line.rstrip(_ENDS) for line in lines] if b"\r" in raw else lines


def with_nulls(record: Record, raw: str, dialect: Dialect) -> list[str | None]:
    """The cells of a good record, with null for those that are empty and not quoted."""
    if "" not in record.cells:
        return list(record.cells)
    quote = dialect.quote
    is_special = dialect.escape or dialect.skip_space or len(dialect.delimiter) > 1
    if quote is None or quote * 2 not in raw or is_special:
        return [cell or None for cell in record.cells]
    written = _written_cells(raw.rstrip(_ENDS), quote, dialect.delimiter)
    return [cell if text else None for cell, text in zip(record.cells, written, strict=True)]


def _written_cells(raw: str, quote: str, delimiter: str) -> list[str]:
    """Each cell of a well-formed record as it is written, quotes included."""
    mark, stop = re.escape(quote), re.escape(delimiter)
    return re.findall(f"({mark}(?:[^{mark}]|{mark}{mark})*{mark}|[^{stop}]*){stop}", raw + delimiter)
