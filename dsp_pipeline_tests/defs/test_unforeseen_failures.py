"""Errors that we did not foresee: those that would come again are not tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from dsp_pipeline.storage.outcomes import read_failed
from dsp_pipeline_tests.integration.test_clockwork import killed, tell_of_failure

if TYPE_CHECKING:
    from dsp_pipeline_tests.integration.conftest import Pipeline


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (KeyError("amount"), False),
        (OSError("disk"), True),
        (DagsterExecutionInterruptedError(), True),  # what the run's process makes of SIGTERM
    ],
)
def test_a_crash_is_tried_again_only_where_the_machine_was_at_fault(
    local: Pipeline, monkeypatch: pytest.MonkeyPatch, error: BaseException, *, retryable: bool
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("dsp_pipeline.etl.reader.read", crash)
    local.drop("sales.csv", "a,b\n1,2\n")
    (request,) = local.tick()

    tell_of_failure(local, local.run(request))

    outcome = read_failed(local.stores.lake, request.tags["dsp/drop"])
    assert outcome is not None
    assert type(error).__name__ in outcome.failure.what
    assert outcome.failure.retryable is retryable
    assert ("tried again" in outcome.failure.remedy) is retryable


def test_a_run_whose_process_was_killed_is_tried_again(local: Pipeline) -> None:
    local.drop("sales.csv", "a,b\n1,2\n")
    (request,) = local.tick()

    killed(local, request)

    outcome = read_failed(local.stores.lake, request.tags["dsp/drop"])
    assert outcome is not None
    assert outcome.failure.retryable
