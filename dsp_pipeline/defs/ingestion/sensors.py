"""The sensor that notices drops: a thin caller of `drops.decide`."""

import os
from collections.abc import Collection

import dagster as dg

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.ingestion.drops import Plan, decide, find_drops, run_key
from dsp_pipeline.defs.ingestion.overtaken import overtaken_drops
from dsp_pipeline.defs.ingestion.registry import load_registry, save_registry
from dsp_pipeline.defs.jobs import analyse
from dsp_pipeline.defs.memory import give_back
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.tags import run_request
from dsp_pipeline.storage.stores import Stores

MAX_RUNS_PER_TICK = 100
_NAMED = 5


@dg.sensor(
    name="drops",
    job=analyse,
    minimum_interval_seconds=Settings.from_environment(os.environ).sensor_interval_seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def drops_sensor(context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores]) -> dg.SensorResult:
    """Lists the drop bucket and asks for a run for each drop that is new by key, content or sidecar."""
    give_back()  # each tick, since ticks and runs that are started leave memory in pieces
    number, registry = load_registry(stores.lake, context.cursor)
    drops, ignored = find_drops(stores.drop.list())
    overtaken = overtaken_drops(stores.lake, drops, registry)
    decided = decide(drops, ignored, registry, limit=MAX_RUNS_PER_TICK, overtaken=overtaken)
    if decided.registry != registry:
        number += 1
        save_registry(stores.lake, number, decided.registry)
    for drop in decided.repeated:
        context.log.info("%s was dropped again with the same content: skipped, its dashboard stands.", drop.key)
    if not decided.new:
        return dg.SensorResult(skip_reason=nothing_new(decided), cursor=str(number))
    if decided.waiting:
        context.log.info("%d more new drops wait for the next tick.", decided.waiting)
    return dg.SensorResult(
        run_requests=[run_request(drop, why="drop", run_key=run_key(drop, registry)) for drop in decided.new],
        dynamic_partitions_requests=[datasets.build_add_request(sorted({drop.dataset for drop in decided.new}))],
        cursor=str(number),
    )


def nothing_new(decided: Plan, waiting_for: Collection[str] = frozenset()) -> str:
    """Why a tick asks for no run, and which keys are not read.

    Args:
        decided: The tick's plan.
        waiting_for: Datasets whose first model has to come before their rows can be predicted.
    """
    said = ["No new drop."]
    if waiting_for:
        said.append(f"Waiting for the first model of {_named(sorted(waiting_for))}.")
    if decided.repeated:
        said.append(f"Same content dropped again, skipped: {_named([drop.key for drop in decided.repeated])}.")
    if decided.ignored:
        said.append(f"Not read: {_named([f'{key} ({why})' for key, why in decided.ignored.items()])}.")
    return " ".join(said)


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
