"""What all sub-commands share: examples and exit codes in their help, and --debug."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dsp_pipeline.cli.exits import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

DEBUG = "--debug"


def debug_option() -> click.Option:
    """The option that every command takes; see `wants_debug`."""
    return click.Option(
        [DEBUG], is_flag=True, expose_value=False, callback=_note_debug, help="With an error, show its trace."
    )


def wants_debug() -> bool:
    """Whether --debug was given, on the program or on the sub-command."""
    return bool(click.get_current_context().meta.get(DEBUG))


def _note_debug(ctx: click.Context, _option: click.Parameter, given: bool) -> None:
    ctx.meta[DEBUG] = ctx.meta.get(DEBUG, False) or given


class Command(click.Command):
    """A sub-command whose help ends with examples and exit codes.

    Args:
        examples: Pairs of a command line and what it does.
    """

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.examples = examples
        self.params.append(debug_option())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The examples, one below the other, then the exit codes."""
        if self.examples:
            with formatter.section("Examples"):
                for line, meaning in self.examples:
                    formatter.write_text(f"# {meaning}")
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        write_exit_codes(formatter)


def write_exit_codes(formatter: click.HelpFormatter) -> None:
    """What the exit codes mean."""
    with formatter.section("Exit codes"):
        formatter.write_dl([(str(code), meaning) for code, meaning in MEANINGS])
