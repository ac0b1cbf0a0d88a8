from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from dsp_pipeline.stack import ports

if TYPE_CHECKING:
    from pathlib import Path


def listen() -> socket.socket:
    server = socket.socket()
    server.bind((ports.LOOPBACK, 0))
    server.listen()
    return server


def test_a_port_that_is_listened_on_is_not_free() -> None:
    with listen() as server:
        port = server.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.accepts(port)
    assert ports.is_free(port)
    assert not ports.accepts(port)


def test_ports_differ_and_are_free() -> None:
    names = [f"server-{number}" for number in range(50)]
    chosen = ports.free_ports(names)
    assert list(chosen) == names
    assert len(set(chosen.values())) == len(names)
    assert all(map(ports.is_free, chosen.values()))


def test_ports_are_remembered_while_they_are_free(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = ports.free_ports(["ui", "s3"], kept=file)
    assert ports.free_ports(["ui", "s3"], kept=file) == first
    with socket.socket() as other:
        other.bind((ports.LOOPBACK, first["ui"]))
        other.listen()
        second = ports.free_ports(["ui", "s3"], kept=file)
    assert second["ui"] != first["ui"]
    assert second["s3"] == first["s3"]
