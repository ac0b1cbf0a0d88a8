"""A mended quarantine goes back into the file it came from."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.errors import InputError
from dsp_pipeline.etl.fixes import Fixed, joined, origin_of
from dsp_pipeline.etl.quarantine import quarantine_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline_tests.etl.drops import Dropper

Rows = list[list[str]]

_RULES = "max_bad_rows: 90%\ntypes: {n: integer}\nrules: [{column: n, max: 99}]\n"
_SAID = f"{_RULES}reading: {{skip_rows: 2}}"
_FILE = '''Report of May

id;n;"words; and more"
A;1;x
B;500;"y ""z"""
C;2
D;3;"two
lines"
E;4;u;v;w
F;5;é
'''


def mended(drop: Dropper, data: bytes, mend: Callable[[Rows], Rows], said: str = _SAID) -> tuple[Fixed, bytes]:
    """What comes of a file whose quarantine a person changes in a spreadsheet."""
    raw = drop.read(data, sidecar=said)
    table = drop.validate(data, sidecar=said)
    offered = b"".join(quarantine_csv(table.quarantined, table.reading)).decode("utf-8-sig")
    rows = mend(list(csv.reader(io.StringIO(offered, newline=""))))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    fixes = drop.read(text.getvalue(), name="mended.csv", sidecar="reading: {header: true}")
    assert origin_of(fixes) == ("sales", table.reading.source.version)
    fixed, blocks = joined(raw, table.quarantine, fixes)
    return fixed, b"".join(blocks)


def test_mended_rows_stand_where_the_bad_ones_stood_and_nothing_else_changes(drop: Dropper) -> None:
    def mend(rows: Rows) -> Rows:
        header, b, c, e = rows
        assert (b[3], c[3], e[3]) == ("5", "6", "9")
        b[1], c[2], e[1:3] = "50", "a;b", ["4", "u"]
        return [header, e, b, c]  # sorted by something else

    fixed, text = mended(drop, _FILE.encode(), mend)

    assert fixed == Fixed(replaced=3, removed=0, added=0, left=0)
    expected = _FILE.replace('B;500;"y', 'B;50;"y').replace("C;2\n", 'C;2;"a;b"\n').replace("E;4;u;v;w", "E;4;u")
    assert text.decode() == expected
    again = drop.validate(text, sidecar=_SAID)
    assert (again.validation.rows_valid, again.validation.rows_quarantined) == (6, 0)


def test_rows_may_be_left_removed_split_and_added(drop: Dropper) -> None:
    def mend(rows: Rows) -> Rows:
        header, b, c, e = rows
        removed = ["", "", "", c[3], c[4], c[5]]
        split = [["E", "4", "u", *e[3:]], ["E2", "5", "w", *e[3:]]]
        return [header, b, removed, *split, ["G", "6", "new", "", "", ""]]

    fixed, text = mended(drop, _FILE.encode(), mend)

    assert fixed == Fixed(replaced=1, removed=1, added=1, left=1)
    expected = _FILE.replace("C;2\n", "").replace("E;4;u;v;w\n", "E;4;u\nE2;5;w\n") + "G;6;new\n"
    assert text.decode() == expected


def test_rows_that_are_added_come_before_the_totals_below_the_table(drop: Dropper) -> None:
    data = "item;amount\n" + "".join(f"item {n};{n}\n" for n in range(1, 9)) + "item 9;x;y\n\nTotal;36\n"

    def mend(rows: Rows) -> Rows:
        assert [row[2] for row in rows[1:]] == ["10", "12"]
        total = ["Total", "55", *rows[2][2:]]
        return [rows[0], ["item 9", "9", *rows[1][2:]], ["item 10", "10", "", "", ""], total]

    fixed, text = mended(drop, data.encode(), mend, "max_bad_rows: 90%")

    assert fixed == Fixed(replaced=2, removed=0, added=1, left=0)
    assert text.decode() == data.replace("item 9;x;y\n\nTotal;36", "item 9;9\nitem 10;10\n\nTotal;55")
    again = drop.validate(text)
    assert (again.validation.rows_valid, again.reading.rows_below) == (10, 1)


def test_a_row_that_is_too_wide_and_not_mended_is_not_taken_for_a_good_one(drop: Dropper) -> None:
    fixed, text = mended(drop, _FILE.encode(), lambda rows: rows)
    assert fixed == Fixed(replaced=0, removed=0, added=0, left=3)
    assert text.decode() == _FILE


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_FILE.replace("\n", "\r\n").encode(), _SAID),
        (_FILE.encode("cp1252"), f"{_RULES}reading: {{skip_rows: 2, encoding: cp1252}}"),
        (_FILE.encode("utf-16"), f"{_RULES}reading: {{skip_rows: 2, encoding: utf-16}}"),
        (_FILE.rstrip("\n").encode(), _SAID),
        (
            _FILE.replace(";", "||").replace('"y ""z"""', "y").encode(),
            f"{_RULES}reading: {{skip_rows: 2, delimiter: '||'}}",
        ),
        (_FILE.replace(";", "\t").replace('"', "'").encode(), f'{_RULES}reading: {{skip_rows: 2, quote: "\'"}}'),
    ],
    ids=["CRLF", "cp1252", "UTF-16", "no last line end", "two characters", "single quotes"],
)
def test_the_next_version_is_read_as_the_last_one(drop: Dropper, data: bytes, said: str) -> None:
    def mend(rows: Rows) -> Rows:
        rows[1][1] = "50"
        rows[2][2] = "a || b"
        return [*rows[:3], ["E", "4", "u", *rows[3][3:]], ["G", "6", "new", "", "", ""]]

    before = drop.read(data, sidecar=said).reading
    fixed, text = mended(drop, data, mend, said)
    after = drop.validate(text, sidecar=said)

    assert fixed == Fixed(replaced=3, removed=0, added=1, left=0)
    assert after.validation.rows_quarantined == 0
    assert after.table["id"].to_list() == ["A", "B", "C", "D", "E", "F", "G"]
    assert after.table.columns[:2] == ["id", "n"]
    assert after.table[:, 2].to_list()[2:4] == ["a || b", "two\r\nlines" if b"\r" in data else "two\nlines"]
    assert (
        after.reading.encoding,
        after.reading.delimiter,
        after.reading.line_ending,
        after.reading.header_row,
    ) == (
        before.encoding,
        before.delimiter,
        before.line_ending,
        before.header_row,
    )


def test_a_mended_row_that_begins_like_a_comment_is_none(drop: Dropper) -> None:
    data = "# made by hand\nid,n\n" + "".join(f"r{n},{n}\n" for n in range(9)) + "# a note\nx,y,z\n"
    fixed, text = mended(drop, data.encode(), _with(1, 0, "#7"), "max_bad_rows: 50%\nreading: {comment: '#'}")
    assert fixed.replaced == 1
    again = drop.validate(text, sidecar="reading: {comment: '#'}")
    assert again.table["id"].to_list()[-1] == "#7"


def _with(row: int, place: int, text: str) -> Callable[[Rows], Rows]:
    def mend(rows: Rows) -> Rows:
        rows[row][place] = text
        return rows

    return mend


@pytest.mark.parametrize(
    ("mend", "what"),
    [
        (_with(1, 3, "7"), "'7' is no line of version"),
        (_with(1, 3, "five"), "'five' is no line of version"),
        (_with(0, 1, "m"), "the mended file's columns are not those of version .*: 'n'"),
        (
            lambda rows: [row[:2] + row[3:] for row in rows],
            "columns are not those of version .*: 'words; and more'",
        ),
        (lambda rows: [*rows, ["G", "6"]], "1 rows of the mended file can't be read themselves"),
    ],
)
def test_what_can_not_be_joined_is_told(drop: Dropper, mend: Callable[[Rows], Rows], what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        mended(drop, _FILE.encode(), mend)
    assert caught.value.remedy


def test_a_character_that_the_declared_encoding_lacks_is_told(drop: Dropper) -> None:
    with pytest.raises(InputError, match="which cp1252 can't write"):
        mended(
            drop, _FILE.encode("cp1252"), _with(1, 2, "ł"), f"{_RULES}reading: {{skip_rows: 2, encoding: cp1252}}"
        )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ("a,b\n1,2\n", "no column __line__"),
        ("a,__line__,__reasons__\n1,2,x\n", "no column __version__"),
        ("a,__line__,__reasons__,__version__\n1,2,x,\n", "names 0 versions"),
        ("a,__line__,__version__\n1,2,a/111111111111\n1,2,a/222222222222\n", "names 2 versions"),
    ],
)
def test_a_file_that_is_no_quarantine_is_told(drop: Dropper, data: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        origin_of(drop.read(data, sidecar="reading: {header: true}"))


def test_a_row_with_a_nul_that_nobody_mended_stays_as_it_is_while_others_are_mended(drop: Dropper) -> None:
    data = "id;n;w\n" + "".join(f"{n};{n};k\n" for n in range(60)) + "100;7\n101;\x00;k\n"

    def mend(rows: Rows) -> Rows:
        rows[1][:3] = ["100", "7", "k"]
        return rows

    fixed, text = mended(drop, data.encode(), mend, said="")

    assert fixed == Fixed(replaced=1, removed=0, added=0, left=1)
    assert text.decode().endswith("59;59;k\n100;7;k\n101;\x00;k\n")


def test_a_row_of_the_mended_file_that_cannot_be_read_is_refused(drop: Dropper) -> None:
    data = "id;n;w\n" + "".join(f"{n};{n};k\n" for n in range(60)) + "100;7\n101;\x00;k\n"

    def mend(rows: Rows) -> Rows:
        rows[2][0] = "102"
        return rows

    with pytest.raises(InputError, match="1 rows of the mended file can't be read"):
        mended(drop, data.encode(), mend, said="")
