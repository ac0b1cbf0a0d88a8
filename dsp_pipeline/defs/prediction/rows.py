"""What a listing below ``predict/`` means: which files hold rows to predict, and which of them have to wait.

Pure, like `ingestion.drops`: listings and what is known come in, decisions come out.
"""

from collections.abc import Iterable

from dsp_pipeline.core.naming import SIDECAR_SUFFIX, is_table_key, slug
from dsp_pipeline.defs.ingestion.drops import NO_TABLE, RESERVED_PREFIX, Drop, Registry, gather
from dsp_pipeline.storage.base import ObjectInfo


def rows_key(dataset: str, name: str) -> str:
    """Where a file of rows goes in the drop bucket."""
    return f"{RESERVED_PREFIX}{dataset}/{name}"


def dataset_of_rows(key: str) -> str | None:
    """The dataset whose model predicts the rows at a key; None if the key does not say."""
    folder, separator, name = key.removeprefix(RESERVED_PREFIX).partition("/")
    return slug(folder) if key.startswith(RESERVED_PREFIX) and separator and folder.strip() and name else None


def find_rows(listing: Iterable[ObjectInfo]) -> tuple[list[Drop], dict[str, str]]:
    """The files of rows in a listing, oldest first, and the keys that are none with the reason."""
    return gather(listing, _reason_to_ignore, lambda key: dataset_of_rows(key) or "")


def _reason_to_ignore(key: str) -> str | None:
    """As `gather` asks for it."""
    if not key.startswith(RESERVED_PREFIX) or key.endswith((SIDECAR_SUFFIX, "/")):
        return ""
    if dataset_of_rows(key) is None:
        return f"rows to predict lie at {RESERVED_PREFIX}<dataset>/<name>.csv"
    return None if is_table_key(key) else NO_TABLE


def unseen_datasets(rows: Iterable[Drop], registry: Registry) -> set[str]:
    """The datasets of files that the registry does not know."""
    return {
        drop.dataset for drop in rows if drop.key not in registry.seen or registry.seen[drop.key].drop != drop.id
    }
