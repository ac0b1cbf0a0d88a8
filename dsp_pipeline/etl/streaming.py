"""Rows on their way through, in the order of their file: as they are read, or out of a table that was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dsp_pipeline.etl.known import as_known
from dsp_pipeline.etl.quarantine import QUARANTINE_SCHEMA
from dsp_pipeline.etl.reader import check_rows
from dsp_pipeline.etl.spool import Spool
from dsp_pipeline.etl.structure import Counts, Gate
from dsp_pipeline.etl.tables import LINE, StoredTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.etl.opening import Opened
    from dsp_pipeline.etl.tables import RawTable


class Passage(NamedTuple):
    """Records that stand together in a file.

    Attributes:
        rows: Those that fit the table, as text, with `LINE`.
        set_aside: Those that do not, in the quarantine's schema; they stand among ``rows`` or behind.
    """

    rows: pl.DataFrame
    set_aside: pl.DataFrame

    def pieces(self, most: int) -> Iterator[Passage]:
        """The same records in passages of at most so many rows."""
        rest = self.set_aside
        for start in range(0, self.rows.height, most):
            rows = self.rows[start : start + most]
            if start + most < self.rows.height:
                above = rest["line"].search_sorted(rows[LINE][-1])
                yield Passage(rows, rest[:above])
                rest = rest[above:]
            else:
                yield Passage(rows, rest)
        if not self.rows.height:
            yield self


class RowStream:
    """A file's rows, each of which is seen once: only what does not fit the table is kept.

    Attributes:
        reading: What is told of the file; there are no rows in it until all `passages` were taken.
        set_aside: The records that do not fit, as soon as all passages were taken.
    """

    def __init__(self, opened: Opened, known: Sequence[ColumnReading]) -> None:
        """The rows of an opened file.

        Args:
            opened: The file.
            known: What columns hold, by name; all others are text.

        Raises:
            ReadingError: It is empty, or has a header without rows.
        """
        self._opened = opened
        self._columns = as_known(opened.header.names, opened.header.originals, known)
        self.reading = opened.reading(self._columns, Counts())
        self.set_aside = StoredTable.of(QUARANTINE_SCHEMA.to_frame())
        self._passing = self._passed()
        self._first = next((each for each in self._passing if each.rows.height or each.set_aside.height), None)
        if self._first is None:
            check_rows(self.reading, opened.sidecar)

    def most_rows(self) -> int:
        """How many rows there are at most, by the line ends; a quick pass over the text."""
        ends = {end[-1:].encode() for end in self._opened.ends} or {b"\n"}
        return 1 + sum(block.count(end) for block in self._opened.blocks() for end in ends)

    def passages(self) -> Iterator[Passage]:
        """All records, a bounded number at a time; only once.

        Raises:
            ReadingError: A line is longer than any table's.
        """
        if self._first is not None:
            yield self._first
        yield from self._passing

    def _passed(self) -> Iterator[Passage]:
        opened, rejected, read = self._opened, _Tapped(), 0
        gate = Gate(opened.layout, rejected, name=opened.source.key, damaged=opened.text.damaged)
        for rows in gate.frames(opened.footer.without(opened.blocks())):
            read += rows.height
            yield Passage(rows, rejected.fresh())
        gate.set_aside_below(opened.footer.text)
        yield Passage(pl.DataFrame(), rejected.fresh())
        self.set_aside = StoredTable.written(rejected.frames(), QUARANTINE_SCHEMA)
        counts = gate.counts(read=read, set_aside=self.set_aside.height)
        self.reading = opened.reading(self._columns, counts)


class _Tapped(Spool):
    """A spool that also gives out what came in since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._fresh = [QUARANTINE_SCHEMA.to_frame()]

    def add(self, frame: pl.DataFrame) -> None:
        super().add(frame)
        self._fresh.append(frame)

    def fresh(self) -> pl.DataFrame:
        found = pl.concat(self._fresh)
        del self._fresh[1:]
        return found


def stored_passages(raw: RawTable) -> Iterator[Passage]:
    """All records of a table that was read, a bounded number at a time."""
    waiting = raw.set_aside.batches()
    rest = QUARANTINE_SCHEMA.to_frame()
    for rows in raw.stored.batches():
        last = rows[LINE][-1]
        found = [rest]
        while not found[-1].height or found[-1]["line"][-1] < last:
            following = next(waiting, None)
            if following is None:
                break
            found.append(following)
        met = pl.concat(found)
        above = met["line"].search_sorted(last)
        yield Passage(rows, met[:above])
        rest = met[above:]
    for following in (rest, *waiting):
        yield Passage(pl.DataFrame(), following)
