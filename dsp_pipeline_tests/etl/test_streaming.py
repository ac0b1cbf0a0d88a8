"""Rows that pass through once are those of the table that was read, in the file's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl.opening import open_table
from dsp_pipeline.etl.reader import read
from dsp_pipeline.etl.streaming import Passage, RowStream, stored_passages
from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dsp_pipeline.etl.tables import RawTable

SOURCE = Source(dataset="x", version="0" * 12, key="x.csv", etag="", bytes=0, sha256="0" * 64)


def whole(path: Path) -> RawTable:
    return read(path, source=SOURCE, sidecar=Sidecar(), limits=Limits(), known=[])


def stream(path: Path) -> RowStream:
    opened = open_table(path, source=SOURCE, sidecar=Sidecar(), limits=Limits(), between=lambda: None)
    return RowStream(opened, [])


def lines(passages: Iterable[Passage], most: int) -> list[int]:
    """The lines of all records, in the order in which they pass."""
    found = []
    for passage in passages:
        for piece in passage.pieces(most):
            assert piece.rows.height <= most
            parts = [part[name] for part, name in zip(piece, (LINE, "line"), strict=True) if part.height]
            found += pl.concat(parts).sort().to_list() if parts else []
    return found


ROWS = ["1,good,x", "2,good,y", "3,too,many,cells", "4,few", '5,"a ""quoted"", cell",z', "", "Total,7,8"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(ROWS), min_size=1, max_size=60),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([40, 200, 1 << 20]),
    st.integers(1, 9),
)
def test_what_passes_is_what_is_read_wherever_blocks_and_pieces_are_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], end: str, block: int, most: int
) -> None:
    path = tmp_path_factory.mktemp("rows") / "x.csv"
    path.write_bytes(end.join(["n,word,mark", "0,good,w", *rows, ""]).encode())
    raw = whole(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dsp_pipeline.etl.text.Text.blocks.__defaults__", (block,))
        passing = stream(path)
        at_most = passing.most_rows()
        passages = list(passing.passages())

    kept = [each.rows for each in passages if each.rows.height]
    assert pl.concat(kept).equals(raw.frame)
    assert pl.concat(each.set_aside for each in passages).equals(raw.rejected)
    assert passing.set_aside.frame.equals(raw.rejected)
    assert passing.reading == raw.reading
    assert at_most >= raw.reading.rows_in
    in_order = sorted([*raw.frame[LINE].to_list(), *raw.rejected["line"].to_list()])
    assert lines(passages, most) == in_order
    assert lines(stored_passages(raw), most) == in_order


@pytest.mark.parametrize("text", ["", "\n", "a,b\n"])
def test_a_file_without_rows_is_refused_before_any_passes(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ReadingError, match=r"no rows|is empty"):
        stream(tmp_path / "x.csv")


def test_rows_that_fit_no_table_pass_too(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n" + "1,2\n" * 400 + "1,2,3\n" * 500)
    passing = stream(tmp_path / "x.csv")
    assert lines(passing.passages(), 100) == list(range(2, 902))
    assert (passing.reading.rows_read, passing.reading.rows_rejected) == (400, 500)
