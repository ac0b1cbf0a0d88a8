"""Every shell command in the documentation works, or is held true in another way that is declared in `ways`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from dsp_pipeline_tests.docs import pages
from dsp_pipeline_tests.docs.ways import ADMISSION, Way, way_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.stack.local_stack import RunningStack

BLOCKS = [block for page in pages.PAGES for block in pages.shell_blocks(page)]
SECONDS = 240


def pages_with(way: Way) -> list[str]:
    return sorted({block.page for block in blocks_of(way)})


def blocks_of(way: Way) -> list[pages.Block]:
    return [block for block in BLOCKS if any(way_of(command) is way for command in block.commands)]


def commands_of(way: Way) -> list[str]:
    return sorted({command for block in BLOCKS for command in block.commands if way_of(command) is way})


def without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment that names no installation."""
    return {
        name: value for name, value in environment.items() if not name.startswith(("DSP_", "AWS_", "DAGSTER_"))
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the commands need of a fresh clone."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    for part in ("docs/examples", "dsp_pipeline/samples"):
        shutil.copytree(pages.ROOT / part, tmp_path / part)
    return tmp_path


def run(block: pages.Block, folder: Path, *, home: Path) -> None:
    """Run a block as a person would paste it, and stop at the first command that fails."""
    environment = without_ours(os.environ) | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DSP_HOME": str(home),
    }
    done = subprocess.run(
        ["sh", "-eu", "-c", block.script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{block.page}, line {block.line}:\n{block.script}\n{done.stdout}{done.stderr}"


def test_there_are_commands_to_check() -> None:
    assert len(BLOCKS) > 10


def test_every_command_is_held_true_in_some_way() -> None:
    unknown = [command for block in BLOCKS for command in block.commands if way_of(command) is None]
    assert not unknown, "say in ways.py how these are checked"


def test_a_block_is_held_true_in_one_way() -> None:
    """A block is run as a whole, so that what one command leaves the next one finds."""
    mixed = [block for block in BLOCKS if len({way_of(command) for command in block.commands}) > 1]
    assert not mixed


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", pages_with(Way.HERE))
def test_commands_that_need_no_server_work(page: str, folder: Path) -> None:
    for block in blocks_of(Way.HERE):
        if block.page == page:
            run(block, folder, home=folder / "no-stack")


@pytest.mark.e2e
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", pages_with(Way.STACK))
def test_commands_that_talk_to_the_stack_work(page: str, folder: Path, stack: RunningStack) -> None:
    for block in blocks_of(Way.STACK):
        if block.page == page:
            run(block, folder, home=Path(stack.connection.environment["DSP_HOME"]))


@pytest.mark.parametrize("command", commands_of(Way.MAKE))
def test_make_knows_the_target(command: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", *shlex.split(command)[1:]],
        cwd=pages.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", commands_of(Way.OPTIONS))
def test_the_program_has_the_options(command: str) -> None:
    words = shlex.split(command)
    options = {word for word in words if word.startswith("-")}
    first = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    program = [str(Path(sys.executable).parent / Path(words[0]).name), *words[1:first]]
    told = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True).stdout
    assert options <= set(re.findall(r"--?[a-z][a-z-]*", told))


def test_pages_admit_what_no_test_runs() -> None:
    for page in pages_with(Way.ELSEWHERE):
        text = (pages.ROOT / page).read_text(encoding="utf-8")
        assert ADMISSION in " ".join(text.split()), page


def test_values_that_the_pages_set_are_the_charts() -> None:
    chart = yaml.safe_load((pages.ROOT / "helm" / "dsp-pipeline" / "values.yaml").read_text(encoding="utf-8"))
    for command in commands_of(Way.ELSEWHERE):
        for path in re.findall(r"--set ([\w.]+)=", command):
            section, _, name = path.partition(".")
            assert name in chart[section], path
