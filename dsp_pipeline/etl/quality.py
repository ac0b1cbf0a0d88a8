"""How good a table is, in five shares and one score. The definitions stand in docs/user-guide/quality.md."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.validation import Quality
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.etl.columns import TextColumn
from dsp_pipeline.etl.contract import KEPT
from dsp_pipeline.etl.counting import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.core.artifacts.validation import CheckResult, Contract
    from dsp_pipeline.etl.tables import StoredTable

WEIGHTS = {"completeness": 3, "uniqueness": 2, "validity": 3, "consistency": 2, "timeliness": 1}
"""What each share counts in the score, which is the weighted mean of those that are known."""

_MAX_SPELLINGS = 5_000
_COUNTED = 1 << 16
"""Values that are counted at a time: it shows soon where they are not the words of a list."""

_MAX_THREADS = 4
_DIGITS = 6


def measure_quality(
    table: StoredTable,
    columns: Sequence[ColumnReading],
    checks: Sequence[CheckResult],
    *,
    rows_in: int,
    inferred: Contract,
    timeliness: float | None,
) -> Quality:
    """The quality of a table.

    Args:
        table: The valid rows, typed.
        columns: Their readings.
        checks: What was checked; those of severity ``warning`` count towards consistency.
        rows_in: All records of the table, quarantined ones included; what stands below the table is not of it.
        inferred: What the table promises: where a column's values are all different, so are the rows.
        timeliness: How fresh it is; None if that is not known, and then it does not count.
    """
    shares = {
        "completeness": _completeness(table),
        "uniqueness": _uniqueness(table, inferred),
        "validity": table.height / rows_in if rows_in else 1.0,
        "consistency": _consistency(table, columns, checks),
    }
    if timeliness is not None:
        shares["timeliness"] = timeliness
    weight = sum(WEIGHTS[name] for name in shares)
    score = sum(WEIGHTS[name] * share for name, share in shares.items()) / weight
    return Quality(score=round(score, _DIGITS), **{name: round(share, _DIGITS) for name, share in shares.items()})


def _completeness(table: StoredTable) -> float:
    cells = table.height * len(table.schema)
    return 1 - sum(table.null_counts.values()) / cells if cells else 1.0


def _uniqueness(table: StoredTable, inferred: Contract) -> float:
    """The share of different rows, told apart by hashes of 64 bits.

    Two of 10 million rows have the same one by chance in one of 370,000 tables.
    """
    if not table.schema or not table.height or any(column.unique for column in inferred.columns):
        return 1.0
    hashes = pl.concat([batch.hash_rows() for batch in table.batches()])
    return hashes.n_unique() / table.height


def _consistency(table: StoredTable, columns: Sequence[ColumnReading], checks: Sequence[CheckResult]) -> float:
    """The mean over columns of the share that is spelt one way, and over warnings of the share that passes.

    The check that sums up an unbroken contract is left out: it would only dilute the others. So are rules on the
    age of the data, which is timeliness.
    """

    def spelling(column: ColumnReading) -> float:
        return _spelling(table, column)

    # Polars lets other threads work while it counts.
    with ThreadPoolExecutor(min(pl.thread_pool_size(), _MAX_THREADS)) as threads:
        parts = list(threads.map(spelling, columns))
    for check in checks:
        if check.severity == "warning" and check.name != KEPT and check.code != "max_age":
            failed = check.failed_rows if check.passed or check.failed_rows else table.height
            parts.append(1 - min(failed / table.height, 1) if table.height else 1.0)
    return sum(parts) / len(parts) if parts else 1.0


def _spelling(table: StoredTable, column: ColumnReading) -> float:
    """The share of values in the commonest spelling of each word, where spellings differ in case and spaces."""
    if column.kind is not ColumnKind.CATEGORY or column.dtype != "string":
        return 1.0
    counts = _counted(table, column.name)
    if counts is None or counts.is_empty():
        return 1.0
    word = pl.col("value").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    commonest = counts.group_by(word.alias("word")).agg(pl.col("count").max())
    return int(commonest["count"].sum()) / int(counts["count"].sum())


def _counted(table: StoredTable, name: str) -> pl.DataFrame | None:
    """Each value of a column of text with its number of rows; None if there are too many to be words of a list."""
    counts = pl.DataFrame(schema={"value": pl.String(), "count": pl.UInt32()})
    for stretch in TextColumn(table, name).stretches():
        for start in range(0, len(stretch), _COUNTED):
            part = counted(stretch.slice(start, _COUNTED))
            counts = pl.concat([counts, part]).group_by("value").agg(pl.col("count").sum())
            if counts.height > _MAX_SPELLINGS:
                return None
    return counts
