"""Lines that are remarks: they begin with a mark of their own, and are neither names nor rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKS = ("#", "//", "%")
_MIN_ROWS = 2
_MAX_WITHIN = 0.2


def find_comment(lines: Sequence[str]) -> str | None:
    """The mark that comments begin with, judged by where such lines stand; None where there are none.

    They stand in a block at the top, or are few among the others. A single such line at the top is left to
    the header: it may hold the names.
    """
    filled = [line for line in lines if line.strip()]
    for mark in MARKS:
        marked = [place for place, line in enumerate(filled) if line.startswith(mark)]
        if not marked or len(filled) - len(marked) < _MIN_ROWS:
            continue
        is_block_at_top = marked == list(range(len(marked)))
        if is_block_at_top or (marked[0] == 0 and len(marked) <= _MAX_WITHIN * len(filled) + 1):
            return mark
    return None


def about_comment(mark: str, *, said: bool) -> Decision:
    """The decision that lines with that mark are comments."""
    return Decision(
        what="comments",
        choice=f"lines that begin with {mark}",
        why="the sidecar says so" if said else "they stand at the top, and are no records of the table below them",
        confidence=1.0 if said else 0.9,
        alternatives=[] if said else [Alternative(choice="records", why_not="they would not fit the table")],
    )
