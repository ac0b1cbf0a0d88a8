"""Files that are whole or not there."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO

from dsp_pipeline.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RIGHTS = "Give yourself the right to read and write there"
_OTHER_NAME = "On a file system no object can lie below another one: use another name"
_REMEDY = {
    errno.ENOSPC: "Free some disk space",
    errno.EDQUOT: "Free some of your disk quota",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "Choose a folder that can be written to",
    errno.ENAMETOOLONG: "Use a shorter name",
    errno.EEXIST: _OTHER_NAME,
    errno.ENOTDIR: _OTHER_NAME,
    errno.EISDIR: _OTHER_NAME,
}


def file_error(error: OSError, where: str) -> StorageError:
    """What a file system refused, as an error with a remedy."""
    reason = (error.strerror or str(error)).lower()
    remedy = _REMEDY.get(error.errno or 0, "Check the disk and the folder's rights")
    return StorageError(f"the file system refused: {reason}", where=where, remedy=remedy)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its name only when the block ends well; on any error nothing is left of it.

    The bytes are flushed to the disk before the name is given, so a crash leaves the old file or the new one.

    Args:
        path: The name it gets; its folder is made if it is not there.

    Raises:
        OSError: The disk is full, the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
