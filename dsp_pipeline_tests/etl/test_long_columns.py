"""A column that is looked at stretch by stretch is read as one that is looked at as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.etl import ahead, columns, inference, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from dsp_pipeline_tests.etl.drops import Dropper

_ROWS = 3_000


def _row(n: int) -> str:
    day = f"{n % 12 + 1:02d}/{n % 12 + 1:02d}/2024"
    amount = "NA" if n == 1_500 else "unknown" if n == 2_500 else f"{n * 1.25:.2f}"
    money = "12345678901234567.25" if n == 2_900 else f"{n}.5"
    word = ["red", "green", "n/a", "blue"][n % 4]
    code = "01234" if n == 2_999 else str(n + 10_000)
    seen = f"2024-01-31 13:{n // 60 % 60:02d}:{n % 60:02d}" + (".5" if n == 2_000 else "")
    return f"{n},{day},{amount},{money},{word},{code},{seen},same,{'true' if n % 2 else 'false'},text of row {n}\n"


_TABLE = "id,day,amount,money,word,code,seen,fixed,flag,prose\n" + "".join(map(_row, range(_ROWS)))


@pytest.mark.parametrize("stretch", [1_000, 1_024, 2_999])
def test_stretches_make_no_difference(drop: Dropper, monkeypatch: pytest.MonkeyPatch, stretch: int) -> None:
    whole = drop.validate(_TABLE)
    monkeypatch.setattr(columns, "_STRETCH", stretch)
    monkeypatch.setattr(tables, "_SMALL_CELLS", 0)
    in_stretches = drop.validate(_TABLE)
    assert in_stretches.reading.columns == whole.reading.columns
    assert in_stretches.table.equals(whole.table)
    assert in_stretches.quarantine.equals(whole.quarantine)


_HEADER, *_RECORDS = _TABLE.splitlines(keepends=True)
_SURPRISES = {2_000, 2_900, 2_999}
_PLAIN = _HEADER + "".join(
    row.replace("/2024", "/2024 12:00") for n, row in enumerate(_RECORDS) if n not in _SURPRISES
).replace("01/01/2024", "13/01/2024")
"""The same without those rows that change what a column is, and with days that can be read in one order only."""

_SIDECARS = (
    "",
    "ignore: [money, word]",
    "exceptions: 'null'",
    "exceptions: text",
    "types: {code: integer, amount: decimal, word: text}",
    "types: {id: text, flag: text, amount: decimal}",
    "rules:\n  - {column: amount, max: 3600}\n  - {unique: [id, day]}",
)


@pytest.mark.parametrize("sidecar", _SIDECARS)
@pytest.mark.parametrize("text", [_TABLE, _PLAIN])
@pytest.mark.parametrize("seen_before", [2_000, 5])
def test_looking_ahead_makes_no_difference(
    drop: Dropper, monkeypatch: pytest.MonkeyPatch, sidecar: str, text: str, seen_before: int
) -> None:
    monkeypatch.setattr(tables, "_SMALL_CELLS", 0)
    monkeypatch.setattr(tables, "_MAX_ROW_GROUP", 256)
    monkeypatch.setattr(inference, "_HEAD_ROWS", seen_before)
    monkeypatch.setattr(inference, "_STRETCH_ROWS", 1)
    column_by_column = drop.validate(text, sidecar=sidecar)
    monkeypatch.setattr(inference, "_LONG_ROWS", 0)
    looked_ahead = drop.validate(text, sidecar=sidecar)
    assert looked_ahead.reading == column_by_column.reading
    assert looked_ahead.validation == column_by_column.validation
    assert looked_ahead.table.equals(column_by_column.table)
    assert looked_ahead.quarantine.equals(column_by_column.quarantine)


def test_a_long_table_that_is_what_it_seems_is_gone_over_once(
    drop: Dropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{n},{n * 1.25:.2f},word {n % 7},{n:05d}x,2024-01-{n % 28 + 1:02d}\n" for n in range(140_000)]
    monkeypatch.setattr(tables, "_SMALL_CELLS", 0)
    monkeypatch.setattr(ahead, "_MOST_HASHES", 1 << 10)
    passes: list[list[str]] = []
    batches = tables.StoredTable.batches

    def counted(table: tables.StoredTable, names: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        passes.append(list(names or table.schema))
        return batches(table, names)

    monkeypatch.setattr(tables.StoredTable, "batches", counted)
    found = drop.validate("id,amount,word,sku,day\n" + "".join(rows))
    assert passes == [["id", "amount", "word", "sku", "day"]]
    assert found.table.height == 140_000
    assert found.table["sku"].to_list() == [f"{n:05d}x" for n in range(140_000)]
    assert found.reading.columns[3].kind == "identifier"


def test_words_that_repeat_are_missing_where_each_of_them_is(drop: Dropper) -> None:
    words = ["red", "", '""', " n/a ", "green", "NULL", "  ", "Na", "rose\u00a0"]
    rows = 25_000
    written = [words[n % len(words)] for n in range(rows)]
    found = drop.validate("word,n\n" + "".join(f"{word},{n}\n" for n, word in enumerate(written)))
    missing = {"", '""', " n/a ", "NULL", "  ", "Na"}
    assert found.table["word"].to_list() == [None if word in missing else word for word in written]
    column = found.reading.columns[0]
    assert (column.kind, column.null_tokens) == ("category", ["NULL", "Na", "n/a"])
    assert "3 different ones" in column.reason


@pytest.mark.parametrize("numbers", [range(100_000, 103_000), [n * 7919 % 3_001 for n in range(3_000)]])
def test_numbers_of_an_identifier_are_counted(drop: Dropper, numbers: Sequence[int]) -> None:
    repeated = [*numbers[:-1], numbers[0]]
    rows = "".join(
        f"{one},{2**60 // (n + 1)},{other}\n" for n, (one, other) in enumerate(zip(numbers, repeated, strict=True))
    )
    found = drop.validate("order_id,far_id,client_id\n" + rows)
    far = len({2**60 // (n + 1) for n in range(3_000)})
    for column, distinct in zip(found.reading.columns, (3_000, far, 2_999), strict=True):
        assert f"with {distinct:,} different values" in column.reason
    assert [one.unique for one in found.validation.contract.columns] == [True, True, False]


def test_these_columns_are_what_they_are(drop: Dropper) -> None:
    types = {one.name: one.dtype for one in drop.read(_TABLE).reading.columns}
    assert types == {
        "id": "int64",
        "day": "date",
        "amount": "float64",
        "money": "decimal",
        "word": "string",
        "code": "string",
        "seen": "datetime",
        "fixed": "string",
        "flag": "boolean",
        "prose": "string",
    }


def test_a_column_that_is_what_it_seems_is_looked_at_once(drop: Dropper, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    stretches = columns.TextColumn.stretches

    def counted(column: columns.TextColumn) -> Iterator[pl.Series]:
        looked_at.append(column.name)
        return stretches(column)

    monkeypatch.setattr(columns.TextColumn, "stretches", counted)
    rows = (f"{n},{n * 1.25:.2f},word {n % 7},2024-01-{n % 28 + 1:02d}\n" for n in range(300))
    drop.read("id,amount,word,day\n" + "".join(rows))
    assert sorted(looked_at) == ["amount", "day", "id", "word"]
