"""The sensor that notices rows to predict: a thin caller of the same plan that decides on drops."""

import os

import dagster as dg

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.ingestion.drops import RESERVED_PREFIX, decide, run_key
from dsp_pipeline.defs.ingestion.overtaken import overtaken_drops
from dsp_pipeline.defs.ingestion.registry import load_registry, save_registry
from dsp_pipeline.defs.ingestion.sensors import MAX_RUNS_PER_TICK, nothing_new
from dsp_pipeline.defs.jobs import predict
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.prediction.rows import find_rows, unseen_datasets
from dsp_pipeline.defs.prediction.waiting import datasets_to_wait_for, without_model
from dsp_pipeline.defs.tags import prediction_request
from dsp_pipeline.storage.layout import PREDICTIONS_REGISTRY_PREFIX
from dsp_pipeline.storage.stores import Stores


@dg.sensor(
    name="rows_to_predict",
    job=predict,
    minimum_interval_seconds=Settings.from_environment(os.environ).sensor_interval_seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def rows_sensor(context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores]) -> dg.SensorResult:
    """Lists ``predict/`` in the drop bucket and asks for a run for each file that is new by key or content.

    Rows that were dropped together with their dataset's first CSV wait until that has its model.
    """
    number, registry = load_registry(stores.lake, context.cursor, prefix=PREDICTIONS_REGISTRY_PREFIX)
    rows, ignored = find_rows(stores.drop.list(RESERVED_PREFIX))
    waiting_for = datasets_to_wait_for(stores, without_model(stores.lake, unseen_datasets(rows, registry)))
    held = {drop.key for drop in rows if drop.dataset in waiting_for}
    overtaken = overtaken_drops(stores.lake, rows, registry)
    decided = decide(rows, ignored, registry, limit=MAX_RUNS_PER_TICK, held=held, overtaken=overtaken)
    if decided.registry != registry:
        number += 1
        save_registry(stores.lake, number, decided.registry, prefix=PREDICTIONS_REGISTRY_PREFIX)
    for name in sorted(waiting_for):
        context.log.info("Rows for %s wait for its first model.", name)
    if not decided.new:
        return dg.SensorResult(skip_reason=nothing_new(decided, waiting_for), cursor=str(number))
    return dg.SensorResult(
        run_requests=[
            prediction_request(drop, why="drop", run_key=run_key(drop, registry)) for drop in decided.new
        ],
        dynamic_partitions_requests=[datasets.build_add_request(sorted({drop.dataset for drop in decided.new}))],
        cursor=str(number),
    )
