"""What a server is to those who start it: a value that goes from the owner to the guard as one line of JSON."""

from __future__ import annotations

import dataclasses
import json
import signal


@dataclasses.dataclass(frozen=True, slots=True)
class ServerProcess:
    """How to start a server and how to end it.

    Attributes:
        name: What it is called in messages and in the name of its log.
        command: Program and arguments; the program as a path.
        environment: All environment variables it gets, and no others.
        log: Path of the file that gets its output; begun anew at each start.
        folder: Its working folder.
        user: The system user and group (as numbers) to run it as; ours if None.
        stop_signal: The signal that ends it gracefully.
        stage: Servers of a higher stage are ended before those of a lower one.
        whole_tree: Whether its descendants get the stop signal too. PostgreSQL's must not.
        grace_seconds: How long it may take to end before it is killed.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    log: str
    folder: str
    user: tuple[int, int] | None = None
    stop_signal: int = signal.SIGTERM
    stage: int = 0
    whole_tree: bool = False
    grace_seconds: float = 10.0

    def to_line(self) -> bytes:
        """The value as one line of JSON."""
        return json.dumps(dataclasses.asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ServerProcess:
        """The value from a line that `to_line` made."""
        fields = json.loads(line)
        fields["command"] = tuple(fields["command"])
        fields["user"] = tuple(fields["user"]) if fields["user"] else None
        return cls(**fields)
