"""Whatever comes in, no row vanishes and nothing crashes: generated tables, and damaged ones."""

from __future__ import annotations

import csv
import gzip
import io
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dsp_pipeline.core.errors import DspError
from dsp_pipeline.etl.tables import LINE
from dsp_pipeline_tests.etl.drops import Dropper, cells
from dsp_pipeline_tests.fuzzing import examples

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff") | st.sampled_from("\n\t\",;|'"),
    max_size=12,
)
_WORDS = st.sampled_from(["red", "green", "blue", "a, b", 'say "hi"', "two\nlines", "", "Zürich"])


@pytest.fixture(scope="module")
def dropper() -> Dropper:
    return Dropper(Path(tempfile.mkdtemp(prefix="dsp-drops-")))


def written(rows: list[list[str]], **dialect: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows(rows)
    return text.getvalue().encode()


def outcome(attempt: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | DspError:
    """What comes of an attempt; any other error fails the test."""
    try:
        return attempt(*args, **kwargs)
    except DspError as error:
        return error


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    rows = draw(st.lists(st.lists(_TEXT, min_size=width, max_size=width), min_size=1, max_size=12))
    return [[f"c{number}" for number in range(width)], *rows]


@examples(60)
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|^"),
    quote=st.sampled_from("\"'"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
)
def test_any_table_that_csv_writes_is_read_back_equal(
    dropper: Dropper, table: list[list[str]], delimiter: str, quote: str, end: str, quoting: int
) -> None:
    data = written(table, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=quoting)
    said = {"delimiter": delimiter, "quote": quote, "escape": "", "header": True, "encoding": "utf-8"}
    raw = dropper.read(data, sidecar=f"reading: {said!r}".replace("'\\t'", '"\\t"').replace("True", "true"))
    assert raw.rejected.is_empty()
    assert [[cell or "" for cell in row] for row in cells(raw)] == table[1:]


@examples(60)
@given(
    rows=st.lists(st.tuples(st.integers(), _WORDS, st.floats(-1e6, 1e6)), min_size=8, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
)
def test_an_ordinary_table_is_read_back_equal_without_any_help(
    dropper: Dropper, rows: list[tuple[int, str, float]], delimiter: str, end: str, *, bom: bool
) -> None:
    table = [["id", "colour", "weight"], *([str(a), b, f"{c:.3f}"] for a, b, c in rows)]
    data = written(table, delimiter=delimiter, lineterminator=end)
    raw = dropper.read(b"\xef\xbb\xbf" + data if bom else data)
    assert raw.reading.delimiter == delimiter
    assert [[cell or "" for cell in row] for row in cells(raw)] == table[1:]


_ORDINARY = written(
    [
        ["id", "name", "amount", "day"],
        *([str(n), f'N"{n}" of\n{n}, x', f"{n * 1.5:.2f}", f"2024-01-{n % 28 + 1:02d}"] for n in range(40)),
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(_ORDINARY)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data) - 1))
        kind = draw(st.sampled_from(["set", "cut", "insert", "double", "truncate"]))
        piece = draw(st.binary(min_size=1, max_size=8) | st.sampled_from([b'"', b"\r", b",,", b"\n\n", b"\0"]))
        if kind == "set":
            data[place : place + len(piece)] = piece
        elif kind == "cut":
            del data[place : place + len(piece)]
        elif kind == "insert":
            data[place:place] = piece
        elif kind == "double":
            data[place:place] = data[place : place + 50]
        elif place > len(data) // 2:
            del data[place:]
    return bytes(data)


@examples(150)
@given(data=damaged(), packed=st.booleans())
def test_a_damaged_file_gives_a_clear_error_or_loses_no_row(
    dropper: Dropper, data: bytes, *, packed: bool
) -> None:
    table = outcome(dropper.validate, gzip.compress(data) if packed else data, sidecar="max_bad_rows: 100%")
    if isinstance(table, DspError):
        assert table.where
        assert table.remedy
        return
    validation = table.validation
    assert validation.rows_in == validation.rows_valid + validation.rows_quarantined
    assert validation.rows_valid == table.table.height
    assert validation.rows_quarantined == table.quarantine.height
    assert table.quarantine["reasons"].list.len().min() or table.quarantine.is_empty()


_LINE_END = re.compile(r"\r\n|\n|\r")
_AS_WRITTEN = """
reading: {delimiter: ",", quote: '"', escape: "", comment: "", skip_rows: 0, header: true, encoding: utf-8}
"""


_BREAKING = ('"', '""', ",", "\n", "\r", "\r\n", "\0", " ", '",', ',"', '"\n', "\n\n", "é")


@st.composite
def broken_lines(draw: st.DrawFn) -> str:
    """A header, and rows into which pieces that may break them are put."""
    text = _ORDINARY.decode().replace("\r\n", draw(st.sampled_from(["\n", "\r\n"])))
    start = _LINE_END.search(text).end()  # type: ignore[union-attr] # there is a header
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(start, len(text)))
        piece = draw(
            st.sampled_from(['"', '""', ",", "\n", "\r", "\r\n", "\0", " ", '",', ',"', '"\n', "\n\n", "é"])
        )
        text = text[:place] + piece + text[place:]
    return text


@examples(90)
@given(text=broken_lines())
def test_each_line_of_a_broken_file_is_of_one_row_or_blank(dropper: Dropper, text: str) -> None:
    raw = dropper.read(text, sidecar=_AS_WRITTEN)
    lines = io.StringIO(text, newline="").readlines()
    first = {*raw.frame[LINE].to_list()}
    spans = [
        (line, 1 + sum(len(_LINE_END.findall(cell)) for cell in row if cell))
        for line, row in zip(raw.frame[LINE].to_list(), cells(raw), strict=True)
    ]
    spans += [(line, 1 + len(_LINE_END.findall(one))) for line, one, _ in raw.rejected.iter_rows()]
    covered = [line + further for line, count in spans for further in range(count)]
    assert len(first) == raw.frame.height
    assert len(covered) == len(set(covered))
    left = set(range(2, len(lines) + 1)) - set(covered)
    assert all(not lines[line - 1].strip() for line in left)


@examples(100)
@given(data=st.binary(min_size=1, max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_at_all_give_a_table_or_a_clear_error(dropper: Dropper, data: bytes) -> None:
    raw = outcome(dropper.read, data)
    if isinstance(raw, DspError):
        assert str(raw).startswith("sales.csv")
        return
    reading = raw.reading
    assert reading.rows_in == reading.rows_read + reading.rows_rejected == raw.frame.height + raw.rejected.height


@examples(60)
@given(
    widths=st.lists(st.integers(1, 5), min_size=1, max_size=60),
    blanks=st.sets(st.integers(0, 59)),
)
def test_rows_without_quotes_are_counted_as_lines_that_are_not_blank(
    dropper: Dropper, widths: list[int], blanks: set[int]
) -> None:
    body = ["" if place in blanks else ",".join("7" * width) for place, width in enumerate(widths)]
    expected = sum(1 for line in body if line)
    sidecar = "{reading: {delimiter: ',', header: true}}"
    raw = dropper.read("a,b,c\n" + "\n".join(body), sidecar=sidecar)
    assert raw.reading.rows_in == expected
    places = sorted([*raw.frame[LINE].to_list(), *raw.rejected["line"].to_list()])
    assert places == [number + 2 for number, line in enumerate(body) if line]
