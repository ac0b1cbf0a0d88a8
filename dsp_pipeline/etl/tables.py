"""The values that pass between ingestion and everything after it.

Importing this module is cheap: Polars is imported where a table is opened.
"""

from __future__ import annotations

import dataclasses
import functools
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.core.artifacts.validation import Validation
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.casting import Failure
    from dsp_pipeline.etl.original import StoredText

LINE = "__line__"
"""The column of `RawTable.frame` that holds each record's first physical line number (1-based, Int64)."""

_BATCH_CELLS = 1 << 22
_MAX_ROW_GROUP = 1 << 16
"""Of more rows in one group the writer's dictionaries outgrow the processor's cache, at a quarter of its speed."""

_GROUPS_PER_BATCH = 4
_SMALL_CELLS = 1 << 22
_FILE = "table.parquet"


class StoredTable:
    """A table in a Parquet file on the local disk, which lasts as long as somebody holds this value.

    Tables larger than memory are looked at with `scan`; `frame` has the whole of a table that fits.
    """

    def __init__(self, path: Path, *, owned: Path | None = None) -> None:
        """A table in a file that is there.

        Args:
            path: The Parquet file.
            owned: A folder that is removed when nobody holds this value any more.
        """
        self.path = path
        if owned is not None:
            weakref.finalize(self, shutil.rmtree, owned, ignore_errors=True)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> StoredTable:
        """A frame as a stored table."""
        stored = cls.written([frame], frame.schema)
        stored.__dict__["frame"] = frame
        return stored

    @classmethod
    def written(cls, frames: Iterable[pl.DataFrame], schema: pl.Schema, *, statistics: bool = True) -> StoredTable:
        """Frames of one schema, one below the other, written as they come: memory holds a few of them at a time.

        Args:
            frames: The frames.
            schema: Their schema.
            statistics: Whether the least and greatest values go into the file, which costs a fifth of the writing.

        Raises:
            Exception: Whatever the iterable raises.
        """
        folder = new_folder()
        stored = cls(folder / _FILE, owned=folder)
        nulls, rows = dict.fromkeys(schema, 0), 0

        def counted() -> Iterator[pl.DataFrame]:
            nonlocal rows
            for frame in frames:
                rows += frame.height
                for name in nulls:
                    nulls[name] += frame[name].null_count()
                yield frame

        _write(stored.path, counted(), schema, statistics=statistics)
        # Known without another look at the file.
        stored.__dict__.update(height=rows, null_counts=nulls, schema=schema)
        return stored

    @functools.cached_property
    def height(self) -> int:
        """The number of rows."""
        return self.counted_in_file()

    def counted_in_file(self) -> int:
        """The number of rows as the file itself has it, whatever was counted while it was written."""
        import polars as pl  # noqa: PLC0415 - see the module's docstring

        return int(self.scan().select(pl.len()).collect().item())

    @functools.cached_property
    def null_counts(self) -> dict[str, int]:
        """How many values each column lacks."""
        return dict(self.scan().null_count().collect().row(0, named=True))

    @functools.cached_property
    def schema(self) -> pl.Schema:
        """The columns and their types."""
        return self.scan().collect_schema()

    @functools.cached_property
    def frame(self) -> pl.DataFrame:
        """The whole table in memory, read once."""
        import polars as pl  # noqa: PLC0415 - see the module's docstring

        return pl.read_parquet(self.path)

    @property
    def bytes_in_memory(self) -> int:
        """What `frame` takes, if it was read."""
        held = self.__dict__.get("frame")
        return held.estimated_size() if held is not None else 0

    def scan(self) -> pl.LazyFrame:
        """The table as a plan, of which only what is asked for is read."""
        import polars as pl  # noqa: PLC0415 - see the module's docstring

        return pl.scan_parquet(self.path)

    @property
    def is_small(self) -> bool:
        """Whether `frame` is no matter for the memory."""
        return self.height * len(self.schema) <= _SMALL_CELLS

    def column(self, name: str) -> pl.Series:
        """One whole column."""
        if self.is_small:
            return self.frame[name]
        return self.scan().select(name).collect().to_series()

    def batches(self, names: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The table in frames of `rows_per_batch` rows, the last of which may have fewer; none if it is empty.

        Args:
            names: The columns that are wanted; None for all.
        """
        rows = rows_per_batch(len(self.schema))
        asked = list(self.schema) if names is None else names
        for start in range(0, self.height, rows):
            if self.is_small:
                yield self.frame.select(asked)[start : start + rows]
            else:
                yield self.scan().select(asked).slice(start, rows).collect()


def new_folder() -> Path:
    """An empty folder for one value's files."""
    return Path(tempfile.mkdtemp(prefix="dsp-"))


def rows_per_batch(columns: int) -> int:
    """How many rows of so many columns are looked at together: enough to be quick, few enough to be small.

    They are whole row groups: none is decoded twice.
    """
    group = _rows_per_group(columns)
    return group * max(1, min(_GROUPS_PER_BATCH, _BATCH_CELLS // (group * max(columns, 1))))


def _rows_per_group(columns: int) -> int:
    return max(1, min(_MAX_ROW_GROUP, _BATCH_CELLS // max(columns, 1)))


def _write(path: Path, frames: Iterable[pl.DataFrame], schema: pl.Schema, *, statistics: bool) -> None:
    from polars.io.plugins import register_io_source  # noqa: PLC0415 - see the module's docstring

    failures: list[BaseException] = []

    def source(*_: object) -> Iterator[pl.DataFrame]:
        try:
            yield from frames
        except BaseException as error:
            # Polars would pass on its text only.
            failures.append(error)
            raise

    plan = register_io_source(source, schema=schema)
    try:
        plan.sink_parquet(
            path,
            # With zstd files are a third smaller, and ingestion takes a ninth longer: each is read several times.
            compression="lz4",
            statistics=statistics,
            row_group_size=_rows_per_group(len(schema)),
        )
    except BaseException:
        if failures:
            raise failures[0] from None
        raise


@dataclasses.dataclass(frozen=True)
class TypedTable:
    """All rows of a raw table, typed as its reading says.

    Attributes:
        stored: The columns; null where a cell is missing, or is no value of its column's type.
        failures: The cells that are none, column by column.
    """

    stored: StoredTable
    failures: Sequence[Failure]


@dataclasses.dataclass(frozen=True)
class RawTable:
    """A file as it was read: every cell is text or null.

    Attributes:
        stored: One String column per `reading.columns`, preceded by `LINE`.
        set_aside: Records that do not fit the table, in the quarantine's schema (see etl/quarantine.py).
        text: The file's text as it came, in UTF-8.
        reading: What was decided, including the type each column will get.
        sidecar: What the owner says; the defaults where there is no sidecar.
        typed: The same rows, typed, where the process that read them came by it; it is kept nowhere else.
    """

    stored: StoredTable
    set_aside: StoredTable
    text: StoredText
    reading: Reading
    sidecar: Sidecar
    typed: TypedTable | None = None

    @property
    def frame(self) -> pl.DataFrame:
        """All that was read, in memory."""
        return self.stored.frame

    @property
    def rejected(self) -> pl.DataFrame:
        """All that was set aside, in memory."""
        return self.set_aside.frame


@dataclasses.dataclass(frozen=True)
class ValidatedTable:
    """The typed rows that meet the contract, and the others in quarantine.

    Attributes:
        stored: Typed columns, in the file's order; ignored columns left out.
        quarantined: The rows that were rejected in reading or broke a rule, each once, with all reasons.
        validation: What was checked and found.
        reading: How the file was read.
        sidecar: What its owner says, with what the launchpad said on top.
    """

    stored: StoredTable
    quarantined: StoredTable
    validation: Validation
    reading: Reading
    sidecar: Sidecar

    @property
    def table(self) -> pl.DataFrame:
        """All valid rows, in memory."""
        return self.stored.frame

    @property
    def quarantine(self) -> pl.DataFrame:
        """All rows in quarantine, in memory."""
        return self.quarantined.frame
