"""The winner as it is served: of a small table fitted once more, on all rows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl.ranges import half_width
from dsp_pipeline.ml.automl.scorers import respond
from dsp_pipeline.ml.automl.split import folds_of

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Ints
    from dsp_pipeline.ml.automl.artifact import Artifact
    from dsp_pipeline.ml.automl.contestants import Arena, Contestant, Fitted

_NARROWED_CELLS, _NARROWING_FOLDS = 20_000, 10
"""Ten more fits cost about three quarters of the contest: with more rows they would also change less."""


def served(artifact: Artifact, arena: Arena, best: Contestant) -> Artifact:
    """The artifact; of a small table its model is fitted once more, now on the hold-out's rows too.

    All that is said of it was measured before. What it answered on the hold-out then is kept beside it: who looks
    for its errors there needs answers of a model that had not seen these rows.
    """
    if not arena.is_small or best.unseen.size == 0:
        return artifact
    division = arena.division
    rows = np.concatenate([division.train, division.holdout])
    rows = rows if division.kind == "time" else np.sort(rows)
    fitted = best.model
    manifest = artifact.manifest
    if manifest.half_width is not None and division.kind != "time" and arena.matrix.values.size <= _NARROWED_CELLS:
        half = _half_width_on_all(arena, fitted, rows)
        manifest = manifest.model_copy(update={"half_width": half})
    scorer = fitted.again(arena.matrix, rows)
    return dataclasses.replace(artifact, manifest=manifest, scorer=scorer, judged=fitted.held)


def _half_width_on_all(arena: Arena, fitted: Fitted, rows: Ints) -> float:
    """The range's half width for a model that learns from all rows, by cross-conformal errors (Vovk 2015).

    In the contest a fold's model learnt from three fifths of the rows. On small tables the model that is served
    errs by far less than those did, and ranges from their errors hold too much; these learn from nine tenths.
    """
    outcome = arena.outcome
    whole = dataclasses.replace(arena.division, train=rows)
    folds = [
        fold for fold in folds_of(whole, arena.seed, rows.size, count=_NARROWING_FOLDS) if arena.can_learn(fold)
    ]
    margins = [fitted.again(arena.matrix, fold.fit).margin(arena.matrix.take(fold.test)) for fold in folds]
    unseen = np.concatenate([fold.test for fold in folds])
    return half_width(outcome.task, outcome.y[unseen], respond(outcome.task, np.concatenate(margins))[:, 0])
