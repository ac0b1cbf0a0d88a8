"""What runs by the clock: retries of drops without a result, and re-analysis of datasets that are due."""

import datetime as dt
import os

import dagster as dg

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.ingestion.drops import find_drops
from dsp_pipeline.defs.ingestion.reanalysis import due_datasets
from dsp_pipeline.defs.jobs import analyse
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.retries import drops_to_retry, retry_key
from dsp_pipeline.defs.tags import run_request
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline.storage.stores import Stores

REANALYSIS_MINUTES = 5
BEHIND_NEW_DROPS = -1


@dg.schedule(
    name="reconcile",
    job=analyse,
    cron_schedule=Settings.from_environment(os.environ).reconcile_cron,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def reconcile_schedule(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings], stores: dg.ResourceParam[Stores]
) -> list[dg.RunRequest] | dg.SkipReason:
    """Finds drops without a good result, whatever the reason, and asks for another run."""
    drops, _ = find_drops(stores.drop.list())
    chosen = drops_to_retry(context, stores.lake, drops, job=analyse.name, max_attempts=settings.max_attempts)
    if not chosen:
        return dg.SkipReason(f"Each of {len(drops)} drops has its result, is running, or was at fault itself.")
    context.instance.add_dynamic_partitions(datasets.name or "", sorted({drop.dataset for drop, _ in chosen}))
    return [
        run_request(drop, why="retry", run_key=retry_key(drop, attempt), attempt=attempt)
        for drop, attempt in chosen
    ]


@dg.schedule(
    name="reanalysis",
    job=analyse,
    cron_schedule=f"*/{REANALYSIS_MINUTES} * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def reanalysis_schedule(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings], stores: dg.ResourceParam[Stores]
) -> list[dg.RunRequest] | dg.SkipReason:
    """Analyses each dataset's newest drop again when its cron says so: weekly, unless its sidecar differs."""
    now = context.scheduled_execution_time
    entries = read_catalogue(stores.lake).entries
    crons = {name: entry.schedule or settings.reanalysis_cron for name, entry in entries.items()}
    due = due_datasets(crons, since=now - dt.timedelta(minutes=REANALYSIS_MINUTES), until=now)
    if not due:
        return dg.SkipReason(f"None of {len(crons)} datasets is due.")
    newest = {drop.dataset: drop for drop in find_drops(stores.drop.list())[0]}
    return [
        run_request(
            newest[name],
            why="reanalysis",
            run_key=f"reanalysis:{name}:{when:%Y%m%dT%H%M}",
            priority=BEHIND_NEW_DROPS,
        )
        for name, when in due.items()
        if name in newest
    ]
