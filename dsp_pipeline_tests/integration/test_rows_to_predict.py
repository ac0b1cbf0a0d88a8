"""Rows dropped under predict/ come back with predictions, on a real S3 server and a real Dagster instance."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.artifacts.predictions import Predictions
from dsp_pipeline.defs.prediction.schedules import reconcile_predictions_schedule
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline.storage.layout import drop_id
from dsp_pipeline.storage.outcomes import read_failed, read_good
from dsp_pipeline_tests.integration.test_clockwork import LATER, due, now, tell_of_failure
from dsp_pipeline_tests.ml.prediction.rents import flats

if TYPE_CHECKING:
    import dagster as dg

    from dsp_pipeline_tests.integration.conftest import Pipeline

pytestmark = pytest.mark.integration

ROWS = flats(30, 2).drop("rent").write_csv()
KEY = "predict/rents/new.csv"


def outcome_id(pipeline: Pipeline, key: str = KEY) -> str:
    return drop_id(key, pipeline.stores.drop.head(key).etag, None)


def test_rows_dropped_beside_their_first_table_wait_for_its_model_and_come_back_from_it(
    pipeline: Pipeline,
) -> None:
    pipeline.drop("rents.csv", flats(120, 1).write_csv())
    pipeline.drop("rents.dsp.yaml", "target: rent\n")
    pipeline.drop(KEY, ROWS)

    (analysis,) = pipeline.tick()
    assert analysis.partition_key == "rents", "rows to predict are no dataset"
    assert pipeline.tick_for_rows() == []
    assert "Waiting for the first model of rents" in pipeline.skip_reason
    assert due(reconcile_predictions_schedule, pipeline, at=now() + LATER) == []
    assert pipeline.run(analysis).success
    (request,) = pipeline.tick_for_rows()
    result = pipeline.run(request)

    assert result.success
    good = read_good(pipeline.stores.lake, outcome_id(pipeline))
    assert good is not None
    assert good.result is not None
    told = list(csv.reader(io.StringIO(pipeline.stores.lake.get(good.result).data.decode())))
    assert [row[:4] for row in told] == list(csv.reader(io.StringIO(ROWS)))
    assert told[0][4:] == ["prediction", "lower", "upper", "reason_1", "reason_2", "reason_3", "prediction_note"]
    beside = good.result.replace("predictions.csv", "predictions.json")
    report = Predictions.model_validate_json(pipeline.stores.lake.get(beside).data)
    assert (report.dataset, report.version, report.key) == ("rents", good.version, KEY)
    assert report.rows_predicted == 30
    assert pipeline.tick_for_rows() == [], "the same content is predicted once"

    pipeline.drop(KEY, ROWS.replace("Nord", "Atlantis"))
    (again,) = pipeline.tick_for_rows()
    assert again.partition_key == "rents"


def test_rows_for_a_dataset_that_is_not_there_fail_with_what_to_do_and_touch_no_dashboard(
    pipeline: Pipeline,
) -> None:
    pipeline.drop(KEY, ROWS)

    (request,) = pipeline.tick_for_rows()
    result = pipeline.run(request)
    tell_of_failure(pipeline, result)

    failed = read_failed(pipeline.stores.lake, outcome_id(pipeline))
    assert failed is not None
    assert failed.failure.what == "no model was made for this dataset yet"
    assert "Drop rents.csv first" in failed.failure.remedy
    assert (failed.failure.key, failed.failure.retryable) == (KEY, True)
    assert read_catalogue(pipeline.stores.lake).entries == {}
    assert due(reconcile_predictions_schedule, pipeline, at=now() + LATER) == [], "there still is no model"


def test_rows_whose_run_was_lost_are_asked_for_again(pipeline: Pipeline) -> None:
    pipeline.drop(KEY, ROWS)
    pipeline.tick_for_rows()

    assert due(reconcile_predictions_schedule, pipeline, at=now() - dt.timedelta(minutes=1)) == []
    requests: list[dg.RunRequest] = due(reconcile_predictions_schedule, pipeline, at=now() + LATER)
    assert [request.partition_key for request in requests] == ["rents"]
