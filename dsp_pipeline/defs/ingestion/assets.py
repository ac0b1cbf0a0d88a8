"""`raw_dataset` and `validated_table`: from the bytes of a drop to typed rows that meet their contract."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pydantic

from dsp_pipeline import __version__
from dsp_pipeline.core.artifacts.reading import Reading, Source
from dsp_pipeline.core.artifacts.summary import Summary
from dsp_pipeline.core.errors import ObjectNotFoundError, PreconditionError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.core.sidecar import parse_rules
from dsp_pipeline.defs import metadata
from dsp_pipeline.defs.failures import explained
from dsp_pipeline.defs.ingestion.deadline import deadline
from dsp_pipeline.defs.ingestion.fetch import fetched
from dsp_pipeline.defs.ingestion.references import referenced_values
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.etl.tables import RawTable, ValidatedTable
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.layout import artifact_key, drop_of
from dsp_pipeline.storage.outcomes import Good, record_good
from dsp_pipeline.storage.stores import Stores
from dsp_pipeline.storage.versions import latest_contract, read_latest

GROUP = "ingestion"
OWNERS = ["team:data"]


class RawDatasetConfig(dg.Config):
    """Which drop to read. Empty means: the newest drop of this dataset."""

    key: str | None = pydantic.Field(
        None, description="The drop's key in the drop bucket; the newest one if empty."
    )
    etag: str | None = pydantic.Field(None, description="Read only this content of the key (its ETag).")
    only_if_new: bool = pydantic.Field(
        default=False,
        description="Do nothing if the same bytes were analysed already by this version of the code.",
    )


@dg.asset(
    partitions_def=datasets,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"s3", "csv", "polars"},
    code_version=__version__,
    output_required=False,
)
def raw_dataset(
    context: dg.AssetExecutionContext,
    config: RawDatasetConfig,
    settings: dg.ResourceParam[Settings],
    stores: dg.ResourceParam[Stores],
) -> Iterator[dg.MaterializeResult[RawTable]]:
    """The drop as it was read: every cell as text, nothing typed, nothing lost.

    Encoding, delimiter, quoting, header and the type that each column will get are detected; `reading.json` says
    what was decided and why. Records that do not fit the table are set aside with their line numbers.
    """
    from dsp_pipeline.etl.reader import read, require_rows  # noqa: PLC0415 - loading the code location must not load Polars

    dataset = context.partition_key
    with explained(context.retry_number, context.log):
        try:
            with fetched(
                stores.drop, dataset=dataset, key=config.key, etag=config.etag, limits=settings.limits
            ) as drop:
                if config.only_if_new and _analysed_before(stores.lake, drop.source):
                    context.log.info(
                        "%s has the same bytes as version %s, which was analysed already: nothing to do.",
                        drop.source.key,
                        drop.source.version,
                    )
                    _say_it_is_good(context, stores.lake, drop.source)
                    return
                raw = require_rows(
                    read(
                        drop.path,
                        source=drop.source,
                        sidecar=drop.sidecar,
                        limits=settings.limits,
                        between=deadline(settings.limits.max_seconds, where=drop.source.key),
                    )
                )
        except PreconditionError:
            context.log.info(
                "%s was dropped anew since this run was asked for; a run of its own follows.", config.key
            )
            return
    yield dg.MaterializeResult(
        value=raw,
        metadata=metadata.of_raw(raw),
        data_version=dg.DataVersion(raw.reading.source.version),
    )


def _analysed_before(lake: ObjectStore, source: Source) -> bool:
    """Whether the dataset's latest dashboard was made from these bytes and this sidecar by this code."""
    latest = read_latest(lake, dataset=source.dataset, asset="dashboard")
    if latest is None or latest.version != source.version:
        return False
    try:
        reading = Reading.model_validate_json(
            lake.get(artifact_key(source.dataset, source.version, "reading.json")).data
        )
        summary = Summary.model_validate_json(
            lake.get(artifact_key(source.dataset, source.version, "summary.json")).data
        )
    except ObjectNotFoundError:
        return False
    return reading.source.sidecar_etag == source.sidecar_etag and summary.built_from.code_version == __version__


def _say_it_is_good(context: dg.AssetExecutionContext, lake: ObjectStore, source: Source) -> None:
    record_good(lake, drop_of(source), Good.of(source, run=context.run.run_id))


class ValidatedTableConfig(dg.Config):
    """What to check differently from the sidecar. Empty means: as the sidecar says."""

    ignore: list[str] = pydantic.Field([], description="Columns to leave out, besides those the sidecar ignores.")
    max_bad_rows: float | None = pydantic.Field(
        None, ge=0, le=1, description="The share of bad rows above which the run fails; the sidecar's if empty."
    )
    rules: list[dict[str, Any]] = pydantic.Field(
        [], description="Rules as in a sidecar, besides its own, such as {column: amount, min: 0}."
    )


@dg.asset(
    partitions_def=datasets,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"polars", "pandera", "parquet"},
    code_version=__version__,
)
def validated_table(
    context: dg.AssetExecutionContext,
    config: ValidatedTableConfig,
    raw_dataset: RawTable,
    stores: dg.ResourceParam[Stores],
) -> dg.MaterializeResult[ValidatedTable]:
    """The rows that meet the contract, typed; the others in quarantine with their line, text and every reason.

    The contract is inferred from the dataset's first version and overridden by the sidecar's rules. A share of
    bad rows above the sidecar's `max_bad_rows` fails the run.
    """
    from dsp_pipeline.etl.validator import Outside, validate  # noqa: PLC0415 - needs Polars and Pandera

    said = raw_dataset.sidecar
    overrides: dict[str, object] = {}
    if config.ignore:
        overrides["ignore"] = [*said.ignore, *(name for name in config.ignore if name not in said.ignore)]
    if config.max_bad_rows is not None:
        overrides["max_bad_rows"] = config.max_bad_rows
    with explained(context.retry_number, context.log):
        if config.rules:
            overrides["rules"] = [*said.rules, *parse_rules(config.rules, where="the launchpad's config")]
        sidecar = said.model_copy(update=overrides)
        outside = Outside(
            now=dt.datetime.now(dt.UTC),
            previous=latest_contract(stores.lake, context.partition_key),
            referenced=referenced_values(stores.lake, raw_dataset, sidecar),
        )
        validated = validate(raw_dataset, sidecar=sidecar, outside=outside)
    return dg.MaterializeResult(
        value=validated,
        metadata=metadata.of_validated(validated),
        data_version=dg.DataVersion(validated.reading.source.version),
    )
