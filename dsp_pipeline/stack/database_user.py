"""The system user that PostgreSQL runs as when we are root, since it refuses to run as root itself."""

from __future__ import annotations

import os
import pwd
import stat
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import StackError

if TYPE_CHECKING:
    from pathlib import Path

# Users made for PostgreSQL if there are any; else the one that every system has. We make no user.
_CANDIDATES = ("pgserver", "postgres", "nobody")


def choose() -> tuple[int, int] | None:
    """The user's and group's numbers; None if we are not root, and PostgreSQL can run as we do.

    Raises:
        StackError: We are root, and there is no other user to run as.
    """
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise StackError(
        f"PostgreSQL can't run as root, and there is none of the users {', '.join(_CANDIDATES)}",
        where="database",
        remedy="Run as another user, or make a user named postgres",
    )


def make_reachable(*paths: Path) -> None:
    """Let other users pass through the folders above some paths: pass, not list; nothing else is changed."""
    for path in paths:
        for folder in (path.resolve(), *path.resolve().parents):
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)
