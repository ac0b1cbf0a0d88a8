"""The two jobs: from a drop to its dashboard, and from rows to their predictions."""

import dagster as dg

_PREDICTIONS = dg.AssetSelection.assets("predictions")

analyse = dg.define_asset_job(
    "analyse",
    selection=dg.AssetSelection.all() - _PREDICTIONS,
    executor_def=dg.in_process_executor,
    description="From the newest drop of a dataset (or the one that is configured) to its published dashboard.",
)
predict = dg.define_asset_job(
    "predict",
    selection=_PREDICTIONS,
    executor_def=dg.in_process_executor,
    description="The newest rows under predict/<dataset>/ (or those that are configured), with their predictions.",
)
