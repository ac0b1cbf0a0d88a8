"""Giving memory back to the system, in the process that serves the definitions for weeks."""

import ctypes
import functools
from collections.abc import Callable


@functools.cache
def _trim() -> Callable[[int], object]:
    """Glibc's ``malloc_trim``; where the C library has none, a function that does nothing."""
    found: Callable[[int], object] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return found if found is not None else lambda _: 0


def give_back() -> None:
    """Return what was freed to the system.

    glibc keeps freed memory in pieces between what is still in use. After a few runs that was seen to be 19 of the
    code server's 197 MB. The variable that makes glibc return more by itself would reach the runs too, where it
    cost a tenth more time.
    """
    _trim()(0)
