"""An object store that fails in the middle of a run: tried again, and if that does not help, said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.defs.failures import RETRYABLE, WHAT
from dsp_pipeline.storage.stores import open_stores
from dsp_pipeline.storage.versions import read_latest
from dsp_pipeline_tests.integration.test_bad_input import GOOD, said
from dsp_pipeline_tests.storage.fault_proxy import FaultProxy, Seen, answers, stalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.storage.stores import Stores
    from dsp_pipeline_tests.integration.conftest import Pipeline

pytestmark = pytest.mark.integration


@pytest.fixture
def proxy(pipeline: Pipeline) -> Iterator[FaultProxy]:
    assert pipeline.settings.s3_endpoint is not None
    with FaultProxy(pipeline.settings.s3_endpoint) as running:
        yield running


def through(proxy: FaultProxy, pipeline: Pipeline) -> Stores:
    """The test's buckets, reached by way of the proxy, with little patience."""
    return open_stores(pipeline.settings.model_copy(update={"s3_endpoint": proxy.url, "s3_timeout_seconds": 1.0}))


def writes_of(file: str) -> object:
    def matches(seen: Seen) -> bool:
        return seen.method == "PUT" and seen.path.endswith(file)

    return matches


def test_a_store_that_recovers_costs_a_retry_and_not_the_run(pipeline: Pipeline, proxy: FaultProxy) -> None:
    pipeline.drop("sales.csv", GOOD)
    (request,) = pipeline.tick()
    # More refusals than the client retries by itself, so that the asset has to be tried again.
    proxy.inject(answers(503), when=writes_of("/profile.json"), times=5)  # type: ignore[arg-type]

    result = pipeline.run(request, stores=through(proxy, pipeline))

    assert result.success
    assert any(event.is_step_up_for_retry for event in result.all_events)
    assert pipeline.page("sales/index.html")


def test_a_store_that_stays_down_ends_the_run_in_words_and_publishes_nothing(
    pipeline: Pipeline, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsp_pipeline.defs.failures.MAX_RETRIES", 1)
    pipeline.drop("sales.csv", GOOD)
    (request,) = pipeline.tick()
    proxy.inject(answers(500), when=writes_of("/insights.json"))  # type: ignore[arg-type]

    result = pipeline.run(request, stores=through(proxy, pipeline))

    assert not result.success
    words = said(result)
    assert words[WHAT]
    assert words[RETRYABLE] == "True"
    assert pipeline.stores.dashboards is not None
    assert list(pipeline.stores.dashboards.list()) == []
    assert read_latest(pipeline.stores.lake, dataset="sales", asset="insights") is None
    assert pipeline.run(request).success, "the same drop succeeds once the store is back"


def test_a_store_that_says_nothing_is_given_up_on(
    pipeline: Pipeline, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsp_pipeline.defs.failures.MAX_RETRIES", 0)
    pipeline.drop("sales.csv", GOOD)
    (request,) = pipeline.tick()
    proxy.inject(stalls(30), when=lambda seen: seen.method == "GET" and seen.path.endswith("sales.csv"))

    result = pipeline.run(request, stores=through(proxy, pipeline))

    assert not result.success
    assert said(result)[WHAT]
