"""Files as they might be dropped, read and validated as the pipeline does it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.settings import Limits
from dsp_pipeline.core.sidecar import parse_sidecar
from dsp_pipeline.etl.reader import read
from dsp_pipeline.etl.tables import LINE
from dsp_pipeline.etl.validator import Outside, validate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from dsp_pipeline.core.artifacts.reading import ColumnReading, Decision
    from dsp_pipeline.core.artifacts.validation import CheckResult, Contract
    from dsp_pipeline.core.rules import Reference
    from dsp_pipeline.etl.tables import RawTable, ValidatedTable

NOW = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
"""When these files are dropped."""


@dataclasses.dataclass(frozen=True)
class Dropper:
    """Writes bytes to a file and reads them back through the product's reader."""

    folder: Path

    def read(
        self, data: bytes | str, *, name: str = "sales.csv", sidecar: str = "", limits: Limits | None = None
    ) -> RawTable:
        content = data.encode() if isinstance(data, str) else data
        path = self.folder / "dropped"
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        source = Source(
            dataset="sales", version=digest[:12], key=name, etag=digest, bytes=len(content), sha256=digest
        )
        said = parse_sidecar(sidecar, where="sales.dsp.yaml")
        return read(path, source=source, sidecar=said, limits=limits or Limits())

    def validate(
        self,
        data: bytes | str,
        *,
        name: str = "sales.csv",
        sidecar: str = "",
        previous: Contract | None = None,
        referenced: Mapping[Reference, pl.Series] | None = None,
    ) -> ValidatedTable:
        raw = self.read(data, name=name, sidecar=sidecar)
        return validate(raw, sidecar=raw.sidecar, outside=Outside(NOW, previous, referenced or {}))


def cells(raw: RawTable) -> list[tuple[str | None, ...]]:
    """The rows of a raw table without their line numbers."""
    return raw.frame.drop(LINE).rows()


def lines(raw: RawTable) -> list[int]:
    """The line each row begins on."""
    return raw.frame[LINE].to_list()


def column(raw: RawTable, name: str) -> ColumnReading:
    return raw.reading.column(name)


def decision(raw: RawTable, what: str) -> Decision:
    """The one decision of that subject."""
    found = [one for one in raw.reading.decisions if one.what == what]
    assert len(found) == 1, f"{what}: {[one.what for one in raw.reading.decisions]}"
    return found[0]


def check(table: ValidatedTable, name: str, about: str | None = None) -> CheckResult:
    """The one check of that name and column."""
    found = [one for one in table.validation.checks if one.name == name and one.column == about]
    assert len(found) == 1, f"{name} of {about}: {[(one.name, one.column) for one in table.validation.checks]}"
    return found[0]


def reasons(quarantine: pl.DataFrame) -> list[tuple[int, str, str | None]]:
    """Each reason in a quarantine as (line, code, column)."""
    return [
        (line, reason["code"], reason["column"]) for line, _, found in quarantine.iter_rows() for reason in found
    ]
