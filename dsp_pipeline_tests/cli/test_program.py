"""The command as a whole: its help, its errors, its exit codes, and what it loads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dsp_pipeline import __version__
from dsp_pipeline.cli import exits
from dsp_pipeline.cli.assets import ASSETS, CATALOGUE, PREDICTIONS
from dsp_pipeline.core.errors import (
    DspError,
    InputError,
    ObjectNotFoundError,
    SettingsError,
    StackError,
    StorageUnavailableError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline_tests.cli.conftest import Dsp

COMMANDS = ("demo", "up", "drop", "run", "predict", "status", "doctor")


def test_the_help_names_every_command_and_every_exit_code(dsp: Dsp) -> None:
    result = dsp("--help")

    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout
    for code in ("0", "1", "2", "3", "130"):
        assert f"\n  {code} " in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_examples(dsp: Dsp, name: str) -> None:
    result = dsp(name, "--help")

    assert result.exit_code == 0
    assert f"Usage: dsp {name}" in result.stdout
    examples = result.stdout.split("Examples:")[1].split("Exit codes:")[0]
    assert f"dsp {name}" in examples
    assert all(len(line) < 100 for line in result.stdout.splitlines())


def test_alone_it_shows_its_help(dsp: Dsp) -> None:
    result = dsp()

    assert result.exit_code == 2
    assert "Usage: dsp" in result.stdout + result.stderr


def test_it_says_its_version(dsp: Dsp) -> None:
    assert dsp("--version").stdout == f"dsp {__version__}\n"


@pytest.mark.parametrize(("typed", "meant"), [("drpo", "drop"), ("docter", "doctor"), ("stats", "status")])
def test_a_mistyped_command_is_told_what_was_meant(dsp: Dsp, typed: str, meant: str) -> None:
    result = dsp(typed, "file.csv")

    assert result.exit_code == exits.USAGE
    assert f"Did you mean '{meant}'?" in result.stderr


def test_a_word_that_is_like_no_command_is_told_all(dsp: Dsp) -> None:
    result = dsp("xyzzy")

    assert result.exit_code == exits.USAGE
    assert all(name in result.stderr for name in COMMANDS)


def test_a_wrong_option_is_wrong_usage(dsp: Dsp) -> None:
    result = dsp("drop", "--wiat", "a.csv")

    assert result.exit_code == exits.USAGE
    assert "--wait" in result.stderr


def test_the_help_loads_nothing_but_click() -> None:
    script = (
        "import sys\nfrom dsp_pipeline.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'rich', 'pydantic', 'yaml', 'polars', 'dagster', 'boto3', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_loads_dagster_boto3_or_polars_to_explain_itself(name: str) -> None:
    script = (
        f"import sys\nfrom dsp_pipeline.cli import main\n"
        f"try: main(['{name}', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'polars', 'dagster', 'boto3', 'numpy', 'xgboost'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_the_assets_that_the_command_knows_are_those_there_are() -> None:
    from dsp_pipeline.definitions import definitions  # noqa: PLC0415 - two seconds
    from dsp_pipeline.storage.artifacts import ARTIFACTS  # noqa: PLC0415

    assert tuple(ARTIFACTS) == ASSETS
    defined = {key.to_user_string() for key in definitions.resolve_asset_graph().get_all_asset_keys()}
    assert defined == {*ASSETS, CATALOGUE, PREDICTIONS}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), 1),
        (DspError("x"), 1),
        (SettingsError("x"), 3),
        (StackError("x"), 3),
        (StorageUnavailableError("x"), 3),
        (ObjectNotFoundError("x"), 3),
    ],
)
def test_who_can_mend_an_error_decides_the_exit_code(error: DspError, code: int) -> None:
    assert exits.code_of(error) == code


def test_an_error_says_what_where_and_what_to_do(dsp: Dsp, folders: Path) -> None:
    result = dsp("drop", "nowhere.csv")

    assert result.exit_code == exits.FAILED
    assert result.stderr.splitlines() == [
        "Error: There is no such file.",
        "  at   nowhere.csv",
        "  do   Check the path.",
    ]


@pytest.mark.parametrize("arguments", [("--debug", "drop", "nowhere.csv"), ("drop", "nowhere.csv", "--debug")])
def test_a_trace_is_shown_only_if_asked_for(dsp: Dsp, folders: Path, arguments: tuple[str, ...]) -> None:
    assert "Traceback" in dsp(*arguments).stderr
    assert "Traceback" not in dsp("drop", "nowhere.csv").stderr


def test_a_fault_of_our_own_is_told_in_words(dsp: Dsp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("dsp_pipeline.cli.status.find_surroundings", broken)

    result = dsp("status")

    assert result.exit_code == exits.FAILED
    assert "ZeroDivisionError" in result.stderr
    assert "--debug" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in dsp("status", "--debug").stderr


def test_ctrl_c_ends_with_130_and_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    environment = os.environ | {"DSP_STORE_FOLDER": str(tmp_path / "buckets")}
    waiting = subprocess.Popen(
        [sys.executable, "-m", "dsp_pipeline.cli", "drop", str(tmp_path / "a.csv"), "--wait"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "buckets" / "dsp-drop" / "a.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    waiting.send_signal(signal.SIGINT)

    _, said = waiting.communicate(timeout=60)

    assert waiting.returncode == exits.INTERRUPTED
    assert "Interrupted" in said
    assert "Traceback" not in said


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = f"{sys.executable} -m dsp_pipeline.cli --help | head -n 1"

    piped = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert piped.stdout.startswith("Usage")
    assert piped.stderr == ""
