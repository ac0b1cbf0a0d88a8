"""A file's rows as the output has them: in the file's order, those that could not be read among the others."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.predictions import UnreadRows
from dsp_pipeline.etl.quarantine import fitted_cells
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.etl.streaming import Passage
    from dsp_pipeline.etl.tables import StoredTable

_SHOWN_LINES = 5
_MOST_REASONS = 10
_NOT_READ = "not predicted: "


def unread_rows(set_aside: StoredTable) -> list[UnreadRows]:
    """The rows that could not be read, by reason, the commonest first."""
    if not set_aside.height:
        return []
    counted = (
        set_aside.scan()
        .select("line", reason=_reason())
        .group_by("reason")
        .agg(rows=pl.len(), lines=pl.col("line").sort().head(_SHOWN_LINES))
        .sort(["rows", "reason"], descending=[True, False])
        .head(_MOST_REASONS)
        .collect()
    )
    return [UnreadRows.model_validate(row) for row in counted.iter_rows(named=True)]


def _reason() -> pl.Expr:
    return pl.col("reasons").list.eval(pl.element().struct.field("message")).list.join("; ")


class Output:
    """Writes rows with what was added to them; rows that could not be read come where they stand in the file."""

    def __init__(self, reading: Reading, added: Sequence[pl.Series]) -> None:
        """Output for rows of a file.

        Args:
            reading: How the file is read.
            added: The columns that are added, of which only names and types count; the last one takes remarks.
        """
        self._reading = reading
        self._separator = reading.delimiter if len(reading.delimiter.encode()) == 1 else ","
        own = [column.original_name for column in reading.columns]
        self.added = _free_names([each.name for each in added], taken=set(own))
        self._header = [*own, *self.added]
        types = [pl.Int64(), *(pl.String() for _ in own), *(each.dtype for each in added)]
        self._schema = pl.Schema({LINE: types[0]} | {str(place): each for place, each in enumerate(types[1:])})

    def header(self) -> bytes:
        """The first line."""
        text = io.StringIO()
        csv.writer(text, delimiter=self._separator, lineterminator="\n").writerow(self._header)
        return text.getvalue().encode()

    def lines(self, passage: Passage, added: Sequence[pl.Series]) -> bytes:
        """The lines of some records.

        Args:
            passage: The records.
            added: The added columns of those that could be read.
        """
        parts = []
        if passage.rows.height:
            columns = [*passage.rows.get_columns(), *added]
            parts.append(
                pl.DataFrame([each.alias(name) for each, name in zip(columns, self._schema, strict=True)])
            )
        if passage.set_aside.height:
            parts.append(self._fitted(passage.set_aside))
        if not parts:
            return b""
        whole = pl.concat(parts).sort(LINE, maintain_order=True) if len(parts) > 1 else parts[0]
        text = io.BytesIO()
        whole.drop(LINE).write_csv(text, include_header=False, separator=self._separator)
        return text.getvalue()

    def _fitted(self, unread: pl.DataFrame) -> pl.DataFrame:
        """Rows that could not be read, cut into as many cells as there are columns, with the reason as remark."""
        cells = [[cell or None for cell in fitted_cells(raw, self._reading)] for raw in unread["raw"]]
        empty = [None] * (len(self._schema) - 2 - len(self._reading.columns))
        remarks = unread.select(pl.lit(_NOT_READ) + _reason()).to_series()
        rows = [
            (line, *own, *empty, remark) for line, own, remark in zip(unread["line"], cells, remarks, strict=True)
        ]
        return pl.DataFrame(rows, schema=self._schema, orient="row")


def _free_names(names: Sequence[str], *, taken: set[str]) -> list[str]:
    """Names for the added columns that no column of the rows has."""
    free = []
    for name in names:
        shown = name
        while shown in taken:
            shown += "_"
        taken.add(shown)
        free.append(shown)
    return free
