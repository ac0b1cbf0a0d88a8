from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import psycopg2  # type: ignore[import-untyped]
import pytest
import sqlalchemy

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack import database, database_user
from dsp_pipeline.stack.database import Database
from dsp_pipeline.stack.supervisor import Supervisor
from dsp_pipeline_tests.stack.processes import eventually
from dsp_pipeline_tests.stack.sockets import listening_addresses

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def scalar(url: str, statement: str) -> object:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        value = connection.execute(sqlalchemy.text(statement)).scalar()
    engine.dispose()
    return value


def test_it_is_postgresql_18_with_utf_8(postgres_url: str) -> None:
    assert str(scalar(postgres_url, "SHOW server_version")).startswith("18.")
    assert scalar(postgres_url, "SHOW server_encoding") == "UTF8"


def test_what_is_committed_is_on_disk(postgres_url: str) -> None:
    assert scalar(postgres_url, "SHOW fsync") == "on"
    assert scalar(postgres_url, "SHOW synchronous_commit") == "on"


def test_nobody_connects_without_the_password(postgres_server: Database) -> None:
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        psycopg2.connect(host="127.0.0.1", port=postgres_server.port, user="dsp", dbname="postgres")
    assert not Database(postgres_server.port, "guessed").answers()


def test_it_listens_on_the_loopback_interface_only(postgres_server: Database, supervisor: Supervisor) -> None:
    pid = supervisor.pids[database.NAME]
    assert listening_addresses([pid]) == {"127.0.0.1"}
    assert not psutil.Process(pid).net_connections("unix")


def test_a_database_is_made_once_and_keeps_its_tables(postgres_server: Database, postgres_url: str) -> None:
    name = postgres_url.rsplit("/", 1)[1]
    scalar(postgres_url, "CREATE TABLE runs (id int); SELECT 1")
    assert postgres_server.create(name) == postgres_url
    assert postgres_server.has_table(name, "runs")
    assert not postgres_server.has_table(name, "jobs")


def test_committed_rows_survive_a_kill(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "logs") as supervisor:
        server = database.start(supervisor, tmp_path / "database", environment=os.environ)
        url = server.create("kept")
        scalar(url, "CREATE TABLE t AS SELECT 42 AS answer; SELECT 1")
        os.kill(supervisor.pids[database.NAME], signal.SIGKILL)
        assert supervisor.wait(20.0)
    with Supervisor(tmp_path / "logs") as supervisor:
        again = database.start(supervisor, tmp_path / "database", environment=os.environ)
        assert again == server
        assert scalar(url, "SELECT answer FROM t") == 42


def test_clients_are_cut_off_when_it_stops(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "logs")
    server = database.start(supervisor, tmp_path / "database", environment=os.environ)
    engine = sqlalchemy.create_engine(server.url("postgres"))
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))
        family = [psutil.Process(pid) for pid in supervisor.pids.values()]
        family += family[0].children()
        supervisor.stop()
        assert eventually(lambda: not any(process.is_running() for process in family))
        connection.invalidate()
    engine.dispose()
    assert "database system is shut down" in (tmp_path / "logs" / "database.log").read_text()


def test_only_its_user_reads_its_folder(tmp_path: Path) -> None:
    database.prepare(tmp_path / "database", environment={}, logs=tmp_path)
    user = database_user.choose()
    about = (tmp_path / "database" / "data").stat()
    assert about.st_mode & 0o077 == 0
    assert about.st_uid == (os.geteuid() if user is None else user[0])
    assert (tmp_path / "database" / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_folder_of_another_version_is_named_and_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "database" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(StackError, match="made by PostgreSQL 16, and 18 is installed") as error:
        database.prepare(tmp_path / "database", environment={}, logs=tmp_path)
    assert error.value.where == str(data)
    assert (data / "PG_VERSION").read_text() == "16\n"


def test_a_first_start_that_fails_leaves_no_half_made_folder(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new" / "rest").write_text("of an earlier attempt")
    process, _ = database.prepare(folder, environment={}, logs=tmp_path)
    assert (folder / "data" / "PG_VERSION").exists()
    assert {path.name for path in folder.iterdir()} == {"data", "ports.json", "secrets.json"}
    assert process.stop_signal == signal.SIGINT
