"""An account of a file's lines that knows nothing of how the reader works: which of them are in no record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp_pipeline.etl.tables import LINE

if TYPE_CHECKING:
    from dsp_pipeline.etl.tables import RawTable

_BREAK = re.compile(r"\r\n|\r|\n")
MOST_ABOVE = 40
"""Lines that may stand above the first row: comments aside, a preamble and a header."""


def unaccounted_lines(content: bytes, raw: RawTable) -> list[int]:
    """The lines (1-based) that hold something, are no comments, and are in no row and in no rejected record.

    Those above the first record are left out, for they are the header and what stands above it.

    Raises:
        AssertionError: Two records are said to stand on one line, or the counts disagree.
    """
    covered = _covered(raw)
    if not covered:
        return []
    text = content.decode(raw.reading.encoding, "replace")
    marks = [one.choice.rpartition(" ")[2] for one in raw.reading.decisions if one.what == "comments"]
    first = min(covered)
    return [
        number
        for number, line in enumerate(_BREAK.split(text), start=1)
        if number > first and number not in covered and line.strip() and not any(map(line.startswith, marks))
    ]


def _covered(raw: RawTable) -> set[int]:
    """The lines on which the records stand."""
    reading = raw.reading
    assert reading.rows_in == reading.rows_read + reading.rows_rejected
    assert (reading.rows_read, reading.rows_rejected) == (raw.frame.height, raw.rejected.height)
    cells = raw.frame.drop(LINE).iter_rows()
    starts = [(line, "".join(filter(None, row))) for line, row in zip(raw.frame[LINE], cells, strict=True)]
    starts += raw.rejected.select("line", "raw").rows()
    lines = [line + within for line, text in starts for within in range(1 + len(_BREAK.findall(text)))]
    covered = set(lines)
    assert len(covered) == len(lines), "two records on one line"
    return covered
