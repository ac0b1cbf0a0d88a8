"""Free TCP ports on the loopback interface."""

from __future__ import annotations

import json
import random
import socket
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import StackError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below the ports that Linux (32768) and macOS (49152) hand out to clients: a port that is free now stays free
# until our server binds it, unless another server comes by.
_LOWEST, _HIGHEST = 20_000, 32_000
_ATTEMPTS = 2_000


def is_free(port: int) -> bool:
    """Whether a server could listen on a loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, so that connections in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """Whether a server listens on a loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_ports(names: Iterable[str], *, kept: Path | None = None) -> dict[str, int]:
    """A free port for each name, all different.

    Args:
        names: What the ports are for.
        kept: A file that remembers them, so that addresses survive a restart where they are still free.

    Raises:
        StackError: No port is free.
    """
    names = list(names)
    remembered: dict[str, int] = {}
    if kept is not None and kept.exists():
        remembered = json.loads(kept.read_text())
    chosen: dict[str, int] = {}
    for name in names:
        wanted = remembered.get(name)
        usable = wanted is not None and wanted not in chosen.values() and is_free(wanted)
        chosen[name] = wanted if wanted is not None and usable else _any_free_port(taken=chosen.values())
    if kept is not None:
        kept.write_text(json.dumps(remembered | chosen, indent=1))
    return chosen


def _any_free_port(*, taken: Iterable[int]) -> int:
    taken = set(taken)
    for _ in range(_ATTEMPTS):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - spreads servers, protects nothing
        if port not in taken and is_free(port):
            return port
    raise StackError(
        f"no free port between {_LOWEST} and {_HIGHEST}",
        where=LOOPBACK,
        remedy="End some of the servers on this machine",
    )
