"""A drop's text as it came, kept so that any row can be shown, and mended, as it stands in the file."""

from __future__ import annotations

import itertools
import shutil
import weakref
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.etl.tables import new_folder
from dsp_pipeline.etl.zstandard import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FILE = "text.zst"
_LEVEL = 1
_BLOCK = 1 << 23
_LF, _CR = 10, 13

BREAKS = r"\r\n|\r|\n"
"""What ends a physical line."""


class Spans(NamedTuple):
    """Where records stand: their first physical lines (1-based, ascending), and how many lines each takes."""

    first: np.ndarray
    lines: np.ndarray


class Lines(NamedTuple):
    """Whole physical lines of a text: the first one's number, their bytes, and where each of them ends."""

    first: int
    data: bytes
    ends: np.ndarray

    def part(self, first: int, behind: int) -> bytes:
        """The lines from one number up to another one (exclusive)."""
        return self.data[self._begin(first) : self._begin(behind)]

    @property
    def behind(self) -> int:
        """The number of the line that follows."""
        return self.first + len(self.ends)

    def _begin(self, line: int) -> int:
        return int(self.ends[line - self.first - 1]) if line > self.first else 0


class StoredText:
    """A text in a compressed file on the local disk, which lasts as long as somebody holds this value."""

    def __init__(self, path: Path, *, owned: Path | None = None) -> None:
        """A text in a file that is there.

        Args:
            path: The file, as zstd.
            owned: A folder that is removed when nobody holds this value any more.
        """
        self.path = path
        if owned is not None:
            weakref.finalize(self, shutil.rmtree, owned, ignore_errors=True)

    @classmethod
    def written(cls, blocks: Iterable[bytes]) -> StoredText:
        """A text in blocks, compressed as they come."""
        folder = new_folder()
        stored = cls(folder / _FILE, owned=folder)
        compressor = zstd.ZstdCompressor(level=_LEVEL)
        with stored.path.open("wb") as file:
            # A frame for each block, as what spans several takes longer and is hardly smaller; and a last one of
            # nothing, without which no text at all would not be one.
            for block in itertools.chain(blocks, (b"",)):
                file.write(compressor.compress(block, mode=zstd.ZstdCompressor.FLUSH_FRAME))
        return stored

    def blocks(self) -> Iterator[bytes]:
        """All of it, cut anywhere; a new pass at each call."""
        with zstd.open(self.path, "rb") as file:
            yield from iter(lambda: file.read(_BLOCK), b"")


class RecordTexts:
    """Looks up records in a text, forwards only, in one pass."""

    def __init__(self, text: StoredText) -> None:
        self._remaining = whole_lines(text.blocks())
        self._lines = Lines(1, b"", np.array([], np.int64))

    def take(self, spans: Spans) -> list[str]:
        """The texts of records that lie behind those that were taken before, without their line ends.

        Raises:
            ReadingError: The text has fewer lines.
        """
        return [self._one(first, count) for first, count in zip(*(part.tolist() for part in spans), strict=True)]

    def _one(self, first: int, count: int) -> str:
        while first >= self._lines.behind:
            self._lines = self._next()
        behind = first + count
        text = self._lines.part(first, min(behind, self._lines.behind))
        while behind > self._lines.behind:
            self._lines = self._next()
            text += self._lines.part(self._lines.first, min(behind, self._lines.behind))
        return text.decode("utf-8", "replace").rstrip("\r\n")

    def _next(self) -> Lines:
        lines = next(self._remaining, None)
        if lines is None:
            raise ReadingError(
                f"the text ends before line {self._lines.behind:,}",
                remedy="This is a fault of the reader: report it with the file",
            )
        return lines


def whole_lines(blocks: Iterable[bytes]) -> Iterator[Lines]:
    """A text's physical lines, many at a time. Lines end with LF, CRLF or CR, also mixed."""
    waiting, first = b"", 1
    for block in blocks:
        text = waiting + block
        # A carriage return at the end may be the first half of a CRLF.
        ends = _ends(text[:-1] if text.endswith(b"\r") else text)
        cut = int(ends[-1]) if len(ends) else 0
        waiting = text[cut:]
        if len(ends):
            yield Lines(first, text[:cut], ends)
            first += len(ends)
    if waiting:
        yield Lines(first, waiting, np.array([len(waiting)]))


def _ends(text: bytes) -> np.ndarray:
    """The places behind each line end."""
    data = np.frombuffer(text, np.uint8)
    is_end = data == _LF
    if b"\r" in text:
        returns = np.flatnonzero(data == _CR)
        inner = returns[returns + 1 < len(data)]
        alone = np.concatenate([inner[data[inner + 1] != _LF], returns[len(inner) :]])
        is_end[alone] = True
    return np.flatnonzero(is_end) + 1


def spans_of(lines: pl.Series, cells: pl.DataFrame) -> Spans:
    """Where records stand that were read.

    Args:
        lines: Their first lines.
        cells: Their cells as text; each line break in one of them is one more line.
    """
    breaks = cells.select(
        pl.sum_horizontal(pl.all().str.count_matches(BREAKS).fill_null(0)).cast(pl.Int64).alias("breaks")
    )
    return Spans(lines.to_numpy(), breaks["breaks"].to_numpy() + 1)
