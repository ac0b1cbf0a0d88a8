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
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.etl.tables import RawTable

_BATCH_ROWS = 1 << 16
_SHOWN_LINES = 5
_MOST_REASONS = 10
_NOT_READ = "not predicted: "


def batches(raw: RawTable) -> Iterator[pl.DataFrame]:
    """The rows that could be read as text, with `LINE`, a bounded number at a time."""
    for batch in raw.stored.batches():
        yield from batch.iter_slices(_BATCH_ROWS)


def unread_rows(raw: RawTable) -> list[UnreadRows]:
    """The rows that could not be read, by reason, the commonest first."""
    if not raw.set_aside.height:
        return []
    counted = (
        raw.set_aside.scan()
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

    def __init__(self, raw: RawTable, added: Sequence[str]) -> None:
        """Output for rows of a file.

        Args:
            raw: The file.
            added: The columns that are added, the last of which takes remarks on rows.
        """
        reading = raw.reading
        self._reading: Reading = reading
        self._unread = raw.set_aside.batches()
        self._waiting = pl.DataFrame()
        self._separator = reading.delimiter if len(reading.delimiter.encode()) == 1 else ","
        own = [column.original_name for column in reading.columns]
        self.added = _free_names(added, taken=set(own))
        self._names = [LINE, *(str(place) for place in range(len(own) + len(added)))]
        self._header = [*own, *self.added]

    def header(self) -> bytes:
        """The first line."""
        text = io.StringIO()
        csv.writer(text, delimiter=self._separator, lineterminator="\n").writerow(self._header)
        return text.getvalue().encode()

    def block(self, rows: pl.DataFrame, added: Sequence[pl.Series]) -> bytes:
        """The lines of some rows, and of those between them that could not be read.

        Args:
            rows: As `batches` gives them.
            added: The added columns of these rows.
        """
        columns = [*rows.get_columns(), *added]
        whole = pl.DataFrame([each.alias(name) for each, name in zip(columns, self._names, strict=True)])
        between = self._unread_up_to(rows[LINE][-1])
        if between.height:
            whole = pl.concat([whole, self._fitted(between, whole.schema)]).sort(LINE, maintain_order=True)
        return self._lines(whole)

    def rest(self, schema: Sequence[pl.Series]) -> bytes:
        """The lines of the rows behind the last one that could be read.

        Args:
            schema: The added columns, of which only the types count.
        """
        last = self._unread_up_to(None)
        texts = [pl.Series(name, [], pl.String) for name in self._names[1 : len(self._names) - len(schema)]]
        columns = [pl.Series(LINE, [], pl.Int64), *texts, *schema]
        wanted = pl.Schema({name: each.dtype for name, each in zip(self._names, columns, strict=True)})
        return self._lines(self._fitted(last, wanted)) if last.height else b""

    def _unread_up_to(self, line: int | None) -> pl.DataFrame:
        """The rows that could not be read and stand above a line; all that are left without one."""
        found: list[pl.DataFrame] = []
        while True:
            if not self._waiting.height:
                following = next(self._unread, None)
                if following is None:
                    break
                self._waiting = following
            above = self._waiting.height if line is None else self._waiting["line"].search_sorted(line)
            found.append(self._waiting[:above])
            self._waiting = self._waiting[above:]
            if self._waiting.height:
                break
        return pl.concat(found) if found else pl.DataFrame()

    def _fitted(self, unread: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
        """Rows that could not be read, cut into as many cells as there are columns, with the reason as remark."""
        cells = [[cell or None for cell in fitted_cells(raw, self._reading)] for raw in unread["raw"]]
        empty = [None] * (len(schema) - 2 - len(self._reading.columns))
        remarks = unread.select(pl.lit(_NOT_READ) + _reason()).to_series()
        rows = [
            (line, *own, *empty, remark) for line, own, remark in zip(unread["line"], cells, remarks, strict=True)
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _lines(self, rows: pl.DataFrame) -> bytes:
        return rows.drop(LINE).write_csv(include_header=False, separator=self._separator).encode()


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
