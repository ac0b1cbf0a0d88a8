"""The checks of `dsp doctor`; each yields what it found, and how to mend it."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import secrets
import shutil
import sys
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from dsp_pipeline import __version__
from dsp_pipeline.cli.surroundings import find_surroundings
from dsp_pipeline.core.errors import DspError
from dsp_pipeline.stack import object_store
from dsp_pipeline.stack.connection import home_folder
from dsp_pipeline.stack.dagster_api import DagsterApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping

    from dsp_pipeline.cli.surroundings import Surroundings
    from dsp_pipeline.storage.base import ObjectStore

_OLDEST_PYTHON = (3, 11)
_MIN_FREE_BYTES = 2_000_000_000
_PROBE_PREFIX = "_probe/"
_POSTGRES_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class Finding:
    """One line of the report; ``remedy`` is empty where all is well."""

    subject: str
    said: str
    remedy: str = ""

    @property
    def healthy(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.remedy


def all_findings(environment: MutableMapping[str, str]) -> Iterator[Finding]:
    """Every check, one after the other, each as soon as it is known."""
    yield _python()
    yield from _packages()
    yield _disk(environment)
    try:
        surroundings = find_surroundings(environment)
    except DspError as error:
        yield _sick("settings", error)
        return
    yield _settings(surroundings)
    if surroundings.is_chosen:
        yield from _buckets(surroundings)
    yield from _database(surroundings.variables)
    yield from _dagster(surroundings.settings.dagster_url)


def _sick(subject: str, error: DspError) -> Finding:
    where = f" ({error.where})" if error.where else ""
    return Finding(subject, f"{error.what}{where}", error.remedy or "Look at the servers' logs")


def _asked(subject: str, ask: Callable[[], str]) -> Finding:
    """What an answer says, or why there is none."""
    try:
        return Finding(subject, ask())
    except DspError as error:
        return _sick(subject, error)


def _python() -> Finding:
    said = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < _OLDEST_PYTHON:
        return Finding("Python", said, "Install Python 3.11 or newer, and dsp_pipeline into it")
    return Finding("Python", said)


def _packages() -> Iterator[Finding]:
    """Each requirement that is not met; one line if all are."""
    required = [Requirement(line) for line in importlib.metadata.requires("dsp_pipeline") or []]
    needed = [item for item in required if item.marker is None or item.marker.evaluate({"extra": ""})]
    sick = [finding for item in needed if (finding := unmet(item)) is not None]
    yield from sick
    if not sick:
        yield Finding("packages", f"dsp_pipeline {__version__} and the {len(needed)} packages that it needs")


def unmet(required: Requirement) -> Finding | None:
    """What is wrong with an installed package; None if it is what is required."""
    remedy = f"Install it: pip install '{required}'"
    try:
        version = importlib.metadata.version(required.name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(required.name, "is not installed", remedy)
    if required.specifier.contains(version, prereleases=True):
        return None
    return Finding(required.name, f"{version} is installed, {required.specifier} is needed", remedy)


def _disk(environment: Mapping[str, str]) -> Finding:
    home = home_folder(environment)
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free at {there}"
    shortage = object_store.disk_shortage(there)
    if free < _MIN_FREE_BYTES or shortage is not None:
        remedy = f"Free some space, or set DSP_HOME to a folder on a larger disk (not {there})"
        return Finding("disk", shortage or said, remedy)
    return Finding("disk", said)


def _settings(surroundings: Surroundings) -> Finding:
    if surroundings.connection is not None:
        return Finding("settings", f"of the stack that has run since {surroundings.connection.started_at}")
    settings = surroundings.settings
    if not surroundings.is_chosen:
        remedy = "Start a stack with 'dsp up', or set DSP_S3_ENDPOINT or DSP_DROP_BUCKET"
        return Finding("settings", "no stack runs on this machine, and no other installation is named", remedy)
    return Finding(
        "settings", f"from DSP_* variables: {settings.store_folder or settings.s3_endpoint or 'AWS S3'}"
    )


def _buckets(surroundings: Surroundings) -> Iterator[Finding]:
    stores, settings = surroundings.stores(), surroundings.settings
    yield _asked(f"bucket {settings.drop_bucket}", lambda: _listed(stores.drop))
    yield _asked(f"bucket {settings.lake_bucket}", lambda: _written(stores.lake))
    if stores.dashboards is not None:
        dashboards = stores.dashboards
        yield _asked(f"bucket {settings.dashboards_bucket}", lambda: _listed(dashboards))


def _listed(store: ObjectStore) -> str:
    store.check()
    return "can be listed"


def _written(store: ObjectStore) -> str:
    store.check()
    key = f"{_PROBE_PREFIX}{secrets.token_hex(8)}"
    store.put(key, b"dsp doctor", if_absent=True)
    store.delete(key)
    return "can be listed, written to and deleted from"


def _database(variables: Mapping[str, str]) -> Iterator[Finding]:
    url = variables.get("DSP_POSTGRES_URL")
    if not url:
        return
    import psycopg2  # type: ignore[import-untyped]  # noqa: PLC0415 - only where there is a database

    try:
        connection = psycopg2.connect(
            url.replace("postgresql+psycopg2://", "postgresql://"), connect_timeout=_POSTGRES_SECONDS
        )
    except psycopg2.Error as error:
        said = str(error).strip().splitlines()
        remedy = "Check DSP_POSTGRES_URL, and that the database runs and lets this machine in"
        yield Finding("database", said[-1] if said else "no connection", remedy)
        return
    version = connection.server_version
    connection.close()
    yield Finding("database", f"PostgreSQL {version // 10_000}.{version % 10_000} answers")


def _dagster(url: str | None) -> Iterator[Finding]:
    if not url:
        yield Finding("Dagster", "its address is not known", "Set DSP_DAGSTER_URL to the Dagster UI's address")
        return
    try:
        health = DagsterApi(url).health()
    except DspError as error:
        yield _sick("Dagster", error)
        return
    yield _dagster_version(url, health.version)
    sick = {name.lower(): trouble for name, trouble in health.daemons.items() if trouble}
    for name, trouble in sick.items():
        yield Finding(f"daemon {name}", trouble, "Start dagster-daemon, or look at its log")
    if not sick:
        yield Finding("daemons", f"all {len(health.daemons)} are alive")
    if not health.locations:
        yield Finding("code location", "none is loaded", "Add dsp_pipeline.definitions to Dagster's workspace")
    for name, trouble in health.locations.items():
        remedy = "Look at the code server's log, then reload it in the Dagster UI" if trouble else ""
        yield Finding(f"code location {name}", trouble or "loaded", remedy)


def _dagster_version(url: str, version: str) -> Finding:
    installed = importlib.metadata.version("dagster")
    if version != installed:
        remedy = f"Run the same version in both places: pip install dagster=={version}"
        return Finding("Dagster", f"{version} at {url}, but {installed} is installed here", remedy)
    return Finding("Dagster", f"{version} at {url}")
