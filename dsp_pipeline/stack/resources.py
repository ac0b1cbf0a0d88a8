"""How many cores there are for us, and how children are told not to use more."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_THREAD_VARIABLES = (
    "DSP_THREADS",
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_CGROUP = Path("/sys/fs/cgroup")
LOOPBACK_NAMES = "127.0.0.1,localhost"


def cores(cgroup: Path = _CGROUP) -> int:
    """The cores that this process may use: its affinity, bounded by its container's quota; at least 1.

    Args:
        cgroup: Where the kernel tells the container's quota, in the form of version 2 or 1.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return max(1, usable if quota is None else min(usable, math.ceil(quota)))


def thread_bounds() -> dict[str, str]:
    """The variables that keep numeric libraries to the cores there are, read when a library is first loaded.

    OpenMP's threads are told to sleep while they wait: with two busy processes, spinning ones were seen to slow
    XGBoost tenfold.
    """
    return {**dict.fromkeys(_THREAD_VARIABLES, str(cores())), "OMP_WAIT_POLICY": "PASSIVE"}


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a server of ours inherits: no foreign credentials or Dagster settings, as many threads as cores.

    A number of threads that the operator has set stays. Proxies are not asked for addresses on this machine.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(("AWS_", "DAGSTER_", "PG", "WEED_"))
        and name not in {"S3_BUCKET", "S3_TABLE_BUCKET"}
    }
    fixed = {
        "PYTHONUNBUFFERED": "1",
        # Each malloc arena keeps memory of its own; glibc would make eight for each core.
        "MALLOC_ARENA_MAX": "2",
        **without_proxy(environment),
    }
    return thread_bounds() | kept | fixed


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that keep requests to this machine away from any proxy."""
    names = environment.get("NO_PROXY") or environment.get("no_proxy")
    exceptions = f"{names},{LOOPBACK_NAMES}" if names else LOOPBACK_NAMES
    return {"NO_PROXY": exceptions, "no_proxy": exceptions}


def _quota(cgroup: Path) -> float | None:
    """The container's CPU quota in cores; None where there is none."""
    try:
        if (cgroup / "cpu.max").exists():
            quota, period = (cgroup / "cpu.max").read_text().split()
        else:
            quota, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
    except OSError:
        return None
    return None if quota == "max" or int(quota) <= 0 else int(quota) / int(period)
