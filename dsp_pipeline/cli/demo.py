"""`dsp demo`: the whole way once, from a CSV to its dashboard, on a stack of its own."""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dsp_pipeline.cli.command import Command
from dsp_pipeline.cli.drop import TIMEOUT_SECONDS, plan_drop, upload, wait_for_result
from dsp_pipeline.cli.output import plain, remarks, results
from dsp_pipeline.cli.surroundings import find_surroundings
from dsp_pipeline.cli.up import (
    end_with_parent_option,
    home_option,
    show_addresses,
    start_stack,
    wait_for_the_end,
)

if TYPE_CHECKING:
    from dsp_pipeline.stack.local_stack import RunningStack

SAMPLE = "penguins.csv"


def _demo(home: Path | None, end_with_parent: bool, exit_when_done: bool) -> int:
    with start_stack(home, end_with_parent=end_with_parent) as running:
        url = _analyse_the_sample(running)
        results().print()
        results().print(f"[bold]Dashboard     {plain(url)}[/]")
        show_addresses(running)
        if exit_when_done:
            return 0
        remarks().print("\n[dim]Drop a CSV of your own, in another shell: dsp drop FILE --wait[/]")
        wait_for_the_end(running)
    return 0


def _analyse_the_sample(running: RunningStack) -> str:
    """The address of the sample's dashboard."""
    # This stack, whatever else the caller's environment names.
    os.environ.update(running.connection.environment)
    surroundings = find_surroundings(os.environ)
    stores = surroundings.stores()
    with importlib.resources.as_file(importlib.resources.files("dsp_pipeline.samples")) as folder:
        followed = upload(stores.drop, plan_drop(Path(folder) / SAMPLE, None))
        return wait_for_result(surroundings, stores, followed, timeout=TIMEOUT_SECONDS)


command = Command(
    "demo",
    callback=_demo,
    params=[
        home_option(),
        end_with_parent_option(),
        click.Option(["--exit-when-done"], is_flag=True, help="End as soon as the dashboard is published."),
    ],
    help="""
    Start everything on this machine, analyse a sample, show where to look.

    Starts the stack as 'dsp up' does, drops the bundled Palmer penguins (344 rows, CC0) into its bucket,
    and shows each asset as Dagster makes it. Then prints the addresses of the dashboard, the catalogue
    and the Dagster UI and stays until Ctrl-C.
    """,
    short_help="Start everything, analyse a sample, show where to look.",
    examples=[
        ("dsp demo", "See it work; Ctrl-C ends everything"),
        ("dsp demo --exit-when-done", "The same in a script: exit code 0 once the dashboard is there"),
    ],
)
