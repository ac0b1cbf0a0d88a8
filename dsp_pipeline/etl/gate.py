"""The quick half of the structural gate: a block of text proved well formed, or told apart line by line.

Both work on bytes with NumPy, a few operations per block and none per record. What neither can tell is left to the
exact reader (exact.py), one doubtful line after the other.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.layout import Layout

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_NEWLINE, _RETURN, _SPACE = 10, 13, 32
_ABOVE_ASCII = 128
_SLICE = 1 << 17
"""Bytes that are looked through at a time: what is made of so many stays in the processor's cache."""


@dataclasses.dataclass(frozen=True)
class Specials:
    """The bytes of a block that set cells and records apart, or quote them.

    Attributes:
        places: Where they stand.
        is_end: Which are line feeds.
        is_quote: Which are quotes.
        is_free: Which are neither quotes nor within them.
    """

    places: Places
    is_end: Mask
    is_quote: Mask
    is_free: Mask

    def upto(self, end: int) -> Specials:
        """Those before a place."""
        count = int(np.searchsorted(self.places, end))
        return Specials(self.places[:count], self.is_end[:count], self.is_quote[:count], self.is_free[:count])


@dataclasses.dataclass(frozen=True)
class Block:
    """A piece of text that begins where a record begins; its special bytes are looked for once.

    Attributes:
        data: UTF-8; line ends are LF or CRLF.
        layout: What is expected.
    """

    data: bytes
    layout: Layout

    @property
    def text(self) -> Bytes:
        """The bytes as numbers."""
        return np.frombuffer(self.data, np.uint8)

    @functools.cached_property
    def specials(self) -> Specials:
        """What sets its cells and records apart."""
        quote = self.layout.quote_byte
        has_quote = quote is not None and quote in self.data
        return _specials(self.text, self.layout, has_quote=has_quote)

    def whole_lines(self) -> Block:
        """The same up to its last line feed."""
        end = self.data.rfind(b"\n") + 1
        part = Block(self.data[:end], self.layout)
        if "specials" in self.__dict__:
            part.__dict__["specials"] = self.specials.upto(end)
        return part


@dataclasses.dataclass(frozen=True)
class Proof:
    """A block whose records are all well formed, of the table's width, with no line that is something else.

    Attributes:
        end: Where the last whole record of the block ends (exclusive).
        lines: The 0-based line of the block on which each record begins.
        line_count: How many physical lines there are up to ``end``.
    """

    end: int
    lines: Places
    line_count: int


def prove(block: Block) -> Proof | None:
    """That every record of a block is well formed by RFC 4180; None where that is not so, or is in doubt."""
    layout = block.layout
    if layout.width == 1 or layout.dialect.delimiter == " " or b"\x00" in block.data:
        return None
    found = block.specials
    is_end = found.is_end[found.is_free]
    rows = int(np.count_nonzero(is_end))
    within = rows * layout.width
    if not 0 < within <= len(is_end) or not is_end[layout.width - 1 : within : layout.width].all():
        return None
    if len(block.data) > layout.max_cell_bytes < _largest_gap(found.places[found.is_free][:within]):
        return None
    last_of_rows = _places(found.is_end & found.is_free)
    ends = found.places[last_of_rows]
    end, line_count = int(ends[-1]) + 1, int(np.count_nonzero(found.is_end[: last_of_rows[-1] + 1]))
    quotes = found.places[found.is_quote]
    if len(quotes) and not _well_quoted(block.text, quotes[quotes < end], layout):
        return None
    if line_count == rows:
        return Proof(end, np.arange(rows, dtype=np.int64), rows)
    return _with_breaks(found, ends, layout)


def _specials(text: Bytes, layout: Layout, *, has_quote: bool) -> Specials:
    specials = [_NEWLINE, layout.delimiter_byte, *([layout.quote_byte] if has_quote else [])]
    places = np.concatenate(
        [
            _places(_is_any(text[begin : begin + _SLICE], specials)) + begin
            for begin in range(0, max(len(text), 1), _SLICE)
        ]
    )
    kinds = text[places]
    is_end = kinds == _NEWLINE
    if not has_quote:
        none = np.zeros(len(places), np.bool_)
        return Specials(places, is_end, none, ~none)
    is_quote = kinds == layout.quote_byte
    inside = np.bitwise_xor.accumulate(is_quote.view(np.uint8)).view(np.bool_)
    return Specials(places, is_end, is_quote, ~(is_quote | inside))


def _is_any(text: Bytes, values: Sequence[int | None]) -> Mask:
    found: Mask = text == values[0]
    for value in values[1:]:
        found |= text == value
    return found


def _with_breaks(found: Specials, ends: Places, layout: Layout) -> Proof | None:
    """The proof where quotes may hold line breaks; None if what stands between them looks like records itself."""
    end = int(ends[-1]) + 1
    all_ends = found.places[found.is_end]
    is_inner = ~found.is_free[found.is_end]
    count = int(np.searchsorted(all_ends, end))
    all_ends, is_inner = all_ends[:count], is_inner[:count]
    # A line that begins and ends within quotes.
    starts = np.flatnonzero(is_inner[:-1] & is_inner[1:]) + 1
    delimiters = found.places[~(found.is_end | found.is_quote)]
    upto = np.searchsorted(delimiters, all_ends)
    if np.any(upto[starts] - upto[starts - 1] == layout.width - 1):
        return None
    lines = np.concatenate([[0], np.searchsorted(all_ends, ends[:-1]) + 1]).astype(np.int64)
    return Proof(end, lines, len(all_ends))


@dataclasses.dataclass(frozen=True)
class Lines:
    """The physical lines of a block, told apart each by itself, as if a record began on it.

    Attributes:
        starts: Where each begins.
        ends: Where its line feed stands.
        delimiters: How many delimiters each has outside quotes.
        doubtful: Lines only the exact reader can judge: of quotes that are not RFC 4180's, or are open at the end.
        blank: Lines that hold nothing.
        clean: Lines that are records with as many cells as the table's may have.
    """

    starts: Places
    ends: Places
    delimiters: Places
    doubtful: Mask
    blank: Mask
    clean: Mask

    def __len__(self) -> int:
        return len(self.ends)


def tell_apart(block: Block, *, damaged: bool) -> Lines:
    """The lines of a block that ends with a line feed.

    Args:
        block: The block.
        damaged: Whether bytes may stand in it that are not valid UTF-8.
    """
    layout, data, text, found = block.layout, block.data, block.text, block.specials
    at_end = _places(found.is_end)
    ends = found.places[at_end]
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    doubtful = np.zeros(len(ends), np.bool_)
    separates = found.is_free & ~found.is_end
    quotes = found.places[found.is_quote]
    # Quotes that are well formed within the block and open at no line's end are so on each line.
    if len(quotes) and not (found.is_free[at_end].all() and _well_quoted(text, quotes, layout)):
        doubtful |= _doubtful_quotes(text, quotes, starts, ends, layout)
        separates = ~(found.is_end | found.is_quote)
        is_open = np.bitwise_xor.accumulate(found.is_quote)
        was_open = np.concatenate([[False], is_open[at_end[:-1]]])
        separates &= is_open == np.repeat(was_open, np.diff(at_end, prepend=-1))
    delimiters = np.diff(np.cumsum(separates, dtype=np.int64)[at_end], prepend=0)
    if b"\x00" in data:
        doubtful |= _with_places(text == 0, ends)
    doubtful |= ends - starts > layout.max_cell_bytes
    if damaged:
        doubtful |= _not_utf8(data, text, starts, ends)
    blank = _blank(data, text, starts, ends, delimiters, layout)
    doubtful[np.searchsorted(starts, headers_again(data, layout))] = True
    clean = ~doubtful & ~blank & _fits(delimiters, layout)
    return Lines(starts, ends, delimiters, doubtful, blank, clean)


def _fits(delimiters: Places, layout: Layout) -> Mask:
    """Which lines have as many cells as a record may have."""
    fits: Mask = delimiters == layout.width - 1
    if layout.least_width is not None:
        fits |= (delimiters >= layout.least_width - 1) & (delimiters < layout.width)
    return fits


def kept(block: bytes, lines: Lines, keep: Mask) -> bytes:
    """The lines of a block that are to be kept, one behind the other."""
    if keep.all():
        return block
    edges = _places(np.diff(keep, prepend=False, append=False))
    begins, ends = lines.starts[edges[0::2]], lines.ends[edges[1::2] - 1] + 1
    return b"".join(block[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True))


def _places(mask: npt.NDArray[Any]) -> Places:
    return np.flatnonzero(mask)


def _largest_gap(marks: Places) -> int:
    return max(int(marks[0]), int(np.diff(marks).max(initial=0)))


def _well_quoted(text: Bytes, quotes: Places, layout: Layout) -> bool:
    """Whether every quote opens or closes a whole cell, or is doubled within one."""
    opens, closes = quotes[0::2], quotes[1::2]
    if len(opens) != len(closes):
        return False
    return bool(_opens_well(text, opens, layout).all() and _closes_well(text, closes, layout).all())


def _opens_well(text: Bytes, opens: Places, layout: Layout) -> Mask:
    before = text[np.maximum(opens - 1, 0)]
    fits: Mask = (before == layout.delimiter_byte) | (before == _NEWLINE) | (before == layout.quote_byte)
    fits |= opens == 0
    return fits


def _closes_well(text: Bytes, closes: Places, layout: Layout) -> Mask:
    last = len(text) - 1
    after, second = text[np.minimum(closes + 1, last)], text[np.minimum(closes + 2, last)]
    fits: Mask = (after == layout.delimiter_byte) | (after == _NEWLINE) | (after == layout.quote_byte)
    fits |= (after == _RETURN) & (second == _NEWLINE)
    return fits


def _doubtful_quotes(text: Bytes, quotes: Places, starts: Places, ends: Places, layout: Layout) -> Mask:
    """Lines whose quotes are not those of one whole record."""
    line = np.searchsorted(ends, quotes)
    rank = np.arange(len(quotes)) - np.searchsorted(quotes, starts)[line]
    opens = rank % 2 == 0
    # A line's first quote has nothing before it on the line that could be a doubled one.
    bad = np.where(opens, ~_opens_well(text, quotes, layout), ~_closes_well(text, quotes, layout))
    counts = np.bincount(line, minlength=len(ends))
    faults = np.bincount(line[bad], minlength=len(ends))
    found: Mask = (counts % 2 == 1) | (faults > 0)
    return found


def _with_places(mask: Mask, ends: Places) -> Mask:
    found = np.zeros(len(ends), np.bool_)
    found[np.searchsorted(ends, _places(mask))] = True
    return found


def _not_utf8(block: bytes, text: Bytes, starts: Places, ends: Places) -> Mask:
    """Lines with bytes that are not valid UTF-8; only lines beyond ASCII are tried."""
    found = _with_places(text >= _ABOVE_ASCII, ends)
    for line in np.flatnonzero(found):
        try:
            block[starts[line] : ends[line]].decode()
        except UnicodeDecodeError:
            continue
        found[line] = False
    return found


def _blank(block: bytes, text: Bytes, starts: Places, ends: Places, delimiters: Places, layout: Layout) -> Mask:
    """Lines of whitespace alone, none of which separates cells (spaces never do)."""
    blank = text[starts] <= _SPACE
    if layout.dialect.delimiter != " ":
        blank &= delimiters == 0
    for line in np.flatnonzero(blank & (ends - starts > 1)):
        blank[line] = not block[starts[line] : ends[line]].strip()
    return blank


def headers_again(block: bytes, layout: Layout) -> list[int]:
    """Where lines begin that are the header once more, as where files were put one behind the other."""
    found: list[int] = []
    if not layout.header_line or layout.header_line not in block:
        return found
    for end in (b"\n", b"\r\n"):
        whole = layout.header_line + end
        if block.startswith(whole):
            found.append(0)
        place = block.find(b"\n" + whole)
        while place >= 0:
            found.append(place + 1)
            # Its own line feed may be the one above the next.
            place = block.find(b"\n" + whole, place + len(whole))
    return found
