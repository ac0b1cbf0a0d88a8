"""Which columns are inputs: what cannot be one, what gives the target away, the strongest of the rest."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.directions import directions_of
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.features import Exclusion, choose_encodings
from dsp_pipeline.ml.automl.leakage import column_strengths, find_leaks
from dsp_pipeline.ml.automl.outcome import NoModelError
from dsp_pipeline.ml.automl.preparation import kinds_of
from dsp_pipeline.ml.automl.typical import with_typical

if TYPE_CHECKING:
    from collections.abc import Collection

    from dsp_pipeline.core.artifacts.model import Leak
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.automl.features import Encoding
    from dsp_pipeline.ml.automl.outcome import Outcome
    from dsp_pipeline.ml.automl.preparation import Prepared

_LOOK_ROWS = 5_000
_LOOK_CELLS = 3_000_000


@dataclasses.dataclass(frozen=True)
class Inputs:
    """The inputs' encodings, the columns that are none, and what a reader of scores has to know.

    ``monotone`` says of each input whether the model may only grow (1) or fall (-1) with it; empty if of none.
    """

    encodings: tuple[Encoding, ...]
    leaks: tuple[Leak, ...]
    excluded: tuple[Exclusion, ...]
    notes: tuple[str, ...] = ()
    monotone: tuple[int, ...] = ()


def choose_inputs(
    validated: ValidatedTable, prepared: Prepared, *, hidden: Collection[str], limit: int, seed: int
) -> Inputs:
    """The inputs, decided on the training rows only.

    Args:
        validated: The table with its sidecar.
        prepared: The target and the division of rows.
        hidden: Columns of personal data, whose values no explanation may show.
        limit: Columns at most; the ones that say most alone are kept.
        seed: Of the sampling.

    Raises:
        NoModelError: No column is left.
    """
    target = prepared.outcome.target
    table = validated.table
    encodings, excluded = choose_encodings(
        table.drop(target)[prepared.train_rows],
        kinds_of(validated),
        _left_out(validated, hidden),
        keeps_trend=prepared.division.kind != "time",
    )
    if not encodings:
        raise NoModelError(f"no column is left from which '{target}' could be predicted")
    look = _look(prepared, len(encodings), seed)
    matrix = encode(table[look.rows], encodings)
    leaks = find_leaks(table, look, matrix, seed)
    leaking = {leak.column for leak in leaks}
    kept = [each for each in encodings if each.column not in leaking]
    if not kept:
        raise NoModelError(f"every column that could predict '{target}' gives it away")
    notes: tuple[str, ...] = ()
    if len(kept) > limit:
        notes = (
            (
                f"{limit} of {written(len(kept))} columns are inputs, chosen on the rows learnt from: scores in"
                " cross-validation are optimistic, those on the hold-out are not"
            ),
        )
        strength = column_strengths(matrix, look, seed)
        kept, weak = _strongest(kept, strength, limit)
        excluded += weak
    known = with_typical(kept, table, prepared.outcome, prepared.division.train)
    directions = directions_of(validated.sidecar.monotone, known, prepared.outcome)
    if directions:
        notes = (*notes, "only trees compete: they keep to the directions that the sidecar names")
    return Inputs(known, tuple(leaks), tuple(excluded), notes, directions)


def _left_out(validated: ValidatedTable, hidden: Collection[str]) -> dict[str, str]:
    group = validated.sidecar.group_column
    reasons = dict.fromkeys(hidden, "it holds personal data (personal_data: allow lets models use it)")
    return reasons | ({group: "it names the groups that the rows are divided by"} if group else {})


def _look(prepared: Prepared, columns: int, seed: int) -> Outcome:
    """The target in a sample of the training rows."""
    train = prepared.division.train
    limit = min(_LOOK_ROWS, max(1_000, _LOOK_CELLS // columns))
    if train.size > limit:
        train = np.sort(np.random.default_rng([seed, 13]).choice(train, limit, replace=False))
    outcome = prepared.outcome
    return dataclasses.replace(outcome, rows=outcome.rows[train], y=outcome.y[train])


def _strongest(
    encodings: list[Encoding], strength: dict[str, float], limit: int
) -> tuple[list[Encoding], list[Exclusion]]:
    ranked = sorted(encodings, key=lambda each: -strength[each.column])
    kept = {each.column for each in ranked[:limit]}
    weak = [
        Exclusion(each.column, f"it is not among the {limit} columns that say most alone")
        for each in encodings
        if each.column not in kept
    ]
    return [each for each in encodings if each.column in kept], weak
