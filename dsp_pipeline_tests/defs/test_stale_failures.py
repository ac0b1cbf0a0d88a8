"""Failures that are looked at after what they were about has become good."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.summary import CatalogueEntry, Failure, Published
from dsp_pipeline.storage.catalogue_state import read_catalogue, with_failure, with_published
from dsp_pipeline.storage.outcomes import Good, failed_drops, record_good
from dsp_pipeline_tests.dashboard.test_catalogue import published
from dsp_pipeline_tests.faults import failure
from dsp_pipeline_tests.integration.test_clockwork import tell_of_failure

if TYPE_CHECKING:
    from dsp_pipeline_tests.integration.conftest import Pipeline


def test_a_failure_that_is_looked_at_after_the_retry_succeeded_is_not_shown(local: Pipeline) -> None:
    local.drop("sales.csv", "")
    (request,) = local.tick()
    result = local.run(request)
    good = Good(dataset="sales", version="0" * 12, run="the retry")
    record_good(local.stores.lake, request.tags["dsp/drop"], good)

    tell_of_failure(local, result)

    assert failed_drops(local.stores.lake) == frozenset()
    assert read_catalogue(local.stores.lake).entries == {}


def test_a_failure_after_an_earlier_success_of_the_same_content_is_shown(local: Pipeline) -> None:
    local.drop("sales.csv", "")
    (request,) = local.tick()
    good = Good(dataset="sales", version="0" * 12, run="last week's")
    record_good(local.stores.lake, request.tags["dsp/drop"], good)

    tell_of_failure(local, local.run(request))

    assert failed_drops(local.stores.lake) == {request.tags["dsp/drop"]}
    assert read_catalogue(local.stores.lake).entries["sales"].failure is not None


def of_drop(key: str, days: int) -> Published:
    made = published("sales", number=days)
    summary = made.summary.model_copy(
        update={"built_from": made.summary.built_from.model_copy(update={"key": key})}
    )
    return made.model_copy(
        update={"summary": summary, "dropped_at": dt.datetime(2026, 1, 1 + days, tzinfo=dt.UTC)}
    )


def after_retry_of(key: str, etag: str) -> Failure | None:
    """The failure of sales/jan.csv shown once an older drop than the newest was made good late."""
    entry = with_published(
        CatalogueEntry(dataset="sales", latest=None), of_drop("sales/feb.csv", 9), schedule=None
    )
    entry = with_failure(entry, failure(key="sales/jan.csv", etag="e"))
    after = with_published(entry, of_drop(key, 1), schedule=None, etag=etag)
    assert after.latest == of_drop("sales/feb.csv", 9)
    return after.failure


def test_an_older_drops_late_success_ends_its_own_failure_and_no_other() -> None:
    assert after_retry_of("sales/jan.csv", "e") is None
    assert after_retry_of("sales/jan.csv", "another") is not None
    assert after_retry_of("sales/dec.csv", "e") is not None
