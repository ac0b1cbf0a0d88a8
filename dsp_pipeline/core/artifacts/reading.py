"""`reading.json`: how the bytes were read, and why so."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel, WordedModel
from dsp_pipeline.core.kinds import ColumnKind

Dtype = Literal["string", "int64", "float64", "decimal", "boolean", "date", "datetime", "time"]


class Source(ArtifactModel):
    """The drop that a version came from."""

    dataset: str
    version: str
    key: str
    etag: str
    bytes: int
    sha256: str
    dropped_at: dt.datetime | None = None
    sidecar_key: str | None = None
    sidecar_etag: str | None = None

    @property
    def said_in(self) -> str:
        """Where the owner's words stand, for messages: the sidecar's key, or the file's if there is none."""
        return self.sidecar_key or self.key


class Alternative(WordedModel):
    """A reading that was considered and not chosen."""

    choice: str
    score: float | None = None
    why_not: str = ""


class Decision(WordedModel):
    """One thing that was decided about the file."""

    what: str
    choice: str
    why: str
    confidence: float
    alternatives: list[Alternative] = []


class ColumnReading(WordedModel):
    """What one column holds.

    ``name`` is unique and safe; ``original_name`` is as it stood in the header. ``format`` is what turns the
    text into the dtype: a strptime format for dates, ``"1.234,5"`` style for numbers that need it.
    """

    name: str
    original_name: str
    kind: ColumnKind
    dtype: Dtype
    confidence: float
    format: str | None = None
    null_tokens: list[str] = []
    reason: str = ""


class Reading(ArtifactModel):
    """The reading report. ``rows_in = rows_read + rows_rejected``; ``header_row`` is a 1-based line number.

    ``rows_below`` of the rejected rows are no faults: they stand below the table, as totals or notes.
    """

    source: Source
    compression: str | None
    encoding: str
    delimiter: str
    quote: str | None
    escape: str | None = None
    skip_space: bool = False
    line_ending: str
    has_header: bool
    header_row: int | None
    rows_in: int
    rows_read: int
    rows_rejected: int
    rows_below: int = 0
    columns: list[ColumnReading]
    decisions: list[Decision]

    def column(self, name: str) -> ColumnReading:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
