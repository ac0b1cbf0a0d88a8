"""What runs by the clock: another try for rows whose predictions failed for want of a store or a process."""

import os

import dagster as dg

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.ingestion.drops import RESERVED_PREFIX
from dsp_pipeline.defs.jobs import predict
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.prediction.rows import find_rows
from dsp_pipeline.defs.prediction.waiting import datasets_to_wait_for, without_model
from dsp_pipeline.defs.retries import drops_to_retry, retry_key
from dsp_pipeline.defs.tags import prediction_request
from dsp_pipeline.storage.stores import Stores


@dg.schedule(
    name="reconcile_predictions",
    job=predict,
    cron_schedule=Settings.from_environment(os.environ).reconcile_cron,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def reconcile_predictions_schedule(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings], stores: dg.ResourceParam[Stores]
) -> list[dg.RunRequest] | dg.SkipReason:
    """Finds rows without predictions where a retry may help, and asks for another run.

    Rows that failed for want of a model are tried again once there is one, and use up no attempts before.
    """
    rows, _ = find_rows(stores.drop.list(RESERVED_PREFIX))
    chosen = drops_to_retry(context, stores.lake, rows, job=predict.name, max_attempts=settings.max_attempts)
    lacking = without_model(stores.lake, {drop.dataset for drop, _ in chosen})
    waiting_for = datasets_to_wait_for(stores, lacking)
    chosen = [
        (drop, attempt)
        for drop, attempt in chosen
        if drop.dataset not in waiting_for and (attempt == 1 or drop.dataset not in lacking)
    ]
    if not chosen:
        return dg.SkipReason(
            f"Each of {len(rows)} files of rows has its result, is running, waits for a model, or was at fault."
        )
    context.instance.add_dynamic_partitions(datasets.name or "", sorted({drop.dataset for drop, _ in chosen}))
    return [
        prediction_request(drop, why="retry", run_key=retry_key(drop, attempt), attempt=attempt)
        for drop, attempt in chosen
    ]
