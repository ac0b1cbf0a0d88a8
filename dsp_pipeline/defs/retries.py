"""Which drops get another run: what the reconciling schedules of both jobs share."""

import datetime as dt
from collections.abc import Sequence

import dagster as dg

from dsp_pipeline.defs.ingestion.drops import Attempts, Drop, Registry, run_key, to_retry
from dsp_pipeline.defs.tags import DROP
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.outcomes import failed_drops, good_drops, read_failed

GRACE = dt.timedelta(minutes=2)
"""Drops younger than this are left to the sensor."""

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def drops_to_retry(
    context: dg.ScheduleEvaluationContext, lake: ObjectStore, drops: Sequence[Drop], *, job: str, max_attempts: int
) -> list[tuple[Drop, int]]:
    """The drops without a good result that deserve another run of a job, each with that run's number."""
    return to_retry(
        drops,
        good=good_drops(lake),
        failed=_attempts(lake, drops),
        active=_active(context.instance, job),
        seen_before=context.scheduled_execution_time - GRACE,
        max_attempts=max_attempts,
    )


def retry_key(drop: Drop, attempt: int) -> str:
    """What Dagster starts at most one retry for."""
    return f"{run_key(drop, Registry())}#{attempt}"


def _attempts(lake: ObjectStore, drops: Sequence[Drop]) -> dict[str, Attempts]:
    failed = failed_drops(lake)
    known = {drop.id: read_failed(lake, drop.id) for drop in drops if drop.id in failed}
    return {
        drop: Attempts(outcome.attempts, outcome.failure.retryable, outcome.dropped_at)
        for drop, outcome in known.items()
        if outcome is not None
    }


def _active(instance: dg.DagsterInstance, job: str) -> frozenset[str]:
    runs = instance.get_runs(filters=dg.RunsFilter(job_name=job, statuses=_UNFINISHED))
    return frozenset(run.tags[DROP] for run in runs if DROP in run.tags)
