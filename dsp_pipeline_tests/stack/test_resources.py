from __future__ import annotations

import os
from pathlib import Path

import pytest

from dsp_pipeline.stack.resources import child_environment, cores, without_proxy


def test_there_is_at_least_one_core_and_no_more_than_the_machine_has() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "max 100000\n"}, cores(Path("/nowhere"))),
        ({"cpu/cpu.cfs_quota_us": "10000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, cores(Path("/nowhere"))),
    ],
)
def test_a_containers_quota_bounds_the_cores(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert cores(tmp_path) == expected


def test_numeric_libraries_get_as_many_threads_as_there_are_cores() -> None:
    environment = child_environment({"PATH": "/bin"})
    assert environment["POLARS_MAX_THREADS"] == str(cores())
    assert environment["OMP_NUM_THREADS"] == str(cores())
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environment["PATH"] == "/bin"


def test_a_number_of_threads_that_the_operator_chose_stays() -> None:
    assert child_environment({"POLARS_MAX_THREADS": "1"})["POLARS_MAX_THREADS"] == "1"


def test_credentials_and_settings_of_other_programs_are_not_passed_on() -> None:
    foreign = {"AWS_PROFILE": "work", "DAGSTER_HOME": "/elsewhere", "PGPASSWORD": "x", "WEED_JWT_SIGNING_KEY": "x"}
    assert not foreign.keys() & child_environment(foreign).keys()


def test_requests_to_this_machine_never_go_through_a_proxy() -> None:
    assert without_proxy({"NO_PROXY": "example.org"})["NO_PROXY"] == "example.org,127.0.0.1,localhost"
    assert without_proxy({})["no_proxy"] == "127.0.0.1,localhost"
