"""Tests and benchmarks of dsp_pipeline; the folders mirror the package."""

import os
import shutil
from pathlib import Path

# As the product does for its own processes (`stack.resources`): OpenMP's threads sleep while they wait.
# Two workers whose threads spin slow each other's models several times over. It is read when a library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Where the system has a disk in memory, what tests write goes there: servers wait for no real disk, and go on
# where it is full.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a disk, not a file in it
_ROOM = 4_000_000_000
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
