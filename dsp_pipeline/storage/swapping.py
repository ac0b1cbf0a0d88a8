"""Changing an object that others change meanwhile: read, changed, and written only if nobody came between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import ObjectNotFoundError, PreconditionError, StorageUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.storage.base import ObjectStore

_ATTEMPTS = 50


def swap(
    store: ObjectStore, key: str, change: Callable[[bytes | None], bytes | None], *, what: str, remedy: str
) -> None:
    """Change an object, whatever others do to it meanwhile.

    Args:
        store: Where it is.
        key: Its key.
        change: From what is stored (None where nothing is) to what is to be stored, or to None to leave it. It is
            asked anew each time that somebody else was first.
        what: What the object is, for the error.
        remedy: What to do if others keep being first, for the error.

    Raises:
        StorageUnavailableError: Others changed it first, many times in a row.
    """
    for _ in range(_ATTEMPTS):
        try:
            stored = store.get(key)
        except ObjectNotFoundError:
            stored = None
        after = change(stored.data if stored else None)
        if after is None:
            return
        try:
            store.put(key, after, if_match=stored.info.etag if stored else None, if_absent=stored is None)
        except PreconditionError:
            continue
        return
    raise StorageUnavailableError(
        f"{what} was changed by others each time it was to be written", where=key, remedy=remedy
    )
