"""The rows that could not be read or broke a rule: kept with their text, line and every reason."""

from __future__ import annotations

import codecs
import csv
import dataclasses
import io
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.validation import ReasonCount
from dsp_pipeline.etl.names import REASONS, SOURCE
from dsp_pipeline.etl.records import Dialect, lenient_cells
from dsp_pipeline.etl.shown import MAX_VALUE
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.etl.tables import StoredTable

REASON_SCHEMA = pl.Struct(dict.fromkeys(("code", "column", "value", "expected", "message"), pl.String()))
QUARANTINE_SCHEMA = pl.Schema({"line": pl.Int64(), "raw": pl.String(), "reasons": pl.List(REASON_SCHEMA)})
"""One row for each quarantined record: its first physical line (1-based), its text, and all that is wrong."""


BELOW = "footer"
"""The code of lines that stand below the table, as totals do: they are kept, and are no fault."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong with a row. ``column`` is None where it is about the whole row."""

    code: str
    column: str | None
    value: str | None
    expected: str
    message: str

    def as_struct(self) -> dict[str, str | None]:
        """The reason in the shape of `REASON_SCHEMA`; long values are cut, for they stand in ``raw`` whole."""
        value = self.value
        if value is not None and len(value) > MAX_VALUE:
            value = value[: MAX_VALUE - 1] + "…"
        return {
            "code": self.code,
            "column": self.column,
            "value": value,
            "expected": self.expected,
            "message": self.message,
        }


def quarantine_frame(rows: Iterable[tuple[int, str, Sequence[Reason]]]) -> pl.DataFrame:
    """A quarantine of (line, raw text, reasons) triples, in `QUARANTINE_SCHEMA`."""
    kept = list(rows)
    return pl.DataFrame(
        {
            "line": [line for line, _, _ in kept],
            "raw": [raw for _, raw, _ in kept],
            "reasons": [[reason.as_struct() for reason in reasons] for _, _, reasons in kept],
        },
        schema=QUARANTINE_SCHEMA,
    )


def reason_counts(quarantine: pl.LazyFrame, *, most: int = 10) -> list[ReasonCount]:
    """Why most rows are set aside, commonest first; a row counts for each of its reasons.

    Reasons of one code and column are one, under the message that most of their rows have.
    """
    reason = pl.col("reasons").struct.field
    counted = (
        quarantine.select("reasons")
        .explode("reasons", empty_as_null=False)
        .select(reason("code"), reason("column"), reason("message"))
        .group_by("code", "column", "message")
        .agg(pl.len().cast(pl.Int64).alias("rows"))
        .sort(["rows", "code", "column", "message"], descending=[True, False, False, False])
        .group_by("code", "column", maintain_order=True)
        .agg(pl.col("message").first(), pl.col("rows").sum())
        .sort("rows", descending=True, maintain_order=True)
        .head(most)
        .collect()
    )
    return [ReasonCount.model_validate(row) for row in counted.iter_rows(named=True)]


def quarantine_csv(quarantine: StoredTable, reading: Reading) -> Iterator[bytes]:
    """The quarantine as a CSV that a person can mend and drop again, in blocks.

    The file's own columns come first, under their original names, then the line, the reasons and the version
    (which a later reading ignores). Surplus cells of a record that is too wide stay in its last column, with their
    delimiters.

    Returns:
        UTF-8 with a byte order mark (so that spreadsheets show it right), commas and CRLF.
    """
    source = f"{reading.source.dataset}/{reading.source.version}"
    names = [column.original_name for column in reading.columns]
    yield codecs.BOM_UTF8 + _csv_block([[*names, LINE, REASONS, SOURCE]])
    for batch in quarantine.batches():
        yield _csv_block(
            [
                *fitted_cells(raw, reading),
                line,
                "; ".join(dict.fromkeys(each["message"] for each in reasons)),
                source,
            ]
            for line, raw, reasons in batch.iter_rows()
        )


def _csv_block(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def fitted_cells(raw: str, reading: Reading) -> list[str]:
    """A bad record's cells, one for each column, as they are offered for mending."""
    width = len(reading.columns)
    cells = lenient_cells(raw, Dialect.of(reading))
    fitted = [*cells[: width - 1], reading.delimiter.join(cells[width - 1 :])]
    return [*fitted, *[""] * (width - len(fitted))]
