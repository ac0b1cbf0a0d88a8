"""`dsp` as a person calls it, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest
from click.testing import CliRunner

from dsp_pipeline.cli import main
from dsp_pipeline_tests.sharing import made_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

PENGUINS = "penguins.csv"


class Dsp(Protocol):
    """Calls `dsp` in this process."""

    def __call__(self, *arguments: str | Path) -> Result: ...


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(os.environ)
    for name in before:
        if name.startswith(("DSP_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DSP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    kept = dict(os.environ)
    yield
    for name in set(os.environ) - set(kept):
        del os.environ[name]


@pytest.fixture
def dsp() -> Dsp:
    def call(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return call


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose buckets are folders."""
    monkeypatch.setenv("DSP_STORE_FOLDER", str(tmp_path / "buckets"))
    return tmp_path / "buckets"


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `dsp run` wrote of the penguins, in a process of its own; for reading only."""
    return made_once(tmp_path_factory, "analysed", _analyse_penguins)


def _analyse_penguins(folder: Path) -> None:
    script = (
        "import importlib.resources, pathlib, shutil;"
        "[shutil.copy(file, '.') for file in importlib.resources.files('dsp_pipeline.samples').iterdir()"
        " if file.name.startswith('penguins')]"
    )
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "dsp_pipeline.cli", "run", PENGUINS], cwd=folder, check=True)
