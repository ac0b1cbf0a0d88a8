"""When no character separates cells: text with commas in it is text, and a list of numbers is a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl.cells import Look, look
from dsp_pipeline.etl.dialect_votes import STRONG, is_strong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.dialect_votes import Reading

_SAMPLE_LINES = 400
_MIN_SHARE_STRONG = 0.5
_MIN_SHARE_WEAK = 0.95
_MIN_SHARE_BELOW_TITLE = 0.9
_MOSTLY = 0.9
_RARE = (";", "\t", "|")
_MIN_LINES = 3


def is_plausible(reading: Reading, sample: Sequence[str]) -> bool:
    """Whether a delimiter makes a table of the sample, and not shreds of a text."""
    delimiter = reading.dialect.delimiter
    if reading.width <= 1:
        return False
    if is_strong(delimiter):
        if max(reading.share, reading.later_share) < _MIN_SHARE_STRONG:
            return False
        if reading.first_width > 1:
            return True
        least = _MIN_SHARE_STRONG if delimiter in _RARE else _MIN_SHARE_BELOW_TITLE
        is_table = reading.later_share >= least and not _is_punctuation(delimiter, sample)
        return is_table and not _reads_as_one_column(sample)
    # The first column, of rows' names, often has no name itself.
    has_one_width = reading.later_share >= _MIN_SHARE_WEAK and reading.width - reading.first_width in {0, 1}
    return has_one_width and not _reads_as_one_column(sample)


def without_shreds(readings: Sequence[Reading]) -> list[Reading]:
    """Readings without those that take quotes for plain characters where each line is one quoted cell."""
    whole = {one.dialect.delimiter for one in readings if one.dialect.quote == '"' and one.width == 1 == one.share}
    return [one for one in readings if one.dialect.quote is not None or one.dialect.delimiter not in whole]


def splits_every_line(reading: Reading, sample: Sequence[str]) -> bool:
    """Whether a delimiter stands in each of a few lines, though never as often: then some of them are at fault."""
    delimiter = reading.dialect.delimiter
    lines = [line for line in sample[:_SAMPLE_LINES] if line.strip()]
    if delimiter not in STRONG or len(lines) < _MIN_LINES or reading.first_width == 1:
        return False
    return all(delimiter in line for line in lines) and not _is_punctuation(delimiter, sample)


def about_one_column(sample: Sequence[str], alternatives: list[Alternative]) -> Decision:
    """The decision that there is one column; doubtful where many lines have something that often separates."""
    lines = [line for line in sample[:_SAMPLE_LINES] if line.strip()]
    split = sum(1 for line in lines if any(one in line for one in STRONG) or re.search(r"\S {2,}\S", line))
    share = split / max(len(lines), 1)
    why = "no character splits the lines into the same number of cells: the file has one column"
    if _reads_as_one_column(sample):
        why, share = "whole lines are numbers or dates already: the file has one column", 0.0
    return Decision(
        what="delimiter",
        choice="none",
        why=why,
        confidence=round(0.95 - 0.45 * share, 2),
        alternatives=alternatives,
    )


def _reads_as_one_column(sample: Sequence[str]) -> bool:
    """Whether whole lines are numbers or dates already: then what would split them belongs to them."""
    whole = [line.strip() for line in sample[1:_SAMPLE_LINES] if line.strip()]
    return bool(whole) and sum(look(line) in {Look.NUMBER, Look.DATE} for line in whole) >= _MOSTLY * len(whole)


def _is_punctuation(delimiter: str, sample: Sequence[str]) -> bool:
    """Whether a space stands behind nearly each of them, as in sentences."""
    if delimiter not in {",", ";"}:
        return False
    text = "".join(sample[:_SAMPLE_LINES])
    return text.count(f"{delimiter} ") >= _MOSTLY * text.count(delimiter)
