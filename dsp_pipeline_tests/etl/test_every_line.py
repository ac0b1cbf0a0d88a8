"""No line vanishes: whatever a file looks like, and however damaged, each line is in a record or is told."""

from __future__ import annotations

import collections
import csv
import io
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dsp_pipeline.core.errors import DspError
from dsp_pipeline_tests.docs import pages
from dsp_pipeline_tests.etl.accounting import MOST_ABOVE, unaccounted_lines
from dsp_pipeline_tests.etl.drops import Dropper, cells
from dsp_pipeline_tests.fuzzing import examples

_EXAMPLES = pages.ROOT / "docs" / "examples"
_PATHS = sorted([*_EXAMPLES.glob("*.csv"), *_EXAMPLES.glob("reading/*.csv")])
_REAL = [path for path in _PATHS if path.parent.name == "reading"]
_FILES = [path.read_bytes() for path in _PATHS]
_WORDS = (
    "red",
    "Zürich",
    "it's",
    "5 %",
    "a b",
    "Total",
    "n/a",
    "x:y",
    "1,5",
    "2024-01-02",
    "10:30",
    "-7",
    "",
    " ",
)
_DAMAGE = (
    '"',
    "'",
    "\\",
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\0",
    "#",
    "\x1f",
    "\ufeff",
    "Total;;;\n",
)


@pytest.fixture(scope="module")
def dropper() -> Dropper:
    return Dropper(Path(tempfile.mkdtemp(prefix="dsp-lines-")))


def account(dropper: Dropper, content: bytes) -> None:
    """Hold the reader to its account of a file, or to a clear refusal."""
    try:
        raw = dropper.read(content)
    except DspError as error:
        assert error.where  # noqa: PT017 - what is asserted is the message
        assert error.remedy  # noqa: PT017 - see above
        return
    assert unaccounted_lines(content, raw) == []
    above = [line for line in (*raw.frame["__line__"], *raw.rejected["line"]) if line > 0]
    told = {decision.what for decision in raw.reading.decisions}
    assert min(above, default=1) <= MOST_ABOVE or "comments" in told or "blank lines" in told


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Tables in any dialect, with lines above, among and below their rows."""
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", ":", "^", " ", "\x1f", "||", ", "]))
    quote = draw(st.sampled_from(['"', "'", ""]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    width = draw(st.integers(1, 6))

    def row(cells: list[str]) -> str:
        quoted = draw(st.booleans())
        return delimiter.join(f"{quote}{cell}{quote}" if quoted else cell for cell in cells)

    cells = st.lists(st.sampled_from(_WORDS), min_size=width, max_size=width)
    above = draw(st.lists(st.sampled_from(["Report", "", "# note", f"from{delimiter}to"]), max_size=3))
    names = [row([f"name {place}" for place in range(width)])] * draw(st.integers(0, 2))
    rows = [row(draw(cells)) for _ in range(draw(st.integers(0, 20)))]
    below = draw(st.lists(st.sampled_from(["Total", "", "(3 rows)", delimiter * (width - 1)]), max_size=3))
    codec = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    return end.join([*above, *names, *rows, *below]).encode(codec)


@examples(120)
@given(content=files())
def test_each_line_of_a_generated_file_is_in_a_record_or_told(dropper: Dropper, content: bytes) -> None:
    account(dropper, content)


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A file from the examples, some of them real, damaged in a few places."""
    content = bytearray(draw(st.sampled_from(_FILES))[:4000])
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(content)))
        piece = draw(st.sampled_from(_DAMAGE)).encode()
        cut = draw(st.integers(0, 30)) if draw(st.booleans()) else 0
        content[place : place + cut] = piece
    return bytes(content)


@examples(120)
@given(content=damaged_files())
def test_each_line_of_a_damaged_file_is_in_a_record_or_told(dropper: Dropper, content: bytes) -> None:
    account(dropper, content)


@pytest.mark.parametrize("content", _FILES)
def test_each_line_of_an_example_is_in_a_record_or_told(dropper: Dropper, content: bytes) -> None:
    account(dropper, content)


@pytest.mark.parametrize("path", _REAL, ids=[path.name for path in _REAL])
def test_the_cells_of_a_real_file_are_those_that_csv_reads(dropper: Dropper, path: Path) -> None:
    raw = dropper.read(path.read_bytes(), name=path.name)
    text = path.read_bytes().decode(raw.reading.encoding)
    has_runs = "spaces behind delimiters" in {decision.what for decision in raw.reading.decisions}
    lines = io.StringIO(text, newline="")
    rows = csv.reader(lines, delimiter=raw.reading.delimiter, skipinitialspace=has_runs)
    expected = collections.Counter(tuple(row) for row in rows)
    found = collections.Counter(tuple(cell or "" for cell in row) for row in cells(raw))
    assert found <= expected
    assert found.total() == raw.reading.rows_read
