"""Small servers to start and end, and a way to find every process that came of them."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

from dsp_pipeline.stack.process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MARK = "DSP_TEST_MARK"

OBEDIENT = "import time; print('obedient is up', flush=True); time.sleep(600)"

# Ignores SIGTERM; so does its child; and a grandchild is left behind as an orphan.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(600)"])
orphan = 'import subprocess, sys; subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])'
subprocess.run([sys.executable, "-c", orphan])
print('stubborn is up', flush=True)
time.sleep(600)
"""

FAILING = "import sys; print('no such table: drops'); sys.exit(3)"


def python_server(name: str, script: str, *, folder: Path, mark: str, stage: int = 0) -> ServerProcess:
    """A server that is a Python script; all that comes of it carries a mark in its environment."""
    return ServerProcess(
        name=name,
        command=(sys.executable, "-c", script),
        environment={"PATH": os.environ["PATH"], MARK: mark},
        log=str(folder / f"{name}.log"),
        folder=str(folder),
        stage=stage,
        whole_tree=True,
        grace_seconds=0.5,
    )


def marked(mark: str) -> list[psutil.Process]:
    """The processes that run and carry a mark."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == mark:
                found.append(process)
    return found


def eventually(condition: Callable[[], bool], *, seconds: float = 90.0) -> bool:
    """Whether a condition comes true within some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
