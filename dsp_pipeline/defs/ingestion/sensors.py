"""The sensor that notices drops: a thin caller of `drops.plan`."""

import os

import dagster as dg

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs.ingestion.drops import Drop, plan
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
    decided = plan(stores.drop.list(), registry, limit=MAX_RUNS_PER_TICK)
    if decided.registry != registry:
        number += 1
        save_registry(stores.lake, number, decided.registry)
    for drop in decided.repeated:
        context.log.info("%s was dropped again with the same content: skipped, its dashboard stands.", drop.key)
    if not decided.new:
        return dg.SensorResult(skip_reason=_nothing_new(decided.repeated, decided.ignored), cursor=str(number))
    if decided.waiting:
        context.log.info("%d more new drops wait for the next tick.", decided.waiting)
    return dg.SensorResult(
        run_requests=[run_request(drop, why="drop", run_key=drop.id) for drop in decided.new],
        dynamic_partitions_requests=[datasets.build_add_request(sorted({drop.dataset for drop in decided.new}))],
        cursor=str(number),
    )


def _nothing_new(repeated: list[Drop], ignored: dict[str, str]) -> str:
    said = ["No new drop."]
    if repeated:
        said.append(f"Same content dropped again, skipped: {_named([drop.key for drop in repeated])}.")
    if ignored:
        said.append(f"Not read: {_named([f'{key} ({why})' for key, why in ignored.items()])}.")
    return " ".join(said)


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
