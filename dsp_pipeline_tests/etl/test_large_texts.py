"""Texts too large to be held as a whole: their encoding is decided by telling lines, and every byte is read."""

from __future__ import annotations

import gzip

import pytest

from dsp_pipeline_tests.etl.drops import Dropper, cells, decision, reasons

_LONG = "x" * 4_000
_ROWS = 4_500
"""Eighteen million characters in few rows, which cost little to read."""


def table(last: str) -> str:
    """A large table whose only characters beyond ASCII are in its last row."""
    return "n,name,place\n" + "".join(f"{n},{_LONG},here\n" for n in range(_ROWS)) + f"{_ROWS},{last},there\n"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_an_encoding_that_only_the_end_tells_is_found(drop: Dropper, encoding: str) -> None:
    raw = drop.read(gzip.compress(table("Zürich Übergröße").encode(encoding), 1))
    assert cells(raw)[-1] == (str(_ROWS), "Zürich Übergröße", "there")
    assert raw.reading.encoding == encoding
    assert raw.reading.rows_in == _ROWS + 1


def test_one_invalid_byte_at_the_end_of_a_large_text_costs_its_row_only(drop: Dropper) -> None:
    text = table("Zürich Übergröße für über " * 3) + f"{_ROWS + 1},Genf,there\n"
    raw = drop.read(text.encode() + b"0,Z\xfcrich,there\n")
    assert raw.reading.rows_read == _ROWS + 2
    assert reasons(raw.rejected) == [(_ROWS + 4, "encoding", None)]


def test_a_byte_that_the_evidence_did_not_show_costs_its_row_and_is_told(drop: Dropper) -> None:
    # 0x81 is no character of cp1252, which the many lines before it speak for.
    line = "Zürich Übergröße für alle\n".encode("cp1252")
    data = b"name\n" + line * 800_000 + b"x\x81y\n"
    raw = drop.read(data, sidecar="reading: {delimiter: ';', header: true}")
    assert (raw.reading.encoding, raw.reading.rows_read) == ("cp1252", 800_000)
    assert reasons(raw.rejected) == [(800_002, "encoding", None)]
    assert "is not valid in it" in decision(raw, "encoding").why
