"""How `dsp` ends: exit codes, and an error as three lines a person can act on."""

from __future__ import annotations

import traceback

import click

from dsp_pipeline.core.errors import DspError, SettingsError, StackError, StorageError

OK = 0
FAILED = 1
USAGE = 2
UNREACHABLE = 3
INTERRUPTED = 130

MEANINGS = (
    (OK, "all went well"),
    (FAILED, "a drop, a file or a run failed: bad data, or a fault on the way"),
    (USAGE, "the command was called wrongly"),
    (UNREACHABLE, "settings or connections: no stack runs, no access to a bucket"),
    (INTERRUPTED, "interrupted with Ctrl-C"),
)


def code_of(error: DspError) -> int:
    """The exit code that an error leads to."""
    return UNREACHABLE if isinstance(error, SettingsError | StorageError | StackError) else FAILED


def show(error: DspError, *, debug: bool) -> None:
    """An error on stderr: what happened, where, and what to do; with its trace if asked."""
    if debug:
        click.echo("".join(traceback.format_exception(error)), err=True)
    click.secho("Error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(_sentence(error.what), err=True)
    if error.where:
        click.echo(f"  at   {error.where}", err=True)
    if error.remedy:
        click.echo(f"  do   {_sentence(error.remedy)}", err=True)


def show_fault(error: Exception, *, debug: bool) -> None:
    """An error that nobody foresaw, in words; its trace only if asked."""
    fault = DspError(
        f"something went wrong inside dsp ({type(error).__name__}: {error})",
        remedy="This is a fault of dsp itself; run it again with --debug and report what it prints",
    )
    if debug:
        click.echo("".join(traceback.format_exception(error)), err=True)
    show(fault, debug=False)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")
