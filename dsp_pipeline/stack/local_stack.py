"""The whole local stack: object store, database, and Dagster's processes, started together and ended together."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Self

import psutil  # type: ignore[import-untyped]

from dsp_pipeline.stack import dagster_processes, database, home_lock, object_store
from dsp_pipeline.stack.connection import Connection, remove_connection, write_connection
from dsp_pipeline.stack.parents import parents_to_watch
from dsp_pipeline.stack.ports import LOOPBACK
from dsp_pipeline.stack.resources import child_environment, cores, without_proxy
from dsp_pipeline.stack.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import FrameType, TracebackType

DATABASE_NAME = "dagster"
_READY_SECONDS = 180.0
_MIN_CONCURRENT_RUNS = 2
_WAKE_SECONDS = 1.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunningStack:
    """A stack that runs until it is stopped, or until the process that started it ends in whatever way.

    A context manager that stops it. Made by `start`.

    Attributes:
        connection: How to reach it.
    """

    def __init__(
        self, home: Path, *, connection: Connection, supervisor: Supervisor, store: object_store.PreparedStore
    ) -> None:
        self.connection = connection
        self._home = home
        self._supervisor = supervisor
        self._store = store

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
    def pids(self) -> dict[str, int]:
        """Process ids by name; the guard's is ``guard``."""
        return self._supervisor.pids | {"guard": self._supervisor.guard_pid}

    def wait(self) -> None:
        """Return when this process is asked to end (Ctrl-C, SIGTERM, SIGHUP); call it in the main thread.

        A signal that the process was told to ignore, as by ``nohup``, stays ignored.

        Raises:
            StackError: A server ended.
        """
        asked = threading.Event()

        def note(_number: int, _frame: FrameType | None) -> None:
            asked.set()

        heard = [number for number in _STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, note) for number in heard}
        try:
            while not asked.is_set():
                if self._supervisor.wait(_WAKE_SECONDS):
                    self._supervisor.check()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Ask whether all servers still run.

        Raises:
            StackError: One ended.
        """
        self._supervisor.check()

    def stop(self) -> None:
        """End all servers, Dagster's first; returns when none is left. May be called again."""
        remove_connection(self._home)
        self._supervisor.stop()
        self._store.remove_sockets()


def start(
    home: Path,
    *,
    on_progress: Callable[[str], None],
    end_with_parent: bool = False,
    environment: Mapping[str, str] | None = None,
    definitions: str = dagster_processes.DEFINITIONS,
) -> RunningStack:
    """Start the stack on a home folder, and return when a drop would be noticed.

    Credentials, data, and (where they are free) addresses are those of the last time.

    Args:
        home: Folder of all its state; made if it is not there.
        on_progress: Gets a short line at each step.
        end_with_parent: End, too, when the process that started ours (and the ``make`` above it) ends.
        environment: What the servers inherit; our own environment if None.
        definitions: The module that has the Dagster definitions.

    Raises:
        StackError: A stack runs there already, or a server did not start.
    """
    home = home.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = home_lock.acquire(home, on_progress=on_progress)
    try:
        remove_connection(home)
        watched = parents_to_watch() if end_with_parent else ()
        supervisor = Supervisor(home / "logs", watched=watched, held=(lock,))
    finally:
        # The guard has it from here on.
        os.close(lock)
    inherited = os.environ if environment is None else environment
    with contextlib.ExitStack() as undo:
        undo.callback(supervisor.stop)
        starter = _Starter(home, supervisor=supervisor, environment=inherited, on_progress=on_progress)
        running = starter.start_all(definitions)
        undo.pop_all()
    return running


class _Starter:
    """The steps of a start, in the order that leaves the fewest seconds idle."""

    def __init__(
        self,
        home: Path,
        *,
        supervisor: Supervisor,
        environment: Mapping[str, str],
        on_progress: Callable[[str], None],
    ) -> None:
        self._home = home
        self._supervisor = supervisor
        self._environment = environment
        self._on_progress = on_progress

    def start_all(self, definitions: str) -> RunningStack:
        """Start everything; what does not need each other side by side."""
        home, supervisor = self._home, self._supervisor
        self._on_progress("starting the object store and the database")
        store = object_store.prepare(home / "object-store", environment=self._environment, logs=supervisor.logs)
        supervisor.start(store.process)
        process, server = database.prepare(home / "database", environment=self._environment, logs=supervisor.logs)
        supervisor.start(process)
        dagster_home = home / "dagster"
        ports = dagster_processes.prepare_home(dagster_home)
        addresses = self._addresses(store.server, server.url(DATABASE_NAME), ports["webserver"])
        dagster = dagster_processes.prepare(
            dagster_home,
            ports=ports,
            environment=child_environment(self._environment) | addresses,
            logs=supervisor.logs,
            definitions=definitions,
        )
        supervisor.wait_ready(database.NAME, server.answers, timeout=_READY_SECONDS)
        server.create(DATABASE_NAME)
        # Only now: Dagster gives up after a dozen seconds without its database, however slow the machine is.
        supervisor.start(dagster.code_server)
        self._on_progress("starting Dagster")
        supervisor.wait_ready(object_store.NAME, store.is_ready, timeout=_READY_SECONDS)
        self._start_dagster(dagster, fresh=not server.has_table(DATABASE_NAME, dagster_processes.LAST_TABLE))
        connection = self._connection(addresses | {"DAGSTER_HOME": str(dagster_home)})
        write_connection(home, connection)
        self._on_progress(f"ready: Dagster UI at {dagster.url}, object store at {store.server.endpoint}")
        return RunningStack(home, connection=connection, supervisor=supervisor, store=store)

    def _start_dagster(self, dagster: dagster_processes.DagsterProcesses, *, fresh: bool) -> None:
        """Start daemon and webserver; on a fresh database one after the other, as both would make its tables."""
        supervisor, began = self._supervisor, time.time()
        supervisor.start(dagster.webserver)
        if not fresh:
            supervisor.start(dagster.daemon)
        supervisor.wait_ready(dagster_processes.CODE_SERVER, dagster.code_server_is_ready, timeout=_READY_SECONDS)
        supervisor.wait_ready(dagster_processes.WEBSERVER, dagster.webserver_is_ready, timeout=_READY_SECONDS)
        if fresh:
            supervisor.start(dagster.daemon)
        self._on_progress("waiting for Dagster's daemon")
        supervisor.wait_ready(
            dagster_processes.DAEMON, lambda: dagster.daemon_is_ready(since=began), timeout=_READY_SECONDS
        )

    def _addresses(self, store: object_store.S3Server, postgres_url: str, webserver_port: int) -> dict[str, str]:
        """What any process needs to reach this stack."""
        runs = self._environment.get("DSP_MAX_CONCURRENT_RUNS") or str(max(_MIN_CONCURRENT_RUNS, cores() // 2))
        return {
            **store.environment,
            **without_proxy(self._environment),
            "DSP_HOME": str(self._home),
            "DSP_STORE_FOLDER": "",
            "DSP_POSTGRES_URL": postgres_url,
            "DSP_DAGSTER_URL": f"http://{LOOPBACK}:{webserver_port}",
            "DSP_MAX_CONCURRENT_RUNS": runs,
        }

    @staticmethod
    def _connection(environment: dict[str, str]) -> Connection:
        return Connection(
            pid=os.getpid(),
            owner_started=psutil.Process().create_time(),
            environment=environment,
            dagster_url=environment["DSP_DAGSTER_URL"],
            s3_endpoint=environment["DSP_S3_ENDPOINT"],
            started_at=dt.datetime.fromtimestamp(time.time(), dt.UTC).isoformat(timespec="seconds"),
        )
