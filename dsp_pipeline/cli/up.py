"""`dsp up`: the local stack, until Ctrl-C."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dsp_pipeline.cli.command import Command
from dsp_pipeline.cli.output import StepLines, remarks, results
from dsp_pipeline.stack.connection import home_folder

if TYPE_CHECKING:
    from dsp_pipeline.stack.local_stack import RunningStack


def home_option() -> click.Option:
    """Which stack: each home folder has one."""
    return click.Option(
        ["--home"],
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the stack's data, credentials and logs. [default: $DSP_HOME, else ~/.dsp]",
    )


def end_with_parent_option() -> click.Option:
    """For `make`, which may be killed without a word."""
    return click.Option(["--end-with-parent"], is_flag=True, hidden=True)


def start_stack(home: Path | None, *, end_with_parent: bool) -> RunningStack:
    """Start the stack and show how it goes.

    Raises:
        StackError: A server did not start, or a stack runs there already.
    """
    from dsp_pipeline.stack.local_stack import start  # noqa: PLC0415 - `dsp up --help` does not need it

    folder = (home or home_folder(os.environ)).expanduser().absolute()
    console = remarks()
    began = time.monotonic()
    with StepLines(console) as lines:
        running = start(folder, on_progress=lines.doing, end_with_parent=end_with_parent)
        lines.ended(f"all servers run; their data and logs are in {folder}", seconds=time.monotonic() - began)
    return running


def show_addresses(running: RunningStack) -> None:
    """Where the stack's doors are."""
    variables = running.connection.environment
    console = results()
    console.print(f"Dagster UI    {running.connection.dagster_url}")
    console.print(f"Catalogue     {variables['DSP_DASHBOARDS_URL']}/index.html")
    console.print(f"Drop bucket   s3://{variables['DSP_DROP_BUCKET']} at {running.connection.s3_endpoint}")


def wait_for_the_end(running: RunningStack) -> None:
    """Stay until Ctrl-C, then say that all is being ended.

    Raises:
        StackError: A server ended by itself.
    """
    console = remarks()
    console.print("[dim]It runs until you press Ctrl-C.[/]")
    running.wait()
    console.print("[dim]Ending all servers …[/]")


def _up(home: Path | None, end_with_parent: bool) -> int:
    with start_stack(home, end_with_parent=end_with_parent) as running:
        show_addresses(running)
        remarks().print("[dim]In another shell: dsp drop FILE --wait[/]")
        wait_for_the_end(running)
    return 0


command = Command(
    "up",
    callback=_up,
    params=[home_option(), end_with_parent_option()],
    help="""
    Start object store, database and Dagster on this machine.

    Real servers (SeaweedFS, PostgreSQL, Dagster's code server, daemon and webserver), each on 127.0.0.1
    only, on ports that are free. Data is kept in the home folder between starts. Ctrl-C ends all of
    them.
    """,
    short_help="Start object store, database and Dagster on this machine.",
    examples=[
        ("dsp up", "Start, print the addresses, stay until Ctrl-C"),
        ("dsp up --home ./stack", "Keep this stack's data in a folder of its own"),
    ],
)
