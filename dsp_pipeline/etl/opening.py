"""What is decided about a file before its records are read: how it is encoded, set apart, and headed."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Reading
from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.etl import dialect as dialects
from dsp_pipeline.etl.footer import Footer
from dsp_pipeline.etl.header import find_header
from dsp_pipeline.etl.layout import Layout
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
from dsp_pipeline.etl.text import open_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Decision, Source
    from dsp_pipeline.core.settings import Limits
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.dialect import DetectedDialect
    from dsp_pipeline.etl.header import Header
    from dsp_pipeline.etl.structure import Counts
    from dsp_pipeline.etl.text import Text

_SAMPLE_BYTES = 1 << 18
_SAMPLE_MORE = 1 << 23
_MIN_SAMPLE_LINES = 20
_MAX_ROWS = 400


@dataclasses.dataclass(frozen=True)
class Opened:
    """A file of which all is decided but what its columns hold.

    Attributes:
        source: The drop.
        sidecar: What its owner says.
        text: Its text.
        detected: How cells are set apart.
        header: The columns' names.
        layout: What a record of it is.
        footer: Takes what stands below the table off the text, once.
        ends: The sample's line ends, the commonest first.
        between: Called between pieces of the work; what it raises ends it.
    """

    source: Source
    sidecar: Sidecar
    text: Text
    detected: DetectedDialect
    header: Header
    layout: Layout
    footer: Footer
    ends: list[str]
    between: Callable[[], None]
    _short: tuple[Decision, ...]

    def blocks(self) -> Iterator[bytes]:
        """The text, cut anywhere; a new pass at each call."""
        for block in self.text.blocks():
            self.between()
            yield block

    def reading(self, columns: list[ColumnReading], counts: Counts, choices: Sequence[Decision] = ()) -> Reading:
        """What is told of the file: all that was decided, and how many records there are.

        Args:
            columns: What each column holds.
            counts: As far as the text was passed.
            choices: What was decided about columns.
        """
        dialect = self.detected.dialect
        told = [
            *about_compression(self.text.compression),
            self.text.decision,
            *about_line_ends(self.ends),
            *self.detected.decisions,
            *self.header.decisions,
            *self._short,
            *self.footer.decisions,
            *about_literal_quotes(counts),
            *about_blank_lines(counts, dialect.comment),
            *choices,
        ]
        return Reading(
            source=self.source,
            compression=self.text.compression,
            encoding=self.text.encoding,
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            escape=dialect.escape,
            skip_space=dialect.skip_space,
            line_ending=LINE_ENDS[self.ends[0]] if self.ends else "LF",
            has_header=self.header.line is not None,
            header_row=self.header.line,
            rows_in=counts.records,
            rows_read=counts.read,
            rows_rejected=counts.set_aside,
            rows_below=counts.below,
            columns=columns,
            decisions=told,
        )


def open_table(
    path: Path, *, source: Source, sidecar: Sidecar, limits: Limits, between: Callable[[], None]
) -> Opened:
    """What can be decided about a file by its first lines. The arguments are those of `reader.read`.

    Raises:
        ReadingError: The bytes are no table: binary, damaged, or over a limit.
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
    layout = Layout(
        found.dialect, header.names, header.first_data_line, limits.max_cell_bytes, header.written.encode()
    )
    found_rows = _rows(lines, layout, None if is_whole else _MAX_ROWS)
    short = settle_short_rows(found_rows[:_MAX_ROWS], layout.width, said=sidecar.reading.short_rows)
    layout = dataclasses.replace(layout, least_width=short.least)
    rows = [[*row, *[""] * (layout.width - len(row))] for row in found_rows if layout.fits(len(row))]
    footer = Footer(layout, rows, is_whole=is_whole, declared=sidecar.reading.footer)
    ends = line_ends(lines, found)
    told = (short.decision,) if short.decision else ()
    return Opened(source, sidecar, text, found, header, layout, footer, ends, between, told)


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
