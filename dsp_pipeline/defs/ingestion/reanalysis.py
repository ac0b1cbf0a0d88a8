"""Which datasets are due for another analysis. Pure: crons and a window of time in, datasets out."""

import datetime as dt
import hashlib
from collections.abc import Mapping

from cronsim import CronSim

from dsp_pipeline.core.sidecar import NEVER

SPREAD = dt.timedelta(hours=1)


def due_datasets(crons: Mapping[str, str], *, since: dt.datetime, until: dt.datetime) -> dict[str, dt.datetime]:
    """The datasets whose (spread) time lies after ``since`` and not after ``until``, with the cron's own time.

    Each dataset is put off by its own part of an hour, so that a thousand datasets with one cron do not come at
    once. Times are in UTC.
    """
    due = {}
    for dataset, cron in crons.items():
        if cron == NEVER:
            continue
        offset = offset_of(dataset)
        fired = next(CronSim(cron, since - offset))
        if fired + offset <= until:
            due[dataset] = fired
    return due


def offset_of(dataset: str) -> dt.timedelta:
    """How long after its cron's time a dataset is analysed: whole seconds below an hour, always the same."""
    digest = hashlib.sha256(dataset.encode()).digest()
    return dt.timedelta(seconds=int.from_bytes(digest[:4]) % int(SPREAD.total_seconds()))
