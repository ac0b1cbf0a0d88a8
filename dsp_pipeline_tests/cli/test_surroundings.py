"""Which installation a command talks to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import pytest

from dsp_pipeline.cli import exits
from dsp_pipeline.cli.surroundings import find_surroundings
from dsp_pipeline.core.errors import SettingsError
from dsp_pipeline.stack.connection import Connection, write_connection

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline_tests.cli.conftest import Dsp


@pytest.fixture
def running_stack(tmp_path: Path) -> dict[str, str]:
    """What a stack that this process owns would have written; the variables to find it."""
    home = tmp_path / "stack"
    home.mkdir()
    variables = {
        "DSP_S3_ENDPOINT": "http://127.0.0.1:1",
        "DSP_S3_ADDRESSING": "path",
        "DSP_DAGSTER_URL": "http://127.0.0.1:2",
        "DSP_STORE_FOLDER": "",
        "AWS_ACCESS_KEY_ID": "the stack's",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "",
        "NO_PROXY": "127.0.0.1",
    }
    write_connection(
        home,
        Connection(
            pid=os.getpid(),
            owner_started=psutil.Process().create_time(),
            environment=variables,
            dagster_url=variables["DSP_DAGSTER_URL"],
            s3_endpoint=variables["DSP_S3_ENDPOINT"],
            started_at="2024-05-01T00:00:00+00:00",
        ),
    )
    return {"DSP_HOME": str(home)}


def test_the_stack_that_runs_here_is_found_with_its_credentials(running_stack: dict[str, str]) -> None:
    environment = running_stack | {"AWS_ACCESS_KEY_ID": "my own", "AWS_SESSION_TOKEN": "my own"}

    found = find_surroundings(environment)

    assert found.connection is not None
    assert found.settings.s3_endpoint == "http://127.0.0.1:1"
    assert found.settings.dagster_url == "http://127.0.0.1:2"
    assert environment["AWS_ACCESS_KEY_ID"] == "the stack's"
    assert environment["AWS_SESSION_TOKEN"] == ""
    assert environment["NO_PROXY"] == "127.0.0.1"
    assert "DSP_S3_ENDPOINT" not in environment


def test_a_single_setting_can_differ_from_the_stack_s(running_stack: dict[str, str]) -> None:
    found = find_surroundings(running_stack | {"DSP_S3_TIMEOUT_SECONDS": "5"})

    assert found.settings.s3_timeout_seconds == 5
    assert found.settings.s3_endpoint == "http://127.0.0.1:1"


@pytest.mark.parametrize("name", ["DSP_S3_ENDPOINT", "DSP_STORE_FOLDER", "DSP_DROP_BUCKET"])
def test_an_installation_that_is_named_goes_before_the_stack(running_stack: dict[str, str], name: str) -> None:
    environment = running_stack | {name: "mine", "AWS_ACCESS_KEY_ID": "my own"}

    found = find_surroundings(environment)

    assert found.connection is None
    assert found.settings.dagster_url is None
    assert environment["AWS_ACCESS_KEY_ID"] == "my own"


def test_without_any_installation_nothing_is_sent_anywhere() -> None:
    found = find_surroundings({"DSP_HOME": "nowhere", "AWS_ACCESS_KEY_ID": "mine"})

    assert not found.is_chosen
    with pytest.raises(SettingsError, match="no stack runs") as caught:
        found.stores()
    assert "dsp up" in caught.value.remedy


@pytest.mark.parametrize(
    "arguments", [("drop", "a.csv"), ("drop", "a.csv", "--wait"), ("status",), ("predict", "sales", "a.csv")]
)
def test_commands_that_need_an_installation_say_so(dsp: Dsp, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")

    result = dsp(*arguments)

    assert result.exit_code == exits.UNREACHABLE
    assert "No stack runs" in result.stderr
    assert "dsp up" in result.stderr


def test_a_setting_of_the_wrong_form_is_named(dsp: Dsp, monkeypatch: pytest.MonkeyPatch, folders: Path) -> None:
    monkeypatch.setenv("DSP_S3_TIMEOUT_SECONDS", "soon")

    for arguments in (("status",), ("run", "a.csv")):
        result = dsp(*arguments)
        assert result.exit_code == exits.UNREACHABLE
        assert "DSP_S3_TIMEOUT_SECONDS" in result.stderr
