"""Files that only their owner may read: credentials and addresses that carry them."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECRET_BYTES = 30


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600, whole or not at all; its folder has to be there."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    scratch.replace(path)


def kept_secrets(path: Path, names: tuple[str, ...]) -> Mapping[str, str]:
    """A random secret for each name, made once and kept in a private file; letters, digits, ``-`` and ``_``."""
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(_SECRET_BYTES) for name in missing}
        write_private(path, json.dumps(known, indent=1))
    return {name: known[name] for name in names}
