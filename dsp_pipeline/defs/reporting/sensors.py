"""The sensor that notices failed runs and says so where the person who dropped the file looks."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import dagster as dg

from dsp_pipeline.core.artifacts.summary import Failure
from dsp_pipeline.defs.failures import REMEDY, RETRYABLE, WHAT, WHERE, said_by_checks
from dsp_pipeline.defs.jobs import analyse
from dsp_pipeline.defs.reporting.publishing import publish_catalogue
from dsp_pipeline.defs.tags import ATTEMPT, DATASET, DROP
from dsp_pipeline.storage.catalogue_state import change_entry, with_failure
from dsp_pipeline.storage.outcomes import Failed, read_failed, record_failed
from dsp_pipeline.storage.stores import Stores


@dg.run_failure_sensor(
    name="failed_runs",
    monitored_jobs=[analyse],
    minimum_interval_seconds=3,  # so that each of the daemon's looks, one every 5 seconds, counts
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def failed_runs_sensor(context: dg.RunFailureSensorContext, stores: dg.ResourceParam[Stores]) -> None:
    """Shows a failed drop in the catalogue beside the dataset's last good dashboard, and notes the attempt."""
    run = context.dagster_run
    dataset = run.tags.get(DATASET) or run.tags.get("dagster/partition")
    if dataset is None:
        return
    failure = _failure_of(context)
    drop = run.tags.get(DROP)
    if drop is not None:
        before = read_failed(stores.lake, drop)
        attempts = max(int(run.tags.get(ATTEMPT, "1")), before.attempts if before else 0)
        record_failed(stores.lake, drop, Failed(dataset=dataset, attempts=attempts, failure=failure))
    change_entry(stores.lake, dataset, lambda entry: with_failure(entry, failure))
    publish_catalogue(stores)


def _failure_of(context: dg.RunFailureSensorContext) -> Failure:
    """What the run's failure says; a failure that is not ours is put into words, without a stack trace."""
    said = _said(context)
    asked = _drop_asked_for(context.dagster_run)
    return Failure(
        key=asked.get("key") or "",
        etag=asked.get("etag") or "",
        what=str(said.get(WHAT, _in_words(context))),
        where=str(said.get(WHERE, "")),
        remedy=str(
            said.get(REMEDY, "Look at the run in the Dagster UI; it is tried again by the reconciling schedule")
        ),
        run=context.dagster_run.run_id,
        at=dt.datetime.now(dt.UTC),
        retryable=bool(said.get(RETRYABLE, True)),
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


def _in_words(context: dg.RunFailureSensorContext) -> str:
    for event in context.get_step_failure_events():
        error = event.step_failure_data.error
        kind = error.cause.cls_name if error and error.cause else error.cls_name if error else "unknown"
        return f"the analysis stopped at '{event.step_key}' because of an internal error ({kind})"
    return "the run ended before it was done (its process was killed or could not be started)"


def _drop_asked_for(run: dg.DagsterRun) -> dict[str, Any]:
    config: Any = run.run_config
    ops = config.get("ops", {})
    return dict(ops.get("raw_dataset", {}).get("config", {}))
