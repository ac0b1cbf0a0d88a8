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
from dsp_pipeline.ml.automl.split import cluster_codes
from dsp_pipeline.ml.insights.explanations.card import model_card
from dsp_pipeline.ml.insights.explanations.counterfactuals import Neighbours
from dsp_pipeline.ml.insights.explanations.effects import effects_of
from dsp_pipeline.ml.insights.explanations.fairness import fairness_of
from dsp_pipeline.ml.insights.explanations.interactions import interactions_of
from dsp_pipeline.ml.insights.explanations.part_scores import part_scores
from dsp_pipeline.ml.insights.explanations.relations import MOST_COLUMNS, associations
from dsp_pipeline.ml.insights.explanations.replacing import Replaced
from dsp_pipeline.ml.insights.explanations.rows import explain_rows
from dsp_pipeline.ml.insights.explanations.segments import Judged, weak_segments
from dsp_pipeline.ml.insights.explanations.sums import Attribution, dependence_of, importance_of
from dsp_pipeline.ml.insights.explanations.swarms import swarms_of
from dsp_pipeline.ml.insights.explanations.what_if import what_if
from dsp_pipeline.ml.insights.explanations.worth import Shuffled, compared, feature_groups

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.model import Model

_MAX_ROWS = 2_000
_MAX_CELLS = 2_000_000
_MAX_SEGMENT_ROWS = 20_000
_MAX_EFFECT_ROWS = 150
_MAX_SECONDS = 1.2
_MIN_ROWS = 100
_MIN_CLASS_ROWS = 5
_TOLERANCE = 1e-3


def explain(
    validated: ValidatedTable,
    model: Model,
    *,
    hidden: Collection[str] = frozenset(),
    seed: int = 0,
    threads: int = 1,
) -> Explanations:
    """The explanations of a model as it is served, on rows of the hold-out.

    A small table's model was fitted on these rows too, once it was judged: what is said of its errors, weak parts
    and gaps is of what it answered before.

    Args:
        validated: The table that the model was trained on.
        model: The model; one without files yields explanations with method "none".
        hidden: Columns whose values must not be shown; none of them is an input, but one may be sensitive.
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
    cells = validated.table[prepared.outcome.rows[sample]]
    matrix = encode(cells, artifact.encodings)
    found = _attribute(matrix, artifact, prepared, sample)
    neighbours = Neighbours.of(found, validated.table, artifact.manifest.half_width)
    shown = explain_rows(found, validated.table, neighbours)
    importance = importance_of(found, seed)
    ranks = {each.feature: place for place, each in enumerate(importance)}
    columns = list(ranks)[:MOST_COLUMNS]
    related = associations(cells.select(columns))
    interactions = interactions_of(artifact.scorer, matrix, columns)
    # What shuffling costs can only be told on rows that the model has not learnt from.
    shuffled = Shuffled(artifact.scorer, matrix, found, seed) if artifact.judged is None else None
    groups = feature_groups(found, columns, related, shuffled)
    judged = _judged(validated, artifact, prepared, seed)
    strongest = sorted(artifact.encodings, key=lambda each: ranks[each.column])
    segments = weak_segments(judged, strongest, seed)
    fairness = fairness_of(judged, validated.sidecar.sensitive, prepared.outcome.classes, hidden=hidden)
    return Explanations(
        method=artifact.scorer.method,
        output=artifact.manifest.margin,
        global_=compared(importance, model.report.worth, groups),
        groups=groups,
        swarms=swarms_of(found, validated.table),
        interactions=interactions,
        effects=effects_of(_rows_of_effects(artifact, cells), columns, related),
        dependence=dependence_of(found, validated.table, artifact.encodings, interactions),
        rows=shown,
        segments=segments,
        part_scores=part_scores(judged, strongest, seed),
        fairness=fairness,
        card=model_card(validated, model.report, segments, fairness),
        fidelity=Fidelity(additivity_max_error=found.additivity_error, rows=sample.size),
        what_if=what_if(validated.table, artifact, neighbours, shown),
    )


def _rows_of_effects(artifact: Artifact, cells: pl.DataFrame) -> Replaced:
    """A few hundred rows of the sample."""
    few = np.linspace(0, cells.height - 1, min(_MAX_EFFECT_ROWS, cells.height)).astype(np.int64)
    return Replaced.of(artifact, cells[few])


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
    """About 2,000 positions of the hold-out at most, fewer where the model is large: 1.2 CPU-seconds' worth.

    Each class gets its share of them, and at least five.
    """
    inputs = sum(len(each.parts) for each in artifact.encodings) + 1
    by_size = _MAX_CELLS // (inputs * prepared.outcome.outputs)
    by_time = int(_MAX_SECONDS / max(artifact.scorer.explain_seconds, 1e-9))
    limit = max(_MIN_ROWS, min(_MAX_ROWS, by_size, by_time))
    if positions.size <= limit or not prepared.outcome.classes:
        return _drawn(positions, limit, seed)
    truth = prepared.outcome.y[positions]
    shares = [max(_MIN_CLASS_ROWS, round(limit * float(np.mean(truth == each)))) for each in np.unique(truth)]
    parts = [
        _drawn(positions[truth == each], share, seed) for each, share in zip(np.unique(truth), shares, strict=True)
    ]
    return np.sort(np.concatenate(parts))


def _drawn(positions: Ints, limit: int, seed: int) -> Ints:
    if positions.size <= limit:
        return positions
    return np.sort(np.random.default_rng([seed, 21]).choice(positions, limit, replace=False))


def _attribute(matrix: Matrix, artifact: Artifact, prepared: Prepared, sample: Ints) -> Attribution:
    """SHAP values of the sampled rows, whose inputs are given, added up by column."""
    raw = artifact.scorer.contributions(matrix)
    margin = artifact.scorer.margin(matrix)
    # Against the size of what is added: single precision leaves more in sums of millions that cancel out.
    size = np.maximum(np.abs(raw).sum(axis=2), np.finfo(np.float32).tiny)
    error = float(np.max(np.abs(raw.sum(axis=2) - margin) / size, initial=0.0))
    if error > _TOLERANCE:
        raise AssertionError(f"contributions miss the margin by {error:.2g}")
    columns = list(dict.fromkeys(matrix.columns))
    judged = margin if artifact.judged is None else artifact.judged[_places(prepared, sample)]
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
        judged_response=respond(prepared.outcome.task, judged),
        y=prepared.outcome.y[sample],
        rows=prepared.outcome.rows[sample],
        additivity_error=error,
        threshold=artifact.manifest.threshold,
        clusters=cluster_codes(prepared.division, sample),
    )


def _places(prepared: Prepared, positions: Ints) -> Ints:
    """Where positions stand within the hold-out."""
    order = np.argsort(prepared.division.holdout)
    return order[np.searchsorted(prepared.division.holdout, positions, sorter=order)]


def _by_column(values: Floats, matrix: Matrix, columns: list[str]) -> Floats:
    """Inputs' values added up by column; shape (rows, outputs, columns)."""
    result = np.zeros((*values.shape[:2], len(columns)))
    where = {name: index for index, name in enumerate(columns)}
    for position, name in enumerate(matrix.columns):
        result[:, :, where[name]] += values[:, :, position]
    return result


def _judged(validated: ValidatedTable, artifact: Artifact, prepared: Prepared, seed: int) -> Judged:
    """At most 20,000 rows of the hold-out, with answers of a fit that has not learnt from them."""
    positions = _drawn(prepared.division.holdout, _MAX_SEGMENT_ROWS, seed)
    table = validated.table[prepared.outcome.rows[positions]]
    if artifact.judged is None:
        margin = artifact.scorer.margin(encode(table, artifact.encodings))
    else:
        margin = artifact.judged[_places(prepared, positions)]
    task = prepared.outcome.task
    return Judged(
        table,
        task,
        prepared.outcome.y[positions],
        respond(task, margin),
        artifact.manifest.threshold,
        cluster_codes(prepared.division, positions),
    )
