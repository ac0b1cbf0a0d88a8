"""Predictions asked for in the Dagster UI: by partition alone, or with a key, a version and a wish for reasons."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from dsp_pipeline.core.artifacts.predictions import Predictions
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.definitions import assemble
from dsp_pipeline.defs.failures import REMEDY, WHAT
from dsp_pipeline.defs.io_manager import LakeIOManager
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.prediction.rows import find_rows
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline.storage.artifacts import save_artifact
from dsp_pipeline.storage.base import ObjectInfo
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.stores import Stores
from dsp_pipeline.storage.versions import Latest, mark_latest
from dsp_pipeline_tests.ml.automl.tables import profile, validated
from dsp_pipeline_tests.ml.prediction.rents import flats

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND, WITHOUT = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    """A lake with three versions of the rents, the last of which has no model, and rows to predict."""
    lake = FolderStore(tmp_path / "lake")
    source = validated(flats(120, 1))
    found = train(source, profile(source), options=ModelOptions(target="rent"))
    none = train(source, profile(source), options=ModelOptions(wants_no_model=True))
    for version, model in ((FIRST, found), (SECOND, found), (WITHOUT, none)):
        save_artifact(lake, asset="model", dataset="rents", version=version, value=model)
        mark_latest(lake, dataset="rents", asset="model", latest=Latest(version=version, run="r"))
    drop = FolderStore(tmp_path / "drop")
    drop.put("predict/rents/old.csv", flats(5, 2).write_csv().encode())
    drop.put("predict/rents/new.csv", flats(6, 3).write_csv().encode())
    return Stores(drop=drop, lake=lake, dashboards=None)


def launched(stores: Stores, config: dict[str, Any], dataset: str = "rents") -> dg.ExecuteInProcessResult:
    resources = {"settings": Settings(), "stores": stores, "io_manager": LakeIOManager(stores.lake)}
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(datasets.name or "", [dataset])
        return (
            assemble(resources)
            .resolve_job_def("predict")
            .execute_in_process(
                run_config={
                    "ops": {"predictions": {"config": config}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                instance=instance,
                partition_key=dataset,
                raise_on_error=False,
            )
        )


def reports(stores: Stores) -> dict[str, Predictions]:
    """By the version whose model was used."""
    keys = [info.key for info in stores.lake.list("rents/") if info.key.endswith("/predictions.json")]
    return {key.split("/")[1]: Predictions.model_validate_json(stores.lake.get(key).data) for key in keys}


def test_a_partition_alone_predicts_its_newest_rows_by_the_latest_model_there_is(stores: Stores) -> None:
    result = launched(stores, {})

    assert result.success
    ((version, report),) = reports(stores).items()
    assert (version, report.version) == (SECOND, SECOND)
    assert (report.key, report.rows) == ("predict/rents/new.csv", 6)
    (made,) = result.asset_materializations_for_node("predictions")
    assert f"version {WITHOUT} has no model" in str(made.metadata["remarks"].value)
    assert made.metadata["dagster/row_count"].value == 6


def test_the_launchpad_chooses_rows_a_version_and_reasons(stores: Stores) -> None:
    config = {"key": "predict/rents/old.csv", "model_version": FIRST, "reasons": False}

    assert launched(stores, config).success

    ((version, report),) = reports(stores).items()
    assert version == FIRST
    assert report.rows == 5
    assert report.reasons == "none: they were not wanted"
    assert "reason_1" not in report.columns


def test_the_same_rows_under_two_names_keep_a_result_each(stores: Stores) -> None:
    stores.drop.put("predict/rents/copy.csv", stores.drop.get("predict/rents/old.csv").data)
    stores.drop.put("predict/rents/copy.dsp.yaml", b"predictions: {reasons: false}\n")

    for name in ("old", "copy"):
        assert launched(stores, {"key": f"predict/rents/{name}.csv"}).success

    made = [info.key for info in stores.lake.list("rents/") if info.key.endswith("/predictions.json")]
    told = [Predictions.model_validate_json(stores.lake.get(key).data) for key in made]
    assert {report.key: "reason_1" in report.columns for report in told} == {
        "predict/rents/old.csv": True,
        "predict/rents/copy.csv": False,
    }


@pytest.mark.parametrize(
    ("config", "dataset", "what", "remedy"),
    [
        ({"key": "predict/rents/old.csv"}, "sales", "no rows for dataset 'sales'", "predict/sales/"),
        ({}, "sales", "no rows to predict", "dsp drop FILE --predict sales"),
        ({"model_version": WITHOUT}, "rents", f"version '{WITHOUT}' has no model", SECOND),
        ({"model_version": "../../x"}, "rents", "version '../../x' has no model", "Name one that has"),
    ],
)
def test_what_cannot_be_predicted_is_told_with_what_to_do(
    stores: Stores, config: dict[str, Any], dataset: str, what: str, remedy: str
) -> None:
    (event,) = launched(stores, config, dataset).get_step_failure_events()

    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert what in str(failure.metadata[WHAT].value)
    assert remedy in str(failure.metadata[REMEDY].value)


def an_object(key: str) -> ObjectInfo:
    return ObjectInfo(key, "e", 1, dt.datetime(2024, 1, 1, tzinfo=dt.UTC))


def test_rows_name_their_dataset_by_folder_and_what_does_not_is_told() -> None:
    keys = ("predict/Sales 2024/x.csv.gz", "predict/a/b/c.csv", "predict/x.csv", "predict/a/x.xlsx", "x.csv")

    rows, ignored = find_rows([an_object(key) for key in keys])

    assert {drop.key: drop.dataset for drop in rows} == {
        "predict/Sales 2024/x.csv.gz": "sales-2024-ef87a3",
        "predict/a/b/c.csv": "a",
    }
    assert set(ignored) == {"predict/x.csv", "predict/a/x.xlsx"}
    assert "predict/<dataset>/<name>.csv" in ignored["predict/x.csv"]
