"""From an object's key to a file's path below a folder, and back, for every key there can be.

Ordinary keys are paths as they stand. What a path cannot say, or what would leave the folder, is
percent-encoded: control characters, a leading dot, what is not UTF-8, an empty part (as a bare ``%``), and
a ``%`` that would read as an escape. Names that start with a dot on disk are therefore never objects.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_EMPTY = "%"
_ESCAPE = re.compile(rb"%[0-9A-F]{2}")
_UNSAFE = re.compile(r"%(?=[0-9A-F]{2})|[\x00-\x1f\x7f\ud800-\udfff]|^\.|^%\Z")


def path_of(key: str) -> PurePosixPath:
    """The relative path at which a key's object lies; it has no empty, ``.`` or ``..`` part."""
    return PurePosixPath(*(_UNSAFE.sub(_escape, part) or _EMPTY for part in key.split("/")))


def key_of(path: PurePosixPath) -> str | None:
    """The key whose object lies at a relative path; None if no key's does, such as a hidden file."""
    try:
        key = "/".join("" if part == _EMPTY else _unescaped(part) for part in path.parts)
    except UnicodeDecodeError:
        return None
    return key if path_of(key) == path else None


def sort_key(key: str) -> bytes:
    """What keys are ordered by: their UTF-8 bytes."""
    return key.encode("utf-8", "surrogatepass")


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "surrogatepass"))


def _unescaped(part: str) -> str:
    raw = part.encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(lambda match: bytes.fromhex(match.group()[1:].decode()), raw).decode(
        "utf-8", "surrogatepass"
    )
