"""A program that owns servers, to be killed by tests: ``python -m dsp_pipeline_tests.stack.owner FOLDER MARK``.

With ``--end-with-parent`` it ends when its parent does. It says ``up`` and the guard's process id, then sleeps.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from dsp_pipeline.stack.parents import parents_to_watch
from dsp_pipeline.stack.supervisor import Supervisor
from dsp_pipeline_tests.stack.processes import OBEDIENT, STUBBORN, eventually, python_server


def main() -> None:
    folder, mark = Path(sys.argv[1]), sys.argv[2]
    watched = parents_to_watch() if "--end-with-parent" in sys.argv else ()
    supervisor = Supervisor(folder, watched=watched)
    for name, script in (("obedient", OBEDIENT), ("stubborn", STUBBORN)):
        server = python_server(name, script, folder=folder, mark=mark)
        supervisor.start(server)
        eventually(lambda log=Path(server.log), name=name: f"{name} is up" in log.read_text())  # type: ignore[misc]
    sys.stdout.write(f"up {supervisor.guard_pid}\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main()
