"""Why a model predicts what it predicts: exact SHAP values of the model as served, and where it errs.

The values are of the margin: log-odds for classes, the quantity itself for a regression, its logarithm for counts.
They are added up by table column, so a date that became seven inputs is one thing to read about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.explanations import Explanations, Fidelity
from dsp_pipeline.core.errors import PredictionError
from dsp_pipeline.ml.automl.artifact import Artifact, unpack
from dsp_pipeline.ml.automl.encoding import Matrix, encode
from dsp_pipeline.ml.automl.outcome import outcome_of
from dsp_pipeline.ml.automl.preparation import Prepared, kinds_of, prepare
from dsp_pipeline.ml.automl.scorers import respond
from dsp_pipeline.ml.automl.task import is_classes
from dsp_pipeline.ml.insights.explained_rows import explain_rows
from dsp_pipeline.ml.insights.explained_segments import weak_segments
from dsp_pipeline.ml.insights.explained_sums import Attribution, dependence_of, importance_of

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.explanations import Segment
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.model import Model

_MAX_ROWS = 2_000
_MAX_CELLS = 2_000_000
_MAX_SEGMENT_ROWS = 20_000
_MAX_SECONDS = 2.0
_MIN_ROWS = 100
_TOLERANCE = 1e-3


def explain(validated: ValidatedTable, model: Model, *, seed: int = 0, threads: int = 1) -> Explanations:
    """The explanations of a model, from hold-out rows that it has not learnt from.

    Args:
        validated: The table that the model was trained on.
        model: The model; one without files yields explanations with method "none".
        seed: Of the sampling of rows and the bootstrap.
        threads: That XGBoost may use.

    Raises:
        PredictionError: The model was trained on another table, or its files are damaged.
    """
    if not model.files:
        return Explanations(method="none", global_=[], dependence=[], rows=[], segments=[], fidelity=None)
    artifact = unpack(model.files, threads=threads)
    prepared = _prepared_again(validated, artifact)
    sample = _sample(prepared.division.holdout, prepared, artifact, seed)
    found = _attribute(validated, artifact, prepared, sample)
    return Explanations(
        method=artifact.scorer.method,
        output=_output(artifact),
        global_=importance_of(found, seed),
        dependence=dependence_of(found, validated.table, artifact.encodings),
        rows=explain_rows(found, validated.table),
        segments=_segments(validated, artifact, prepared, seed),
        fidelity=Fidelity(additivity_max_error=found.additivity_error, rows=sample.size),
    )


def _prepared_again(validated: ValidatedTable, artifact: Artifact) -> Prepared:
    """The target and the division of rows, as the trainer had them."""
    manifest = artifact.manifest
    table = validated.table
    needed = {manifest.target, *(column.name for column in manifest.inputs)}
    if table.height != manifest.table_rows or not needed <= set(table.columns):
        raise PredictionError(
            f"the model was made from another table ({manifest.table_rows:,} rows with '{manifest.target}')",
            where="model",
            remedy="Explain it with the table of its own version, or train it again",
        )
    outcome = outcome_of(table[manifest.target], kinds_of(validated)[manifest.target], manifest.task)
    return prepare(validated, outcome, rows_limit=manifest.rows_limit, seed=manifest.seed)


def _sample(positions: Ints, prepared: Prepared, artifact: Artifact, seed: int) -> Ints:
    """At most 2,000 positions of the hold-out, fewer where the model is large: about two CPU-seconds' worth."""
    inputs = sum(len(each.parts) for each in artifact.encodings) + 1
    by_size = _MAX_CELLS // (inputs * prepared.outcome.outputs)
    by_time = int(_MAX_SECONDS / max(artifact.scorer.explain_seconds, 1e-9))
    return _drawn(positions, max(_MIN_ROWS, min(_MAX_ROWS, by_size, by_time)), seed)


def _drawn(positions: Ints, limit: int, seed: int) -> Ints:
    if positions.size <= limit:
        return positions
    return np.sort(np.random.default_rng([seed, 21]).choice(positions, limit, replace=False))


def _attribute(validated: ValidatedTable, artifact: Artifact, prepared: Prepared, sample: Ints) -> Attribution:
    """SHAP values of the sampled rows, added up by column."""
    rows = prepared.outcome.rows[sample]
    matrix = encode(validated.table[rows], artifact.encodings)
    raw = artifact.scorer.contributions(matrix)
    margin = artifact.scorer.margin(matrix)
    # Against the size of what is added: single precision leaves more in sums of millions that cancel out.
    size = np.maximum(np.abs(raw).sum(axis=2), np.finfo(np.float32).tiny)
    error = float(np.max(np.abs(raw.sum(axis=2) - margin) / size, initial=0.0))
    if error > _TOLERANCE:
        raise AssertionError(f"contributions miss the margin by {error:.2g}")
    columns = list(dict.fromkeys(matrix.columns))
    return Attribution(
        task=prepared.outcome.task,
        classes=prepared.outcome.classes,
        columns=tuple(columns),
        inputs=matrix.columns,
        by_input=raw[:, :, :-1],
        by_column=_by_column(raw[:, :, :-1], matrix, columns),
        base=raw[:, :, -1],
        margin=margin,
        response=respond(prepared.outcome.task, margin),
        y=prepared.outcome.y[sample],
        rows=rows,
        additivity_error=error,
    )


def _by_column(values: Floats, matrix: Matrix, columns: list[str]) -> Floats:
    """Inputs' values added up by column; shape (rows, outputs, columns)."""
    result = np.zeros((*values.shape[:2], len(columns)))
    where = {name: index for index, name in enumerate(columns)}
    for position, name in enumerate(matrix.columns):
        result[:, :, where[name]] += values[:, :, position]
    return result


def _output(artifact: Artifact) -> str:
    """What the values are in, in words."""
    manifest = artifact.manifest
    if manifest.task == "count":
        return f"logarithm of the expected {manifest.target}"
    if not is_classes(manifest.task):
        return manifest.target
    if manifest.outputs == 1:
        return f"log-odds that {manifest.target} is {manifest.classes[1]}"
    return f"log-odds of each class of {manifest.target}"


def _segments(validated: ValidatedTable, artifact: Artifact, prepared: Prepared, seed: int) -> list[Segment]:
    """Where the model errs, from at most 20,000 rows of the hold-out."""
    positions = _drawn(prepared.division.holdout, _MAX_SEGMENT_ROWS, seed)
    table = validated.table[prepared.outcome.rows[positions]]
    response = respond(prepared.outcome.task, artifact.scorer.margin(encode(table, artifact.encodings)))
    return weak_segments(table, artifact.encodings, prepared.outcome.task, prepared.outcome.y[positions], response)
