"""`dsp` against a whole running stack: what a person sees from the drop to the dashboard."""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import pytest

from dsp_pipeline.cli import exits
from dsp_pipeline.core.errors import DspError
from dsp_pipeline.stack.dagster_api import UNFINISHED, DagsterApi

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.stack.local_stack import RunningStack
    from dsp_pipeline_tests.cli.conftest import Dsp

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
def on_stack(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> RunningStack:
    """Nothing but its home folder tells `dsp` where the stack is."""
    monkeypatch.setenv("DSP_HOME", stack.connection.environment["DSP_HOME"])
    return stack


def sample(name: str, folder: Path, into: str) -> Path:
    with importlib.resources.as_file(importlib.resources.files("dsp_pipeline.samples") / name) as path:
        shutil.copy(path, folder / into)
    return folder / into


def test_a_drop_is_followed_to_a_dashboard_that_opens(dsp: Dsp, on_stack: RunningStack, tmp_path: Path) -> None:
    path = sample("penguins.csv", tmp_path, "cli_penguins.csv")

    result = dsp("drop", path, "--wait", "--timeout", "500")

    assert result.exit_code == 0, result.stderr
    for asset in ("raw_dataset", "validated_table", "profile", "model", "insights", "dashboard"):
        assert f"✓ {asset}" in result.stderr
    with urllib.request.urlopen(result.stdout.strip(), timeout=30) as page:  # noqa: S310 - ours
        assert b"<html" in page.read()

    again = dsp("drop", path, "--wait")
    assert again.stdout == result.stdout
    assert "already" in again.stderr

    status = json.loads(dsp("status", "cli_penguins", "--json").stdout)
    assert status["datasets"][0]["latest"]["summary"]["rows"] == 344
    assert status["datasets"][0]["dashboard"] == result.stdout.strip()

    predicted = dsp("predict", "cli_penguins", path)
    assert predicted.exit_code == 0
    assert len(predicted.stdout.splitlines()) == 345

    dropped = dsp("drop", path, "--predict", "cli_penguins", "--wait", "--timeout", "300")
    assert dropped.exit_code == 0, dropped.stderr
    assert "rows for the model of cli_penguins" in dropped.stderr
    assert "✓ predictions" in dropped.stderr
    with urllib.request.urlopen(dropped.stdout.strip(), timeout=30) as rows:  # noqa: S310 - ours
        assert rows.read().decode() == predicted.stdout


def test_a_bad_drop_ends_with_the_reason_and_what_to_do(dsp: Dsp, on_stack: RunningStack, tmp_path: Path) -> None:
    (tmp_path / "cli_header_only.csv").write_text("a,b\n")

    result = dsp("drop", "cli_header_only.csv", "--wait", "--timeout", "300")

    assert result.exit_code == exits.FAILED
    assert "✗ raw_dataset" in result.stderr
    error, where, remedy = result.stderr.splitlines()[-3:]
    assert error.startswith("Error: ")
    assert "no rows" in error
    assert "cli_header_only.csv" in where
    assert remedy.startswith("  do   ")
    assert "Traceback" not in result.stderr


def test_the_doctor_finds_the_stack_well(dsp: Dsp, on_stack: RunningStack) -> None:
    result = dsp("doctor")

    assert result.exit_code == 0, result.stdout
    for subject in ("bucket dsp-lake", "database", "Dagster", "daemons", "code location dsp_pipeline"):
        assert f" ✓ {subject}" in result.stdout
    assert "All is well" in result.stdout


def test_runs_can_be_asked_for_by_their_tags(on_stack: RunningStack) -> None:
    dagster = DagsterApi(on_stack.connection.dagster_url)

    assert dagster.runs(tags={"dsp/dataset": "never dropped"}) == []
    assert all(run.status in UNFINISHED for run in dagster.runs(statuses=UNFINISHED))
    assert isinstance(dagster.failure("00000000-0000-0000-0000-000000000000"), DspError)


def test_a_second_stack_on_the_same_home_is_refused(dsp: Dsp, on_stack: RunningStack) -> None:
    result = dsp("up")

    assert result.exit_code == exits.UNREACHABLE
    assert "already running" in result.stderr
    on_stack.check()


def test_the_demo_shows_a_dashboard_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "demo-home"
    demo = subprocess.run(
        [sys.executable, "-m", "dsp_pipeline.cli", "demo", "--home", str(home), "--exit-when-done"],
        capture_output=True,
        text=True,
        env=os.environ,
        check=False,
    )

    assert demo.returncode == 0, demo.stderr
    for line in ("Dashboard     http://127.0.0.1:", "Catalogue     http://127.0.0.1:", "Dagster UI    http://127"):
        assert line in demo.stdout
    assert "✓ dashboard" in demo.stderr
    left = [process for process in psutil.process_iter(["cmdline"]) if str(home) in str(process.info["cmdline"])]
    assert left == []
