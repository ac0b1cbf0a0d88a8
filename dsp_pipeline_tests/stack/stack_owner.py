"""A program that owns a whole stack, as `dsp up` does; its arguments are the home folder and a mark.

Its code location is a small one, so that what is tested is the stack alone. It says ``up`` and the process ids as
JSON, then waits to be ended; a server's end is said, too.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack import local_stack
from dsp_pipeline_tests.stack.processes import MARK

DEFINITIONS = "dsp_pipeline_tests.stack.small_definitions"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    environment = {**os.environ, MARK: sys.argv[2]}
    with local_stack.start(
        Path(sys.argv[1]),
        on_progress=lambda line: say(f"progress: {line}"),
        environment=environment,
        definitions=DEFINITIONS,
    ) as running:
        say("up " + json.dumps(running.pids))
        try:
            running.wait()
        except StackError as error:
            say(f"error: {error}".replace("\n", " | "))


if __name__ == "__main__":
    main()
