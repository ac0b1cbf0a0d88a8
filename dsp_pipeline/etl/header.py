"""Where the table begins, whether its first record holds names, and what the columns are called."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Decision
from dsp_pipeline.etl.cells import Look, look
from dsp_pipeline.etl.dialect_votes import table_width
from dsp_pipeline.etl.header_rows import (
    about_rows,
    about_ruler,
    about_units,
    are_flags,
    are_units,
    are_years,
    header_height,
    is_ruler,
    joined_names,
)
from dsp_pipeline.etl.header_votes import has_names
from dsp_pipeline.etl.names import fitted_names, made_up_names, safe_names
from dsp_pipeline.etl.preamble import MAX_PREAMBLE, about_preamble, first_of_two_tables, rows_above
from dsp_pipeline.etl.records import Dialect, Record, records
from dsp_pipeline.etl.short_rows import are_systematic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsp_pipeline.core.sidecar import ReadingOptions

_FIRST_RECORDS, _SAMPLE_RECORDS = 30, MAX_PREAMBLE + 170
_SAMPLE_CELLS = 50_000
_OTHER_DELIMITERS = ("\t", ";", ",", "|", " ")
_CLEAR = 0.9
_MIN_SPLIT, _MIN_SPACES = 3, 5
"""Fewer words than these, between delimiters or spaces, may as well be a title."""


@dataclasses.dataclass(frozen=True)
class Header:
    """What stands above the rows.

    Attributes:
        names: Unique and safe names, one for each column.
        originals: The same as they stood in the file; the made-up names where there is no header.
        line: The header's first physical line (1-based); None without a header.
        first_data_line: The line (0-based) on which the rows begin.
        written: The header as it stands on its line; empty where there is none, or it stands on several.
        decisions: Why so.
    """

    names: list[str]
    originals: list[str]
    line: int | None
    first_data_line: int
    written: str
    decisions: list[Decision]


def find_header(lines: Sequence[str], dialect: Dialect, *, start: int, said: ReadingOptions) -> Header:
    """The header of a text's first lines.

    Args:
        lines: Physical lines with their ends.
        dialect: How cells are set apart.
        start: The line (0-based) on which the table may begin.
        said: What the sidecar says, which always wins.
    """
    declared = True if said.header is None and said.header_rows else said.header
    sample = _sample(lines, dialect, start)
    if not sample:
        return Header([], [], None, start, "", [])
    whole = [one for one in sample if one.fault is None] or sample
    width, are_short = _width(whole)
    before, sample = sample, _mended(sample, lines, dialect, width)
    above = rows_above(sample, width, are_short=are_short) if declared is not False else 0
    if above and (first := first_of_two_tables(sample, above)):
        sample, width, above = sample[:first], len(sample[0].cells), 0
    told = [about_preamble(sample[:above])] if above else []
    table = sample[above:]
    height = _height(table, width, said) if declared is not False else 1
    words = joined_names(_cells(table[:height])) if height > 1 else table[0].cells
    body = _cells(one for one in table[height:] if one.fault is None and len(one.cells) == width)
    decision = has_names(words, body, declared=declared)
    told.append(decision)
    if decision.choice == "no":
        names = made_up_names(width)
        return Header(names, names, None, table[0].first, "", told)
    if table[0].cells != before[above].cells:
        told.append(_about_other_delimiter())
    return _named(table, height, words, body, told, lines=lines, said=said)


def _named(
    table: Sequence[Record],
    height: int,
    words: Sequence[str],
    body: Sequence[Sequence[str]],
    told: Sequence[Decision],
    *,
    lines: Sequence[str],
    said: ReadingOptions,
) -> Header:
    """The header on the first rows of a table, and what else stands between it and the rows of values."""
    top, last = table[0], table[height - 1]
    originals, adjusted = fitted_names(words, body)
    if top.fault is not None and body and len(originals) != len(body[0]):
        originals, adjusted = made_up_names(len(body[0])), _about_lost_names(top)
    is_said = said.header_rows is not None
    about = [about_rows(_cells(table[:height]), top.first + 1, is_said=is_said)] if height > 1 else []
    about += [_about_quotes(top)] if top.fault is not None else []
    about += [adjusted] if adjusted else []
    if not is_said:
        for below in _below_names(originals, table[height:]):
            last = below[0]
            about.append(below[1])
    is_one_line = height == 1 and top.end == top.first + 1
    written = lines[top.first].rstrip("\r\n") if is_one_line else ""
    return Header(safe_names(originals), originals, top.first + 1, last.end, written, [*told, *about])


def _below_names(names: Sequence[str], table: Sequence[Record]) -> list[tuple[Record, Decision]]:
    """The rows directly below the names that are no rows of values: a drawn line, units, flags; and why."""
    found: list[tuple[Record, Decision]] = []
    rest = list(table)
    if rest and is_ruler(rest[0].cells):
        found.append((rest[0], about_ruler(rest[0].first + 1)))
        rest = rest[1:]
    body = _cells(one for one in rest[1:] if one.fault is None and len(one.cells) == len(names))
    if rest and are_units(names, rest[0].cells, body):
        found.append((rest[0], about_units(names, rest[0].cells, rest[0].first + 1)))
        if len(rest) > 1 and are_flags(rest[1].cells):
            found.append((rest[1], about_units(names, rest[1].cells, rest[1].first + 1, what="flags")))
    return found


def _sample(lines: Sequence[str], dialect: Dialect, start: int) -> list[Record]:
    """The first records; a line at fault in as many cells as it has delimiters."""
    found = (
        one if one.fault is None else one._replace(cells=_unquoted(lines[one.first], dialect))
        for one in records(lines, dialect, start=start)
    )
    sample = list(itertools.islice(found, _FIRST_RECORDS))
    widest = max((len(record.cells) for record in sample), default=1)
    return sample + list(itertools.islice(found, min(_SAMPLE_RECORDS, _SAMPLE_CELLS // widest)))


def _width(sample: Sequence[Record]) -> tuple[int, bool]:
    """How many cells a whole row has, and whether many rows have fewer."""
    usual, cells = table_width(sample), _cells(sample)
    widest = max(map(len, cells))
    are_short = are_systematic(cells, widest)
    if are_short and len(cells[0]) == usual < widest:
        # Clear names tell how many columns there are.
        names = has_names(cells[0], [row for row in cells[1:] if len(row) == usual], declared=None)
        are_short = names.choice == "no" or names.confidence < _CLEAR
    return (widest if are_short else usual), are_short


def _unquoted(line: str, dialect: Dialect) -> list[str]:
    quote = dialect.quote or ""
    cells = line.rstrip("\r\n").split(dialect.delimiter)
    is_whole = [len(cell) > 1 and cell[0] == cell[-1] == quote for cell in cells]
    return [cell[1:-1] if whole else cell for cell, whole in zip(cells, is_whole, strict=True)]


def _mended(sample: Sequence[Record], lines: Sequence[str], dialect: Dialect, width: int) -> list[Record]:
    """The first records, with the line directly above the table told apart in its own way if that makes it fit."""
    place = next((n for n, one in enumerate(sample) if one.fault is None and len(one.cells) == width), 0)
    mended = list(sample)
    if place == 0 or width < _MIN_SPLIT or len(sample[place - 1].cells) > 1:
        return mended
    above = sample[place - 1]
    for delimiter in _OTHER_DELIMITERS if width >= _MIN_SPACES else _OTHER_DELIMITERS[:-1]:
        if delimiter == dialect.delimiter:
            continue
        other = dataclasses.replace(dialect, delimiter=delimiter)
        found = next(records([lines[above.first]], other), None)
        if found is not None and len(found.cells) == width == len(set(found.cells)):
            mended[place - 1] = above._replace(cells=found.cells, fault=None)
    return mended


def _height(table: Sequence[Record], width: int, said: ReadingOptions) -> int:
    """How many rows the header has, if the first record is one."""
    if said.header_rows is not None:
        return min(said.header_rows, len(table))
    top = table[0].cells
    typed = [place for place, cell in enumerate(top) if look(cell) in {Look.NUMBER, Look.DATE}]
    if len(top) != width or (typed and not are_years(top, typed)):
        return 1
    rows = _cells(itertools.takewhile(lambda one: one.fault is None and len(one.cells) == width, table[1:]))
    return 1 if rows and are_units(top, rows[0], rows[1:]) else header_height([top, *rows])


def _cells(found: Iterable[Record]) -> list[list[str]]:
    return [record.cells for record in found]


def _about_lost_names(top: Record) -> Decision:
    why = f"its words can't be told apart: {', '.join(top.cells)[:200]}"
    return Decision(what="header width", choice="made-up names", why=why, confidence=0.3)


def _about_quotes(top: Record) -> Decision:
    why = top.fault.message if top.fault else ""
    return Decision(what="header line", choice="read without quotes", why=why, confidence=0.7)


def _about_other_delimiter() -> Decision:
    why = "its line has no such delimiter as the rows, but between others as many words as they have cells"
    return Decision(what="header line", choice="split in its own way", why=why, confidence=0.7)
