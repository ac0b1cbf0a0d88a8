"""Where things are printed: results on stdout, all that accompanies them on stderr."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from types import TracebackType

    from rich.status import Status

_PIPE_WIDTH = 10_000
"""Where nobody looks at a screen, no line is too long."""

DONE, FAILED, SKIPPED = "[green]✓[/]", "[red]✗[/]", "[dim]-[/]"


def results() -> Console:
    """The console for what was asked for. Never wraps an address, so that it can be copied and piped."""
    return _console(stderr=False)


def remarks() -> Console:
    """The console for progress and remarks."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def plain(text: str) -> str:
    """Text that stands for itself: none of it is markup, and control characters are shown, not obeyed."""
    return escape("".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text))


class StepLines(contextlib.AbstractContextManager["StepLines"]):
    """Steps as they go: a moving line for those under way (on a terminal), a lasting one for each that ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rest()

    def doing(self, what: str) -> None:
        """Show what is under way; on anything but a terminal, nothing."""
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(plain(what))
            self._status.start()
        else:
            self._status.update(plain(what))

    def rest(self) -> None:
        """Show nothing as under way."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def ended(self, what: str, *, mark: str = DONE, seconds: float | None = None) -> None:
        """Print a lasting line."""
        took = "" if seconds is None else f" [dim]{seconds:.1f} s[/]"
        self._console.print(f" {mark} {plain(what)}{took}")
