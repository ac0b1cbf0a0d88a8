"""The servers that tests run against: real ones, started once per session (and per xdist worker)."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.stack import database, local_stack, object_store
from dsp_pipeline.stack.supervisor import Supervisor
from dsp_pipeline_tests.fuzzing import load_profile
from dsp_pipeline_tests.scheduling import OneStack, is_on_the_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xdist.remote import Producer  # type: ignore[import-untyped]

    from dsp_pipeline.stack.database import Database
    from dsp_pipeline.stack.local_stack import RunningStack
    from dsp_pipeline.stack.object_store import S3Server


class SharedStack:
    """The whole stack, on a home folder of its own: started by the first test that asks, until it is ended."""

    def __init__(self) -> None:
        self._held = contextlib.ExitStack()
        self._running: RunningStack | None = None

    def running(self, folders: pytest.TempPathFactory) -> RunningStack:
        if self._running is None:
            home = folders.mktemp("home")
            self._held.callback(shutil.rmtree, home)
            self._running = self._held.enter_context(local_stack.start(home, on_progress=print))
        return self._running

    def end(self) -> None:
        self._running = None
        self._held.close()


_STACK = pytest.StashKey[SharedStack]()
_TESTS = Path(__file__).parent
_TOGETHER = ("docs", "e2e", "integration")

load_profile()

# Some tests press Ctrl-C. A shell that starts a command in the background has all its children ignore that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: a gzip holds the second it was made in, and then two workers collect different tests."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage in property tests: their many examples take twice the time under it."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measure no coverage where many parts are tested together: each part's own tests cover it, at half the cost.

    Fixtures are left out too: pages of thousands of columns and whole runs are made there.
    """
    measuring = item.config.pluginmanager.getplugin("_cov")
    if measuring is None or item.path.relative_to(_TESTS).parts[0] not in _TOGETHER:
        return (yield)
    measuring.cov_controller.pause()
    try:
        return (yield)
    finally:
        measuring.cov_controller.resume()


@pytest.hookimpl(trylast=True)  # behind the fixtures of the last test on it
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the whole stack behind the last test on it: idle, it takes a quarter of a core from the others."""
    if nextitem is None or not is_on_the_stack(nextitem.nodeid):
        item.config.stash[_STACK].end()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the whole stack where it can be ended before the session is."""
    config.stash[_STACK] = SharedStack()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneStack:
    """The tests that share the whole stack run in one worker, whatever ``--dist`` says."""
    return OneStack(config, log)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the session's servers keep their data and logs."""
    folder = tmp_path_factory.mktemp("servers")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def supervisor(server_folder: Path) -> Iterator[Supervisor]:
    """What starts the session's servers, and ends them however the session ends."""
    with Supervisor(server_folder / "logs") as running:
        yield running


@pytest.fixture(scope="session")
def s3_server(supervisor: Supervisor, server_folder: Path) -> Iterator[S3Server]:
    """A running S3 server with the three buckets, shared by the session's tests: use keys of your own."""
    prepared = object_store.start(supervisor, server_folder / "object-store", environment=os.environ)
    yield prepared.server
    prepared.remove_sockets()


@pytest.fixture(scope="session")
def postgres_server(supervisor: Supervisor, server_folder: Path) -> Database:
    """A running PostgreSQL, shared by the session's tests."""
    return database.start(supervisor, server_folder / "database", environment=os.environ)


@pytest.fixture
def postgres_url(postgres_server: Database) -> Iterator[str]:
    """The address of an empty database, for one test."""
    name = f"test_{uuid.uuid4().hex}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> RunningStack:
    """The whole stack with the product's own definitions, shared by the tests on it: use datasets of your own."""
    return pytestconfig.stash[_STACK].running(tmp_path_factory)
