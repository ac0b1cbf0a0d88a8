"""The whole stack, owned by a process of its own: found by others, alone on its folder, and gone when it ends."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import pytest

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.stack import local_stack, object_store
from dsp_pipeline.stack.connection import read_connection
from dsp_pipeline.stack.parents import parents_to_watch
from dsp_pipeline_tests.stack.processes import MARK, eventually, marked
from dsp_pipeline_tests.stack.sockets import listening_addresses
from dsp_pipeline_tests.stack.stack_owner import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@dataclasses.dataclass
class Owned:
    owner: subprocess.Popen[str]
    pids: dict[str, int]
    mark: str
    said: list[str]

    def rest_of_output(self) -> str:
        assert self.owner.stdout is not None
        return self.owner.stdout.read()

    def nothing_left(self) -> bool:
        return eventually(lambda: not marked(self.mark) and not psutil.pid_exists(self.pids["guard"]))


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], Owned]]:
    """Starts a stack on the test's home folder."""
    begun: list[Owned] = []

    def begin_one() -> Owned:
        mark = uuid.uuid4().hex
        command = [sys.executable, "-m", "dsp_pipeline_tests.stack.stack_owner", str(tmp_path / "home"), mark]
        owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert owner.stdout is not None
        said: list[str] = []
        for line in owner.stdout:
            if line.startswith("up "):
                begun.append(Owned(owner, json.loads(line.removeprefix("up ")), mark, said))
                return begun[-1]
            said.append(line)
        pytest.fail(f"the stack did not start: {said}")

    yield begin_one
    for each in begun:
        each.owner.kill()
        each.owner.communicate()
        for process in marked(each.mark):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def sensor_ticks(dagster_url: str) -> int:
    """How often the small code location's sensor has ticked, by Dagster's own account."""
    selector = '{repositoryLocationName: "dsp_pipeline", repositoryName: "__repository__", sensorName: "quiet"}'
    query = "{ sensorOrError(sensorSelector: %s) { ... on Sensor { sensorState { ticks { id } } } } }"
    body = json.dumps({"query": query % selector}).encode()
    request = urllib.request.Request(  # noqa: S310 - the embedded server
        f"{dagster_url}/graphql", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20.0) as answer:  # noqa: S310 - as above
        return len(json.load(answer)["data"]["sensorOrError"]["sensorState"]["ticks"])


def test_a_stack_is_found_works_is_alone_and_leaves_nothing_behind_on_ctrl_c(tmp_path: Path) -> None:
    home, mark = tmp_path / "home", uuid.uuid4().hex
    said: list[str] = []
    with local_stack.start(
        home, on_progress=said.append, environment={**os.environ, MARK: mark}, definitions=DEFINITIONS
    ) as running:
        connection = read_connection(home)
        assert connection == running.connection
        assert connection.pid == os.getpid()
        assert stat.S_IMODE((home / "stack.json").stat().st_mode) == 0o600
        assert connection.dagster_url in said[-1]
        settings = Settings.from_environment(connection.environment)
        assert settings.s3_endpoint == connection.s3_endpoint
        assert settings.dagster_url == connection.dagster_url
        assert settings.s3_addressing == "path"

        assert listening_addresses(running.pids.values()) == {"127.0.0.1"}
        assert eventually(lambda: sensor_ticks(connection.dagster_url) > 0, seconds=180.0)

        with pytest.raises(StackError, match="already running"):
            local_stack.start(home, on_progress=said.append)

        ctrl_c = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        ctrl_c.start()
        running.wait()
        running.check()
        guard = running.pids["guard"]

    assert eventually(lambda: not marked(mark) and not psutil.pid_exists(guard))
    assert read_connection(home) is None


def test_a_killed_owner_leaves_nothing_behind_and_the_next_start_goes_on_from_there(
    tmp_path: Path, begin: Callable[[], Owned]
) -> None:
    first = begin()
    connection = read_connection(tmp_path / "home")
    assert connection is not None
    assert eventually(lambda: sensor_ticks(connection.dagster_url) > 0, seconds=180.0)

    first.owner.kill()
    first.owner.wait()

    # At once: the second start waits for the rest of the first one to end.
    second = begin()
    assert not marked(first.mark)
    again = read_connection(tmp_path / "home")
    assert again is not None
    assert again.environment["AWS_SECRET_ACCESS_KEY"] == connection.environment["AWS_SECRET_ACCESS_KEY"]
    assert again.s3_endpoint == connection.s3_endpoint
    assert sensor_ticks(again.dagster_url) > 0

    # A server that dies is said to have died, and takes the rest along.
    os.kill(second.pids["dagster-daemon"], signal.SIGKILL)
    assert second.owner.wait(60.0) == 0
    assert "error: dagster-daemon: the server was ended by SIGKILL" in second.rest_of_output()
    assert second.nothing_left()


def test_the_process_that_started_ours_is_the_first_to_be_watched() -> None:
    assert parents_to_watch()[:1] == (os.getppid(),)


def test_a_slow_object_store_delays_the_start_and_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for the code server to have given up, were it started before the database it asks for is made.
    slow_until = time.monotonic() + 22.0
    is_ready = object_store.PreparedStore.is_ready

    def is_ready_late(store: object_store.PreparedStore) -> bool:
        return time.monotonic() > slow_until and is_ready(store)

    monkeypatch.setattr(object_store.PreparedStore, "is_ready", is_ready_late)
    with local_stack.start(tmp_path / "home", on_progress=print, definitions=DEFINITIONS) as running:
        running.check()


def test_definitions_that_do_not_load_are_reported_with_their_error(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(StackError, match="No module named 'no_such_definitions'") as error:
        local_stack.start(tmp_path / "home", on_progress=said.append, definitions="no_such_definitions")
    assert error.value.where == "code-server"
    assert said[0] == "starting the object store and the database"
    assert read_connection(tmp_path / "home") is None
