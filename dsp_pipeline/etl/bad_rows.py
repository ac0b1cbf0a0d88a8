"""The rows that fail a check of severity error: each once, with its line, its text and all its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.original import RecordTexts, spans_of
from dsp_pipeline.etl.quarantine import QUARANTINE_SCHEMA, REASON_SCHEMA
from dsp_pipeline.etl.tables import LINE, StoredTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.etl.faults import Fault
    from dsp_pipeline.etl.tables import RawTable


def quarantined(raw: RawTable, is_bad: pl.Series, faults: Sequence[Fault]) -> StoredTable:
    """The rows that do not fit the table and those that fail a check, in the order of their lines."""
    if not is_bad.any():
        return raw.set_aside
    errors = [fault.plain for fault in faults if fault.severity == "error"]
    failed = StoredTable.written(_batches(raw, is_bad, errors), QUARANTINE_SCHEMA)
    if not raw.set_aside.height:
        return failed
    merged = raw.set_aside.scan().merge_sorted(failed.scan(), key="line")
    return StoredTable.written(merged.collect_batches(maintain_order=True), QUARANTINE_SCHEMA)


def _batches(raw: RawTable, is_bad: pl.Series, faults: Sequence[Fault]) -> Iterator[pl.DataFrame]:
    start = 0
    texts = RecordTexts(raw.text)
    for batch in raw.stored.batches():
        is_bad_here = is_bad[start : start + batch.height]
        if is_bad_here.any():
            bad = batch.filter(is_bad_here)
            yield pl.DataFrame(
                {
                    "line": bad[LINE],
                    "raw": texts.take(spans_of(bad[LINE], bad.drop(LINE))),
                    "reasons": _reasons(batch, start, faults),
                },
                schema=QUARANTINE_SCHEMA,
            )
        start += batch.height


def _reasons(batch: pl.DataFrame, start: int, faults: Sequence[Fault]) -> pl.Series:
    """The reasons of each bad row of a batch, in the rows' order; those of one row in the order of the faults."""
    found = [_reasons_of(fault, batch, fault.within(start, batch.height)) for fault in faults]
    every = pl.concat(found).sort("row", maintain_order=True)
    return every.group_by("row", maintain_order=True).agg("reason")["reason"]


def _reasons_of(fault: Fault, batch: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    cells = batch.select(pl.col(dict.fromkeys((LINE, *fault.reads))).gather(rows))
    reason = pl.struct(
        code=pl.lit(fault.code),
        column=pl.lit(fault.column, dtype=pl.String),
        value=fault.values(cells),
        expected=pl.lit(fault.expected),
        message=fault.messages(cells),
    )
    return pl.DataFrame({"row": rows}).select("row", reason=reason.cast(REASON_SCHEMA))
