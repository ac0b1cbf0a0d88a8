"""The processes that a stack started by a command line depends on."""

from __future__ import annotations

import psutil  # type: ignore[import-untyped]

_INIT = 1
_MAKES = {"make", "gmake"}
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh"}


def parents_to_watch() -> tuple[int, ...]:
    """Our parent; and where that is a shell that ``make`` started for one recipe, the ``make`` too.

    A shell further up is not watched: it may end while what it started in the background goes on.
    """
    parent = psutil.Process().parent()
    if parent is None or parent.pid == _INIT:
        return ()
    grandparent = parent.parent()
    recipe = parent.name() in _SHELLS and grandparent is not None and grandparent.name() in _MAKES
    return (parent.pid, grandparent.pid) if recipe else (parent.pid,)
