from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack import home_lock
from dsp_pipeline.stack.connection import (
    Connection,
    home_folder,
    read_connection,
    remove_connection,
    write_connection,
)
from dsp_pipeline.stack.private_files import kept_secrets, write_private


def connection(pid: int, began: float) -> Connection:
    return Connection(
        pid=pid,
        owner_started=began,
        environment={"AWS_SECRET_ACCESS_KEY": "hush"},
        dagster_url="http://127.0.0.1:20001",
        s3_endpoint="http://127.0.0.1:20002",
        started_at="2026-01-01T00:00:00+00:00",
    )


def own_connection() -> Connection:
    return connection(os.getpid(), psutil.Process().create_time())


def test_the_home_folder_is_where_dsp_home_says_or_in_the_users_home(tmp_path: Path) -> None:
    assert home_folder({"DSP_HOME": str(tmp_path)}) == tmp_path
    assert home_folder({}) == Path.home() / ".dsp"
    assert home_folder({"DSP_HOME": "~/elsewhere"}) == Path.home() / "elsewhere"


def test_a_running_stack_is_found_by_others_and_read_by_its_owner_only(tmp_path: Path) -> None:
    assert read_connection(tmp_path) is None
    written = own_connection()
    write_connection(tmp_path, written)
    assert read_connection(tmp_path) == written
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600
    assert "hush" not in repr(written)
    remove_connection(tmp_path)
    assert read_connection(tmp_path) is None


def test_a_stack_whose_owner_is_gone_is_not_found(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    write_connection(tmp_path, connection(owner.pid, psutil.Process(owner.pid).create_time()))
    assert read_connection(tmp_path) is not None
    owner.communicate()
    assert read_connection(tmp_path) is None


def test_another_process_with_the_owners_number_is_not_taken_for_it(tmp_path: Path) -> None:
    write_connection(tmp_path, connection(os.getpid(), psutil.Process().create_time() - 3600))
    assert read_connection(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{}", '{"pid": 1', '{"pid": 1, "unknown": 2}'])
def test_a_broken_file_counts_as_no_stack(tmp_path: Path, text: str) -> None:
    (tmp_path / "stack.json").write_text(text)
    assert read_connection(tmp_path) is None


def test_a_second_stack_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    lock = home_lock.acquire(tmp_path, on_progress=print)
    write_connection(tmp_path, own_connection())
    with pytest.raises(StackError, match=r"already running here .* http://127\.0\.0\.1:20001") as error:
        home_lock.acquire(tmp_path, on_progress=print)
    assert error.value.where == str(tmp_path)
    assert "DSP_HOME" in error.value.remedy
    os.close(lock)
    os.close(home_lock.acquire(tmp_path, on_progress=print))


def test_a_new_stack_waits_until_the_last_one_has_ended(tmp_path: Path) -> None:
    script = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True); "
    script += "time.sleep(0.7)"
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "lock")], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    said: list[str] = []
    os.close(home_lock.acquire(tmp_path, on_progress=said.append))
    assert said == ["waiting for another stack on this folder to start or end"]
    holder.communicate()


def test_secrets_are_made_once_and_are_all_different(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = kept_secrets(file, ("a", "b"))
    assert len(set(first.values())) == len(first)
    assert min(map(len, first.values())) >= 40
    more = kept_secrets(file, ("a", "b", "c"))
    assert {name: more[name] for name in first} == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_private_file_stays_private_when_it_is_written_again(tmp_path: Path) -> None:
    file = tmp_path / "private"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
