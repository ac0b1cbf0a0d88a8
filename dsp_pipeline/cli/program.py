"""The command group: help, lazy sub-commands, what becomes of errors. For `dsp --help` only click is loaded."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from dsp_pipeline import __version__
from dsp_pipeline.cli import exits
from dsp_pipeline.cli.command import DEBUG, debug_option, write_exit_codes
from dsp_pipeline.core.errors import DspError
from dsp_pipeline.storage.files import file_error

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECTIONS: dict[str, dict[str, str]] = {
    "See it work": {
        "demo": "Start everything, analyse a sample, show where to look.",
        "run": "Analyse files right here, with no server.",
    },
    "Use a running installation": {
        "drop": "Drop a CSV into the bucket; with --wait, follow it to its dashboard.",
        "predict": "Add predictions to the rows of a CSV.",
        "status": "Show datasets, their dashboards and failures, and what is running.",
    },
    "Operate": {
        "up": "Start object store, database and Dagster on this machine.",
        "doctor": "Check versions, settings and connections, and say how to mend them.",
    },
}
_COMMANDS = {name: summary for section in _SECTIONS.values() for name, summary in section.items()}
_WIDTH = max(map(len, _COMMANDS))


class Program(click.Group):
    """The `dsp` group. Sub-commands are imported when they are called, not to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """A sub-command, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"dsp_pipeline.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The sub-command that is called; a mistyped one is told what was probably meant."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], _COMMANDS, n=1, cutoff=0.5)
            hint = f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(_COMMANDS)}."
            raise click.UsageError(f"There is no command '{args[0]}'. {hint}", ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The sub-commands in sections."""
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:{_WIDTH}}", summary) for name, summary in commands.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Where to start, and the exit codes."""
        write_exit_codes(formatter)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - click's signature; we always end ourselves
        **extra: Any,
    ) -> NoReturn:
        """Run the program and end the process with its exit code."""
        given = list(sys.argv[1:] if args is None else args)
        debug = DEBUG in given  # what the options say is not known where they could not be parsed
        try:
            code = super().main(given, prog_name or "dsp", complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            click.echo("\nInterrupted.", err=True)
            code = exits.INTERRUPTED
        except DspError as error:
            exits.show(error, debug=debug)
            code = exits.code_of(error)
        except BrokenPipeError:
            # Whoever read our output has gone, e.g. `dsp status | head`; say nothing, also not at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = exits.FAILED
        except OSError as error:
            exits.show(file_error(error, str(error.filename or "")), debug=debug)
            code = exits.FAILED
        except Exception as error:  # noqa: BLE001 - the last place where a person can be told
            exits.show_fault(error, debug=debug)
            code = exits.FAILED
        sys.exit(code or exits.OK)


@click.group(
    "dsp",
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[debug_option()],
    invoke_without_command=False,
)
@click.version_option(__version__, "-V", "--version", prog_name="dsp", message="%(prog)s %(version)s")
def main() -> None:
    """Drop a CSV into a bucket, get a dashboard back.

    \b
    dsp demo                       start everything here and analyse a sample
    dsp run sales.csv              analyse one file, with no server
    dsp drop sales.csv --wait      hand a file to the running installation

    'dsp COMMAND --help' has examples for each command.
    """  # noqa: D301 - click's mark for text that is not re-wrapped
