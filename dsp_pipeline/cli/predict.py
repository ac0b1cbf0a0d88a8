"""`dsp predict`: the rows of a CSV, with what a dataset's model predicts for each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dsp_pipeline.cli.command import Command
from dsp_pipeline.cli.output import plain, remarks
from dsp_pipeline.cli.sidecars import read_sidecar, sidecar_beside
from dsp_pipeline.cli.surroundings import find_surroundings
from dsp_pipeline.core.errors import InputError, ObjectNotFoundError, PredictionError
from dsp_pipeline.core.naming import slug
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.stack.resources import cores
from dsp_pipeline.storage.files import whole_file
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.layout import artifact_key
from dsp_pipeline.storage.versions import read_latest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.etl.tables import RawTable
    from dsp_pipeline.storage.base import ObjectStore

_MODEL = "model"


def find_model(source: str) -> Mapping[str, bytes]:
    """The files of a model: of a folder that `dsp run` wrote, or of a dataset's latest version in the lake.

    Raises:
        PredictionError: There is no model there.
        StorageError: The lake cannot be read.
    """
    folder = Path(source)
    if folder.is_dir():
        return _model_in_folder(folder)
    if "/" in source or os.sep in source:
        raise InputError(
            "there is no such folder", where=source, remedy="Name one that 'dsp run' wrote, or a dataset"
        )
    lake = find_surroundings(os.environ).stores().lake
    return _latest_model(lake, slug(source))


def _model_in_folder(folder: Path) -> Mapping[str, bytes]:
    """The model of DIR/<dataset>/<version>, of DIR/<dataset>, or of a DIR with one dataset."""
    if (folder / _MODEL).is_dir():
        return {path.name: path.read_bytes() for path in (folder / _MODEL).iterdir() if path.is_file()}
    whole = folder.absolute()
    if (whole / "_latest").is_dir():
        return _latest_model(FolderStore(whole.parent), whole.name)
    datasets = sorted(path.parent.name for path in whole.glob("*/_latest"))
    if len(datasets) != 1:
        known = ", ".join(datasets)
        raise PredictionError(
            f"this folder holds {len(datasets)} datasets" if datasets else "this folder holds no dataset",
            where=str(folder),
            remedy=f"Name one of its folders: {known}" if datasets else "Make one with 'dsp run FILE --out DIR'",
        )
    return _latest_model(FolderStore(whole), datasets[0])


def _latest_model(lake: ObjectStore, dataset: str) -> Mapping[str, bytes]:
    latest = read_latest(lake, dataset=dataset, asset=_MODEL)
    if latest is None:
        raise PredictionError(
            "no model was made for this dataset yet",
            where=dataset,
            remedy="Look at what there is with 'dsp status'",
        )
    prefix = artifact_key(dataset, latest.version, f"{_MODEL}/")
    try:
        return {info.key.removeprefix(prefix): lake.get(info.key).data for info in lake.list(prefix)}
    except ObjectNotFoundError as error:
        raise PredictionError(
            "the model was replaced while it was read", where=dataset, remedy="Try again"
        ) from error


def read_rows(path: Path, settings: Settings) -> RawTable:
    """The rows to predict, as text; all of them.

    Raises:
        InputError: The file is not there, is no table, or has records that cannot be read.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), remedy="Check the path")
    from dsp_pipeline.cli.prediction_rows import read_all_rows  # noqa: PLC0415 - loads Polars

    beside = sidecar_beside(path)
    said = read_sidecar(beside) if beside else Sidecar()
    return read_all_rows(path, reading=said.reading, limits=settings.limits)


def _predict(source: str, file: Path, output: Path | None) -> int:
    settings = Settings.from_environment(os.environ)
    files = find_model(source)
    if not files:
        raise PredictionError(
            "this version has no model: it has no sensible target",
            where=source,
            remedy="Name a target ('dsp run --target COLUMN', or 'target:' in the sidecar) and analyse it again",
        )
    raw = read_rows(file, settings)
    from dsp_pipeline.cli.prediction_rows import predict_rows  # noqa: PLC0415 - loads Polars and XGBoost

    predicted = predict_rows(raw, files, threads=settings.threads or cores())
    for remark in predicted.remarks:
        remarks().print(f" [yellow]![/] {plain(remark)}")
    if output is None:
        click.echo(predicted.text, nl=False)
    else:
        with whole_file(output) as written:
            written.write(predicted.text.encode())
        remarks().print(
            f" [green]✓[/] {predicted.rows:,} rows with {plain(predicted.what)} in {plain(str(output))}"
        )
    return 0


command = Command(
    "predict",
    callback=_predict,
    params=[
        click.Argument(["source"], metavar="DATASET-OR-DIR"),
        click.Argument(["file"], type=click.Path(path_type=Path)),
        click.Option(
            ["-o", "--output"],
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="OUT.csv",
            help="Where to write. [default: stdout]",
        ),
    ],
    help="""
    Add predictions to the rows of a CSV.

    The model is the latest of DATASET in the running installation, or that of a folder written by 'dsp
    run'. Writes the same rows in the same order, with a column 'prediction' and, for classes, a
    probability for each, for quantities a 90 % range. New labels and missing values are fine; missing
    columns are named.
    """,
    short_help="Add predictions to the rows of a CSV.",
    examples=[
        ("dsp predict sales new.csv -o predicted.csv", "With the latest model of the dataset 'sales'"),
        ("dsp predict dsp-out/sales new.csv", "With a model that 'dsp run' made, to stdout"),
    ],
)
