"""What quick CSV readers do in silence, reproduced with DuckDB and Polars (issue 3), and not done here."""

from __future__ import annotations

import datetime as dt

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, cells, column, decision, lines, reasons

_BEYOND_A_SAMPLE = 21_000
"""DuckDB decides types by its first 20,480 rows."""


def test_a_fraction_behind_every_sample_is_not_rounded_to_an_integer(drop: Dropper) -> None:
    table = drop.validate("n,w\n" + "".join(f"{n},x\n" for n in range(_BEYOND_A_SAMPLE)) + "1.5,y\n")
    assert table.table["n"][-1] == 1.5


def test_a_leading_zero_behind_every_sample_is_not_lost(drop: Dropper) -> None:
    table = drop.validate("k,w\n" + "".join(f"{n + 10_000},x\n" for n in range(_BEYOND_A_SAMPLE)) + "01234,y\n")
    assert table.table["k"][-1] == "01234"


def test_a_ragged_file_is_not_loaded_as_one_column(drop: Dropper) -> None:
    raw = drop.read("a,b,c\n" + "1,2,3\n4,5\n6,7,8\n9,10,11,12\n" * 20)
    assert [one.name for one in raw.reading.columns] == ["a", "b", "c"]
    assert (raw.reading.rows_read, raw.reading.rows_rejected) == (40, 40)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_gives_all_rows(drop: Dropper, end: str) -> None:
    raw = drop.read(end.join(["a,b", *(f"{n},x" for n in range(500))]) + end)
    assert raw.reading.rows_read == 500
    assert cells(raw)[-1] == ("499", "x")


def test_one_unclosed_quote_costs_one_row_of_sixty_thousand(drop: Dropper) -> None:
    rows = [f'{n},"name, {n}",{n % 7}\n' for n in range(60_000)]
    rows[20_000] = '20000,"name, 20000,6\n'
    raw = drop.read("id,name,day\n" + "".join(rows))
    assert raw.reading.rows_read == 59_999
    assert raw.rejected.select("line", "raw").rows() == [(20_002, '20000,"name, 20000,6')]


def test_a_reject_has_its_line_and_not_its_record_counted(drop: Dropper) -> None:
    raw = drop.read('a,b\n1,"two\nlines"\n\n2,x\n3\n' + "4,y\n" * 20)
    assert reasons(raw.rejected) == [(6, "too_few_cells", None)]
    assert lines(raw)[:2] == [2, 5]


@pytest.mark.parametrize("encoding", ["cp1250", "cp1251", "cp932", "gb18030", "utf-16-be"])
def test_encodings_beyond_three_are_read(drop: Dropper, encoding: str) -> None:
    words = {
        "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy",
        "cp1251": "Съешь ещё этих мягких французских булок",
        "cp932": "いろはにほへと散りぬるを我が世誰ぞ常ならむ",
        "gb18030": "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往",
        "utf-16-be": "Zürich",
    }
    text = "n;text\n" + "".join(f"{n};{words[encoding]}\n" for n in range(40))
    assert cells(drop.read(text.encode(encoding)))[-1] == ("39", words[encoding])


def test_quotes_first_seen_behind_every_sample_are_quotes(drop: Dropper) -> None:
    plain = "".join(f"{n},plain\n" for n in range(_BEYOND_A_SAMPLE))
    raw = drop.read("n,text\n" + plain + '21000,"with, comma"\n21001,"and\nbreak"\n')
    assert raw.rejected.is_empty()
    assert cells(raw)[-2:] == [("21000", "with, comma"), ("21001", "and\nbreak")]


def test_a_short_row_is_not_filled_with_nulls(drop: Dropper) -> None:
    raw = drop.read("a,b,c\n" + "1,2,3\n" * 20 + "4,5\n")
    assert reasons(raw.rejected) == [(22, "too_few_cells", None)]
    assert raw.rejected["raw"].to_list() == ["4,5"]


def test_a_day_that_may_be_a_month_is_said_to_be_unsure(drop: Dropper) -> None:
    raw = drop.read("day,n\n05/02/2024,1\n01/07/2024,2\n03/01/2024,3\n")
    assert decision(raw, "order of day and month in day").confidence < 0.6
    certain = drop.validate("day,n\n" + "01/02/2024,1\n" * 30 + "02/13/2024,2\n")
    assert certain.table["day"][0] == dt.date(2024, 1, 2)
    assert column(drop.read("day,n\n2024-02-05,1\n2024-07-01,2\n"), "day").format == "%Y-%m-%d"
