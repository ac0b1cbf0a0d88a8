"""From a drop's key to the dataset it belongs to, without two keys sharing one by accident."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from dsp_pipeline.core.errors import NamingError

TABLE_SUFFIXES = (".csv", ".tsv", ".txt")
COMPRESSION_SUFFIXES = ("", ".gz", ".zst", ".bz2", ".zip")
SIDECAR_SUFFIX = ".dsp.yaml"
MAX_SLUG = 80
_HASH_LENGTH = 6
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")


def is_slug(name: str) -> bool:
    """Whether a name is a dataset's name as it stands."""
    return len(name) <= MAX_SLUG and _SLUG.fullmatch(name) is not None


def slug(name: str) -> str:
    """A dataset's name made from any text.

    A name that is a slug already stays as it is. Any other one is folded to ASCII lower case, and gets a short
    hash of the original at its end, so that "Sales 2024" and "sales-2024" stay two datasets.

    Raises:
        NamingError: The name is empty.
    """
    if not name.strip():
        raise NamingError("an empty name cannot name a dataset", remedy="Give the file or folder a name")
    if is_slug(name):
        return name
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    folded = re.sub(r"[^a-z0-9_]+", "-", ascii_only).strip("-_")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    stem = folded[: MAX_SLUG - _HASH_LENGTH - 1].rstrip("-_")
    return f"{stem}-{digest}" if stem else f"dataset-{digest}"


def is_table_key(key: str) -> bool:
    """Whether a key in the drop bucket names a table (by its suffix)."""
    return table_suffix(key) is not None and not key.endswith("/")


def table_suffix(key: str) -> str | None:
    """The suffix that makes a key a table's, such as ``.csv.gz``; None if it is no table."""
    lower = key.lower()
    for compression in COMPRESSION_SUFFIXES:
        for suffix in TABLE_SUFFIXES:
            whole = suffix + compression
            if lower.endswith(whole) and not lower.removesuffix(whole).endswith("/") and len(lower) > len(whole):
                return whole
    return None


def stem_of(key: str) -> str:
    """The key without the table's suffix; the key itself if it has none."""
    suffix = table_suffix(key)
    return key[: -len(suffix)] if suffix else key


def sidecar_key(key: str) -> str:
    """The key at which a table's sidecar lies: ``sales.csv.gz`` has ``sales.dsp.yaml``."""
    return stem_of(key) + SIDECAR_SUFFIX


def dataset_of(key: str) -> str:
    """The dataset that a key in the drop bucket belongs to.

    ``<dataset>.csv`` and ``<dataset>/<anything>.csv`` belong to ``<dataset>``. Deeper folders are part of the
    file's name, not of the dataset's.

    Raises:
        NamingError: The key does not name a table.
    """
    if table_suffix(key) is None:
        known = ", ".join(TABLE_SUFFIXES)
        raise NamingError(
            "the name does not end like a table's",
            where=key,
            remedy=f"Use one of {known}, optionally with .gz, .zst, .bz2 or .zip behind it",
        )
    first, separator, _ = key.partition("/")
    return slug(first if separator and first else stem_of(key.lstrip("/")))
