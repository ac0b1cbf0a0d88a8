"""Mended rows put back into the file they came from: the next version's text."""

from __future__ import annotations

import codecs
import dataclasses
import re
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dsp_pipeline.core.errors import InputError
from dsp_pipeline.etl.names import QUARANTINE_NAMES, SOURCE
from dsp_pipeline.etl.original import BREAKS, spans_of, whole_lines
from dsp_pipeline.etl.quarantine import BELOW, fitted_cells
from dsp_pipeline.etl.tables import LINE
from dsp_pipeline.etl.writing import line_end, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.etl.original import Lines
    from dsp_pipeline.etl.tables import RawTable

_LINE_NAME, _SOURCE_NAME = QUARANTINE_NAMES[LINE], QUARANTINE_NAMES[SOURCE]
_NUMBER = re.compile(r"(\d+)(?:[.,]0+)?")
_SOURCE = re.compile(r"([a-z0-9][a-z0-9_-]*)/([0-9a-f]{12})")
_BREAK = re.compile(BREAKS)
_IS_BELOW = pl.col("reasons").list.first().struct.field("code") == BELOW
_MOST_NAMED = 5


@dataclasses.dataclass(frozen=True)
class Fixed:
    """What mended rows come to.

    Attributes:
        replaced: Quarantined records that mended ones take the place of.
        removed: Quarantined records that were emptied, and go.
        added: Rows that belong to no line, put behind the last one.
        left: Quarantined records that were not mended, and stay as they are; what stands below the table, as
            totals do, is no fault and does not count.
    """

    replaced: int
    removed: int
    added: int
    left: int


@dataclasses.dataclass(frozen=True)
class _Mended:
    """The records for each line of the quarantine that was mended (none: it goes), and those of no line."""

    by_line: dict[int, list[str]]
    added: list[str]


class _Change(NamedTuple):
    """Lines of the text that give way to other ones: the first line, how many there are, and what comes there."""

    line: int
    lines: int
    text: bytes


def origin_of(fixes: RawTable) -> tuple[str, str]:
    """The dataset and the version that a mended quarantine belongs to.

    Raises:
        InputError: The file does not say so, or speaks of several versions.
    """
    where = fixes.reading.source.key
    names = [column.name for column in fixes.reading.columns]
    for needed, written in ((_LINE_NAME, LINE), (_SOURCE_NAME, SOURCE)):
        if needed not in names:
            raise InputError(
                f"the file has no column {written}, so it is no mended quarantine.csv",
                where=where,
                remedy="Mend the quarantine.csv that the version has, and leave its last columns as they are",
            )
    said = sorted({value for value in fixes.frame[_SOURCE_NAME].drop_nulls().to_list() if value.strip()})
    found = [_SOURCE.fullmatch(value.strip()) for value in said]
    if len(found) != 1 or found[0] is None:
        raise InputError(
            f"the column {SOURCE} names {len(said)} versions ({', '.join(said[:_MOST_NAMED]) or 'none'}), not one",
            where=where,
            remedy="Mend one version's quarantine.csv at a time, and leave that column as it is",
        )
    return found[0].group(1), found[0].group(2)


def joined(base: RawTable, quarantine: pl.DataFrame, fixes: RawTable) -> tuple[Fixed, Iterator[bytes]]:
    """The text of a version with mended rows in the place of those that were bad.

    A bad record whose row is not in the mended file, or unchanged in it, stays as it is, and so does everything
    else of the text: what stands above the header, comments, the order of the rows. A mended row of which every
    cell is empty removes its record. A row without a line number comes last, before what stands below the table.

    Args:
        base: The version that was read.
        quarantine: Its quarantine.
        fixes: The mended file, as read.

    Returns:
        What is done, and the text in blocks, in the encoding that the sidecar declares, else in UTF-8.

    Raises:
        InputError: The columns are others than the version's, a line is not one of the quarantine, or a mended
            row can't be written in the file's dialect or encoding.
    """
    _check_columns(base.reading, fixes)
    bad = dict(quarantine.select("line", "raw").iter_rows())
    _check_rows(base.reading, bad, fixes)
    mended = _mended(base.reading, bad, fixes)
    below = _behind_the_rows(base, quarantine)
    faulty = set(quarantine.filter(~_IS_BELOW)["line"])
    emptied = sum(not records for records in mended.by_line.values())
    fixed = Fixed(
        replaced=len(mended.by_line) - emptied,
        removed=emptied,
        added=len(mended.added),
        left=len(faulty - mended.by_line.keys()),
    )
    changes = _changes(bad, mended, below)
    behind = mended.added if below is None else []
    return fixed, _encoded(_with_fixes(base, changes, behind), base, fixes)


def _check_columns(reading: Reading, fixes: RawTable) -> None:
    own = set(QUARANTINE_NAMES.values())
    found = [column.original_name.strip() for column in fixes.reading.columns if column.name not in own]
    wanted = [column.original_name.strip() for column in reading.columns]
    if found != wanted:
        differing = [name for name in wanted if name not in found] or [
            name for name in found if name not in wanted
        ]
        named = ", ".join(map(repr, differing[:_MOST_NAMED])) or "their order"
        raise InputError(
            f"the mended file's columns are not those of version {reading.source.version}: {named}",
            where=fixes.reading.source.key,
            remedy="Keep the columns of quarantine.csv as they are, and mend only what is in them",
        )


def _check_rows(reading: Reading, bad: Mapping[int, str], fixes: RawTable) -> None:
    """Raise if the mended file has rows that can't be read, but for those that are still as they were offered."""
    names = [column.name for column in fixes.reading.columns]
    own = set(QUARANTINE_NAMES.values())
    found: list[tuple[int, str]] = []
    for line, raw in fixes.rejected.select("line", "raw").iter_rows():
        cells = dict(zip(names, fitted_cells(raw, fixes.reading), strict=True))
        number = _number_in(cells[_LINE_NAME])
        offered = None if number is None else bad.get(number)
        given = [cell for name, cell in cells.items() if name not in own]
        if offered is None or given != fitted_cells(offered, reading):
            found.append((line, raw))
    if found:
        line, raw = found[0]
        raise InputError(
            f"{len(found):,} rows of the mended file can't be read themselves, the first one is {raw[:80]!r}",
            where=f"{fixes.reading.source.key}, line {line}",
            remedy="Mend that line and try again",
        )


def _mended(reading: Reading, bad: Mapping[int, str], fixes: RawTable) -> _Mended:
    own = set(QUARANTINE_NAMES.values())
    names = [column.name for column in fixes.reading.columns if column.name not in own]
    result = _Mended({}, [])
    for row in fixes.frame.iter_rows(named=True):
        where = f"{fixes.reading.source.key}, line {row[LINE]}"
        line = _line_of(row[_LINE_NAME], bad, reading, where=where)
        cells = [row[name] or "" for name in names]
        if line is not None and cells == fitted_cells(bad[line], reading):
            continue
        is_empty = not any(cell.strip() for cell in cells)
        if line is not None:
            records = result.by_line.setdefault(line, [])
            if not is_empty:
                records.append(record(cells, reading, where=where))
        elif not is_empty:
            result.added.append(record(cells, reading, where=where))
    return result


def _line_of(said: str | None, bad: Mapping[int, str], reading: Reading, *, where: str) -> int | None:
    if said is None or not said.strip():
        return None
    number = _number_in(said)
    if number is None or number not in bad:
        raise InputError(
            f"{said.strip()!r} is no line of version {reading.source.version}'s quarantine",
            where=where,
            remedy=f"Leave {LINE} as it is, or empty it to add the row behind the last one",
        )
    return number


def _number_in(said: str) -> int | None:
    """The line's number, also as spreadsheets write it: ``12``, ``12.0``; None if it is none."""
    found = _NUMBER.fullmatch(said.strip())
    return int(found.group(1)) if found else None


def _changes(bad: Mapping[int, str], mended: _Mended, below: int | None) -> list[_Change]:
    """What becomes of the text, in the order of its lines."""
    changes = [
        _Change(line, 1 + len(_BREAK.findall(bad[line])), "".join(records).encode())
        for line, records in mended.by_line.items()
    ]
    if below is not None and mended.added:
        changes.append(_Change(below, 0, "".join(mended.added).encode()))
    return sorted(changes)


def _behind_the_rows(base: RawTable, quarantine: pl.DataFrame) -> int | None:
    """The line behind the table's last row; None where nothing stands below it, as totals do."""
    if quarantine.filter(_IS_BELOW).is_empty():
        return None
    ends = [
        line + 1 + len(_BREAK.findall(raw))
        for line, raw in quarantine.filter(~_IS_BELOW).select("line", "raw").tail(1).iter_rows()
    ]
    last = base.stored.scan().tail(1).collect()
    spans = spans_of(last[LINE], last.drop(LINE))
    ends += (spans.first + spans.lines).tolist()
    return max(ends, default=None)


def _with_fixes(base: RawTable, changes: Sequence[_Change], behind: Sequence[str]) -> Iterator[bytes]:
    """The text as UTF-8, with the records that come behind it."""
    free, last = 1, b"\n"
    for lines in whole_lines(base.text.blocks()):
        here = [change for change in changes if lines.first <= change.line < lines.behind]
        for piece, done in _pieces(lines, here, free=free):
            free = done
            if piece:
                last = piece
                yield piece
    if behind and not last.endswith((b"\n", b"\r")):
        yield line_end(base.reading).encode()
    yield from (text.encode() for text in behind)


def _pieces(lines: Lines, changes: Iterable[_Change], *, free: int) -> Iterator[tuple[bytes, int]]:
    """Some lines' bytes with their changes, and after each piece the first line that is not done."""
    free = max(free, lines.first)
    for change in changes:
        if change.line > free:
            yield lines.part(free, change.line), change.line
        free = change.line + change.lines
        yield change.text, free
    if free < lines.behind:
        yield lines.part(free, lines.behind), lines.behind


def _encoded(blocks: Iterator[bytes], base: RawTable, fixes: RawTable) -> Iterator[bytes]:
    """The text in the encoding that the sidecar insists on; otherwise in UTF-8, which holds everything."""
    declared = base.sidecar.reading.encoding
    if declared is None or codecs.lookup(declared).name.startswith("utf-8"):
        yield from blocks
        return
    encoder = codecs.getincrementalencoder(declared)()
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in blocks:
        try:
            yield encoder.encode(decoder.decode(block))
        except UnicodeEncodeError as error:
            raise InputError(
                f"a mended row holds {error.object[error.start : error.end]!r}, which {declared} can't write",
                where=fixes.reading.source.key,
                remedy="Write it with other characters, or take 'encoding' out of the sidecar",
            ) from error
