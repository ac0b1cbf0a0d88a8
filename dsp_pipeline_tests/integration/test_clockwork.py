"""What runs by the clock: failed drops are retried, due datasets analysed again, failures shown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from dsp_pipeline.defs.ingestion.schedules import reanalysis_schedule, reconcile_schedule
from dsp_pipeline.defs.reporting.sensors import failed_runs_sensor
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline_tests.integration.test_bad_input import GOOD

if TYPE_CHECKING:
    from dsp_pipeline_tests.integration.conftest import Pipeline

pytestmark = pytest.mark.integration

LATER = dt.timedelta(hours=1)


def due(schedule: dg.ScheduleDefinition, pipeline: Pipeline, *, at: dt.datetime) -> list[dg.RunRequest]:
    """The runs that a schedule asks for at a time."""
    context = dg.build_schedule_context(instance=pipeline.instance, scheduled_execution_time=at)
    made = schedule(context, settings=pipeline.settings, stores=pipeline.stores)
    return list(made) if isinstance(made, list) else []


def tell_of_failure(pipeline: Pipeline, result: dg.ExecuteInProcessResult) -> None:
    """What the daemon does when a run has failed."""
    (run,) = pipeline.instance.get_runs(dg.RunsFilter(run_ids=[result.run_id]))
    event = next(event for event in reversed(result.all_events) if event.is_failure)
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_runs",
        dagster_instance=pipeline.instance,
        dagster_run=run,
        dagster_event=event,
    ).for_run_failure()
    failed_runs_sensor(context, stores=pipeline.stores)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def test_a_drop_whose_run_never_happened_is_run_by_the_reconciling_schedule(pipeline: Pipeline) -> None:
    pipeline.drop("sales.csv", GOOD)
    pipeline.tick()  # and its runs are lost

    assert due(reconcile_schedule, pipeline, at=now()) == [], "a drop this young is left to the sensor"
    (retry,) = due(reconcile_schedule, pipeline, at=now() + LATER)

    assert pipeline.run(retry).success
    assert due(reconcile_schedule, pipeline, at=now() + LATER) == []


def test_a_table_that_breaks_a_rule_as_a_whole_is_told_in_words(pipeline: Pipeline) -> None:
    pipeline.drop("sales.csv", GOOD)
    pipeline.drop("sales.dsp.yaml", "rules: [{rows: {min: 1000}}]")
    (result,) = pipeline.tick_and_run()

    assert not result.success
    tell_of_failure(pipeline, result)

    assert "rows, not at least 1,000" in pipeline.page("index.html")
    assert due(reconcile_schedule, pipeline, at=now() + LATER) == [], "bad data is not tried again"


def test_bad_data_is_shown_beside_the_last_good_page_and_not_retried(pipeline: Pipeline) -> None:
    pipeline.drop("sales.csv", GOOD)
    pipeline.tick_and_run()
    pipeline.drop("sales.csv", "")
    (failed,) = pipeline.tick_and_run()

    tell_of_failure(pipeline, failed)

    entry = read_catalogue(pipeline.stores.lake).entries["sales"]
    assert entry.latest is not None
    assert entry.failure is not None
    assert entry.failure.key == "sales.csv"
    page = pipeline.page("index.html")
    assert entry.failure.what in page
    assert entry.failure.remedy in page
    assert due(reconcile_schedule, pipeline, at=now() + LATER) == []


def test_a_good_drop_after_a_bad_one_clears_the_failure(pipeline: Pipeline) -> None:
    pipeline.drop("sales.csv", "")
    (failed,) = pipeline.tick_and_run()
    tell_of_failure(pipeline, failed)

    pipeline.drop("sales.csv", GOOD)
    pipeline.tick_and_run()

    assert read_catalogue(pipeline.stores.lake).entries["sales"].failure is None


def test_a_killed_run_is_retried_and_given_up_after_three(pipeline: Pipeline) -> None:
    pipeline.drop("sales.csv", GOOD)
    (request,) = pipeline.tick()
    for attempt in (1, 2, 3):
        killed(pipeline, request)
        retries = due(reconcile_schedule, pipeline, at=now() + LATER)
        if attempt < pipeline.settings.max_attempts:
            (request,) = retries
            assert request.tags["dsp/attempt"] == str(attempt + 1)
        else:
            assert retries == []

    assert "killed" in pipeline.page("index.html")


def killed(pipeline: Pipeline, request: dg.RunRequest) -> None:
    """A run whose process is gone before its first step, as the run monitor reports it."""
    run = pipeline.instance.create_run_for_job(
        definitions_job(), run_config=dict(request.run_config), tags=dict(request.tags)
    )
    pipeline.instance.report_run_failed(run)
    (record,) = pipeline.instance.get_runs(dg.RunsFilter(run_ids=[run.run_id]))
    log = pipeline.instance.all_logs(run.run_id)
    event = next(
        entry.dagster_event for entry in log if entry.dagster_event and entry.dagster_event.is_run_failure
    )
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_runs", dagster_instance=pipeline.instance, dagster_run=record, dagster_event=event
    ).for_run_failure()
    failed_runs_sensor(context, stores=pipeline.stores)


def definitions_job() -> dg.JobDefinition:
    from dsp_pipeline.definitions import definitions  # noqa: PLC0415 - the job is resolved once per test

    return definitions.resolve_job_def("analyse")


def test_each_dataset_is_analysed_again_once_a_week_or_as_its_sidecar_says(pipeline: Pipeline) -> None:
    pipeline.drop("weekly.csv", GOOD)
    pipeline.drop("daily.csv", GOOD)
    pipeline.drop("daily.dsp.yaml", 'schedule: "15 3 * * *"')
    pipeline.tick_and_run()
    tuesday = dt.datetime(2027, 1, 5, tzinfo=dt.UTC)
    hours = (*range(195, 260, 5), *range(300, 365, 5))  # from 03:15 and from 05:00, when those of a Monday begin
    ticks = [dt.timedelta(days=day, minutes=minutes) for day in (0, 1, 6) for minutes in hours]

    asked = [request for time in ticks for request in due(reanalysis_schedule, pipeline, at=tuesday + time)]

    assert [request.partition_key for request in asked].count("daily") == 3
    assert [request.partition_key for request in asked].count("weekly") == 1, "on Monday"
    assert {request.tags["dagster/priority"] for request in asked} == {"-1"}
    assert pipeline.run(asked[0]).success
