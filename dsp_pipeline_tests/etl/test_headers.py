"""What stands above the rows: titles, names on one line or several, units; and damaged headers."""

from __future__ import annotations

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, cells, decision, lines

_STATEMENT = "Tag;Text;Soll;Haben\n01.01.2024;Miete;500,00;\n02.01.2024;Lohn;;900,00\n"
_LOG = "time,temp\n10:00,1.5\n10:10,1.6\n10:20,1.7\n"
_LOGGER = (
    '"TOA5","CR1000","CR1000","12345","Std.22","CPU:a.CR1"\n"TIMESTAMP","RECORD","BattV","AirTC"\n'
    '"TS","RN","Volts","Deg C"\n"","","Avg","WVc"\n'
) + "".join(f'"2024-01-01 00:{n}0:00",{n},12.5,5.{n}\n' for n in (1, 2, 3))
_GAUGES = "# USGS\n# gauges\nagency\tsite\tday\tflow\n5s\t15s\t20d\t14n\n" + "".join(
    f"USGS\t01646500\t2024-01-0{day}\t1{day}00\n" for day in (1, 2, 3)
)


@pytest.mark.parametrize(
    ("data", "header", "first_row"),
    [
        ("Sales 2024,,\n,,\nregion,units,price\nN,1,2.5\nS,3,4.5\n", 3, 4),
        (f"Konto:;DE12 3456;;\nvon;01.01.2024;;\n\n{_STATEMENT}", 4, 5),
        (f"Station 7\nExported, by hand, on, 2024-05-01, at noon\n{_LOG}", 3, 4),
        (",,Report,,\n\nid,name,a,b,c\n1,x,2,3,4\n2,y,5,6,7\n", 3, 4),
        ("id,name,\n1,x,5\n2,y,6\n3,z,7\n", 1, 2),
        (",value\nx,1\ny,2\n", 1, 2),
        ("Prices\n\nprice\n1.5\n2.5\n3.5\n", 3, 4),
    ],
    ids=["padded title", "keys and values", "text with commas", "centred", "a name is missing", "index", "a list"],
)  # fmt: skip
def test_titles_and_notes_above_the_names_are_no_rows(
    drop: Dropper, data: str, header: int, first_row: int
) -> None:
    raw = drop.read(data)
    assert (raw.reading.header_row, lines(raw)[0]) == (header, first_row)
    assert raw.reading.rows_rejected == 0


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_ninety_lines_of_settings_may_stand_above_the_names(drop: Dropper, delimiter: str) -> None:
    settings = "".join(f"Setting {n}: value {n}\n" for n in range(90))
    rows = [("day", "open", "close"), *((f"2024-01-{n % 28 + 1:02}", "1.5", f"2.{n}") for n in range(120))]
    raw = drop.read(settings + "\n" + "".join(delimiter.join(row) + "\n" for row in rows))
    assert (raw.reading.header_row, cells(raw)) == (92, rows[1:])


def test_flags_below_formats_are_no_row_either(drop: Dropper) -> None:
    raw = drop.read("length\twidth\tkind\nc\tc\td\n\t\tclass\n5.1\t3.5\tsetosa\n4.9\t3.0\tsetosa\n")
    assert (raw.reading.rows_in, lines(raw)) == (2, [4, 5])
    assert decision(raw, "flags").choice == "line 3 holds flags"


def test_a_line_drawn_below_the_names_is_no_row(drop: Dropper) -> None:
    raw = drop.read(" id | name \n----+------\n  1 | Ann\n  2 | Bob\n(2 rows)\n")
    assert (raw.reading.rows_read, raw.reading.rows_below) == (2, 1)
    assert decision(drop.read("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"), "ruler").choice


def test_the_line_below_the_names_of_a_markdown_table_is_no_row(drop: Dropper) -> None:
    rows = "| 1 | Ann | 5.5 |\n| 2 | Bob | 6.5 |\n| 3 | Eve | 7.5 |\n"
    raw = drop.read(f"| id | name | n |\n|---:|:-----|--:|\n{rows}")
    assert [one.original_name.strip() for one in raw.reading.columns] == ["", "id", "name", "n", ""]
    assert raw.reading.rows_read == 3


def test_a_sparse_first_row_without_header_is_a_row(drop: Dropper) -> None:
    raw = drop.read("1,,,3\n2,Bob,4,5\n3,Eve,6,7\n4,Eve,6,7\n")
    assert (raw.reading.has_header, raw.reading.rows_read) == (False, 4)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            ",2019,,2020,\nregion,units,price,units,price\nN,1,2.5,3,4.5\nS,5,6.5,7,8.5\n",
            ["region", "2019 units", "2019 price", "2020 units", "2020 price"],
        ),
        (
            "Region;Umsatz;;Kosten;\n;Plan;Ist;Plan;Ist\nN;1;2;3;4\nS;5;6;7;8\n",
            ["Region", "Umsatz Plan", "Umsatz Ist", "Kosten Plan", "Kosten Ist"],
        ),
        ("land,jahr,jahr\n,2019,2020\nDE,1,2\nFR,3,4\n", ["land", "jahr 2019", "jahr 2020"]),
        ("a,b,c\na,b,c\n1,2,3\n4,5,6\n", ["a", "b", "c"]),
    ],
    ids=["labels above names", "names under labels", "years under names", "twice the same"],
)
def test_a_header_of_several_rows_gives_one_name_a_column(drop: Dropper, data: str, expected: list[str]) -> None:
    raw = drop.read(data)
    assert [one.name for one in raw.reading.columns] == expected
    assert (raw.reading.rows_read, lines(raw)) == (2, [3, 4])
    assert decision(raw, "header rows").choice == "2 rows, from line 1 on"


@pytest.mark.parametrize(
    "data",
    [
        "name,x,y,z\nfoo,n.v.,n.v.,n.v.\nbar,1,2,3\nbaz,4,5,6\n",
        "name,amount\nfoo,unknown\nbar,1\nbaz,2\n",
        "name,x,y\nfoo,NA,-\nbar,1,2\nbaz,4,5\n",
    ],
)
def test_a_first_row_of_missing_values_is_no_second_row_of_names(drop: Dropper, data: str) -> None:
    assert cells(drop.read(data))[0][0] == "foo"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("time,temp,press\ns,°C,hPa\n1,20.5,1013\n2,20.6,1012\n3,20.7,1011\n", "time: s, temp: °C, press: hPa"),
        ("Zeit;U;I\n[s];[V];[mA]\n0,1;3,30;12\n0,2;3,31;13\n0,3;3,32;13\n", "Zeit: [s], U: [V], I: [mA]"),
        (_LOGGER, "TIMESTAMP: TS, RECORD: RN, BattV: Volts, AirTC: Deg C"),
        (_GAUGES, "agency: 5s, site: 15s, day: 20d, flow: 14n"),
    ],
)
def test_units_and_formats_below_the_names_are_told_and_are_no_row(drop: Dropper, data: str, told: str) -> None:
    raw = drop.read(data)
    assert raw.reading.rows_in == 3
    assert told in decision(raw, "units").why


@pytest.mark.parametrize(
    ("data", "has_header"),
    [
        ("Province,Lat,1/22/20,1/23/20,1/24/20\nHubei,30.9,444,444,549\nAnhui,31.8,1,9,15\n", True),
        ("0,1,2,3\n5.1,3.5,1.4,0.2\n4.9,3.0,1.4,0.2\n", True),
        ("1,2,3,4\n2,3,4,5\n3,4,5,6\n", False),
        ("0,1,2\n0,1,2\n0,1,2\n", False),
        ("1,2,3\n4,5,6\n7,8,9\n", False),
        ("1,2,3\n", False),
        ("id,100022,10025\nid1,TRUE,TRUE\nid2,FALSE,TRUE\n", True),
        ("id,name,,name\n1,english\n1,english\n2,german,1,2,3\n", True),
        ("alice@x.org,AB-1234\nbob@y.org,CD-2345\neve@z.org,EF-3456\n", False),
        ("mail,code\nalice@x.org,AB-1234\nbob@y.org,CD-2345\neve@z.org,EF-3456\n", True),
        ("DE,Berlin\nFR,Paris\nIT,Rome\n", True),
        ("a,b,c,d,5\n1,2,3,4,5\n6,7,8,9,1\n", True),
        ("n.v.,2,3,4,5\n1,2,3,4,5\n6,7,8,9,1\n", False),
        ("x,y\nx,y\nx,y\n", False),
        ("who,Mail,Phone\nAnn,Mail,\nBob,,Phone\nEve,Mail,Phone\nDan,Mail,\n", True),
        ("Q|arith\nS|diff\nP|factor\nQ|grad\nQ|rate\nE|count\n", False),
        ("scan_a.png,9a831910c0771738\nscan_b.nc,e8f327f32d1765ae\nb.txt,4919b80abe95a765\n", False),
        ("file,sha\nscan_a.png,9a831910c0771738\nscan_b.nc,e8f327f32d1765ae\nb.txt,4919b80abe95a765\n", True),
        ("AD,+4230+00131\nAE,+2518+05518\nAF,+3431+06912\n", False),
        ("code,place\nAD,+4230+00131\nAE,+2518+05518\nAF,+3431+06912\n", True),
    ],
)
def test_names_are_told_from_values_by_what_stands_below(drop: Dropper, data: str, *, has_header: bool) -> None:
    assert drop.read(data).reading.has_header is has_header


@pytest.mark.parametrize(
    ("data", "expected", "what"),
    [
        ('"id,name,"note"\n1,x,"a, b"\n2,y,"c"\n', ["id", "name", "note"], "header line"),
        ("id;name;x\n1,a,5\n2,b,6\n3,c,7\n", ["id", "name", "x"], "header line"),
        ("id,name,,x\n1,a,5\n2,b,6\n3,c,7\n", ["id", "name", "x"], "header width"),
        ("id,name,x\n1,a,5,9\n2,b,6,7\n3,c,7,\n", ["row_name", "id", "name", "x"], "header width"),
        ("a,b,c\n1,2,3,4,5\n6,7,8,9,0\n", ["a", "b", "c", "column_4", "column_5"], "header width"),
    ],
    ids=["a stray quote", "another delimiter", "an empty name too many", "a name is missing", "names are missing"],
)  # fmt: skip
def test_a_damaged_header_costs_no_row(drop: Dropper, data: str, expected: list[str], what: str) -> None:
    raw = drop.read(data)
    assert [one.name for one in raw.reading.columns] == expected
    assert raw.reading.rows_read == data.count("\n") - 1
    assert decision(raw, what).why


def test_a_first_line_at_fault_is_set_aside_where_there_is_no_header(drop: Dropper) -> None:
    raw = drop.read('1,"x" y",2\n2,z,3\n3,w,4\n4,v,5\n')
    assert raw.reading.has_header is False
    assert (raw.reading.rows_in, raw.rejected["line"].to_list()) == (4, [1])


def test_names_that_polars_reads_as_patterns_end_in_an_underscore(drop: Dropper) -> None:
    columns = drop.read("*,^.*$,^a\n1,2,3\n2,3,4\n3,4,6\n").reading.columns
    assert [column.name for column in columns] == ["*_", "^.*$_", "^a"]
    assert [column.original_name for column in columns] == ["*", "^.*$", "^a"]
