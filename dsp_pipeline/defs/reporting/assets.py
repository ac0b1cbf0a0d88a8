"""`dashboard` and `catalogue`: the page of one version, and the index page of all of them."""

import datetime as dt

import dagster as dg
import pydantic

from dsp_pipeline import __version__
from dsp_pipeline.core.artifacts.explanations import Explanations
from dsp_pipeline.core.artifacts.insights import Insights
from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.core.artifacts.reading import Reading
from dsp_pipeline.core.artifacts.summary import BuiltFrom, Published, Summary
from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.dashboard.page import Dashboard, Surroundings
from dsp_pipeline.defs import metadata
from dsp_pipeline.defs.failures import explained
from dsp_pipeline.defs.io_manager import LakeIOManager
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.reporting.publishing import publish_catalogue, publish_dashboard
from dsp_pipeline.etl.tables import ValidatedTable
from dsp_pipeline.ml.automl.model import Model
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.catalogue_state import change_entry, read_catalogue, version_before, with_published
from dsp_pipeline.storage.layout import artifact_key, drop_of
from dsp_pipeline.storage.outcomes import Good, record_good
from dsp_pipeline.storage.stores import Stores

GROUP = "reporting"
OWNERS = ["team:data"]


class DashboardConfig(dg.Config):
    """How the page is headed. Empty means: as the sidecar says."""

    title: str | None = pydantic.Field(
        None, description="The page's title; the sidecar's or the dataset's if empty."
    )


@dg.asset(
    partitions_def=datasets,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"html", "plotly", "javascript"},
    code_version=__version__,
)
def dashboard(
    context: dg.AssetExecutionContext,
    config: DashboardConfig,
    stores: dg.ResourceParam[Stores],
    validated_table: ValidatedTable,
    profile: Profile,
    model: Model,
    explanations: Explanations,
    insights: Insights,
) -> dg.MaterializeResult[Dashboard]:
    """Everything about one version as one HTML file that needs no network, published in the dashboards bucket."""
    from dsp_pipeline.dashboard.generator import build  # noqa: PLC0415 - needs Polars and Jinja

    source = validated_table.reading.source
    built_from = BuiltFrom(
        dataset=source.dataset,
        version=source.version,
        key=source.key,
        run=context.run.run_id,
        code_version=__version__,
    )
    with explained(context.retry_number, context.log):
        entry = read_catalogue(stores.lake).entries.get(source.dataset)
        before = version_before(entry, source.version, source.dropped_at)
        page = build(
            validated_table,
            profile,
            model.report,
            explanations,
            insights,
            built_from=built_from,
            title=config.title or validated_table.sidecar.title,
            surroundings=Surroundings(before, installable=stores.dashboards is not None),
        )
        accent = validated_table.sidecar.dashboard.accent
        address = publish_dashboard(stores, page, dropped_at=source.dropped_at, accent=accent)
    return dg.MaterializeResult(
        value=page,
        metadata=metadata.of_dashboard(page, address),
        data_version=dg.DataVersion(source.version),
    )


@dg.asset(
    deps=[dg.AssetDep(dashboard, partition_mapping=dg.AllPartitionMapping())],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"html"},
    code_version=__version__,
)
def catalogue(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    io_manager: dg.ResourceParam[LakeIOManager],
) -> dg.MaterializeResult[None]:
    """The index page of all dashboards, with the failed drops beside the last good ones."""
    with explained(context.retry_number, context.log):
        if context.has_partition_key:
            version = io_manager.version_in_run(context.partition_key)
            _enter(context, stores.lake, context.partition_key, version)
        address = publish_catalogue(stores)
        entries = read_catalogue(stores.lake)
    return dg.MaterializeResult(metadata=metadata.of_catalogue(entries, address))


def _enter(context: dg.AssetExecutionContext, lake: ObjectStore, dataset: str, version: str | None) -> None:
    """Enter the dashboard that this run made; nothing to enter where it made none."""
    summary = None if version is None else _summary(lake, dataset, version)
    if version is None or summary is None or summary.built_from.run != context.run.run_id:
        return
    reading = Reading.model_validate_json(lake.get(artifact_key(dataset, version, "reading.json")).data)
    applied = Sidecar.model_validate_json(lake.get(artifact_key(dataset, version, "applied.json")).data)
    source = reading.source
    published = Published(summary=summary, at=dt.datetime.now(dt.UTC), dropped_at=source.dropped_at)
    change_entry(
        lake,
        dataset,
        lambda entry: with_published(entry, published, schedule=applied.schedule, etag=source.etag),
    )
    record_good(lake, drop_of(source), Good.of(source, run=context.run.run_id))


def _summary(lake: ObjectStore, dataset: str, version: str) -> Summary | None:
    try:
        return Summary.model_validate_json(lake.get(artifact_key(dataset, version, "summary.json")).data)
    except ObjectNotFoundError:
        return None
