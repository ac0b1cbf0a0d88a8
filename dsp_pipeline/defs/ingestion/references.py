"""The values of other datasets' columns that a sidecar's rules refer to."""

from typing import TYPE_CHECKING

from dsp_pipeline.core.rules import Reference
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.etl.tables import RawTable
from dsp_pipeline.storage.artifacts import load_table
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.versions import read_latest

if TYPE_CHECKING:
    import polars as pl


def referenced_values(lake: ObjectStore, raw: RawTable, sidecar: Sidecar) -> dict[Reference, "pl.Series"]:
    """Each column that a rule refers to, from its dataset's latest version; without those not yet made.

    Raises:
        SidecarError: The dataset has no such column.
    """
    values: dict[Reference, pl.Series] = {}
    for number, rule in enumerate(sidecar.rules, start=1):
        reference = rule.references
        if reference is None or reference in values:
            continue
        latest = read_latest(lake, dataset=reference.dataset, asset="validated_table")
        if latest is None:
            continue
        table = load_table(lake, dataset=reference.dataset, version=latest.version, file="table.parquet")
        if reference.column not in table.schema:
            from dsp_pipeline.etl.named import missing_column  # noqa: PLC0415 - only where it goes wrong

            raise missing_column(
                reference.column,
                list(table.schema),
                field=f"rules[{number}].references",
                where=raw.reading.source.said_in,
            )
        values[reference] = table.column(reference.column)
    return values
