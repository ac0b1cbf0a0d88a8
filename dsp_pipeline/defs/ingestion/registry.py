"""The registry of drops in the lake: numbered states, of which the sensor's cursor names the one that counts.

Dagster keeps a cursor only once a tick's runs are launched. So a state that was written by a tick that did not end
(the daemon was killed) is never looked at: the next tick starts from the state before it, asks for the same runs
again, and their run keys keep them from running twice.
"""

from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.defs.ingestion.drops import Registry
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.layout import REGISTRY_PREFIX, registry_key
from dsp_pipeline.storage.outcomes import failed_drops, good_drops

KEPT = 5
"""States kept behind the current one, for an operator who wants to look."""


def load_registry(lake: ObjectStore, cursor: str | None, *, prefix: str = REGISTRY_PREFIX) -> tuple[int, Registry]:
    """The registry's number and state that a cursor names.

    Without a cursor (a fresh instance, one whose sensor was reset, or one whose very first tick did not end) it is
    the newest state there is, less the drops whose outcome is not known: their runs may never have been launched.
    """
    if cursor:
        return int(cursor), _state(lake, int(cursor), prefix)
    number = _newest(lake, prefix)
    newest = _state(lake, number, prefix)
    if not newest.seen:
        return number, newest
    ended = good_drops(lake) | failed_drops(lake)
    return number, Registry(seen={key: seen for key, seen in newest.seen.items() if seen.drop in ended})


def save_registry(lake: ObjectStore, number: int, registry: Registry, *, prefix: str = REGISTRY_PREFIX) -> None:
    """Write the registry's next state and drop one that is no longer needed."""
    lake.put(registry_key(number, prefix=prefix), registry.model_dump_json().encode())
    if number > KEPT:
        lake.delete(registry_key(number - KEPT, prefix=prefix))


def _state(lake: ObjectStore, number: int, prefix: str) -> Registry:
    try:
        return Registry.model_validate_json(lake.get(registry_key(number, prefix=prefix)).data)
    except ObjectNotFoundError:
        return Registry()


def _newest(lake: ObjectStore, prefix: str) -> int:
    numbers = [info.key.removeprefix(prefix).removesuffix(".json") for info in lake.list(prefix)]
    return max(map(int, numbers), default=0)
