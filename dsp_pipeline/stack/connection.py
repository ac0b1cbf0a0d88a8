"""How another process on this machine finds a running stack."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

from dsp_pipeline.stack.private_files import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = "stack.json"
_DEFAULT_HOME = ".dsp"


@dataclasses.dataclass(frozen=True, slots=True)
class Connection:
    """Where a running stack is.

    Attributes:
        pid: Process id of its owner.
        owner_started: When that process began, in seconds since the epoch; tells it from a later one of that id.
        environment: The variables with which any other process on this machine reaches the stack.
        dagster_url: Address of the Dagster UI.
        s3_endpoint: Address of the object store.
        started_at: When the stack was ready, as an ISO 8601 timestamp in UTC.
    """

    pid: int
    owner_started: float
    environment: dict[str, str] = dataclasses.field(repr=False)
    dagster_url: str
    s3_endpoint: str
    started_at: str


def home_folder(environment: Mapping[str, str]) -> Path:
    """The folder of the local stack's state: ``DSP_HOME``, or ``~/.dsp``; absolute."""
    chosen = environment.get("DSP_HOME")
    folder = Path(chosen).expanduser() if chosen else Path.home() / _DEFAULT_HOME
    return folder.absolute()


def read_connection(home: Path) -> Connection | None:
    """The stack that runs on a home folder; None if none does."""
    try:
        connection = Connection(**json.loads((home / _FILE).read_text(encoding="utf-8")))
        owner = psutil.Process(connection.pid)
    except (FileNotFoundError, json.JSONDecodeError, TypeError, psutil.NoSuchProcess):
        return None
    same = owner.is_running() and abs(owner.create_time() - connection.owner_started) < 1.0
    return connection if same and owner.status() != psutil.STATUS_ZOMBIE else None


def write_connection(home: Path, connection: Connection) -> None:
    """Let others find a stack; only its owner may read it, as it holds credentials."""
    write_private(home / _FILE, json.dumps(dataclasses.asdict(connection), indent=1))


def remove_connection(home: Path) -> None:
    """Say that no stack runs here."""
    (home / _FILE).unlink(missing_ok=True)
