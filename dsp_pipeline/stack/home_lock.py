"""One stack at a time on one home folder."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack.connection import read_connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FILE = "lock"
_WAIT_SECONDS = 60.0


def acquire(home: Path, *, on_progress: Callable[[str], None]) -> int:
    """Take the home folder's lock; returns the descriptor that holds it.

    The lock is free once every process that has the descriptor closed it or ended. The guard has it too, so that
    a new stack begins only when the last server of the old one is gone, however that one's owner ended.

    Raises:
        StackError: A stack runs there, or its end takes too long.
    """
    descriptor = os.open(home / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _WAIT_SECONDS
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = read_connection(home)
            if running is not None or time.monotonic() > deadline:
                os.close(descriptor)
                raise _taken(home) from None
            if not told:
                on_progress("waiting for another stack on this folder to start or end")
                told = True
            time.sleep(0.1)
        else:
            return descriptor


def _taken(home: Path) -> StackError:
    running = read_connection(home)
    if running is None:
        return StackError(
            "another process holds this folder, and neither runs a stack nor ends",
            where=str(home),
            remedy="Look for processes named dsp or dsp_pipeline.stack.guard and end them",
        )
    return StackError(
        f"a stack is already running here (process {running.pid}), with its UI at {running.dagster_url}",
        where=str(home),
        remedy="Use that one, end it with Ctrl-C where it was started, or set DSP_HOME to another folder",
    )
