"""How each shell command in the documentation is held true; a command without a way fails a test.

HERE      run as it stands, in a folder that looks like the repository's root, with no server
STACK     the same, while the whole stack runs
MAKE      `make --dry-run` knows the target
OPTIONS   a server or the like that does not end: its help has every option that is used
ELSEWHERE needs a machine that tests do not have; its page says that it is not run by a test
"""

from __future__ import annotations

import enum
import shlex


class Way(enum.Enum):
    """How a command is checked."""

    HERE = enum.auto()
    STACK = enum.auto()
    MAKE = enum.auto()
    OPTIONS = enum.auto()
    ELSEWHERE = enum.auto()


ADMISSION = "not run by a test"
"""What a page has to say of commands of the way ELSEWHERE."""

_BY_SUBCOMMAND = {
    "run": Way.HERE,
    "predict": Way.HERE,
    "drop": Way.STACK,
    "status": Way.STACK,
    "doctor": Way.STACK,
    "up": Way.OPTIONS,
    "demo": Way.OPTIONS,
}
_BY_PROGRAM = {
    "cat": Way.HERE,
    "head": Way.HERE,
    "python": Way.HERE,
    "make": Way.MAKE,
    "dagster": Way.OPTIONS,
    "dagster-daemon": Way.OPTIONS,
    "dagster-webserver": Way.OPTIONS,
    "docker": Way.ELSEWHERE,
    "helm": Way.ELSEWHERE,
    "kubectl": Way.ELSEWHERE,
}
_ONLY_TOLD = {"--help", "-h", "--version", "-V"}


def way_of(command: str) -> Way | None:
    """How a command is checked; None if nothing says how."""
    words = shlex.split(command)
    program = words[0].removeprefix(".venv/bin/")
    if program != "dsp":
        return _BY_PROGRAM.get(program)
    if _ONLY_TOLD & set(words):
        return Way.HERE
    return _BY_SUBCOMMAND.get(words[1]) if len(words) > 1 else None
