"""A model's files: what is in them, and how they are checked when they are read again.

``manifest.json`` says what the model predicts from which columns, with the versions that made it and the SHA-256
of the other files; ``features.json`` holds the encodings; ``booster.ubj`` or ``linear.json`` the model itself.
Since format 2 a model can be an ensemble: ``ensemble.json`` holds its weights, and the names of its members' files
start with their place in it. Since format 3 linear models may bend and multiply, and ``judged.json`` may hold what
the model answered on the hold-out before it was fitted on all rows.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.metadata
import json
from typing import TYPE_CHECKING

import numpy as np
import pydantic

from dsp_pipeline.core.artifacts.reading import ColumnReading
from dsp_pipeline.core.errors import PredictionError
from dsp_pipeline.core.sidecar import Task
from dsp_pipeline.ml.automl.ensemble import Ensemble, single_from_files
from dsp_pipeline.ml.automl.features import Encoding
from dsp_pipeline.ml.automl.scorers import ModelKind, Scorer
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.ml.automl.arrays import Floats

MANIFEST = "manifest.json"
FEATURES = "features.json"
JUDGED = "judged.json"
FORMAT = 3
_LIBRARIES = ("dsp_pipeline", "numpy", "polars", "scikit-learn")
_BOOSTER_DISTRIBUTIONS = ("xgboost-cpu", "xgboost")


class Manifest(pydantic.BaseModel):
    """What a model is and was made from.

    Attributes:
        format: The version of this layout; a reader refuses those it does not know.
        model: Which kind of model file there is.
        name: As the leaderboard calls it.
        target: What is predicted; ``target_dtype`` is how the table stored it.
        task: The task; ``classes`` are the labels in the order of the probabilities.
        half_width: Half the width of the 90 % range, on the scale of `ranges`; None for classes.
        threshold: From which probability on the second of two classes is called; None for the more probable one.
        inputs: The columns needed, each with how its text is read.
        seed: With ``rows_limit`` and the sidecar it gives the hold-out again.
        rows_limit: Rows with a target that were used at most.
        table_rows: Rows of the table it was made from.
        libraries: Versions that made it.
        sha256: Of each other file.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    format: int
    model: ModelKind
    name: str
    target: str
    target_dtype: str
    task: Task
    classes: tuple[str, ...]
    half_width: float | None
    threshold: float | None = None
    inputs: list[ColumnReading]
    seed: int
    rows_limit: int
    table_rows: int
    libraries: dict[str, str] = {}
    sha256: dict[str, str] = {}

    @property
    def outputs(self) -> int:
        """Margins per row: one, or one per class where there are more than two."""
        return len(self.classes) if len(self.classes) > 2 else 1  # noqa: PLR2004 - two classes need one margin

    @property
    def margin(self) -> str:
        """What the model adds up, and contributions are parts of, in words."""
        if self.task == "count":
            return f"logarithm of the expected {self.target}"
        if not is_classes(self.task):
            return self.target
        if self.outputs == 1:
            return f"log-odds that {self.target} is {self.classes[1]}"
        return f"log-odds of each class of {self.target}"


class _Features(pydantic.BaseModel):
    encodings: list[Encoding]


@dataclasses.dataclass(frozen=True)
class Artifact:
    """A model in memory.

    Attributes:
        manifest: What it is.
        encodings: How columns become inputs.
        scorer: What scores these.
        judged: Margins on the hold-out, in its order, of the model before it was fitted on these rows too, shape
            (rows, outputs); None where it never was.
    """

    manifest: Manifest
    encodings: tuple[Encoding, ...]
    scorer: Scorer
    judged: Floats | None = None


def pack(artifact: Artifact) -> dict[str, bytes]:
    """The model as files, the same bytes for the same model."""
    files = artifact.scorer.to_files()
    if artifact.judged is not None:
        margins = [[float(f"{value:.7g}") for value in row] for row in artifact.judged]
        files[JUDGED] = json.dumps({"margins": margins}).encode() + b"\n"
    files[FEATURES] = _Features(encodings=list(artifact.encodings)).model_dump_json(indent=1).encode() + b"\n"
    manifest = artifact.manifest.model_copy(
        update={
            "libraries": library_versions(),
            "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
        }
    )
    files[MANIFEST] = manifest.model_dump_json(indent=1).encode() + b"\n"
    return dict(sorted(files.items()))


def unpack(files: Mapping[str, bytes], *, threads: int) -> Artifact:
    """The model in files.

    Raises:
        PredictionError: A file is missing or damaged, or was written by a later version.
    """
    manifest = read_manifest(files)
    for name, digest in manifest.sha256.items():
        if name not in files or hashlib.sha256(files[name]).hexdigest() != digest:
            what = "is missing" if name not in files else "is not the file that was written"
            raise PredictionError(f"{name} {what}", where="model", remedy="Analyse the table again")
    encodings = tuple(_Features.model_validate_json(files[FEATURES]).encodings)
    judged = np.array(json.loads(files[JUDGED])["margins"], np.float64) if JUDGED in files else None
    return Artifact(manifest, encodings, _scorer(manifest, files, threads), judged)


def read_manifest(files: Mapping[str, bytes]) -> Manifest:
    """What the model's files say of it.

    Raises:
        PredictionError: There is no model, or it is in a format that this version does not know.
    """
    if MANIFEST not in files:
        raise PredictionError(
            "there is no model",
            where="model",
            remedy="Its model.json says why; name a target in the sidecar and analyse the table again",
        )
    try:
        manifest = Manifest.model_validate_json(files[MANIFEST])
    except pydantic.ValidationError as error:
        raise PredictionError(
            f"{MANIFEST} cannot be read", where="model", remedy="Analyse the table again"
        ) from error
    if manifest.format > FORMAT:
        raise PredictionError(
            f"the model has format {manifest.format}, this version reads up to {FORMAT}",
            where="model",
            remedy="Upgrade dsp_pipeline",
        )
    return manifest


def _scorer(manifest: Manifest, files: Mapping[str, bytes], threads: int) -> Scorer:
    if manifest.model == "ensemble":
        return Ensemble.from_files(files, outputs=manifest.outputs, threads=threads)
    return single_from_files(manifest.model, files, outputs=manifest.outputs, threads=threads)


def library_versions() -> dict[str, str]:
    """The versions of what makes and reads models."""
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    for name in _BOOSTER_DISTRIBUTIONS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions["xgboost"] = importlib.metadata.version(name)
    return versions
