"""Bytes to a raw table: what was decided about the file, every record that fits, and those that do not."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Reading
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl import dialect as dialects
from dsp_pipeline.etl.footer import Footer
from dsp_pipeline.etl.header import find_header
from dsp_pipeline.etl.inference import infer_columns
from dsp_pipeline.etl.known import as_known
from dsp_pipeline.etl.layout import Layout
from dsp_pipeline.etl.named import check_named_columns
from dsp_pipeline.etl.original import StoredText
from dsp_pipeline.etl.records import records, split_lines
from dsp_pipeline.etl.remarks import (
    LINE_ENDS,
    about_blank_lines,
    about_compression,
    about_line_ends,
    about_literal_quotes,
    line_ends,
)
from dsp_pipeline.etl.short_rows import settle_short_rows
from dsp_pipeline.etl.structure import read_structure
from dsp_pipeline.etl.tables import RawTable
from dsp_pipeline.etl.text import open_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Decision, Source
    from dsp_pipeline.etl.header import Header
    from dsp_pipeline.etl.records import Dialect
    from dsp_pipeline.etl.structure import Structure
    from dsp_pipeline.etl.text import Text

_SAMPLE_BYTES = 1 << 18
_SAMPLE_MORE = 1 << 23
_MIN_SAMPLE_LINES = 20
_MAX_SHOWN = 5
_MAX_ROWS = 400
_DEFAULT_SIDECAR = Sidecar()
_DEFAULT_LIMITS = Limits()


def read(
    path: Path,
    *,
    source: Source,
    sidecar: Sidecar = _DEFAULT_SIDECAR,
    limits: Limits = _DEFAULT_LIMITS,
    between: Callable[[], None] = lambda: None,
    known: Sequence[ColumnReading] | None = None,
) -> RawTable:
    """The table in a file, as text, with everything that was decided about it.

    Args:
        path: The file, compressed or not.
        source: The drop it came from; its key is the file's name in messages and for ``.tsv``.
        sidecar: What the owner says, which overrides what would be detected.
        limits: Bounds on sizes.
        between: Called between pieces of the work, from several threads; what it raises ends it.
        known: What columns hold, by name, where that is settled: then none is looked at, all others are text, and
            of the sidecar only its ``reading`` counts.

    Returns:
        Every record that has the header's width, and in `RawTable.rejected` every other one. There may be none,
        see `require_rows`.

    Raises:
        ReadingError: The bytes are no table: binary, damaged, or over a limit.
        SidecarError: The sidecar names a column that is not there.
    """
    name = source.key
    text = open_text(path, name=name, declared=sidecar.reading.encoding, limits=limits, between=between)
    lines, is_whole = _sample(text)
    found = dialects.detect(
        lines,
        said=sidecar.reading,
        hint="\t" if ".tsv" in name.lower() else None,
        spare=lambda: text.spare(between),
    )
    header = find_header(lines, found.dialect, start=found.start, said=sidecar.reading)
    _check_width(header, name=name, limits=limits)
    ends = line_ends(lines, found)
    layout = Layout(
        found.dialect, header.names, header.first_data_line, limits.max_cell_bytes, header.written.encode()
    )
    found_rows = _rows(lines, layout, None if is_whole else _MAX_ROWS)
    short = settle_short_rows(found_rows[:_MAX_ROWS], layout.width, said=sidecar.reading.short_rows)
    layout = dataclasses.replace(layout, least_width=short.least)
    rows = [[*row, *[""] * (layout.width - len(row))] for row in found_rows if layout.fits(len(row))]
    footer = Footer(layout, rows, is_whole=is_whole, declared=sidecar.reading.footer)
    with ThreadPoolExecutor(1) as beside:
        # Compressing waits for nothing that Python does: it takes the time that reading leaves idle.
        keeping = beside.submit(StoredText.written, _each(text.blocks(), between))
        structure = read_structure(_each(text.blocks(), between), layout, footer, name=name, damaged=text.damaged)
    _check_counts(structure, name=name)
    choices: list[Decision] = []
    if known is not None:
        columns = as_known(header.names, header.originals, known)
    else:
        check_named_columns(sidecar, header.names, where=source.sidecar_key or name)
        columns, choices = infer_columns(
            structure.read,
            header.originals,
            delimiter=found.dialect.delimiter,
            declared=sidecar.types,
            exceptions=sidecar.exceptions,
            between=between,
        )
    told = [
        *about_compression(text.compression),
        text.decision,
        *about_line_ends(ends),
        *found.decisions,
        *header.decisions,
        *([short.decision] if short.decision else []),
        *footer.decisions,
        *about_literal_quotes(structure),
        *about_blank_lines(structure, found.dialect.comment),
        *choices,
    ]
    ending = LINE_ENDS[ends[0]] if ends else "LF"
    reading = _report(
        source, text, found.dialect, header, structure, line_ending=ending, columns=columns, told=told
    )
    return RawTable(structure.read, structure.set_aside, keeping.result(), reading, sidecar)


def _report(
    source: Source,
    text: Text,
    dialect: Dialect,
    header: Header,
    structure: Structure,
    *,
    line_ending: str,
    columns: list[ColumnReading],
    told: list[Decision],
) -> Reading:
    return Reading(
        source=source,
        compression=text.compression,
        encoding=text.encoding,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        escape=dialect.escape,
        skip_space=dialect.skip_space,
        line_ending=line_ending,
        has_header=header.line is not None,
        header_row=header.line,
        rows_in=structure.records,
        rows_read=structure.read.height,
        rows_rejected=structure.set_aside.height,
        rows_below=structure.below,
        columns=columns,
        decisions=told,
    )


def require_rows(raw: RawTable) -> RawTable:
    """The same table, if it has rows: there is nothing to analyse in one that has none.

    Raises:
        ReadingError: The file is empty, or has a header without rows.
    """
    reading = raw.reading
    if reading.rows_in:
        return raw
    name, names = reading.source.key, [column.original_name for column in reading.columns]
    if not names:
        raise ReadingError(
            "the file is empty: it holds no records", where=name, remedy="Drop a file with a header and rows"
        )
    shown = ", ".join(names[:_MAX_SHOWN]) + (" ..." if len(names) > _MAX_SHOWN else "")
    what = f"the file has a header ({shown}) but no rows"
    # A file of one line has no header to know it by: its names may be the cells of a row.
    counted = f"the file has a header ({len(names):,} column{'s' * (len(names) != 1)}) but no rows"
    raise ReadingError(
        what,
        where=f"{name}, line {reading.header_row}",
        remedy="Drop it again when it has rows",
        published=what if raw.sidecar.personal_data == "allow" else counted,
    )


def _each(blocks: Iterable[bytes], between: Callable[[], None]) -> Iterator[bytes]:
    for block in blocks:
        between()
        yield block


def _sample(text: Text) -> tuple[list[str], bool]:
    """The file's first lines, and whether they are all: 256 kB of them, more where lines are long.

    A cut last line is left out.
    """
    for size in (_SAMPLE_BYTES, _SAMPLE_MORE):
        head = text.head(size + 1)
        lines = split_lines(head[:size].decode("utf-8", "replace"))
        if len(head) <= size:
            return lines, True
        if len(lines) > _MIN_SAMPLE_LINES:
            break
    return lines[:-1] or lines, False


def _rows(lines: Sequence[str], layout: Layout, most: int | None) -> list[list[str]]:
    """The cells of the sample's records, at most so many of them."""
    found = itertools.islice(records(lines, layout.dialect, start=layout.first_data_line), most)
    return [one.cells for one in found if one.fault is None]


def _check_width(header: Header, *, name: str, limits: Limits) -> None:
    if len(header.names) > limits.max_columns:
        raise ReadingError(
            f"the table has {len(header.names):,} columns, more than the limit of {limits.max_columns:,}",
            where=name,
            remedy="Check the delimiter, turn the table on its side, or raise DSP_LIMIT_MAX_COLUMNS",
        )


def _check_counts(structure: Structure, *, name: str) -> None:
    if structure.records != structure.read.height + structure.set_aside.height:
        raise ReadingError(
            f"{structure.records:,} records were counted, but {structure.read.height:,} were read and "
            f"{structure.set_aside.height:,} rejected",
            where=name,
            remedy="This is a fault of the reader: report it with the file",
        )
