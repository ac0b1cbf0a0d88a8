"""The servers that tests run against: real ones, started once per session (and per xdist worker)."""

from __future__ import annotations

import os
import shutil
import signal
import uuid
from typing import TYPE_CHECKING

import hypothesis
import pytest

from dsp_pipeline.stack import database, local_stack, object_store
from dsp_pipeline.stack.supervisor import Supervisor
from dsp_pipeline_tests.scheduling import OneStack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xdist.remote import Producer  # type: ignore[import-untyped]

    from dsp_pipeline.stack.database import Database
    from dsp_pipeline.stack.local_stack import RunningStack
    from dsp_pipeline.stack.object_store import S3Server


# A landing must not hang on the draw or on how busy the machine is: here the examples are the same each time,
# however long one takes; `make fuzz` draws others.
hypothesis.settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile(os.environ.get("DSP_HYPOTHESIS_PROFILE", "same"))

# Some tests press Ctrl-C. A shell that starts a command in the background has all its children ignore that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: a gzip holds the second it was made in, and then two workers collect different tests."""
    return argname if isinstance(val, bytes) else None


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


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The whole stack with the product's own definitions, on a home folder of its own."""
    home = tmp_path_factory.mktemp("home")
    with local_stack.start(home, on_progress=print) as running:
        yield running
    shutil.rmtree(home)
