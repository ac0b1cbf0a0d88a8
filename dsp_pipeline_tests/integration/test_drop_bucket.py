"""What the drop bucket must survive, on a real S3 server and a real Dagster instance."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from dsp_pipeline.core.naming import dataset_of
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.layout import version_page
from dsp_pipeline.storage.stores import Stores
from dsp_pipeline.storage.versions import read_latest

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from dsp_pipeline.core.settings import Settings
    from dsp_pipeline_tests.integration.conftest import Pipeline

pytestmark = pytest.mark.integration

SMALL = "city,visits,share\n" + "".join(
    f"{city},{visits},{visits / 100}\n" for visits, city in enumerate(["Bern", "Oslo", "Rome"] * 10)
)
OTHER = SMALL + "Paris,99,0.5\n"


def version_now(pipeline: Pipeline, dataset: str) -> str:
    latest = read_latest(pipeline.stores.lake, dataset=dataset, asset="dashboard")
    assert latest is not None
    return latest.version


def test_a_drop_comes_back_as_a_published_dashboard_and_in_the_catalogue(pipeline: Pipeline) -> None:
    pipeline.drop("visits.csv", SMALL)

    (result,) = pipeline.tick_and_run()

    assert result.success
    version = version_now(pipeline, "visits")
    assert pipeline.page("visits/index.html") == pipeline.page(version_page("visits", version))
    assert "visits/index.html" in pipeline.page("index.html")


def test_new_content_under_the_same_key_is_a_new_version_and_the_old_page_stays(pipeline: Pipeline) -> None:
    pipeline.drop("visits.csv", SMALL)
    pipeline.tick_and_run()
    first = version_now(pipeline, "visits")

    pipeline.drop("visits.csv", OTHER)
    (result,) = pipeline.tick_and_run()

    assert result.success
    second = version_now(pipeline, "visits")
    assert second != first
    assert pipeline.page("visits/index.html") == pipeline.page(version_page("visits", second))
    assert pipeline.page(version_page("visits", first))


def test_the_same_content_dropped_again_is_skipped_and_said_so(pipeline: Pipeline) -> None:
    pipeline.drop("visits.csv", SMALL)
    pipeline.tick_and_run()
    time.sleep(1.1)  # S3's LastModified has whole seconds

    pipeline.drop("visits.csv", SMALL)

    assert pipeline.tick() == []
    assert "Same content dropped again, skipped: visits.csv" in pipeline.skip_reason


def test_the_same_bytes_under_another_etag_are_not_analysed_twice(pipeline: Pipeline, settings: Settings) -> None:
    """A multipart upload of the same bytes has another ETag, so only reading it tells that it is the same."""
    body = SMALL.encode()
    pipeline.drop("visits.csv", body)
    pipeline.tick_and_run()
    before = read_latest(pipeline.stores.lake, dataset="visits", asset="dashboard")

    client = s3_client(settings)
    upload = client.create_multipart_upload(Bucket=settings.drop_bucket, Key="visits.csv")["UploadId"]
    finish_upload(client, settings.drop_bucket, "visits.csv", upload, body)
    (result,) = pipeline.tick_and_run()

    assert result.success
    assert read_latest(pipeline.stores.lake, dataset="visits", asset="dashboard") == before
    assert not [event for event in result.all_events if event.is_step_materialization]


def test_two_drops_of_one_dataset_in_one_second_both_get_a_page_and_the_later_one_is_shown(
    pipeline: Pipeline,
) -> None:
    pipeline.drop("visits/january.csv", SMALL)
    pipeline.drop("visits/february.csv", OTHER)

    results = pipeline.tick_and_run()

    assert [result.success for result in results] == [True, True]
    pages = pipeline.stores.dashboards
    assert pages is not None
    keys = [info.key for info in pages.list("visits/")]
    assert len([key for key in keys if key.endswith("/index.html") and key.count("/") == 2]) == 2


def test_a_multipart_upload_that_spans_a_tick_is_found_when_it_is_whole(
    pipeline: Pipeline, settings: Settings
) -> None:
    client = s3_client(settings)
    upload = client.create_multipart_upload(Bucket=settings.drop_bucket, Key="slow.csv")["UploadId"]
    time.sleep(1.1)
    pipeline.drop("quick.csv", SMALL)

    assert [request.partition_key for request in pipeline.tick()] == ["quick"]

    finish_upload(client, settings.drop_bucket, "slow.csv", upload, OTHER.encode())
    assert [request.partition_key for request in pipeline.tick()] == ["slow"]


def test_a_drop_deleted_before_its_run_fails_with_a_reason_and_publishes_nothing(pipeline: Pipeline) -> None:
    pipeline.drop("visits.csv", SMALL)
    (request,) = pipeline.tick()
    pipeline.stores.drop.delete("visits.csv")

    result = pipeline.run(request)

    (failure,) = [event.step_failure_data for event in result.get_step_failure_events()]
    assert failure.user_failure_data is not None
    assert "visits.csv: the file was deleted before it could be read" in str(failure.user_failure_data.description)
    assert list(pipeline.stores.lake.list("visits/")) == []


def test_a_drop_that_changed_since_it_was_listed_is_left_to_its_own_run(pipeline: Pipeline) -> None:
    pipeline.drop("visits.csv", SMALL)
    (stale,) = pipeline.tick()
    pipeline.drop("visits.csv", OTHER)
    (fresh,) = pipeline.tick()

    assert pipeline.run(stale).success
    assert read_latest(pipeline.stores.lake, dataset="visits", asset="raw_dataset") is None
    assert pipeline.run(fresh).success
    assert pipeline.page("visits/index.html")


def test_a_thousand_drops_at_once_are_each_asked_for_once(pipeline: Pipeline) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: pipeline.drop(f"bulk-{number:04}.csv", SMALL), range(1000)))

    ticks = [pipeline.tick() for _ in range(11)]

    assert [len(requests) for requests in ticks] == [100] * 10 + [0]
    asked = [str(request.partition_key) for requests in ticks for request in requests]
    assert sorted(asked) == [f"bulk-{number:04}" for number in range(1000)]
    assert len({request.run_key for requests in ticks for request in requests}) == 1000
    assert len(pipeline.instance.get_dynamic_partitions("dataset")) == 1000


def test_a_tick_that_never_ended_is_repeated_with_the_same_run_keys(pipeline: Pipeline) -> None:
    """The daemon was killed after the sensor was evaluated and before its runs were launched."""
    pipeline.drop("visits.csv", SMALL)
    lost = pipeline.evaluate()

    repeated = pipeline.tick()

    assert [request.run_key for request in repeated] == [request.run_key for request in lost.run_requests or []]


@pytest.mark.parametrize(
    "key",
    [
        "with space.csv",
        "Ünïcödé ☃.csv",
        "quo\"te's.csv",
        "dots..in/the..name.csv",
        "a//b.csv",
        "percent%20and+plus.csv",
        "100%.CSV",
    ],
)
def test_odd_keys_become_dashboards_of_datasets_with_plain_names(pipeline: Pipeline, key: str) -> None:
    pipeline.drop(key, SMALL)

    (result,) = pipeline.tick_and_run()

    assert result.success
    assert pipeline.page(f"{dataset_of(key)}/index.html")


@pytest.mark.parametrize("key", ["../escape.csv", "folder/../up.csv", "./here.csv"])
def test_keys_that_climb_are_names_like_any_other(pipeline: Pipeline, tmp_path: Path, key: str) -> None:
    """SeaweedFS refuses such keys, AWS does not: the folder store, which they could harm most, stands in."""
    root = tmp_path / "buckets"
    pipeline.stores = Stores(FolderStore(root, "drop"), FolderStore(root, "lake"), FolderStore(root, "pages"))
    pipeline.drop(key, SMALL)

    (result,) = pipeline.tick_and_run()

    assert result.success
    assert pipeline.page(f"{dataset_of(key)}/index.html")
    assert {path.name for path in root.iterdir()} == {"drop", "lake", "pages"}


def test_a_sidecar_dropped_after_its_table_brings_a_new_run_that_heeds_it(pipeline: Pipeline) -> None:
    pipeline.drop("visits.csv", SMALL)
    pipeline.tick_and_run()

    pipeline.drop("visits.dsp.yaml", "title: Visits of 2026\ntarget: null\n")
    (result,) = pipeline.tick_and_run()

    assert result.success
    assert "Visits of 2026" in pipeline.page("visits/index.html")


def s3_client(settings: Settings) -> S3Client:
    """A client that can do what our own store never does: leave an upload open."""
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        config=Config(s3={"addressing_style": "path"}),
    )


def finish_upload(client: S3Client, bucket: str, key: str, upload: str, body: bytes) -> None:
    """Upload the one part of an open upload and complete it."""
    part = client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=io.BytesIO(body))
    client.complete_multipart_upload(
        Bucket=bucket,
        Key=key,
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
