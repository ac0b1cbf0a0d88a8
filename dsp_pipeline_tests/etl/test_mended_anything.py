"""Whatever the table: each bad row is kept as it stands, the good ones stay, and mended rows make it whole."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Literal

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dsp_pipeline.etl.fixes import joined
from dsp_pipeline.etl.quarantine import quarantine_csv
from dsp_pipeline_tests.etl.drops import Dropper
from dsp_pipeline_tests.fuzzing import examples

_WORD = st.text(st.sampled_from("ab, ;\"'é\n\r|"), max_size=6)
_ROW = st.tuples(st.integers(0, 20), _WORD, _WORD)
_SAID = "max_bad_rows: 100%\ntypes: {{n: integer, a: text, b: text}}\nrules: [{{column: n, max: 9}}]\n"
_READING = "reading: {{delimiter: '{}', header: true, encoding: utf-8, quote: '\"', escape: '', comment: ''}}"


@pytest.fixture(scope="module")
def dropper() -> Dropper:
    return Dropper(Path(tempfile.mkdtemp(prefix="dsp-drops-")))


def written(rows: list[list[str]], delimiter: str, end: str, quoting: Literal[0, 1, 2, 3]) -> list[str]:
    """Each row as the csv module writes it."""
    texts = []
    for row in rows:
        text = io.StringIO(newline="")
        # The csv module quotes the line breaks of its own line end, and no other ones.
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n", quoting=quoting).writerow(row)
        texts.append(text.getvalue().removesuffix("\r\n") + end)
    return texts


@examples(25)
@given(
    rows=st.lists(_ROW, min_size=1, max_size=10),
    delimiter=st.sampled_from(",;|"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_bad_rows_are_kept_as_they_stand_and_mended_ones_make_the_table_whole(
    dropper: Dropper, rows: list[tuple[int, str, str]], delimiter: str, end: str, quoting: Literal[0, 1]
) -> None:
    cells = [["1", "good", "row"], *([str(n), a, b] for n, a, b in rows), ["99", "bad", "row"]]
    texts = written([["n", "a", "b"], *cells], delimiter, end, quoting)
    said = (_SAID + _READING).format(delimiter)
    data = "".join(texts).encode()

    raw = dropper.read(data, sidecar=said)
    table = dropper.validate(data, sidecar=said)

    bad = [place for place, row in enumerate(cells) if int(row[0]) > 9]
    assert table.quarantine["raw"].to_list() == [texts[place + 1].removesuffix(end) for place in bad]
    assert table.validation.rows_in == len(cells) == table.validation.rows_valid + len(bad)

    blocks = quarantine_csv(table.quarantined, table.reading)
    offered = list(csv.reader(io.StringIO(b"".join(blocks).decode("utf-8-sig"), newline="")))
    mended = [offered[0], *(["5", *row[1:]] for row in offered[1:])]
    fixes = dropper.read("".join(written(mended, ",", "\r\n", csv.QUOTE_ALL)), sidecar=_READING.format(","))
    fixed, blocks = joined(raw, table.quarantine, fixes)
    again = dropper.validate(b"".join(blocks), sidecar=said)

    assert (fixed.replaced, fixed.left) == (len(bad), 0)
    assert again.validation.rows_quarantined == 0
    assert again.table["n"].to_list() == [min(int(row[0]), 9) if int(row[0]) <= 9 else 5 for row in cells]
    assert again.table["a"].fill_null("").to_list() == [row[1] if row[1].strip() else "" for row in cells]
