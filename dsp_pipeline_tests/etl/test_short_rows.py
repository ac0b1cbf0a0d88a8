"""Rows that end before the header does: read where that is a habit, set aside where it is an accident."""

from __future__ import annotations

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, cells, column, decision, reasons

_HEADER = "id;name;amount;note;day\n"
_ROWS = [
    ("1", "Anna", "5.25", "late", "2024-01-02"),
    ("2", "Bob", "7.50", None, None),
    ("3", "Carla", "1.75", "late", None),
    ("4", "Dora", "2.50", None, "2024-01-03"),
    ("5", "Emil", "3.25", None, None),
] * 4
"""As an ERP writes them that leaves off what is empty at the end of a row."""


def _trimmed(row: tuple[str | None, ...]) -> str:
    return ";".join(cell or "" for cell in row).rstrip(";") + "\n"


_TEXT = "".join(map(_trimmed, _ROWS))


def test_cells_that_a_program_leaves_off_at_the_ends_of_rows_are_missing(drop: Dropper) -> None:
    raw = drop.read(_HEADER + _TEXT)
    assert cells(raw) == _ROWS
    assert (column(raw, "amount").dtype, column(raw, "day").dtype) == ("float64", "date")
    told = decision(raw, "short rows")
    assert "12 of the first 20 rows have fewer than 5 cells" in told.why
    assert [other.choice for other in told.alternatives] == ["set aside"]


def test_they_are_missing_above_the_first_whole_row_of_a_few(drop: Dropper) -> None:
    rows = [("Bus", "a, b", None), ("Carrier", "c", None), ("Load", "d", "one"), ("Line", "e", "two")]
    rows += [("Store", "f", None), ("Shape", "g", "one"), ("Link", "h", "two"), ("Unit", "i", "two")]
    data = "".join(
        ",".join(f'"{cell}"' for cell in row if cell) + "\n" for row in [("part", "text", "kind"), *rows]
    )
    assert cells(drop.read(data)) == rows


def test_they_are_missing_where_there_are_no_names_too(drop: Dropper) -> None:
    assert cells(drop.read(_TEXT)) == _ROWS


def test_they_are_missing_where_the_first_rows_are_short(drop: Dropper) -> None:
    assert cells(drop.read("".join(map(_trimmed, _ROWS[1:])))) == _ROWS[1:]


@pytest.mark.parametrize("written", ['"{}"', "{}"], ids=["quoted", "plain"])
def test_they_are_missing_in_rows_that_only_the_exact_reader_can_read(drop: Dropper, written: str) -> None:
    text = _TEXT.replace("Carla", written.format("Carla")).replace("Emil", '"Emil\nthe third"')
    rows = [tuple("Emil\nthe third" if cell == "Emil" else cell for cell in row) for row in _ROWS]
    assert cells(drop.read(_HEADER + text)) == rows


def test_they_are_missing_in_a_text_of_several_blocks(drop: Dropper) -> None:
    row = ("2024-01-01", "a text that fills the line, so that there are several blocks of them", "5.5", None, None)
    rows = [row, (*row[:3], None, "x"), (*row[:3], "y", None)] * 40_000
    raw = drop.read("day;text;amount;note;flag\n" + "".join(map(_trimmed, rows)))
    assert raw.rejected.is_empty()
    assert cells(raw) == rows


def test_rows_all_of_which_end_before_the_header_are_read(drop: Dropper) -> None:
    raw = drop.read("id,name,amount,remark\n1,Anna,5.5\n2,Bob,6.5\n3,Carla,7.5\n")
    assert cells(raw) == [("1", "Anna", "5.5", None), ("2", "Bob", "6.5", None), ("3", "Carla", "7.5", None)]
    assert decision(raw, "short rows").confidence == 0.5


@pytest.mark.parametrize(
    "rows",
    [
        "1,Anna,5.5\n2,Bob\n3,Carla,7.5\n" + "4,Dora,1.5\n" * 30,
        "1,Anna,5.5\n2,6.5\n3,7.5\n4,8.5\n5,Emil,9.5\n" * 3,
        "1,Anna,\n2,Bob\n3,Carla,\n4,Dora\n5,Emil,9.5\n" * 3,
        "1,Anna,5.5\n2,Bob\n3,Carla,7.5,x\n4,Dora\n5,Emil,9.5\n" * 3,
        "1,Anna,5.5\n2,Bob,6.5\n3,Carla,7.5\nas told,by Bob\nas told,by Dora\nas told,by Emil\n",
    ],
    ids=["one of many", "another cell is lost", "empty cells are written", "others are too long", "notes below"],
)
def test_rows_that_are_short_by_accident_are_set_aside(drop: Dropper, rows: str) -> None:
    raw = drop.read("id,name,amount\n" + rows)
    short = [line for line, row in enumerate(rows.splitlines(), start=2) if row.count(",") < 2]
    found = {line for line, code, _ in reasons(raw.rejected) if code in {"too_few_cells", "footer"}}
    assert found == set(short)
    assert "short rows" not in {one.what for one in raw.reading.decisions}


def test_the_owner_knows_better(drop: Dropper) -> None:
    strict = drop.read(_HEADER + _TEXT, sidecar="reading: {short_rows: quarantine}")
    assert (strict.reading.rows_read, strict.reading.rows_rejected) == (8, 12)
    lax = drop.read("a,b,c\n1,2,3\n4\n" + "5,6,7\n" * 30, sidecar="reading: {short_rows: fill}")
    assert cells(lax)[1] == ("4", None, None)
    assert decision(lax, "short rows").why == "the sidecar says so"


def test_mended_rows_do_not_change_how_the_others_are_read(drop: Dropper) -> None:
    raw = drop.read(_HEADER + _TEXT + "21;Fritz;4.50;;\n")
    assert cells(raw) == [*_ROWS, ("21", "Fritz", "4.50", None, None)]


def _people(rows: int) -> list[tuple[str, ...]]:
    names, cities, colours = ["Ann", "Bob", "Cy", "Dee"], ["Rome", "Oslo"], ["red", "blue"]
    return [(names[n % 4], cities[n // 4 % 2], colours[n // 8 % 2], "SML"[n % 3]) for n in range(rows)]


@pytest.mark.parametrize("lost", [(1,), (2,), (1, 2)])
def test_text_that_lost_a_cell_within_its_rows_is_set_aside(drop: Dropper, lost: tuple[int, ...]) -> None:
    rows = [
        row if number % 6 else row[: lost[number % len(lost)]] + row[lost[number % len(lost)] + 1 :]
        for number, row in enumerate(_people(300), start=1)
    ]
    raw = drop.read("name,city,colour,size\n" + "".join(",".join(row) + "\n" for row in rows))
    assert {row for row in cells(raw) if None in row} == set()
    assert (raw.reading.rows_read, raw.reading.rows_rejected) == (250, 50)


def test_text_that_lost_a_cell_beside_one_of_many_words_is_set_aside(drop: Dropper) -> None:
    cities = ["", "Oslo,", "Rome,", "Rome,", "Oslo,"] * 18
    rows = "".join(f"person {n},{city}remark {n}\n" for n, city in enumerate(cities))
    raw = drop.read("name,city,remark\n" + rows)
    assert (raw.reading.rows_read, raw.reading.rows_rejected) == (72, 18)


def test_short_rows_with_words_of_their_own_are_read(drop: Dropper) -> None:
    rows = [
        (row[0], row[1], "shipped", f"{n}.5") if n % 3 else (row[0], row[1], "open", None)
        for n, row in enumerate(_people(120))
    ]
    raw = drop.read("name,city,state,price\n" + "".join(",".join(filter(None, row)) + "\n" for row in rows))
    assert cells(raw) == rows
