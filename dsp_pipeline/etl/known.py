"""Columns that were settled before: by a model, whose inputs are read as in the table that it learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import ColumnReading
from dsp_pipeline.core.kinds import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Sequence


def as_known(
    names: Sequence[str], originals: Sequence[str], known: Sequence[ColumnReading]
) -> list[ColumnReading]:
    """A reading for each column: the known one of that name, under this file's spelling, else text as it is."""
    by_name = {column.name: column for column in known}
    return [
        by_name[name].model_copy(update={"original_name": original})
        if name in by_name
        else ColumnReading(
            name=name,
            original_name=original,
            kind=ColumnKind.TEXT,
            dtype="string",
            confidence=1.0,
            reason="it was not looked at",
        )
        for name, original in zip(names, originals, strict=True)
    ]
