"""The same assets in one process over a local folder, with no server: what `dsp run` calls."""

import dataclasses
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg

from dsp_pipeline.core.errors import DspError, InputError
from dsp_pipeline.core.naming import SIDECAR_SUFFIX, dataset_of, sidecar_key, stem_of
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.definitions import assemble
from dsp_pipeline.defs.failures import REMEDY, WHAT, WHERE, said_by_checks
from dsp_pipeline.defs.io_manager import LakeIOManager
from dsp_pipeline.defs.jobs import analyse
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.storage.artifacts import ARTIFACTS
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.layout import artifact_key
from dsp_pipeline.storage.stores import Stores

STEPS = tuple(ARTIFACTS)
"""The assets that a local run can stop after, in order."""

OnStep = Callable[[str, str], None]
"""Called with an asset's name and ``started``, ``done`` or ``failed``."""


@dataclasses.dataclass(frozen=True)
class LocalResult:
    """What a local run made.

    Attributes:
        dataset: The dataset's name, made from the file's.
        version: The first 12 hex digits of the SHA-256 of the file's bytes.
        folder: Where the artifacts lie.
        dashboard: The page; None if the run stopped before it.
        seconds: Wall-clock time.
    """

    dataset: str
    version: str
    folder: Path
    dashboard: Path | None
    seconds: float


def run_file(
    path: Path,
    *,
    out: Path,
    settings: Settings,
    sidecar: Path | None = None,
    target: str | None = None,
    to: str = "dashboard",
    on_step: OnStep = lambda _asset, _state: None,
) -> LocalResult:
    """Make all artifacts of one file.

    Args:
        path: The CSV. A sidecar beside it is taken unless ``sidecar`` names another.
        out: The folder to write to; artifacts lie in ``<out>/<dataset>/<version>/``.
        settings: Limits and threads; addresses are not used.
        sidecar: The sidecar to use instead of the one beside the file.
        target: The column to predict, over what the sidecar says.
        to: The asset to stop after.
        on_step: Told of each asset as it starts and ends.

    Raises:
        InputError: The file or its sidecar is at fault.
        DspError: Anything else that was foreseen.
    """
    started = time.monotonic()
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), remedy="Check the path")
    dataset = dataset_of(path.name)
    lake = FolderStore(out)
    manager = LakeIOManager(lake, by_drop_time=False)  # a file is as old as it is, whenever it is run
    with _drop_folder(path, sidecar) as folder:
        stores = Stores(drop=FolderStore(folder), lake=lake, dashboards=None)
        _execute(
            dataset,
            config=_run_config(path.name, target, to),
            resources={"settings": settings, "stores": stores, "io_manager": manager},
            to=to,
            on_step=on_step,
        )
    version = manager.version_in_run(dataset)
    if version is None:
        raise InputError("nothing was read", where=str(path), remedy="Run it again with --debug")
    made = out / dataset / version
    dashboard = out / artifact_key(dataset, version, "dashboard.html") if to == "dashboard" else None
    return LocalResult(dataset, version, made, dashboard, time.monotonic() - started)


@contextmanager
def _drop_folder(path: Path, sidecar: Path | None) -> Iterator[Path]:
    """A drop bucket that holds just this file and its sidecar, as links."""
    beside = path.with_name(Path(sidecar_key(path.name)).name)
    said = sidecar or (beside if beside.is_file() else None)
    if said is not None and not said.is_file():
        raise InputError("there is no such sidecar", where=str(said), remedy="Check the path")
    with TemporaryDirectory(prefix="dsp-") as folder:
        (Path(folder) / path.name).symlink_to(path.resolve())
        if said is not None:
            (Path(folder) / f"{stem_of(path.name)}{SIDECAR_SUFFIX}").symlink_to(said.resolve())
        yield Path(folder)


def _run_config(key: str, target: str | None, to: str) -> dict[str, Any]:
    ops: dict[str, Any] = {"raw_dataset": {"config": {"key": key}}}
    if target is not None and STEPS.index(to) >= STEPS.index("model"):
        ops["model"] = {"config": {"target": target}}
    return {"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def _execute(
    dataset: str, *, config: dict[str, Any], resources: Mapping[str, object], to: str, on_step: OnStep
) -> None:
    run_id = str(uuid.uuid4())
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(datasets.name or "", [dataset])
        instance.add_event_listener(run_id, lambda entry: _tell(entry, on_step))
        result = (
            assemble(resources)
            .resolve_job_def(analyse.name)
            .execute_in_process(
                run_config=config,
                instance=instance,
                partition_key=dataset,
                raise_on_error=False,
                asset_selection=[dg.AssetKey(name) for name in STEPS[: STEPS.index(to) + 1]],
                run_id=run_id,
            )
        )
    for event in result.get_step_failure_events():
        said = said_by_checks(result.get_asset_check_evaluations())
        raise _in_words(said) if said else _error_of(event)


def _in_words(said: Mapping[str, object]) -> InputError:
    return InputError(str(said[WHAT]), where=str(said.get(WHERE, "")), remedy=str(said.get(REMEDY, "")))


_STATES = {
    dg.DagsterEventType.STEP_START: "started",
    dg.DagsterEventType.STEP_SUCCESS: "done",
    dg.DagsterEventType.STEP_FAILURE: "failed",
}


def _tell(entry: dg.EventLogEntry, on_step: OnStep) -> None:
    event = entry.dagster_event
    if event is None or event.step_key not in STEPS:
        return
    state = _STATES.get(event.event_type)
    if state is not None:
        on_step(event.step_key, state)


def _error_of(event: dg.DagsterEvent) -> DspError:
    """The error that a step ended with: our own as it was, any other in words with its trace as a note."""
    failed = event.step_failure_data
    if failed.user_failure_data is not None and WHAT in failed.user_failure_data.metadata:
        return _in_words({name: value.value for name, value in failed.user_failure_data.metadata.items()})
    cause = failed.error.cause if failed.error and failed.error.cause else failed.error
    kind = cause.cls_name if cause else "unknown"
    error = DspError(
        f"the analysis stopped at '{event.step_key}' because of an internal error ({kind})",
        remedy="This is a fault of dsp_pipeline; run it again with --debug and report what it prints",
    )
    if failed.error is not None:
        error.add_note(failed.error.to_string())
    return error
