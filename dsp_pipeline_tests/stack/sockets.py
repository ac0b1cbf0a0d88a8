"""Where processes listen."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterable


def listening_addresses(pids: Iterable[int]) -> set[str]:
    """The addresses at which these processes and their descendants accept connections."""
    found: set[str] = set()
    for pid in pids:
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):  # a database's worker comes and goes
                found |= {
                    # gRPC listens on IPv4 by way of IPv6.
                    connection.laddr.ip.removeprefix("::ffff:")
                    for connection in each.net_connections("inet")
                    if connection.status == psutil.CONN_LISTEN
                }
    return found
