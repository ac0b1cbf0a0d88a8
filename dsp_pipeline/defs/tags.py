"""The tags that tie a Dagster run to its drop, and how a run is asked for."""

import re
from collections.abc import Mapping

import dagster as dg

from dsp_pipeline.defs.ingestion.drops import Drop

DROP = "dsp/drop"
DATASET = "dsp/dataset"
KEY = "dsp/key"
WHY = "dsp/why"
ATTEMPT = "dsp/attempt"
DROPPED_AT = "dsp/dropped_at"
PRIORITY = "dagster/priority"


def run_request(drop: Drop, *, why: str, run_key: str, attempt: int = 1, priority: int = 0) -> dg.RunRequest:
    """A run that makes a dashboard of one drop.

    Args:
        drop: What to analyse; the run refuses to read anything else.
        why: ``drop``, ``retry`` or ``reanalysis``, shown as a tag.
        run_key: Dagster starts at most one run per sensor or schedule with this key.
        attempt: The how-manieth run for this drop.
        priority: Higher goes first in the queue.
    """
    config = {"key": drop.key, "etag": drop.etag, "only_if_new": why == "drop"}
    return _request(drop, "raw_dataset", config, why=why, run_key=run_key, attempt=attempt, priority=priority)


def prediction_request(drop: Drop, *, why: str, run_key: str, attempt: int = 1) -> dg.RunRequest:
    """A run that predicts one file of rows; see `run_request`."""
    config = {"key": drop.key, "etag": drop.etag}
    return _request(drop, "predictions", config, why=why, run_key=run_key, attempt=attempt, priority=0)


def _request(
    drop: Drop, asset: str, config: Mapping[str, object], *, why: str, run_key: str, attempt: int, priority: int
) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=run_key,
        partition_key=drop.dataset,
        run_config={"ops": {asset: {"config": dict(config)}}},
        tags={
            DROP: drop.id,
            DATASET: drop.dataset,
            KEY: printable(drop.key),
            WHY: why,
            ATTEMPT: str(attempt),
            DROPPED_AT: drop.dropped_at.isoformat(),
            PRIORITY: str(priority),
        },
    )


def printable(key: str) -> str:
    """A key as a tag's value: control characters shown as question marks, at most 200 characters."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", key)[:200]
