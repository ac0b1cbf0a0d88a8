"""What the local stack costs: ``python -m dsp_pipeline_tests.performance.bench_stack``.

Prints the CPU time of loading the definitions, the memory of the idle stack (PSS: each shared page counted once,
divided among those who share it), and the seconds from a small drop to its published dashboard, on a warm stack.
"""

from __future__ import annotations

import dataclasses
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from dsp_pipeline.core.errors import ObjectNotFoundError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.stack import dagster_processes, local_stack
from dsp_pipeline.storage.layout import FAILED_PREFIX, dashboard_page
from dsp_pipeline.storage.stores import Stores, open_stores

IDLE_SECONDS = 30.0
DROPS = 10
ROWS = 4_000
LIMIT_SECONDS = 180.0
POLL_SECONDS = 0.1
MEGABYTE = 1e6
DAGSTER = {dagster_processes.CODE_SERVER, dagster_processes.DAEMON, dagster_processes.WEBSERVER}


@dataclasses.dataclass(frozen=True)
class Bound:
    """A figure with the most that it may be."""

    name: str
    value: float
    limit: float
    unit: str

    def __str__(self) -> str:
        verdict = "ok" if self.value <= self.limit else "TOO MUCH"
        return f"{self.name:<46} {self.value:8.1f} {self.unit:<3} of at most {self.limit:g}   {verdict}"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def import_seconds() -> float:
    """CPU seconds that a fresh process takes to load the definitions; the second time, with warm caches."""
    seconds = 0.0
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", f"import {dagster_processes.DEFINITIONS}"], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds


def memory(running: local_stack.RunningStack) -> dict[str, float]:
    """Megabytes of PSS by server, each with its descendants."""
    found = {}
    for name, pid in running.pids.items():
        process = psutil.Process(pid)
        family = [] if name == "guard" else process.children(recursive=True)
        found[name] = (process.memory_full_info().pss + sum(map(_pss_if_alive, family))) / MEGABYTE
    return found


def _pss_if_alive(process: psutil.Process) -> float:
    """Bytes of PSS; 0 for a process that ended since it was listed, as PostgreSQL's helpers do by the second."""
    try:
        return float(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0.0


def report_memory(running: local_stack.RunningStack, when: str) -> list[Bound]:
    figures = memory(running)
    say(f"\nMemory, {when} (MB of PSS)")
    for name, megabytes in figures.items():
        say(f"  {name:<20} {megabytes:7.1f}")
    dagster = sum(megabytes for name, megabytes in figures.items() if name in DAGSTER)
    return [
        Bound(f"the whole stack, {when}", sum(figures.values()), 900, "MB"),
        Bound(f"Dagster's own processes, {when}", dagster, 450, "MB"),
    ]


def small_table(number: int) -> bytes:
    """A CSV of about 200 kB with kinds of every sort and something to predict; different for each number."""
    chance = random.Random(number)  # noqa: S311 - data, not secrets
    lines = ["order_id,day,region,amount,units,returned"]
    for row in range(ROWS):
        region = chance.choice(["north", "south", "east", "west"])
        units = chance.randint(1, 9)
        amount = units * chance.uniform(5, 50)
        returned = "yes" if chance.random() < 0.1 + 0.03 * units else "no"
        day = f"2024-{1 + row % 12:02d}-{1 + row % 28:02d}"
        lines.append(f"{number}-{row},{day},{region},{amount:.2f},{units},{returned}")
    return "\n".join(lines).encode()


def seconds_to_dashboard(stores: Stores, number: int) -> float:
    """Seconds from the end of a drop to its dashboard.

    Raises:
        RuntimeError: The drop failed, or there is no dashboard after a while.
    """
    assert stores.dashboards is not None
    dataset = f"bench-{number:02d}"
    failed = {info.key for info in stores.lake.list(FAILED_PREFIX)}
    stores.drop.put(f"{dataset}.csv", small_table(number))
    began = time.monotonic()
    while time.monotonic() - began < LIMIT_SECONDS:
        try:
            stores.dashboards.head(dashboard_page(dataset))
        except ObjectNotFoundError:
            time.sleep(POLL_SECONDS)
        else:
            return time.monotonic() - began
        for info in stores.lake.list(FAILED_PREFIX):
            if info.key not in failed:
                raise RuntimeError(stores.lake.get(info.key).data.decode())
    raise RuntimeError(f"no dashboard for {dataset} after {LIMIT_SECONDS:.0f} seconds")


def measure_drops(running: local_stack.RunningStack) -> Bound:
    os.environ.update(running.connection.environment)
    stores = open_stores(Settings.from_environment(running.connection.environment))
    chance = random.Random(0)  # noqa: S311 - spreads the drops over the sensor's interval
    times = []
    for number in range(DROPS + 1):
        time.sleep(chance.uniform(0, 5))
        times.append(seconds_to_dashboard(stores, number))
        say(
            f"  drop {number:2d}: {times[-1]:5.1f} s"
            + ("   (warms the stack, not counted)" if number == 0 else "")
        )
    return Bound(f"drop to dashboard, median of {DROPS}", statistics.median(times[1:]), 15, "s")


def main() -> None:
    """Measure and print; the figures depend on what else the machine does."""
    say(f"cores: {os.cpu_count()}, load: {os.getloadavg()[0]:.1f}, processors shared with others count against us")
    bounds = [Bound(f"import {dagster_processes.DEFINITIONS}, CPU", import_seconds(), 3, "s")]
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        with local_stack.start(Path(folder) / "home", on_progress=lambda line: say(f"  {line}")) as running:
            bounds.append(Bound("stack ready, on an empty home folder", time.monotonic() - began, 60, "s"))
            time.sleep(IDLE_SECONDS)
            bounds += report_memory(running, "before the first drop")
            say(f"\nA CSV of {len(small_table(0)) / 1e3:.0f} kB, dropped {DROPS} times")
            bounds.append(measure_drops(running))
            time.sleep(IDLE_SECONDS)
            bounds += report_memory(running, "idle again")
    say("")
    for bound in bounds:
        say(str(bound))


if __name__ == "__main__":
    main()
