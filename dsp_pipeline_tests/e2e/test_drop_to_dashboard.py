"""The whole way, on the whole stack: a CSV lands in the bucket, a page comes back that a browser opens."""

from __future__ import annotations

import os
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import dagster as dg
import psutil  # type: ignore[import-untyped]
import pytest

from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.stack import local_stack
from dsp_pipeline.storage.catalogue_state import read_catalogue
from dsp_pipeline.storage.stores import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dsp_pipeline.core.artifacts.summary import Failure
    from dsp_pipeline.stack.local_stack import RunningStack

T = TypeVar("T")
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

SALES = "day,region,amount\n" + "".join(
    f"2026-01-{1 + n % 28:02},{['north', 'south', 'west'][n % 3]},{100 + n % 3 * 20 + n % 7}\n" for n in range(300)
)


@contextmanager
def reached(stack: RunningStack) -> Iterator[Stores]:
    """The stack's buckets, as another process of this machine reaches them."""
    before = dict(os.environ)
    os.environ.update(stack.connection.environment)
    try:
        yield open_stores(Settings.from_environment(stack.connection.environment))
    finally:
        os.environ.clear()
        os.environ.update(before)


def eventually(look: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """What ``look`` finds at last."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come within {seconds} seconds")


def page(stores: Stores, key: str) -> bytes | None:
    assert stores.dashboards is not None
    try:
        return stores.dashboards.get(key).data
    except ObjectNotFoundError:
        return None


def runs(stack: RunningStack) -> list[dg.DagsterRun]:
    with reached(stack), dg.DagsterInstance.from_config(stack.connection.environment["DAGSTER_HOME"]) as instance:
        return list(instance.get_runs())


def test_a_dropped_csv_is_a_page_that_anyone_on_this_machine_can_open(stack: RunningStack) -> None:
    with reached(stack) as stores:
        stores.drop.put("sales.csv", SALES.encode())

        html = eventually(lambda: page(stores, "sales/index.html"), seconds=180, what="the dashboard")
        assert stores.dashboards is not None
        address = stores.dashboards.url("sales/index.html")

    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
        assert answer.read() == html
        assert answer.headers["Content-Type"].startswith("text/html")


def test_a_bad_drop_is_shown_in_the_catalogue_within_moments(stack: RunningStack) -> None:
    with reached(stack) as stores:
        stores.drop.put("broken.csv", b"")

        def failure() -> Failure | None:
            entry = read_catalogue(stores.lake).entries.get("broken")
            return entry.failure if entry else None

        def shown() -> str | None:
            html = (page(stores, "index.html") or b"").decode()
            return html if "broken.csv" in html else None

        told = eventually(failure, seconds=180, what="the failure")
        html = eventually(shown, seconds=60, what="the failure on the catalogue's page")

    assert told.what in html
    assert told.remedy in html


def test_a_daemon_killed_between_tick_and_run_neither_loses_the_drop_nor_runs_it_twice(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with local_stack.start(home, on_progress=print) as stack:
        with reached(stack) as stores:
            stores.drop.put("sales.csv", SALES.encode())
            eventually(lambda: list(stores.lake.list("_registry/")), seconds=120, what="the tick")
        psutil.Process(stack.pids["dagster-daemon"]).kill()

    with local_stack.start(home, on_progress=print) as stack:
        with reached(stack) as stores:
            eventually(lambda: page(stores, "sales/index.html"), seconds=240, what="the dashboard")
            eventually(lambda: list(stores.lake.list("_outcomes/good/")), seconds=60, what="the outcome")
        drops = [run for run in runs(stack) if run.tags.get("dsp/dataset") == "sales"]
        finished = [run for run in drops if run.status == dg.DagsterRunStatus.SUCCESS]

    assert len(finished) == 1
