"""How much work something is, told without a clock: a busy machine changes a time, and no count."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import dsp_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_T = TypeVar("_T")
_PACKAGE = str(Path(dsp_pipeline.__file__).parent)


def lines_run(act: Callable[[], _T]) -> tuple[_T, int]:
    """What a call returns, and how many lines of this package's own code it ran; a loop's count each time.

    What tools trace at the same time, such as coverage, goes on behind it.
    """
    count = 0

    def within(_frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return within

    def entered(frame: FrameType, _event: str, _argument: Any) -> Callable[..., Any] | None:
        return within if frame.f_code.co_filename.startswith(_PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        made = act()
    finally:
        sys.settrace(before)
    return made, count
