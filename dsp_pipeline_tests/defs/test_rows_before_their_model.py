"""Rows that are dropped before their dataset has a model are predicted once it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest

from dsp_pipeline.defs.prediction.schedules import reconcile_predictions_schedule
from dsp_pipeline.storage.outcomes import Failed, record_failed
from dsp_pipeline.storage.versions import Latest, mark_latest
from dsp_pipeline_tests.faults import failure
from dsp_pipeline_tests.integration.test_clockwork import LATER, due, now, tell_of_failure

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline_tests.integration.conftest import Pipeline

ROWS = "predict/sales/new.csv"


def retried(local: Pipeline) -> list[dg.RunRequest]:
    return due(reconcile_predictions_schedule, local, at=now() + LATER)


def test_rows_that_failed_for_want_of_a_model_are_run_once_there_is_one(local: Pipeline, tmp_path: Path) -> None:
    local.instance = dg.DagsterInstance.local_temp(str(tmp_path))  # schedules ask for one that is on disk
    local.drop(ROWS, "id,x\n1,2\n")
    (request,) = local.tick_for_rows()
    tell_of_failure(local, local.run(request))
    assert retried(local) == [], "there still is none"

    mark_latest(local.stores.lake, dataset="sales", asset="model", latest=Latest(version="a" * 12, run="r"))

    (again,) = retried(local)
    assert again.tags["dsp/key"] == ROWS


@pytest.mark.parametrize("retryable", [True, False])
def test_rows_wait_for_a_first_table_that_is_tried_again_and_for_no_other(
    local: Pipeline,
    *,
    retryable: bool,
) -> None:
    local.drop("sales.csv", "id,x,y\n1,2,3\n")
    local.drop(ROWS, "id,x\n1,2\n")
    (table,) = local.tick()
    assert local.tick_for_rows() == []
    failed = Failed(dataset="sales", attempts=1, failure=failure(retryable=retryable))
    record_failed(local.stores.lake, table.tags["dsp/drop"], failed)

    assert bool(local.tick_for_rows()) is not retryable
