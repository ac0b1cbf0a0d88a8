"""However the owner, the guard or the owner's parent ends: no process is left behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import pytest

from dsp_pipeline.stack import guard
from dsp_pipeline_tests.stack.processes import OBEDIENT, STUBBORN, eventually, marked, python_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWNER = (sys.executable, "-m", "dsp_pipeline_tests.stack.owner")
ALL_OF_THEM = 4  # obedient, stubborn, its child, the orphan


@pytest.fixture
def mark() -> Iterator[str]:
    mark = uuid.uuid4().hex
    yield mark
    for process in marked(mark):
        process.kill()


def start_owner(*command: str) -> tuple[subprocess.Popen[str], int]:
    """An owner whose servers are up, and its guard's process id."""
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    word, pid = owner.stdout.readline().split()
    assert word == "up"
    return owner, int(pid)


def end(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.wait()
    if owner.stdout is not None:
        owner.stdout.close()


def none_left(mark: str, guard_pid: int) -> bool:
    return eventually(lambda: not marked(mark) and not psutil.pid_exists(guard_pid))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_is_left_when_the_owner_is_ended(tmp_path: Path, mark: str, how: signal.Signals) -> None:
    owner, guard_pid = start_owner(*OWNER, str(tmp_path), mark)
    assert len(marked(mark)) == ALL_OF_THEM

    owner.send_signal(how)
    owner.wait()

    assert none_left(mark, guard_pid)
    end(owner)


def test_no_process_is_left_when_the_guard_is_terminated(tmp_path: Path, mark: str) -> None:
    owner, guard_pid = start_owner(*OWNER, str(tmp_path), mark)

    os.kill(guard_pid, signal.SIGTERM)

    assert eventually(lambda: not marked(mark))
    end(owner)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of their parent's death")
def test_obedient_servers_end_when_guard_and_owner_are_killed_together(tmp_path: Path, mark: str) -> None:
    owner, guard_pid = start_owner(*OWNER, str(tmp_path), mark)
    obedient = next(process for process in marked(mark) if process.cmdline()[-1] == OBEDIENT)

    os.kill(guard_pid, signal.SIGKILL)
    end(owner)

    assert eventually(lambda: not obedient.is_running())


def test_everything_ends_when_the_owners_parent_is_killed(tmp_path: Path, mark: str) -> None:
    launcher = f"import subprocess; subprocess.run({[*OWNER, str(tmp_path), mark, '--end-with-parent']!r})"
    parent, guard_pid = start_owner(sys.executable, "-c", launcher)
    (owner,) = psutil.Process(parent.pid).children()

    end(parent)

    assert none_left(mark, guard_pid)
    assert eventually(lambda: not owner.is_running())


def test_everything_ends_when_make_is_killed_above_the_recipes_shell(tmp_path: Path, mark: str) -> None:
    makefile = tmp_path / "Makefile"
    command = " ".join((*OWNER, str(tmp_path), mark, "--end-with-parent"))
    makefile.write_text(f"up:\n\t@true && {command}; true\n")
    # Quietly, also when it is itself begun by a make that runs the tests.
    make, guard_pid = start_owner("make", "--no-print-directory", "-f", str(makefile), "up")

    end(make)

    assert none_left(mark, guard_pid)


def test_what_the_owner_started_goes_on_when_its_parent_ends_and_is_not_watched(tmp_path: Path, mark: str) -> None:
    launcher = f"import subprocess; subprocess.run({[*OWNER, str(tmp_path), mark]!r})"
    parent, guard_pid = start_owner(sys.executable, "-c", launcher)
    (owner,) = psutil.Process(parent.pid).children()

    end(parent)

    assert not eventually(lambda: len(marked(mark)) < ALL_OF_THEM, seconds=1.5)
    owner.kill()
    assert none_left(mark, guard_pid)


def _run_guard(requests: str, answers: str) -> None:
    """Be the guard, with named pipes as standard input and output."""
    os.setsid()
    os.dup2(os.open(requests, os.O_RDONLY), 0)
    os.dup2(os.open(answers, os.O_WRONLY), 1)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    guard.main([str(os.getppid()), str(os.getppid())])


def test_the_guard_tells_what_started_what_failed_and_what_ended(tmp_path: Path, mark: str) -> None:
    requests, answers = tmp_path / "requests", tmp_path / "answers"
    os.mkfifo(requests)
    os.mkfifo(answers)
    child = multiprocessing.get_context("spawn").Process(target=_run_guard, args=(str(requests), str(answers)))
    child.start()
    with requests.open("wb", buffering=0) as ask, answers.open() as told:
        missing = python_server("missing", OBEDIENT, folder=tmp_path / "nowhere", mark=mark)
        for server in (
            python_server("quick", "pass", folder=tmp_path, mark=mark),
            python_server("stubborn", STUBBORN, folder=tmp_path, mark=mark, stage=1),
            missing,
        ):
            ask.write(server.to_line())
        messages = [json.loads(told.readline()) for _ in range(4)]
        assert eventually(lambda: "is up" in (tmp_path / "stubborn.log").read_text())
        ask.close()
        messages += [json.loads(line) for line in told]
    child.join(20.0)

    assert {message.get("started") for message in messages} >= {"quick", "stubborn"}
    assert [message["failed"] for message in messages if "failed" in message] == ["missing"]
    ended = {message["ended"]: message["status"] for message in messages if "ended" in message}
    assert ended == {"quick": 0, "stubborn": -signal.SIGKILL}
    assert child.exitcode == 0
    assert not marked(mark)
