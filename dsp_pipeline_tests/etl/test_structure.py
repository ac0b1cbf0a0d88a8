"""Every record is read as it stands or set aside with its line; cells are never padded, cut or shifted."""

from __future__ import annotations

import pytest

from dsp_pipeline.etl.footer import Footer
from dsp_pipeline.etl.gate import Block, Lines, prove, tell_apart
from dsp_pipeline.etl.layout import Layout
from dsp_pipeline.etl.records import Dialect
from dsp_pipeline.etl.structure import Structure, read_structure
from dsp_pipeline_tests.etl.drops import Dropper, cells, decision, lines, reasons
from dsp_pipeline_tests.work import lines_run

_MANY = "".join(f"{n},{n}\n" for n in range(100, 200))


def test_ragged_rows_are_rejected_with_line_and_text(drop: Dropper) -> None:
    raw = drop.read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert cells(raw) == [("1", "2", "3"), ("10", "11", "12")]
    assert raw.rejected["raw"].to_list() == ["4,5", "6,7,8,9"]
    assert reasons(raw.rejected) == [(3, "too_few_cells", None), (4, "too_many_cells", None)]
    assert (raw.reading.rows_in, raw.reading.rows_read, raw.reading.rows_rejected) == (4, 2, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_many_ragged_rows_keep_their_text(drop: Dropper, end: str) -> None:
    wrong = [f'{n},"ä {n}"' + ",7" * (n % 4) for n in range(400)]
    said = "reading: {delimiter: ',', header: true, short_rows: quarantine}"
    raw = drop.read(end.join(["a,b,c", "1,2,3", *wrong, "4,5,6"]) + end, sidecar=said)
    whole = [row for n, row in enumerate(wrong) if n % 4 == 1]
    assert [row[1] for row in cells(raw)] == ["2", *(row.split('"')[1] for row in whole), "5"]
    assert raw.rejected["raw"].to_list() == [row for n, row in enumerate(wrong) if n % 4 != 1]
    assert raw.rejected["line"].to_list() == [n + 3 for n in range(400) if n % 4 != 1]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_counted_through_line_breaks_in_cells(drop: Dropper, end: str) -> None:
    rows = ["a,b", '1,"x', 'y"', "2,z", '3,"p', "q", 'r"', "4,w"]
    raw = drop.read(end.join(rows) + end)
    assert lines(raw) == [2, 4, 5, 8]
    assert [row[1] for row in cells(raw)] == [f"x{end}y", "z", f"p{end}q{end}r", "w"]


def test_a_ragged_row_among_line_breaks_keeps_the_others_right(drop: Dropper) -> None:
    raw = drop.read('a,b\n1,"x\ny"\n2\n3,"p\n\nq"\n4,w\n')
    assert cells(raw) == [("1", "x\ny"), ("3", "p\n\nq"), ("4", "w")]
    assert (lines(raw), reasons(raw.rejected)) == ([2, 5, 8], [(4, "too_few_cells", None)])


def test_an_unclosed_quote_costs_its_own_line_only(drop: Dropper) -> None:
    raw = drop.read("a,b\n1,x\n" + '2,"open\n' + _MANY + '3,"closed, here"\n' + _MANY)
    assert raw.reading.rows_read == 202
    assert reasons(raw.rejected) == [(3, "stray_quote", None)]
    assert raw.rejected["raw"].to_list() == ['2,"open']


def test_text_behind_closing_quotes_is_read_as_written_where_nothing_else_can_be_meant(drop: Dropper) -> None:
    rows = "".join(f'{n},"a, b",x\n' for n in range(20))
    raw = drop.read("a,b,c\n" + rows + '1,"Foo" bar,y\n2,"Foo" bar,"p ""q"""\n3,"Foo, bar" z,y\n4,"",\n')
    assert cells(raw)[20:] == [("1", '"Foo" bar', "y"), ("2", '"Foo" bar', 'p "q"'), ("4", "", None)]
    assert raw.rejected["line"].to_list() == [24]
    assert decision(raw, "quotes within text").choice == "2 rows read as written"


def test_a_quote_that_is_open_at_the_end_of_the_file_costs_its_own_line_only(drop: Dropper) -> None:
    raw = drop.read("a,b\n" + _MANY + '2,"open\n' + _MANY)
    assert raw.reading.rows_read == 200
    assert reasons(raw.rejected) == [(102, "unclosed_quote", None)]


def test_a_nul_byte_costs_its_own_line_only(drop: Dropper) -> None:
    raw = drop.read("a,b\n1,x\n2,\0\n" + _MANY)
    assert reasons(raw.rejected) == [(3, "nul", None)]
    assert raw.reading.rows_read == 101


def test_an_unquoted_empty_cell_is_missing_and_a_quoted_one_is_empty(drop: Dropper) -> None:
    plain = drop.read('a,b\n"",\n,""\nx,y\n')
    assert cells(plain) == [("", None), (None, ""), ("x", "y")]
    exact = drop.read('a,b\r\n"",\r\n,""\r\nx,"y\r\nz"\r\n')
    assert cells(exact) == [("", None), (None, ""), ("x", "y\r\nz")]


def test_blank_lines_are_no_rows_and_are_told(drop: Dropper) -> None:
    raw = drop.read("\na,b\n\n1,2\n  \n\n3,4\n\n")
    assert (cells(raw), lines(raw)) == ([("1", "2"), ("3", "4")], [4, 7])
    assert decision(raw, "blank lines").choice == "4 lines passed over"


def test_rows_of_nothing_but_delimiters_are_rows(drop: Dropper) -> None:
    assert cells(drop.read("a,b\n1,2\n,\n3,4\n"))[1] == (None, None)


def test_a_cell_of_ten_megabytes_survives(drop: Dropper) -> None:
    text = "x" * 10_000_000
    raw = drop.read(f'a,b\n1,{text}\n2,"{text}"\n3,z\n')
    assert [len(row[1] or "") for row in cells(raw)] == [10_000_000, 10_000_000, 1]


def test_the_quick_reader_and_the_exact_one_agree(drop: Dropper) -> None:
    rows = "".join(f'{n},"a ""{n}"", b",{"" if n % 3 else n}\n' for n in range(500))
    quick = drop.read("k,t,v\n" + rows)
    exact = drop.read("k,t,v\n" + rows + "0,\0,0\n")  # a NUL byte makes the whole file go record by record
    assert exact.reading.rows_rejected == 1
    assert cells(quick) == cells(exact)
    assert lines(quick) == lines(exact)


def test_a_stray_quote_that_another_one_closes_costs_these_two_lines_only(drop: Dropper) -> None:
    clean = "".join(f"{n},x,p\n" for n in range(50))
    raw = drop.read("a,b,c\n" + '1,"x, y",p\n' * 9 + '2,"open,p\n' + clean + '3,y,shut"\n4,z,q\n')
    assert raw.reading.rows_read == 60
    assert reasons(raw.rejected) == [(11, "unclosed_quote", None), (62, "stray_quote", None)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_that_stands_again_within_a_line_costs_neither_that_line_nor_time(
    drop: Dropper, end: str
) -> None:
    rows = ["e", *(f"seeee eee eee tree bee{n}" for n in range(40_000)), "e", "e", "see", "be"]
    raw, work = lines_run(lambda: drop.read(end.join(rows) + end))
    assert reasons(raw.rejected) == [(40_002, "repeated_header", None), (40_003, "repeated_header", None)]
    assert raw.reading.rows_read == 40_002
    _, work_without = lines_run(lambda: drop.read(end.join(["x", *rows[1:]]) + end))
    assert work < 1.2 * work_without


def _read_in_blocks(text: str, size: int, *, max_cell: int = 50_000_000) -> Structure:
    layout = Layout(Dialect(), ["n", "w"], 0, max_cell)
    footer = Footer(layout, [["1", "x"]], is_whole=False, declared=False)
    data = text.encode()
    blocks = (data[start : start + size] for start in range(0, len(data), size))
    return read_structure(blocks, layout, footer, name="x.csv", damaged=False)


_PLAIN = "".join(f"{n},w{n}\n" for n in range(300))
_FAR = {
    "never closed": _PLAIN + '7,"open\n' + _PLAIN,
    "closed far below": _PLAIN + '7,"' + "words\n" * 300 + '"\n' + _PLAIN,
    "closed within the last line": _PLAIN + '7,"' + "words\n" * 300 + 'end"',
    "doubled within": _PLAIN + '7,"' + 'some ""words""\n' * 100 + '"\n' + _PLAIN,
    "doubled and never closed": _PLAIN + '7,"' + 'some ""words""\n' * 100 + _PLAIN,
    "stray ones all over": (_PLAIN + '7,"open\n') * 4,
}


@pytest.mark.parametrize("text", _FAR.values(), ids=_FAR)
@pytest.mark.parametrize("max_cell", [400, 50_000_000])
def test_an_open_quote_means_the_same_wherever_a_text_is_cut(
    text: str, max_cell: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsp_pipeline.etl.footer._TAIL", 1)
    monkeypatch.setattr("dsp_pipeline.etl.structure._PIECE", 200)
    whole = _read_in_blocks(text, 1 << 20, max_cell=50_000_000)
    for size in (61, 997):
        cut = _read_in_blocks(text, size, max_cell=max_cell)
        if max_cell > len(text):
            assert cut.read.frame.equals(whole.read.frame)
            assert cut.set_aside.frame.equals(whole.set_aside.frame)
        assert cut.counts.records == cut.read.height + cut.set_aside.height


def test_a_text_is_not_read_anew_for_each_block_below_an_open_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsp_pipeline.etl.footer._TAIL", 1)
    told: list[int] = []

    def spied(block: Block, *, damaged: bool) -> Lines:
        told.append(len(block.data))
        return tell_apart(block, damaged=damaged)

    monkeypatch.setattr("dsp_pipeline.etl.structure.tell_apart", spied)
    text = '7,"open\n' + "".join(f"{n},w{n}\n" for n in range(40_000))
    found = _read_in_blocks(text, 1_000)
    assert (found.read.height, found.set_aside.height) == (40_000, 1)
    assert sum(told) < 3 * len(text)


def test_no_text_at_all_proves_nothing() -> None:
    assert prove(Block(b"", Layout(Dialect(",", '"'), ("a", "b"), 1, 100))) is None
