"""What runs by the clock: retries of drops without a result, and re-analysis of datasets that are due."""

import datetime as dt
import os

import dagster as dg

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.ingestion.drops import Attempts, Drop, find_drops, to_retry
from dsp_pipeline.defs.ingestion.reanalysis import due_datasets
from dsp_pipeline.defs.jobs import analyse
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.tags import DROP, run_request
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline.storage.outcomes import failed_drops, good_drops, read_failed
from dsp_pipeline.storage.stores import Stores

GRACE = dt.timedelta(minutes=2)
"""Drops younger than this are left to the sensor."""
REANALYSIS_MINUTES = 5
BEHIND_NEW_DROPS = -1
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


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
    good = good_drops(stores.lake)
    chosen = to_retry(
        drops,
        good=good,
        failed=_attempts(stores.lake, [drop for drop in drops if drop.id not in good]),
        active=_active(context.instance),
        seen_before=context.scheduled_execution_time - GRACE,
        max_attempts=settings.max_attempts,
    )
    if not chosen:
        return dg.SkipReason(f"Each of {len(drops)} drops has its result, is running, or was at fault itself.")
    context.instance.add_dynamic_partitions(datasets.name or "", sorted({drop.dataset for drop, _ in chosen}))
    return [
        run_request(drop, why="retry", run_key=f"{drop.id}#{attempt}", attempt=attempt) for drop, attempt in chosen
    ]


def _attempts(lake: ObjectStore, drops: list[Drop]) -> dict[str, Attempts]:
    failed = failed_drops(lake)
    known = {drop.id: read_failed(lake, drop.id) for drop in drops if drop.id in failed}
    return {
        drop: Attempts(outcome.attempts, outcome.failure.retryable)
        for drop, outcome in known.items()
        if outcome is not None
    }


def _active(instance: dg.DagsterInstance) -> frozenset[str]:
    runs = instance.get_runs(filters=dg.RunsFilter(job_name=analyse.name, statuses=_UNFINISHED))
    return frozenset(run.tags[DROP] for run in runs if DROP in run.tags)


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
