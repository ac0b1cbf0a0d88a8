"""What else is told of how a file was read: its compression, its line ends, and lines and quotes that are odd."""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.core.numbers import written
from dsp_pipeline.etl.records import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.dialect import DetectedDialect
    from dsp_pipeline.etl.structure import Counts

LINE_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
"""What people call them."""

_MAX_ENDS = 1_000


def line_ends(lines: Sequence[str], found: DetectedDialect) -> list[str]:
    """The ends of the sample's records, the commonest first; line breaks within quotes end no record."""
    counter: collections.Counter[str] = collections.Counter()
    for record in itertools.islice(records(lines, found.dialect, start=found.start), _MAX_ENDS):
        last = lines[record.end - 1]
        counter[last[len(last.rstrip("\r\n")) :]] += 1
    return [end for end, _ in counter.most_common() if end in LINE_ENDS]


def about_compression(compression: str | None) -> list[Decision]:
    """What is told of a compressed file."""
    if compression is None:
        return []
    why = "the file starts with that format's magic bytes"
    return [Decision(what="compression", choice=compression, why=why, confidence=1.0)]


def about_line_ends(ends: Sequence[str]) -> list[Decision]:
    """What is told of line ends: nothing where they are all alike."""
    if len(ends) < 2:  # noqa: PLR2004 - one kind of line end needs no decision
        return []
    told = " and ".join(LINE_ENDS[end] for end in ends)
    why = f"records end with {told}, and each of them ends a line"
    return [Decision(what="line ends", choice="mixed", why=why, confidence=0.9)]


def about_literal_quotes(counts: Counts) -> list[Decision]:
    """What is told of rows with quotes in their text that quote nothing."""
    if not counts.literal:
        return []
    plural = "s" if counts.literal > 1 else ""
    return [
        Decision(
            what="quotes within text",
            choice=f"{written(counts.literal)} row{plural} read as written",
            why="text stands behind their closing quotes, and no delimiter between them: they can quote nothing",
            confidence=0.8,
            alternatives=[Alternative(choice="rejected", why_not="nothing else can be meant by them")],
        )
    ]


def about_blank_lines(counts: Counts, comment: str | None) -> list[Decision]:
    """What is told of lines that hold nothing, or are comments."""
    if not counts.blank_lines:
        return []
    plural = "s" if counts.blank_lines > 1 else ""
    why = "they hold no cell, not even an empty quoted one"
    if comment is not None:
        why += f", or begin with {comment}"
    return [
        Decision(
            what="blank lines",
            choice=f"{written(counts.blank_lines)} line{plural} passed over",
            why=why,
            confidence=1.0,
        )
    ]
