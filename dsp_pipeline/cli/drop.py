"""`dsp drop`: a file into the drop bucket, and with --wait its way to the dashboard."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from dsp_pipeline.cli.command import Command
from dsp_pipeline.cli.fixing import check_not_replaced, fixed_file, replaced
from dsp_pipeline.cli.following import Followed, address, follow
from dsp_pipeline.cli.output import StepLines, plain, remarks, results
from dsp_pipeline.cli.sidecars import read_sidecar, sidecar_beside
from dsp_pipeline.cli.surroundings import find_surroundings
from dsp_pipeline.core.errors import InputError, ObjectNotFoundError, PreconditionError
from dsp_pipeline.core.naming import dataset_of, sidecar_key, slug
from dsp_pipeline.defs.ingestion.drops import RESERVED_PREFIX
from dsp_pipeline.defs.prediction.rows import rows_key
from dsp_pipeline.stack.dagster_api import DagsterApi
from dsp_pipeline.storage.layout import drop_id
from dsp_pipeline.storage.outcomes import standing_result

if TYPE_CHECKING:
    from dsp_pipeline.cli.surroundings import Surroundings
    from dsp_pipeline.storage.base import ObjectStore
    from dsp_pipeline.storage.outcomes import Good
    from dsp_pipeline.storage.stores import Stores

TIMEOUT_SECONDS = 1800.0


@dataclasses.dataclass(frozen=True)
class Target:
    """What is dropped where.

    Attributes:
        path: The file.
        sidecar: The sidecar beside it; None if there is none.
        key: Where it goes in the drop bucket.
        dataset: Whose version it becomes.
    """

    path: Path
    sidecar: Path | None
    key: str
    dataset: str


def plan_drop(path: Path, dataset: str | None) -> Target:
    """Where a file goes: ``<file name>``, or ``<dataset>/<file name>`` if a dataset is named.

    Raises:
        InputError: There is no such file, its name is no table's, or its sidecar is not valid.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), remedy="Check the path")
    key = f"{dataset}/{path.name}" if dataset else path.name
    if key.startswith(RESERVED_PREFIX) or "/" in (dataset or ""):
        raise InputError(
            f"a dataset cannot be named '{dataset}'",
            where="--dataset",
            remedy="Choose a name without '/', and not 'predict', which is kept for rows to predict",
        )
    name = dataset_of(key)
    sidecar = sidecar_beside(path)
    if sidecar is not None:
        read_sidecar(sidecar)  # a mistake in it is said now, not after the upload
    return Target(path, sidecar, key, name)


def plan_rows(path: Path, dataset: str) -> Target:
    """Where a file of rows to predict goes: ``predict/<dataset>/<file name>``.

    Raises:
        InputError: There is no such file, its name is no table's, or its sidecar is not valid.
    """
    target = plan_drop(path, None)
    name = slug(dataset)
    return dataclasses.replace(target, key=rows_key(name, path.name), dataset=name)


def upload(drop: ObjectStore, target: Target, *, if_match: str | None = None) -> Followed:
    """Put a file and its sidecar into the drop bucket, with a progress bar; the sidecar goes first.

    Args:
        drop: The bucket.
        target: What goes where.
        if_match: The only content (its ETag) that may be overwritten; any if None.

    Raises:
        PreconditionError: Something else lies there.
        StorageError: The bucket does not take it.
    """
    size = target.path.stat().st_size
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=False),
        TransferSpeedColumn(),
    )
    console = remarks()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        sidecar_etag = _sidecar_etag(drop, target)
        task = progress.add_task(f"dropping {plain(target.path.name)}", total=size)
        stored = drop.upload(
            target.path, target.key, progress=lambda count: progress.advance(task, count), if_match=if_match
        )
    also = f" and {target.sidecar.name}" if target.sidecar else ""
    whose = f"rows for the model of {target.dataset}" if is_rows(target) else f"dataset {target.dataset}"
    StepLines(console).ended(f"dropped {target.path.name}{also} as {target.key} ({whose})")
    return Followed(drop_id(target.key, stored.etag, sidecar_etag), target.key)


def is_rows(target: Target) -> bool:
    """Whether it holds rows to predict."""
    return target.key.startswith(RESERVED_PREFIX)


def _sidecar_etag(drop: ObjectStore, target: Target) -> str | None:
    """The ETag of the sidecar that will be found beside the drop: ours, or one that is there already."""
    key = sidecar_key(target.key)
    if target.sidecar is not None:
        return drop.upload(target.sidecar, key).etag
    try:
        return drop.head(key).etag
    except ObjectNotFoundError:
        return None


def wait_for_result(surroundings: Surroundings, stores: Stores, followed: Followed, *, timeout: float) -> str:
    """The address of the dashboard or the predictions that a drop becomes; returns when they are there.

    Raises:
        DspError: The drop failed, or it took too long.
    """
    earlier = _said_already(stores, followed)
    if earlier is not None:
        return address(stores, earlier)
    url = surroundings.settings.dagster_url
    with StepLines(remarks()) as lines:
        good = follow(stores, followed, dagster=DagsterApi(url) if url else None, lines=lines, timeout=timeout)
    return address(stores, good)


def _said_already(stores: Stores, followed: Followed) -> Good | None:
    """What the same content became before, having said so; None if it still has to be worked on."""
    earlier = standing_result(stores.lake, followed.drop)
    if earlier is not None:
        words = (
            "The same content was analysed already; its dashboard stands."
            if earlier.result is None
            else f"The same rows were predicted already, by the model of version {earlier.version}."
        )
        remarks().print(f"[dim]{words}[/]")
    return earlier


def _planned(file: Path, dataset: str | None, predict: str | None, *, fixes: bool) -> Target | None:
    """What is dropped where; None for a mended quarantine, which says itself."""
    if fixes and dataset is not None:
        raise click.UsageError("--fixes knows the dataset from the file; leave --dataset out.")
    if predict is not None and (fixes or dataset is not None):
        raise click.UsageError("--predict names the dataset already; leave --dataset and --fixes out.")
    if fixes:
        return None
    return plan_drop(file, dataset) if predict is None else plan_rows(file, predict)


def _drop(file: Path, dataset: str | None, predict: str | None, fixes: bool, wait: bool, timeout: float) -> int:
    target = _planned(file, dataset, predict, fixes=fixes)
    surroundings = find_surroundings(os.environ)
    stores = surroundings.stores()
    if target is not None:
        followed = upload(stores.drop, target)
    else:
        with fixed_file(stores.lake, file, limits=surroundings.settings.limits) as fixed:
            there = check_not_replaced(stores.drop, fixed)
            try:
                followed = upload(stores.drop, Target(fixed.path, None, fixed.key, fixed.dataset), if_match=there)
            except PreconditionError as error:
                raise replaced(fixed.key) from error
    if wait:
        results().print(plain(wait_for_result(surroundings, stores, followed, timeout=timeout)))
        return 0
    earlier = _said_already(stores, followed)
    if earlier is not None:
        results().print(plain(address(stores, earlier)))
    else:
        remarks().print("[dim]Dagster notices it within seconds; look with 'dsp status', or use --wait.[/]")
    return 0


command = Command(
    "drop",
    callback=_drop,
    params=[
        click.Argument(["file"], type=click.Path(path_type=Path)),
        click.Option(
            ["--dataset"], metavar="NAME", help="The dataset it is a version of. [default: the file's name]"
        ),
        click.Option(
            ["--predict"],
            metavar="DATASET",
            help="FILE holds rows to predict: they come back with what the dataset's model says of each.",
        ),
        click.Option(
            ["--fixes"],
            is_flag=True,
            help="FILE is a mended quarantine.csv: join it with the good rows, as the dataset's next version.",
        ),
        click.Option(
            ["--wait"], is_flag=True, help="Follow the run; print the address of what it made, or why it failed."
        ),
        click.Option(
            ["--timeout"],
            type=click.FloatRange(min=1),
            default=TIMEOUT_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="With --wait: how long to wait at most.",
        ),
    ],
    help="""
    Drop a CSV into the bucket.

    FILE may be .csv, .tsv or .txt, also with .gz, .zst, .bz2 or .zip behind it. It goes to the running stack
    (or to the bucket that DSP_* variables name), in parts if it is large. A sidecar NAME.dsp.yaml beside it
    goes along. The same file name dropped again is a new version of the same dataset; the same content
    dropped again is not analysed twice.
    """,
    short_help="Drop a CSV into the bucket.",
    examples=[
        ("dsp drop sales.csv --wait", "Drop it, watch it, print where its dashboard is"),
        ("dsp drop 2024-05.csv --dataset sales", "A new version of the dataset 'sales'"),
        ("dsp drop new.csv --predict sales --wait", "Predict its rows, print where they are"),
        ("dsp drop quarantine.csv --fixes", "Its mended rows go back into the file they came from"),
        ("open $(dsp drop sales.csv --wait)", "Only the address is printed on stdout"),
    ],
)
