"""The one job: from a drop to its dashboard."""

import dagster as dg

analyse = dg.define_asset_job(
    "analyse",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="From the newest drop of a dataset (or the one that is configured) to its published dashboard.",
)
