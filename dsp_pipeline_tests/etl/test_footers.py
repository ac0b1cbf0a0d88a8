"""What stands below the rows is set aside with its line and a code of its own, and rows are left alone."""

from __future__ import annotations

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, cells, decision, reasons

_DAYS = "day,text,amount\n2024-01-01,rent,-500.5\n2024-01-02,wage,1500\n2024-01-03,food,-20\n"
_STATEMENT = "Tag;Text;Betrag\n01.02.2024;Miete;-500,50\n02.02.2024;Lohn;1.500,00\n03.02.2024;Kauf;-20,00\n"


@pytest.mark.parametrize(
    ("data", "below"),
    [
        (_DAYS + "Total,,979.5\n", [5]),
        (_DAYS + "Grand total:\n", [5]),
        (_STATEMENT + ";;\nEndsaldo;;979,50\n", [5, 6]),
        (_STATEMENT + "Summe;3 Posten;979,50\n", [5]),
        ("region;amount\nNorth;1,5\nSouth;2\nEast;4\nTotal;7,5\n", [5]),
        ("город;штук\nМосква;1\nКазань;2\nИтого;3\n", [4]),  # noqa: RUF001 - Cyrillic is meant
        ("都市,数\n東京,1\n大阪,2\n合計,3\n", [4]),
        (_DAYS + "\nSource: Central bank, table 3\n(3 rows)\n", [6, 7]),
        (_DAYS + "-- end of report --\n\n", [5]),
        (_DAYS + "__________\nPreliminary figures as of May\n(c)opyright 2024 by the bank\n", [5, 6, 7]),
        ("name,a,b\nN,1,2\nS,3,4\n,,\nSource: the office,,\n", [4, 5]),
        (_STATEMENT + "\nAlter Kontostand;2.065,56\n", [6]),
        ("campaign,clicks,rate\nBrand,12,1.5\nGeneric,30,2.5\nTotal: Campaigns,42,2.0\n", [4]),
        (_DAYS + "\nThese figures are preliminary\nLast Updated: 2024-02-01\n", [6, 7]),
    ],
)
def test_totals_and_notes_at_the_end_are_no_rows_and_are_kept(drop: Dropper, data: str, below: list[int]) -> None:
    raw = drop.read(data)
    assert reasons(raw.rejected) == [(line, "footer", None) for line in below]
    reading = raw.reading
    assert (reading.rows_rejected, reading.rows_below) == (len(below), len(below))
    assert reading.rows_in == reading.rows_read + len(below)
    assert decision(raw, "footer").why


@pytest.mark.parametrize(
    "data",
    [
        "id,name,n\n1,Ann,2\n2,Total,3\n3,Sum,4\n",
        "region;amount\nNorth;1\nSouth;2\nEast;4\nTotal;9\n",
        "kind,n\nsum,1\nmean,2\ntotal,1\nsum,2\ntotal,3\nmean,7\n",
        'a,b,c\n1,x,"one\nTotal\nTotal"\n',
        "word\nred\ngreen\ntotal\n",
        "name,note\nAnn,\nBob,\nSource code,\n",
        "sex,age,n\nmale,5,1\nfemale,5,2\nTotal,5,3\nmale,6,1\nfemale,6,1\nTotal,,2\n",
        'id,text\n1,x\n2,y\n3,"one\n\nTotal of all"\n',
        "film,n\nAlien,5\nHeat,6\nTotal recall,9\n",
    ],
    ids=[
        "total in a row",
        "no sum",
        "categories",
        "in quotes",
        "one column",
        "sparse",
        "totals of groups",
        "end of a cell",
        "title",
    ],
)
def test_rows_that_look_like_totals_or_notes_are_rows(drop: Dropper, data: str) -> None:
    raw = drop.read(data)
    assert raw.rejected.is_empty()
    assert "footer" not in {one.what for one in raw.reading.decisions}


def test_a_note_below_a_small_table_does_not_hide_its_delimiter(drop: Dropper) -> None:
    rows = "day,USD,GBP\n1,1.08,0.85\n2,1.09,0.86\n3,1.07,0.87\n"
    raw = drop.read(f"Rates of the euro\nMade,2024-04-01\n\n{rows}\nNote: mid\n")
    assert cells(raw) == [("1", "1.08", "0.85"), ("2", "1.09", "0.86"), ("3", "1.07", "0.87")]
    assert (raw.reading.header_row, reasons(raw.rejected)) == (4, [(9, "footer", None)])


def test_a_row_that_was_cut_off_is_a_damaged_row_and_no_footer(drop: Dropper) -> None:
    assert reasons(drop.read(_DAYS + "2024-0").rejected) == [(5, "too_few_cells", None)]


def test_a_footer_far_behind_the_head_is_found(drop: Dropper) -> None:
    rows = "".join(f"2024-01-{n % 28 + 1:02},text {n},{n}\n" for n in range(30_000))
    raw = drop.read(f"day,text,amount\n{rows}Total,,449985000\n")
    assert reasons(raw.rejected) == [(30_002, "footer", None)]
    assert raw.reading.rows_read == 30_000


def test_footers_are_no_bad_rows(drop: Dropper) -> None:
    table = drop.validate(_DAYS + "Total,,979.5\n", sidecar="max_bad_rows: 0%")
    assert (table.validation.rows_valid, table.validation.rows_quarantined) == (3, 1)
    assert next(one for one in table.validation.checks if one.name == "structure").passed


def test_the_sidecar_says_what_is_header_and_footer(drop: Dropper) -> None:
    data = "name,n\nTitel,Zahl\na,1\nb,2\nTotal,3\n"
    raw = drop.read(data, sidecar="reading: {header_rows: 2, footer: false}")
    assert [one.name for one in raw.reading.columns] == ["name Titel", "n Zahl"]
    assert cells(raw) == [("a", "1"), ("b", "2"), ("Total", "3")]
