"""Bytes to a raw table: what was decided about the file, every record that fits, and those that do not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import ReadingError
from dsp_pipeline.core.numbers import written
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl.inference import Inferred, infer_columns
from dsp_pipeline.etl.known import as_known
from dsp_pipeline.etl.named import check_named_columns, ignored_columns
from dsp_pipeline.etl.opening import open_table
from dsp_pipeline.etl.original import StoredText
from dsp_pipeline.etl.structure import read_structure
from dsp_pipeline.etl.tables import RawTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Reading, Source

_MAX_SHOWN = 5
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
    opened = open_table(path, source=source, sidecar=sidecar, limits=limits, between=between)
    layout, names = opened.layout, opened.header.names
    with ThreadPoolExecutor(1) as beside:
        # Compressing waits for nothing that Python does: it takes the time that reading leaves idle.
        keeping = beside.submit(StoredText.written, opened.blocks())
        structure = read_structure(
            opened.blocks(), layout, opened.footer, name=source.key, damaged=opened.text.damaged
        )
    if known is not None:
        inferred = Inferred(as_known(names, opened.header.originals, known), [])
    else:
        check_named_columns(sidecar, names, where=source.sidecar_key or source.key)
        inferred = infer_columns(
            structure.read,
            opened.header.originals,
            delimiter=opened.detected.dialect.delimiter,
            declared=sidecar.types,
            exceptions=sidecar.exceptions,
            leave_out=ignored_columns(sidecar),
            between=between,
        )
    reading = opened.reading(inferred.columns, structure.counts, inferred.decisions)
    return RawTable(structure.read, structure.set_aside, keeping.result(), reading, sidecar, typed=inferred.typed)


def require_rows(raw: RawTable) -> RawTable:
    """The same table, if it has rows: there is nothing to analyse in one that has none.

    Raises:
        ReadingError: The file is empty, or has a header without rows.
    """
    check_rows(raw.reading, raw.sidecar)
    return raw


def check_rows(reading: Reading, sidecar: Sidecar) -> None:
    """Refuse a file that was read and has no rows.

    Raises:
        ReadingError: The file is empty, or has a header without rows.
    """
    if reading.rows_in:
        return
    name, names = reading.source.key, [column.original_name for column in reading.columns]
    if not names:
        raise ReadingError(
            "the file is empty: it holds no records", where=name, remedy="Drop a file with a header and rows"
        )
    shown = ", ".join(names[:_MAX_SHOWN]) + (" ..." if len(names) > _MAX_SHOWN else "")
    what = f"the file has a header ({shown}) but no rows"
    # A file of one line has no header to know it by: its names may be the cells of a row.
    counted = f"the file has a header ({written(len(names))} column{'s' * (len(names) != 1)}) but no rows"
    raise ReadingError(
        what,
        where=f"{name}, line {reading.header_row}",
        remedy="Drop it again when it has rows",
        published=what if sidecar.personal_data == "allow" else counted,
    )
