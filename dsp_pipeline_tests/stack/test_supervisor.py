from __future__ import annotations

import os
import signal
import uuid
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack.process import ServerProcess
from dsp_pipeline.stack.supervisor import Supervisor
from dsp_pipeline_tests.stack.processes import FAILING, OBEDIENT, STUBBORN, eventually, marked, python_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def mark() -> Iterator[str]:
    mark = uuid.uuid4().hex
    yield mark
    for process in marked(mark):
        process.kill()


def test_a_server_that_ends_early_is_reported_with_its_status_and_the_end_of_its_log(
    tmp_path: Path, mark: str
) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python_server("worker", FAILING, folder=tmp_path, mark=mark))
        with pytest.raises(StackError, match="ended with status 3") as error:
            supervisor.wait_ready("worker", lambda: False, timeout=20.0)

    assert error.value.where == "worker"
    assert "no such table: drops" in error.value.what
    assert "worker.log" in error.value.remedy


def test_a_server_that_is_killed_is_reported_with_the_signals_name(tmp_path: Path, mark: str) -> None:
    with Supervisor(tmp_path) as supervisor:
        pid = supervisor.start(python_server("worker", OBEDIENT, folder=tmp_path, mark=mark))
        os.kill(pid, signal.SIGKILL)
        assert supervisor.wait(20.0)
        with pytest.raises(StackError, match="was ended by SIGKILL"):
            supervisor.check()


def test_a_server_that_never_answers_is_reported(tmp_path: Path, mark: str) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python_server("worker", OBEDIENT, folder=tmp_path, mark=mark))
        with pytest.raises(StackError, match="not ready after 0 seconds"):
            supervisor.wait_ready("worker", lambda: False, timeout=0.1)


def test_a_program_that_is_not_there_is_reported(tmp_path: Path) -> None:
    missing = ServerProcess(
        name="gone", command=("/no/such/program",), environment={}, log=str(tmp_path / "log"), folder=str(tmp_path)
    )
    with Supervisor(tmp_path) as supervisor, pytest.raises(StackError, match="/no/such/program did not start"):
        supervisor.start(missing)


def test_servers_of_a_higher_stage_end_first(tmp_path: Path, mark: str) -> None:
    order = tmp_path / "order"
    script = """
import pathlib, signal, sys, time
def note(*_):
    with pathlib.Path({order!r}).open("a") as file:
        file.write({name!r} + " ")
    sys.exit()
signal.signal(signal.SIGTERM, note)
print("is up", flush=True)
time.sleep(600)
"""
    with Supervisor(tmp_path) as supervisor:
        for name, stage in (("database", 0), ("dagster", 1)):
            text = script.format(order=str(order), name=name)
            server = python_server(name, text, folder=tmp_path, mark=mark, stage=stage)
            supervisor.start(server)
            assert eventually(lambda name=name: "is up" in (tmp_path / f"{name}.log").read_text())  # type: ignore[misc]

    assert order.read_text().split() == ["dagster", "database"]


def test_the_owner_cleans_up_after_a_guard_that_was_killed(tmp_path: Path, mark: str) -> None:
    supervisor = Supervisor(tmp_path)
    supervisor.start(python_server("stubborn", STUBBORN, folder=tmp_path, mark=mark))
    assert eventually(lambda: "is up" in (tmp_path / "stubborn.log").read_text())

    os.kill(supervisor.guard_pid, signal.SIGKILL)
    assert supervisor.wait(20.0)
    with pytest.raises(StackError, match="the guard process ended"):
        supervisor.check()
    with pytest.raises(StackError, match="the guard process ended"):
        supervisor.start(python_server("late", OBEDIENT, folder=tmp_path, mark=mark))
    supervisor.stop()

    assert not marked(mark)


def test_a_forgotten_server_may_end(tmp_path: Path, mark: str) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python_server("once", "pass", folder=tmp_path, mark=mark))
        assert supervisor.wait(20.0)
        supervisor.forget("once")
        supervisor.check()
        assert supervisor.pids == {}
