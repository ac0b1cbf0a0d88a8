"""Columns that the sidecar names have to be there; a name that is nearly right is told."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.etl.names import QUARANTINE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.core.sidecar import Sidecar


def check_named_columns(sidecar: Sidecar, names: Sequence[str], *, where: str) -> None:
    """Raise if the sidecar names a column that is not there.

    Args:
        sidecar: What the owner says.
        names: The table's columns.
        where: The file for the message.

    Raises:
        SidecarError: The message has the field, the column, and the nearest existing one.
    """
    known = set(names)
    for column, field in sidecar.columns_named().items():
        if column not in known:
            raise missing_column(column, names, field=field, where=where)


def ignored_columns(sidecar: Sidecar) -> set[str]:
    """Columns that are no part of the validated table: the sidecar's, and a mended quarantine's own."""
    return {*sidecar.ignore, *QUARANTINE_NAMES.values()}


def check_some_left(columns: Sequence[ColumnReading], *, where: str) -> None:
    """Raise if no column is left of those that are not ignored.

    Raises:
        SidecarError: There is nothing to analyse.
    """
    if not columns:
        raise SidecarError(
            "'ignore' names every column of the table, so nothing is left to analyse",
            where=where,
            remedy="Take at least one column out of 'ignore' in the sidecar or the launchpad",
        )


def missing_column(column: str, names: Sequence[str], *, field: str, where: str) -> SidecarError:
    """The error for one column that is not there."""
    by_lower = {name.lower(): name for name in reversed(names)}
    nearest = difflib.get_close_matches(column.lower(), by_lower, n=1, cutoff=0.5)
    if nearest:
        hint = f"; the nearest is {by_lower[nearest[0]]!r}"
    else:
        shown = ", ".join(names[:10])
        hint = f"; the columns are {shown}{' ...' if len(names) > 10 else ''}"  # noqa: PLR2004 - ten fit a line
    return SidecarError(
        f"'{field}' names the column {column!r}, which is not in the file{hint}",
        where=where,
        remedy=f"Mend '{field}' in the sidecar or the launchpad and drop the sidecar again",
    )
