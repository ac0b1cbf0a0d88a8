"""Frames that wait until another table is written: on the disk, once they are many."""

from __future__ import annotations

import shutil
import weakref
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.tables import new_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HELD_ROWS = 1 << 16
_HELD_BYTES = 1 << 25


class Spool:
    """Frames of one schema, kept in order; memory holds a few of them."""

    def __init__(self) -> None:
        self._held: list[pl.DataFrame] = []
        self._rows = self._bytes = 0
        self._parts: list[Path] = []
        self._folder: Path | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Take in a frame."""
        self._held.append(frame)
        self._rows += frame.height
        self._bytes += int(frame.estimated_size())
        if self._rows >= _HELD_ROWS or self._bytes >= _HELD_BYTES:
            self._flush()

    def frames(self) -> Iterator[pl.DataFrame]:
        """All of them, one after the other."""
        for part in self._parts:
            yield pl.read_ipc(part)
        yield from self._held

    def _flush(self) -> None:
        if self._folder is None:
            self._folder = new_folder()
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        part = self._folder / f"{len(self._parts)}.arrow"
        pl.concat(self._held).write_ipc(part, compression="lz4")
        self._parts.append(part)
        self._held, self._rows, self._bytes = [], 0, 0
