"""Following one drop from the bucket to what it becomes, or to the reason why it does not."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from dsp_pipeline.cli.assets import ASSETS, CATALOGUE, PREDICTIONS
from dsp_pipeline.cli.output import DONE, FAILED, SKIPPED
from dsp_pipeline.core.errors import DspError, InputError, StackError
from dsp_pipeline.stack.dagster_api import UNFINISHED, DagsterApi
from dsp_pipeline.storage.layout import dashboard_page
from dsp_pipeline.storage.outcomes import read_failed, read_good

if TYPE_CHECKING:
    from dsp_pipeline.cli.output import StepLines
    from dsp_pipeline.core.artifacts.summary import Failure
    from dsp_pipeline.stack.dagster_api import Run
    from dsp_pipeline.storage.outcomes import Failed, Good
    from dsp_pipeline.storage.stores import Stores

DROP_TAG = "dsp/drop"
_PAUSE_SECONDS = 0.5
_SETTLING_SECONDS = 5.0
_RUNS_LOOKED_AT = 20
_ASSETS = frozenset((*ASSETS, CATALOGUE, PREDICTIONS))
_MARKS = {"SUCCESS": DONE, "FAILURE": FAILED, "SKIPPED": SKIPPED}
_WORDS = {
    "QUEUED": "waiting in Dagster's queue",
    "NOT_STARTED": "waiting for Dagster to start the run",
    "STARTING": "starting the run",
    "STARTED": "loading",
    "CANCELING": "cancelling the run",
}


@dataclasses.dataclass(frozen=True)
class Followed:
    """A drop that is being followed, by its id and the key it lies at."""

    drop: str
    key: str


def address(stores: Stores, good: Good) -> str:
    """Where a person opens what a drop became: the dataset's latest dashboard, or the predictions."""
    if good.result is not None:
        return stores.lake.url(good.result)
    if stores.dashboards is None:
        raise StackError("this installation publishes no dashboards", remedy="Set DSP_DASHBOARDS_BUCKET")
    return stores.dashboards.url(dashboard_page(good.dataset))


def follow(
    stores: Stores, followed: Followed, *, dagster: DagsterApi | None, lines: StepLines, timeout: float
) -> Good:
    """Wait until a drop has become a dashboard, or rows have their predictions, and show each step meanwhile.

    What the same content became, or why it failed, when it was dropped before does not count.

    Args:
        stores: The installation's buckets.
        followed: The drop.
        dagster: Where runs are asked after; None: only the result is waited for.
        lines: Where steps are shown.
        timeout: Seconds to wait at most.

    Raises:
        InputError: The data was at fault.
        DspError: The run failed for another reason, or it took too long.
    """
    shown = _Shown(lines)
    deadline = time.monotonic() + timeout
    lines.doing("waiting for Dagster to notice the drop")
    before = _Before.of(stores, followed.drop, dagster)
    ended_at: float | None = None
    while time.monotonic() < deadline:
        run = _newest_run(dagster, followed.drop, but=before.runs)
        if run is not None:
            shown.update(run)
        good = read_good(stores.lake, followed.drop)
        if good is not None and good != before.good:
            _see_out(shown, followed.drop, dagster, but=before.runs)
            return good
        if run is not None and dagster is not None:
            _raise_if_failed(run, dagster)
        if dagster is None:
            _raise_if_recorded_as_failed(stores, followed.drop, but=before.failed)
        if run is not None and run.status == "SUCCESS":
            ended_at = ended_at or time.monotonic()
            if time.monotonic() - ended_at > _SETTLING_SECONDS:
                raise _superseded(followed.key)
        time.sleep(_PAUSE_SECONDS)
    raise DspError(
        f"there is no result after {timeout:g} seconds",
        where=followed.key,
        remedy="It is still being worked on: look with 'dsp status', or wait longer with --timeout",
    )


@dataclasses.dataclass(frozen=True)
class _Before:
    """What there was of the same content when following it began."""

    good: Good | None
    failed: Failed | None
    runs: frozenset[str]

    @classmethod
    def of(cls, stores: Stores, drop: str, dagster: DagsterApi | None) -> _Before:
        runs = dagster.runs(tags={DROP_TAG: drop}, limit=_RUNS_LOOKED_AT) if dagster is not None else []
        ended = frozenset(run.id for run in runs if run.status not in UNFINISHED)
        return cls(read_good(stores.lake, drop), read_failed(stores.lake, drop), ended)


class _Shown:
    """Which steps were already printed."""

    def __init__(self, lines: StepLines) -> None:
        self._lines = lines
        self._printed: set[tuple[str, str]] = set()

    def update(self, run: Run) -> None:
        """Print the steps that ended since the last time, and show what is under way."""
        for step in sorted(run.steps, key=lambda step: step.ended or float("inf")):
            mark = _MARKS.get(step.status)
            if mark is None or (run.id, step.key) in self._printed:
                continue
            if step.key not in _ASSETS and step.status != "FAILURE":
                continue  # the assets' checks
            self._printed.add((run.id, step.key))
            seconds = step.ended - step.started if step.ended and step.started else None
            self._lines.ended(step.key, mark=mark, seconds=seconds)
        doing = [step.key for step in run.steps if step.status == "IN_PROGRESS"]
        if run.status in _WORDS:
            self._lines.doing(", ".join(doing) or _WORDS[run.status])


def _see_out(shown: _Shown, drop: str, dagster: DagsterApi | None, *, but: frozenset[str]) -> None:
    """Show the step that made the result too: it ends a moment after the result is there."""
    until = time.monotonic() + _SETTLING_SECONDS
    while time.monotonic() < until:
        run = _newest_run(dagster, drop, but=but)
        if run is None:
            return
        shown.update(run)
        if all(step.status in _MARKS for step in run.steps):
            return
        time.sleep(_PAUSE_SECONDS)


def _newest_run(dagster: DagsterApi | None, drop: str, *, but: frozenset[str]) -> Run | None:
    """The newest run of a drop; one that may still succeed goes before one that has ended."""
    if dagster is None:
        return None
    runs = [run for run in dagster.runs(tags={DROP_TAG: drop}, limit=_RUNS_LOOKED_AT) if run.id not in but]
    return next((run for run in runs if run.status in UNFINISHED), runs[0] if runs else None)


def _raise_if_failed(run: Run, dagster: DagsterApi) -> None:
    if run.status == "CANCELED":
        raise DspError(
            "the run was cancelled",
            where=dagster.run_url(run.id),
            remedy="Launch it again in the Dagster UI, or drop the file again",
        )
    if run.status == "FAILURE":
        raise dagster.failure(run.id)


def _raise_if_recorded_as_failed(stores: Stores, drop: str, *, but: Failed | None) -> None:
    failed = read_failed(stores.lake, drop)
    if failed is not None and failed != but:
        raise _as_error(failed.failure)


def _as_error(failure: Failure) -> DspError:
    kind = DspError if failure.retryable else InputError
    return kind(failure.what, where=failure.where or failure.key, remedy=failure.remedy)


def _superseded(key: str) -> DspError:
    return InputError(
        "the run ended without a result: the key was dropped anew before its turn came",
        where=key,
        remedy="Look at the newer drop with 'dsp status'",
    )
