"""The owner's side of the guard: start servers, wait until they are ready, notice their ends, end them all."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Self

import psutil  # type: ignore[import-untyped]

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack import guard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from dsp_pipeline.stack.process import ServerProcess

GUARD_LOG = "guard.log"
_TAIL_LINES = 15
_PROBE_SECONDS = 0.03
# Two stages, each with its grace, and the guard's own last sweep.
_STOP_SECONDS = 40.0
_SWEEP_SECONDS = 5.0


class Supervisor:
    """A guard process and the servers it started; a context manager that ends them.

    Args:
        logs: Folder of the logs; made if it is not there.
        watched: Process ids without which everything is to end.
        held: File descriptors that the guard keeps open as long as it lives.

    Raises:
        StackError: The guard can't be started.
    """

    def __init__(self, logs: Path, *, watched: tuple[int, ...] = (), held: tuple[int, ...] = ()) -> None:
        self.logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self._changed = threading.Condition()
        self._servers: dict[str, ServerProcess] = {}
        self._pids: dict[str, int] = {}
        self._failed: dict[str, str] = {}
        self._ended: dict[str, int] = {}
        self._closed = False
        self._guard = self._start_guard(watched, held)
        self._reader = threading.Thread(target=self._read, name="guard-reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def guard_pid(self) -> int:
        """Process id of the guard; also the id of the session that all servers are in."""
        return self._guard.pid

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the servers that run, by name."""
        with self._changed:
            return {name: pid for name, pid in self._pids.items() if name not in self._ended}

    def start(self, server: ServerProcess) -> int:
        """Start a server; returns its process id.

        Raises:
            StackError: The program can't be started, or the guard is gone.
        """
        with self._changed:
            self._servers[server.name] = server
            for known in (self._pids, self._failed, self._ended):
                known.pop(server.name, None)
        try:
            self._stdin.write(server.to_line())
            self._stdin.flush()
        except (OSError, ValueError) as error:
            raise self._guard_error() from error
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or server.name in self._pids or server.name in self._failed
            )
            if server.name in self._pids:
                return self._pids[server.name]
            if server.name in self._failed:
                raise StackError(
                    f"{server.command[0]} did not start: {self._failed[server.name]}",
                    where=server.name,
                    remedy="Check that the program is there and may be executed",
                )
        raise self._guard_error()

    def wait_ready(self, name: str, probe: Callable[[], bool], *, timeout: float) -> None:
        """Wait until a server answers.

        Args:
            name: The server's name.
            probe: Whether it answers now.
            timeout: Seconds to wait at most.

        Raises:
            StackError: It, or any other server, ended meanwhile; or it does not answer in time.
        """
        deadline = time.monotonic() + timeout
        while True:
            self.check()
            if probe():
                return
            if time.monotonic() > deadline:
                raise StackError(
                    f"not ready after {timeout:.0f} seconds{self._tail(name)}",
                    where=name,
                    remedy=f"See {self._servers[name].log}; the machine may be overloaded",
                )
            time.sleep(_PROBE_SECONDS)

    def check(self) -> None:
        """Ask whether all that was started still runs.

        Raises:
            StackError: A server or the guard ended.
        """
        with self._changed:
            ended = dict(self._ended)
            closed = self._closed
        for name, status in ended.items():
            how = f"was ended by {_signal_name(-status)}" if status < 0 else f"ended with status {status}"
            raise StackError(
                f"the server {how}{self._tail(name)}", where=name, remedy=f"See {self._servers[name].log}"
            )
        if closed:
            raise self._guard_error()

    def forget(self, name: str) -> None:
        """Take no further notice of a server that ended."""
        with self._changed:
            self._ended.pop(name, None)
            self._pids.pop(name, None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until a server or the guard ends; whether one did within the seconds given."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or bool(self._ended), timeout)

    def stop(self) -> None:
        """End all servers and the guard; returns when none is left."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._guard.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
        self._sweep()
        self._reader.join(timeout=5.0)

    @property
    def _stdin(self) -> IO[bytes]:
        stream = self._guard.stdin
        if stream is None:
            raise self._guard_error()
        return stream

    def _start_guard(self, watched: tuple[int, ...], held: tuple[int, ...]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", guard.__name__, str(os.getpid()), *map(str, watched)]
        with (self.logs / GUARD_LOG).open("wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                pass_fds=held,
            )

    def _read(self) -> None:
        """Keep up with what the guard says, until it is gone."""
        stream = self._guard.stdout
        for line in stream if stream is not None else ():
            message = json.loads(line)
            with self._changed:
                if "started" in message:
                    self._pids[message["started"]] = message["pid"]
                elif "failed" in message:
                    self._failed[message["failed"]] = message["reason"]
                else:
                    self._ended[message["ended"]] = message["status"]
                self._changed.notify_all()
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _sweep(self) -> None:
        """End what a guard that was itself killed left behind: ask, wait, then kill."""
        for number, seconds in (
            (signal.SIGTERM, _SWEEP_SECONDS),
            (signal.SIGKILL, 1.0),
            (signal.SIGKILL, 1.0),
        ):
            left = self._left_behind()
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
            psutil.wait_procs(left, timeout=seconds)

    def _left_behind(self) -> list[psutil.Process]:
        """What is still in the guard's session, with all its descendants."""
        found: dict[int, psutil.Process] = {}
        for pid in psutil.pids():
            with contextlib.suppress(OSError, psutil.NoSuchProcess):
                if os.getsid(pid) == self._guard.pid:
                    process = psutil.Process(pid)
                    found |= {each.pid: each for each in (process, *process.children(recursive=True))}
        return [process for process in found.values() if guard.is_alive(process)]

    def _tail(self, name: str) -> str:
        """The end of a server's log, as the end of a message."""
        lines = log_tail(self._servers[name].log)
        return ". The end of its log:\n" + "\n".join(lines) if lines else ""

    def _guard_error(self) -> StackError:
        log = self.logs / GUARD_LOG
        lines = log_tail(str(log))
        text = ": " + lines[-1] if lines else ""
        return StackError(f"the guard process ended{text}", where="guard", remedy="Start the stack again")


def log_tail(path: str) -> list[str]:
    """The last lines of a log; none if there is no such file."""
    try:
        with open(path, errors="replace") as log:  # noqa: PTH123 - a name from the process's description
            return [line.rstrip() for line in log.readlines()[-_TAIL_LINES:]]
    except FileNotFoundError:
        return []


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
