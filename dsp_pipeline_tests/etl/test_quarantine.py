"""What stands in quarantine is what stands in the file: text, line, and every reason."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.core.settings import Limits
from dsp_pipeline.etl.original import RecordTexts, Spans, StoredText, whole_lines
from dsp_pipeline.etl.quarantine import quarantine_csv
from dsp_pipeline.etl.records import split_lines
from dsp_pipeline_tests.etl.drops import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline_tests.etl.drops import Dropper

_RULE = "max_bad_rows: 90%\nrules: [{column: n, max: 5}]"


@pytest.mark.parametrize(
    ("data", "raw"),
    [
        ('"n","w"\n"1","a"\n"9","b"\n"2","c"\n', {3: '"9","b"'}),
        ('n;w\r\n1;a\r\n9;"b ""b"" ;"\r\n2;c\r\n', {3: '9;"b ""b"" ;"'}),
        (
            'n,w\n1,a\n9,"two\nlines"\n8,"and\r\nthree\n\n"\n2,c\n7,e',
            {3: '9,"two\nlines"', 5: '8,"and\r\nthree\n\n"', 10: "7,e"},
        ),
        ("n,w\r1,a\r9,b\r2,c\r", {3: "9,b"}),
        ("n\tw\n\n1\ta\n\n  9 \tb\n2\tc\n", {5: "  9 \tb"}),
        ("A title\n\nn,w\n1,a\n9,é\n2,c\n", {5: "9,é"}),
    ],
    ids=[
        "all quoted",
        "doubled quotes",
        "line breaks",
        "carriage returns",
        "spaces and blank lines",
        "a preamble",
    ],
)
def test_a_row_that_breaks_a_rule_is_kept_as_it_stands_in_the_file(
    drop: Dropper, data: str, raw: dict[int, str]
) -> None:
    table = drop.validate(data, sidecar=_RULE)
    assert {row["line"]: row["raw"] for row in table.quarantine.iter_rows(named=True)} == raw


def test_a_legacy_encoding_is_kept_as_its_characters(drop: Dropper) -> None:
    table = drop.validate("n;w\n1;für\n9;größer\n2;Öl\n".encode("cp1252"), sidecar=_RULE)
    assert table.quarantine["raw"].to_list() == ["9;größer"]


def test_rows_that_do_not_fit_and_rows_that_break_a_rule_stand_in_the_order_of_the_file(drop: Dropper) -> None:
    table = drop.validate("n,w\n9,a\n1\n8,b\n1,2,3\n2,c\n", sidecar=_RULE)
    assert table.quarantine["raw"].to_list() == ["9,a", "1", "8,b", "1,2,3"]
    assert [(line, code) for line, code, _ in reasons(table.quarantine)] == [
        (2, "max"),
        (3, "too_few_cells"),
        (4, "max"),
        (5, "too_many_cells"),
    ]


_LINES = st.lists(
    st.tuples(st.text(alphabet='aé,"', max_size=4), st.sampled_from(["\n", "\r\n", "\r"])), max_size=12
)


@given(_LINES, st.text(alphabet="b", max_size=2), st.integers(1, 9))
def test_a_text_in_pieces_has_the_lines_of_the_whole(parts: list[tuple[str, str]], last: str, size: int) -> None:
    text = ("".join(line + end for line, end in parts) + last).encode()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    found = list(whole_lines(pieces))
    lines = [
        lines.part(number, number + 1).decode() for lines in found for number in range(lines.first, lines.behind)
    ]
    assert lines == split_lines(text.decode())


def test_records_are_found_where_they_span_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsp_pipeline.etl.original._BLOCK", 7)
    text = StoredText.written([b"one\ntwo\r\nthree\nfour\rfive"])
    texts = RecordTexts(text)
    assert texts.take(Spans(np.array([1, 2]), np.array([1, 2]))) == ["one", "two\r\nthree"]
    assert texts.take(Spans(np.array([4]), np.array([2]))) == ["four\rfive"]


def test_a_table_in_many_batches_has_the_quarantine_of_a_small_one(
    drop: Dropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f'{n % 11},"w {n}\nx",{n % 3}' if n % 7 else f"{n},short" for n in range(100)]
    data = "n,w,g\n" + "\n".join(rows)
    said = (
        "max_bad_rows: 90%\nreading: {quote: '\"'}\n"
        "rules: [{column: n, max: 8, message: '{line} {w}'}, {unique: [n, w]}, "
        "{expect: 'sum(n) > 140', by: [g]}, {column: g, max: 1, severity: warning}]"
    )
    small = drop.validate(data, sidecar=said)
    monkeypatch.setattr("dsp_pipeline.etl.tables._SMALL_CELLS", 0)
    monkeypatch.setattr("dsp_pipeline.etl.tables._MAX_ROW_GROUP", 7)
    large = drop.validate(data, sidecar=said)

    assert small.validation.rows_quarantined > 30
    assert large.quarantine.equals(small.quarantine)
    assert large.table.equals(small.table)
    assert large.validation.checks == small.validation.checks
    assert large.validation.reasons == small.validation.reasons


def test_spaces_behind_delimiters_are_none_of_the_cells_offered_for_mending(drop: Dropper) -> None:
    data = "n, w, v\n" + "".join(f'{n}, "word {n}", {n}.5\n' for n in range(30)) + '70, "a, b", 1.5\n'
    table = drop.validate(data, sidecar="rules: [{column: n, max: 50}]")
    assert table.quarantine["raw"].to_list() == ['70, "a, b", 1.5']
    offered = b"".join(quarantine_csv(table.quarantined, table.reading)).decode("utf-8-sig").splitlines()
    assert offered[1].startswith('70,"a, b",1.5,32,')


def test_a_row_whose_cell_is_larger_than_the_limit_is_offered_for_mending(drop: Dropper) -> None:
    data = "n,w\n" + "".join(f"{n},a{n}\n" for n in range(100)) + "200," + "z" * 3_000 + "\n201,ok\n"
    raw = drop.read(data, limits=Limits(max_cell_bytes=2_000))
    assert reasons(raw.rejected) == [(102, "cell_too_large", None)]
    offered = b"".join(quarantine_csv(raw.set_aside, raw.reading)).decode("utf-8-sig").splitlines()
    assert offered[1].startswith("200," + "z" * 3_000 + ",102,")


def test_a_quoted_cell_larger_than_the_limit_costs_its_row_only(drop: Dropper) -> None:
    lines = "".join(f"line{n}\n" for n in range(400))
    data = "n,w\n" + "".join(f'{n},"a\n{n}"\n' for n in range(20)) + f'200,"{lines}"\n201,ok\n'
    raw = drop.read(data, limits=Limits(max_cell_bytes=2_000))
    assert reasons(raw.rejected)[0] == (42, "cell_too_large", None)
    assert raw.frame["n"].to_list() == [*map(str, range(20)), "201"]


def test_long_rows_are_read_and_offered_alike_by_a_process_that_read_nothing_before(
    drop: Dropper, process_of_its_own: None
) -> None:
    long = "word " * 27_000
    rows = "".join(f"{n},{long}\n" if n % 2 else f"{n},{long},y\n" for n in range(10))
    raw = drop.read("n,doc,x\n" + rows)
    assert (raw.reading.rows_read, raw.reading.rows_rejected) == (10, 0)

    table = drop.validate("n,x\n" + "".join(f"{n},a\n" for n in range(9)) + f"9,{long},surplus\n")
    csv.field_size_limit(_FRESH)
    offered = b"".join(quarantine_csv(table.quarantined, table.reading)).decode("utf-8-sig").splitlines()
    assert offered[1].startswith(f'9,"{long},surplus",11,')


_FRESH = 131_072
"""The bound on cells that the csv module has in a new process."""


@pytest.fixture
def process_of_its_own() -> Iterator[None]:
    """The csv module as a new process has it."""
    before = csv.field_size_limit(_FRESH)
    yield
    csv.field_size_limit(before)


def test_a_file_without_rules_loses_the_rows_that_it_loses_under_a_rule_that_nothing_breaks(drop: Dropper) -> None:
    data = "n,w\n" + "".join(f"{'unknown' if n % 150 == 7 else n},w{n}\n" for n in range(500))
    said = "max_bad_rows: 10%\n"
    without = drop.validate(data, sidecar=said)
    ruled = drop.validate(data, sidecar=said + "rules: [{column: n, min: 0}]")
    assert without.validation.rows_quarantined == 4
    assert without.table.height == 496
    assert without.table.equals(ruled.table)
    assert without.quarantine.equals(ruled.quarantine)
