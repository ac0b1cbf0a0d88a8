"""`dsp predict`: the rows of a CSV, with what a dataset's model predicts for each."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from dsp_pipeline.cli.command import Command
from dsp_pipeline.cli.output import plain, remarks
from dsp_pipeline.cli.sidecars import read_sidecar, sidecar_beside
from dsp_pipeline.cli.surroundings import find_surroundings
from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.errors import InputError, PredictionError
from dsp_pipeline.core.naming import slug
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.core.sidecar import Sidecar
from dsp_pipeline.stack.resources import cores
from dsp_pipeline.storage.files import whole_file
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.models import StoredModel, find_model

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.predictions import Predictions

_MODEL = "model"
_BLOCK = 1 << 20


def model_of(source: str, version: str | None) -> StoredModel:
    """The model of a folder that `dsp run` wrote, or of a dataset in the lake.

    Raises:
        PredictionError: There is no model there.
        StorageError: The lake cannot be read.
    """
    folder = Path(source)
    if folder.is_dir():
        return _model_in_folder(folder, version)
    if "/" in source or os.sep in source:
        raise InputError(
            "there is no such folder", where=source, remedy="Name one that 'dsp run' wrote, or a dataset"
        )
    return find_model(find_surroundings(os.environ).stores().lake, slug(source), version)


def _model_in_folder(folder: Path, version: str | None) -> StoredModel:
    """The model of DIR/<dataset>/<version>, of DIR/<dataset>, or of a DIR with one dataset."""
    whole = folder.absolute()
    if (whole / "_latest").is_dir():
        return find_model(FolderStore(whole.parent), whole.name, version)
    if (whole / _MODEL).is_dir() or (whole / f"{_MODEL}.json").is_file():
        return find_model(FolderStore(whole.parent.parent), whole.parent.name, version or whole.name)
    datasets = sorted(path.parent.name for path in whole.glob("*/_latest"))
    if len(datasets) != 1:
        known = ", ".join(datasets)
        raise PredictionError(
            f"this folder holds {len(datasets)} datasets" if datasets else "this folder holds no dataset",
            where=str(folder),
            remedy=f"Name one of its folders: {known}" if datasets else "Make one with 'dsp run FILE --out DIR'",
        )
    return find_model(FolderStore(whole), datasets[0], version)


def _source(path: Path, dataset: str) -> Source:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    return Source(dataset=dataset, version=digest[:12], key=path.name, etag=digest, bytes=size, sha256=digest)


def _predicted(model: StoredModel, path: Path, target: BinaryIO, *, with_reasons: bool | None) -> Predictions:
    """Write a file's rows with predictions into another file."""
    settings = Settings.from_environment(os.environ)
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), remedy="Check the path")
    beside = sidecar_beside(path)
    said = read_sidecar(beside) if beside else Sidecar()
    # Only now: Polars and XGBoost take a second to load.
    from dsp_pipeline.ml.automl.predictor import Predictor  # noqa: PLC0415 - see above
    from dsp_pipeline.ml.prediction.engine import RowsFile, predict_file  # noqa: PLC0415 - see above

    predictor = Predictor.load(model.files)
    rows = RowsFile(path, _source(path, model.dataset), said, settings.limits)
    wanted = said.predictions.reasons if with_reasons is None else with_reasons
    threads = settings.threads or cores()
    return predict_file(rows, predictor, target, with_reasons=wanted, threads=threads)


def _predict(source: str, file: Path, output: Path | None, model_version: str | None, reasons: bool | None) -> int:
    model = model_of(source, model_version)
    if output is None:
        with tempfile.TemporaryFile(prefix="dsp-") as held:
            made = _predicted(model, file, cast("BinaryIO", held), with_reasons=reasons)
            held.seek(0)
            for block in iter(lambda: held.read(_BLOCK), b""):
                click.echo(block, nl=False)
    else:
        with whole_file(output) as written:
            made = _predicted(model, file, written, with_reasons=reasons)
    for remark in (*((model.note,) if model.note else ()), *made.remarks()):
        remarks().print(f" [yellow]![/] {plain(remark)}")
    if made.reasons.startswith("none"):
        remarks().print(f" [dim]no reasons: {plain(made.reasons.removeprefix('none: '))}[/]")
    if output is not None:
        remarks().print(
            f" [green]✓[/] {made.rows:,} rows with predictions of '{plain(made.target)}' by the model of version"
            f" {plain(model.version)} in {plain(str(output))}"
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
        click.Option(
            ["--model-version"],
            metavar="VERSION",
            help="Which version's model to use, by its 12 hex digits. [default: the latest that has one]",
        ),
        click.Option(
            ["--reasons/--no-reasons"],
            default=None,
            help="Whether to say for each row what moved its prediction. [default: if it takes at most 10 s]",
        ),
    ],
    help="""
    Add predictions to the rows of a CSV.

    The model is that of DATASET in the running installation, or of a folder written by 'dsp run'. FILE is
    read like any drop. Writes the same rows in the same order, with a column 'prediction' and, for classes,
    a probability for each, for quantities a 90 % range, then the three columns that moved the prediction
    most. New labels and missing values are fine; missing columns are named; rows that cannot be read come
    back with the reason.
    """,
    short_help="Add predictions to the rows of a CSV.",
    examples=[
        ("dsp predict sales new.csv -o predicted.csv", "With the latest model of the dataset 'sales'"),
        ("dsp predict dsp-out/sales new.csv", "With a model that 'dsp run' made, to stdout"),
        ("dsp predict sales big.csv -o out.csv --no-reasons", "A million rows in seconds"),
    ],
)
