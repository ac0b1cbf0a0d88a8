"""The process that starts servers and sees to it that none of them outlives their owner.

It runs as ``python -m dsp_pipeline.stack.guard`` in a session of its own. The owner writes one `ServerProcess`
a line to its standard input; it answers on standard output with one JSON object a line: ``started`` and ``pid``,
``failed`` and ``reason``, or ``ended`` and ``status``.

It ends everything when its standard input closes (the owner ended, in whatever way), when the owner is no longer
its parent, when a watched process is gone, or on SIGTERM. It imports little, as it stays up as long as the stack.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

from dsp_pipeline.stack.process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable

_SWEEP_SECONDS = 10.0
_POLL_SECONDS = 0.5
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform == "linux"
_READ_SIZE = 65_536


class Guard:
    """Starts servers, reports their ends, and ends them all, the highest stage first.

    Args:
        owner: Process id of the owner, which is our parent.
        watched: Processes without which the owner is to end, such as the ``make`` that started it.
    """

    def __init__(self, owner: int, watched: list[psutil.Process]) -> None:
        self._owner = owner
        self._watched = watched
        self._servers: dict[int, ServerProcess] = {}
        self._handles: list[subprocess.Popen[bytes]] = []
        self._stopping = False

    def run(self) -> None:
        """Serve the owner until there is a reason to end, then end everything."""
        _adopt_orphans()
        with selectors.DefaultSelector() as selector:
            wake = self._catch_signals()
            selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            pending = b""
            while not self._stopping:
                ready = {key.fd for key, _ in selector.select(_POLL_SECONDS)}
                if wake in ready:
                    os.read(wake, _READ_SIZE)
                if sys.stdin.fileno() in ready:
                    received = os.read(sys.stdin.fileno(), _READ_SIZE)
                    if not received:
                        break
                    *lines, pending = (pending + received).split(b"\n")
                    for line in lines:
                        self._start(ServerProcess.from_line(line))
                self._reap()
                self._look_around()
        self._end_all()

    def _catch_signals(self) -> int:
        """Make signals readable; returns the descriptor to read from."""
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop_signal)
        return reader

    def _on_stop_signal(self, *_: object) -> None:
        self._stopping = True

    def _look_around(self) -> None:
        """Notice that the owner or what the owner depends on is gone."""
        if os.getppid() != self._owner:
            self._stopping = True
        elif not all(is_alive(process) for process in self._watched):
            self._stopping = True
            os.kill(self._owner, signal.SIGTERM)

    def _start(self, server: ServerProcess) -> None:
        try:
            with open(server.log, "wb") as log:  # noqa: PTH123 - pathlib is not worth its import here
                handle = subprocess.Popen(
                    server.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=server.environment,
                    cwd=server.folder,
                    preexec_fn=_die_with_parent(server.stop_signal),  # noqa: PLW1509 - we have one thread
                    user=server.user and server.user[0],
                    group=server.user and server.user[1],
                    extra_groups=server.user and [],
                )
        except (OSError, subprocess.SubprocessError) as error:
            _tell(failed=server.name, reason=str(error))
            return
        self._handles.append(handle)
        self._servers[handle.pid] = server
        _tell(started=server.name, pid=handle.pid)

    def _reap(self) -> None:
        """Collect all children that ended: servers, and orphans that we adopted."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            server = self._servers.pop(pid, None)
            if server is not None:
                _tell(ended=server.name, status=os.waitstatus_to_exitcode(status))

    def _end_all(self) -> None:
        for stage in sorted({server.stage for server in self._servers.values()}, reverse=True):
            self._end_stage(stage)
        deadline = time.monotonic() + _SWEEP_SECONDS
        while (rest := _session_members()) and time.monotonic() < deadline:
            _send(rest, signal.SIGKILL)
            self._reap()
            time.sleep(0.02)

    def _end_stage(self, stage: int) -> None:
        """Ask the servers of a stage to end, wait as long as they may take, then kill what is left of them."""
        members: list[psutil.Process] = []
        concerned = {pid: server for pid, server in self._servers.items() if server.stage == stage}
        for pid, server in concerned.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                tree = process.children(recursive=True)
                _send([process], server.stop_signal)
                _send(tree if server.whole_tree else [], server.stop_signal)
                members += [process, *tree]
        deadline = time.monotonic() + max(server.grace_seconds for server in concerned.values())
        while any(is_alive(process) for process in members) and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.02)
        _send(members, signal.SIGKILL)
        self._reap()


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _send(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _session_members() -> list[psutil.Process]:
    """All our descendants, and all else in our session (where orphans can't be adopted, as on macOS).

    A session that we do not lead is not ours to end.
    """
    found = {process.pid: process for process in psutil.Process().children(recursive=True)}
    session = os.getsid(0)
    for pid in psutil.pids() if session == os.getpid() else ():
        with contextlib.suppress(OSError, psutil.NoSuchProcess):
            if pid != os.getpid() and os.getsid(pid) == session:
                found[pid] = psutil.Process(pid)
    return list(found.values())


def _tell(**message: object) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def _adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends (Linux)."""
    if _LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _die_with_parent(number: int) -> Callable[[], None] | None:
    """What a child calls before it becomes the server, so that it gets a signal when the guard ends (Linux)."""
    if not _LINUX:
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def main(arguments: list[str]) -> None:
    """Run the guard: the first argument is the owner's process id, the rest are the watched ones'."""
    owner, *watched = map(int, arguments)
    processes = []
    for pid in watched:
        with contextlib.suppress(psutil.NoSuchProcess):
            processes.append(psutil.Process(pid))
    Guard(owner, processes).run()


if __name__ == "__main__":
    main(sys.argv[1:])
