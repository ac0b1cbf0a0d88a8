"""The time that work on one drop may take: pure code has no clock, so it is handed this to call."""

import time
from collections.abc import Callable

from dsp_pipeline.core.errors import ReadingError


def deadline(seconds: float, *, where: str, doing: str = "reading") -> Callable[[], None]:
    """What raises a `ReadingError` when it is called more than so many seconds from now.

    Args:
        seconds: The time there is.
        where: What is worked on, for the message.
        doing: What is done with it, for the message.
    """
    end = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > end:
            raise ReadingError(
                f"{doing} takes longer than {seconds:,} seconds",
                where=where,
                remedy="Split the file, or raise DSP_LIMIT_MAX_SECONDS",
            )

    return check
