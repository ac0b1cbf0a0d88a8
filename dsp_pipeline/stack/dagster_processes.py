"""Dagster's own processes: code server, daemon, webserver; each listens on the loopback interface only.

They are started as programs; nothing here imports Dagster.
"""

from __future__ import annotations

import dataclasses
import importlib.resources
import json
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

from dsp_pipeline.stack.ports import LOOPBACK, accepts, free_ports
from dsp_pipeline.stack.process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CODE_SERVER = "code-server"
DAEMON = "dagster-daemon"
WEBSERVER = "dagster-webserver"
DEFINITIONS = "dsp_pipeline.definitions"
LOCATION = "dsp_pipeline"
LAST_TABLE = "job_ticks"  # of a database that Dagster has set up
_DAEMON_QUERY = '{ instance { daemonHealth { daemonStatus(daemonType: "SENSOR") { lastHeartbeatTime } } } }'
_DEFINITIONS_QUERY = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
_STAGE = 1  # ended before the servers that they depend on
_PORTS_FILE = "ports.json"
_CODE_SERVER_THREADS = 8


@dataclasses.dataclass(frozen=True, slots=True)
class DagsterProcesses:
    """What to start, and how it will be reached."""

    code_server: ServerProcess
    daemon: ServerProcess
    webserver: ServerProcess
    code_server_port: int
    webserver_port: int

    @property
    def url(self) -> str:
        """The address of the Dagster UI."""
        return f"http://{LOOPBACK}:{self.webserver_port}"

    def code_server_is_ready(self) -> bool:
        """Whether the code server listens; it does so once it has loaded the definitions."""
        return accepts(self.code_server_port)

    def webserver_is_ready(self) -> bool:
        """Whether the UI shows the definitions; it may have looked for them before they were served."""
        answer = self._ask(_DEFINITIONS_QUERY)
        return bool(answer and answer["repositoriesOrError"].get("nodes"))

    def daemon_is_ready(self, *, since: float) -> bool:
        """Whether the daemon has begun to evaluate sensors since a time, in seconds since the epoch."""
        answer = self._ask(_DAEMON_QUERY)
        heartbeat = answer and answer["instance"]["daemonHealth"]["daemonStatus"]["lastHeartbeatTime"]
        return heartbeat is not None and heartbeat >= since

    def _ask(self, query: str) -> Any:
        """The data that answers a GraphQL query; None if there is no answer."""
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.url}/graphql",
            data=json.dumps({"query": query}).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10.0) as answer:
                return json.load(answer).get("data")
        except OSError:
            return None


def prepare_home(folder: Path) -> dict[str, int]:
    """Write what Dagster expects to find in its home folder; returns the ports chosen for its servers."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = importlib.resources.files("dsp_pipeline.stack").joinpath("dagster.yaml")
    (folder / "dagster.yaml").write_text(settings.read_text(encoding="utf-8"), encoding="utf-8")
    ports = free_ports(("webserver", "code_server"), kept=folder / _PORTS_FILE)
    server = {"host": LOOPBACK, "port": ports["code_server"], "location_name": LOCATION}
    # JSON is YAML.
    (folder / "workspace.yaml").write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
    return ports


def prepare(
    folder: Path, *, ports: Mapping[str, int], environment: Mapping[str, str], logs: Path, definitions: str
) -> DagsterProcesses:
    """Describe the three processes.

    Args:
        folder: Dagster's home folder, as `prepare_home` made it.
        ports: What `prepare_home` returned.
        environment: All variables that the processes and the runs that they start get.
        logs: Folder of the logs.
        definitions: The module that has the Dagster definitions.
    """
    environment = {**environment, "DAGSTER_HOME": str(folder)}

    def process(name: str, module: str, *arguments: str) -> ServerProcess:
        return ServerProcess(
            name=name,
            command=(sys.executable, "-m", module, *arguments),
            environment=environment,
            log=str(logs / f"{name}.log"),
            folder=str(folder),
            stage=_STAGE,
            whole_tree=True,
        )

    workspace = ("--workspace", str(folder / "workspace.yaml"))
    return DagsterProcesses(
        code_server=process(
            *(CODE_SERVER, "dagster", "api", "grpc", "--module-name", definitions, "--location-name", LOCATION),
            *("--host", LOOPBACK, "--port", str(ports["code_server"])),
            *("--max-workers", str(_CODE_SERVER_THREADS), "--log-level", "warning"),
        ),
        daemon=process(DAEMON, "dagster._daemon", "run", *workspace),
        webserver=process(
            *(WEBSERVER, "dagster_webserver", *workspace),
            *("--host", LOOPBACK, "--port", str(ports["webserver"]), "--dagster-log-level", "warning"),
        ),
        code_server_port=ports["code_server"],
        webserver_port=ports["webserver"],
    )
