"""What is dropped again, as the sensors and runs see it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.layout import version_of
from dsp_pipeline.storage.outcomes import Failed, Good, read_failed, record_good
from dsp_pipeline.storage.versions import Latest, mark_latest
from dsp_pipeline_tests.integration.test_clockwork import killed, tell_of_failure

if TYPE_CHECKING:
    import dagster as dg

    from dsp_pipeline_tests.integration.conftest import Pipeline

FIRST, SECOND = version_of("a" * 64), version_of("b" * 64)


def drop(local: Pipeline, text: str, *, minutes_ago: float) -> dg.RunRequest | None:
    """Drop a table some time ago; the run that the sensor asks for then."""
    local.drop("sales.csv", text)
    assert isinstance(local.stores.drop, FolderStore)
    os.utime(local.stores.drop.path("sales.csv"), (time.time() - 60 * minutes_ago,) * 2)
    requests = local.tick()
    return requests[0] if requests else None


def became(local: Pipeline, request: dg.RunRequest | None, version: str) -> None:
    """What a run leaves that made a dashboard."""
    assert request is not None
    mark_latest(local.stores.lake, dataset="sales", asset="dashboard", latest=Latest(version=version, run="r"))
    record_good(
        local.stores.lake,
        request.tags["dsp/drop"],
        Good(dataset="sales", version=version, run=str(request.run_key)),
    )


def failed(local: Pipeline, request: dg.RunRequest) -> Failed:
    found = read_failed(local.stores.lake, request.tags["dsp/drop"])
    assert found is not None
    return found


def test_content_that_comes_back_under_its_key_gets_a_run_of_its_own(local: Pipeline) -> None:
    first = drop(local, "a\n1\n", minutes_ago=30)
    became(local, first, FIRST)
    second = drop(local, "a\n2\n", minutes_ago=20)
    became(local, second, SECOND)

    third = drop(local, "a\n1\n", minutes_ago=10)

    assert first is not None
    assert third is not None, "the page would stay at the second"
    assert third.tags["dsp/drop"] == first.tags["dsp/drop"]
    assert third.run_key != first.run_key, "Dagster starts no second run for a run key"
    assert local.tick() == []


def test_content_whose_dashboard_another_key_has_replaced_gets_a_run_when_it_is_dropped_again(
    local: Pipeline,
) -> None:
    became(local, drop(local, "a\n1\n", minutes_ago=30), FIRST)
    mark_latest(local.stores.lake, dataset="sales", asset="dashboard", latest=Latest(version=SECOND, run="r"))

    assert drop(local, "a\n1\n", minutes_ago=10) is not None


def test_content_whose_dashboard_stands_or_is_being_made_is_skipped(local: Pipeline) -> None:
    first = drop(local, "a\n1\n", minutes_ago=30)

    assert drop(local, "a\n1\n", minutes_ago=20) is None, "its run is under way"
    became(local, first, FIRST)
    assert drop(local, "a\n1\n", minutes_ago=10) is None
    assert "Same content dropped again, skipped: sales.csv" in local.skip_reason


def test_a_file_that_failed_is_run_when_it_is_dropped_again_with_all_its_attempts_before_it(
    local: Pipeline,
) -> None:
    first = drop(local, "a\n1\n", minutes_ago=30)
    assert first is not None
    killed(local, first)
    killed(local, first.with_replaced_attrs(tags={**first.tags, "dsp/attempt": "3"}))
    assert failed(local, first).attempts == 3

    again = drop(local, "a\n1\n", minutes_ago=10)

    assert again is not None
    killed(local, again)
    assert failed(local, again).attempts == 1


def test_what_was_deleted_before_its_run_is_run_when_it_is_dropped_again(local: Pipeline) -> None:
    request = drop(local, "a\n1\n", minutes_ago=30)
    assert request is not None
    local.stores.drop.delete("sales.csv")
    result = local.run(request)
    tell_of_failure(local, result)
    assert failed(local, request).failure.remedy == "Drop it again"
    assert local.tick() == []

    again = drop(local, "a\n1\n", minutes_ago=10)

    assert again is not None
    assert again.run_key != request.run_key
