"""The sensor that notices failed runs and says so where the person who dropped the file looks."""

import builtins
import datetime as dt
from collections.abc import Mapping
from typing import Any

import dagster as dg

from dsp_pipeline.core.artifacts.summary import Failure
from dsp_pipeline.defs.failures import PUBLISHED, REMEDY, RETRYABLE, WHAT, WHERE, said_by_checks
from dsp_pipeline.defs.interruption import INTERRUPTED
from dsp_pipeline.defs.jobs import analyse, predict
from dsp_pipeline.defs.reporting.publishing import publish_catalogue
from dsp_pipeline.defs.tags import ATTEMPT, DATASET, DROP, DROPPED_AT
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.catalogue_state import change_entry, with_failure
from dsp_pipeline.storage.outcomes import Failed, good_since, read_failed, record_failed
from dsp_pipeline.storage.stores import Stores

_TRIED_AGAIN = "Look at the run in the Dagster UI; it is tried again by the reconciling schedule"
_NOT_TRIED_AGAIN = "Look at the run in the Dagster UI, and drop the file again once the cause is mended"


@dg.run_failure_sensor(
    name="failed_runs",
    monitored_jobs=[analyse, predict],
    minimum_interval_seconds=3,  # so that each of the daemon's looks, one every 5 seconds, counts
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def failed_runs_sensor(context: dg.RunFailureSensorContext, stores: dg.ResourceParam[Stores]) -> None:
    """Shows a failed drop in the catalogue beside the dataset's last good dashboard, and notes the attempt.

    Rows that could not be predicted are noted only: the dataset and its dashboard are as they were. A run that
    another one made good before its failure was looked at is of no interest any more.
    """
    run = context.dagster_run
    dataset = run.tags.get(DATASET) or run.tags.get("dagster/partition")
    if dataset is None:
        return
    drop = run.tags.get(DROP)
    if drop is not None and _was_made_good(context, stores.lake, drop):
        return
    failure = _failure_of(context)
    if drop is not None:
        record_failed(stores.lake, drop, _attempted(stores.lake, run, dataset, failure))
    if run.job_name == predict.name:
        return
    change_entry(stores.lake, dataset, lambda entry: with_failure(entry, failure))
    publish_catalogue(stores)


def _was_made_good(context: dg.RunFailureSensorContext, lake: ObjectStore, drop: str) -> bool:
    """Whether the drop became what it should after the failed run was asked for."""
    since = good_since(lake, drop)
    record = context.instance.get_run_record_by_id(context.dagster_run.run_id)
    return since is not None and record is not None and since > record.create_timestamp


def _attempted(lake: ObjectStore, run: dg.DagsterRun, dataset: str, failure: Failure) -> Failed:
    """The failure with the attempts so far; what was dropped again has them all before it."""
    said = run.tags.get(DROPPED_AT)
    dropped_at = dt.datetime.fromisoformat(said) if said else None
    before = read_failed(lake, run.tags[DROP])
    earlier = before.attempts if before and before.dropped_at == dropped_at else 0
    attempts = max(int(run.tags.get(ATTEMPT, "1")), earlier)
    return Failed(dataset=dataset, attempts=attempts, dropped_at=dropped_at, failure=failure)


def _failure_of(context: dg.RunFailureSensorContext) -> Failure:
    """What the run's failure says; a failure that is not ours is put into words, without a stack trace."""
    said = _said(context)
    asked = _drop_asked_for(context.dagster_run)
    published = said.get(PUBLISHED)
    may_pass = _may_pass(context)
    return Failure(
        key=asked.get("key") or "",
        etag=asked.get("etag") or "",
        what=str(said.get(WHAT, _in_words(context))),
        where=str(said.get(WHERE, "")),
        remedy=str(said.get(REMEDY, _TRIED_AGAIN if may_pass else _NOT_TRIED_AGAIN)),
        run=context.dagster_run.run_id,
        at=dt.datetime.now(dt.UTC),
        retryable=bool(said.get(RETRYABLE, may_pass)),
        published=None if published is None else str(published),
    )


def _said(context: dg.RunFailureSensorContext) -> Mapping[str, object]:
    """The words of the first step that failed with one of our own errors, or of a check that keeps data out."""
    for event in context.get_step_failure_events():
        user = event.step_failure_data.user_failure_data
        if user is not None and WHAT in user.metadata:
            return {name: value.value for name, value in user.metadata.items()}
    entries = context.instance.all_logs(
        context.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    )
    events = (entry.dagster_event for entry in entries)
    return said_by_checks(event.asset_check_evaluation_data for event in events if event is not None)


def _may_pass(context: dg.RunFailureSensorContext) -> bool:
    """Whether a failure that is not ours may not come again: the process was ended, or the machine was at fault.

    Any other error that we did not foresee would come again from the same data.
    """
    return all(_passes(_kind(event)) for event in context.get_step_failure_events())


def _passes(kind: str) -> bool:
    known = getattr(builtins, kind, None)
    return kind == INTERRUPTED or (isinstance(known, type) and issubclass(known, OSError | MemoryError))


def _kind(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    return (error.cause.cls_name if error and error.cause else error.cls_name if error else None) or "unknown"


def _in_words(context: dg.RunFailureSensorContext) -> str:
    for event in context.get_step_failure_events():
        return f"the analysis stopped at '{event.step_key}' because of an internal error ({_kind(event)})"
    return "the run ended before it was done (its process was killed or could not be started)"


def _drop_asked_for(run: dg.DagsterRun) -> dict[str, Any]:
    config: Any = run.run_config
    ops = config.get("ops", {})
    asked = ops.get("predictions" if run.job_name == predict.name else "raw_dataset", {})
    return dict(asked.get("config", {}))
