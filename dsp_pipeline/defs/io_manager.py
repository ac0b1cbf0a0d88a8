"""Artifacts between assets: written to the lake, kept in memory for the rest of the run."""

from collections import OrderedDict
from typing import Any

import dagster as dg

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import DspError, InputError, ObjectNotFoundError
from dsp_pipeline.defs.failures import explained
from dsp_pipeline.etl.tables import StoredTable
from dsp_pipeline.storage.artifacts import load_artifact, save_artifact
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.versions import Latest, mark_latest, read_latest

CACHE_BYTES = 2_000_000_000


class LakeIOManager(dg.IOManager):
    """Keeps every asset's value in the lake under its dataset and version.

    A run is in one process, so what it has just written or read it does not read again, up to a bound. The
    version is that of the raw table made in this run; in a run that starts further down, it is the latest
    version that the first asset it reads was made for, and all else is read at that same version.

    Args:
        lake: Where the values lie.
        cache_bytes: The memory that values held may take.
        by_drop_time: Whether the version that was dropped last is the latest one; else the one that was made last.
    """

    def __init__(self, lake: ObjectStore, *, cache_bytes: int = CACHE_BYTES, by_drop_time: bool = True) -> None:
        self._lake = lake
        self._by_drop_time = by_drop_time
        self._known: dict[str, Latest] = {}
        self._cache = _Cache(cache_bytes)

    def version_in_run(self, dataset: str) -> str | None:
        """The version that this run works on, once it is known."""
        return self._known[dataset].version if dataset in self._known else None

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the value, then move the asset's pointer to its version."""
        asset, dataset = context.asset_key.path[-1], context.partition_key
        if asset == "raw_dataset":
            self._known[dataset] = self._made_from(obj.reading.source, context.run_id)
        latest = self._known[dataset].model_copy(update={"run": context.run_id})
        version = latest.version
        with explained(_attempts(context), context.log):
            save_artifact(self._lake, asset=asset, dataset=dataset, version=version, value=obj)
            mark_latest(self._lake, dataset=dataset, asset=asset, latest=latest)
        self._cache.add((asset, dataset, version), obj)

    def load_input(self, context: dg.InputContext) -> Any:
        """The upstream asset's value at this run's version."""
        asset, dataset = context.asset_key.path[-1], context.partition_key
        with explained(_attempts(context), context.log):
            if dataset not in self._known:
                self._known[dataset] = self._latest(dataset, asset)
            version = self._known[dataset].version
            found = self._cache.get((asset, dataset, version))
            if found is not None:
                return found
            try:
                value = load_artifact(self._lake, asset=asset, dataset=dataset, version=version)
            except ObjectNotFoundError as error:
                raise _not_made(asset, dataset, version) from error
        self._cache.add((asset, dataset, version), value)
        return value

    def _made_from(self, source: Source, run: str) -> Latest:
        return Latest(
            version=source.version,
            run=run,
            dropped_at=source.dropped_at if self._by_drop_time else None,
            sidecar_etag=source.sidecar_etag,
        )

    def _latest(self, dataset: str, asset: str) -> Latest:
        latest = read_latest(self._lake, dataset=dataset, asset=asset)
        if latest is None:
            raise _not_made(asset, dataset, None)
        return latest


def _attempts(context: dg.OutputContext | dg.InputContext) -> int:
    return context.step_context.previous_attempt_count


def _not_made(asset: str, dataset: str, version: str | None) -> DspError:
    return InputError(
        f"'{asset}' has not been made" + (f" for version {version}" if version else ""),
        where=dataset,
        remedy=f"Materialize '{asset}' together with what comes after it",
    )


class _Cache:
    """Values of one run, the least recently used dropped when their frames outgrow the bound."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[tuple[str, str, str], tuple[Any, int]] = OrderedDict()

    def add(self, key: tuple[str, str, str], value: Any) -> None:
        self._held[key] = (value, _frame_bytes(value))
        self._held.move_to_end(key)
        while len(self._held) > 1 and sum(size for _, size in self._held.values()) > self._max_bytes:
            self._held.popitem(last=False)

    def get(self, key: tuple[str, str, str]) -> Any | None:
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]


def _frame_bytes(value: Any) -> int:
    """The memory that a value's tables take; the rest of a value is small."""
    return sum(part.bytes_in_memory for part in vars(value).values() if isinstance(part, StoredTable))
