"""What a label's rows typically come to, as an input: target encoding of categories with many labels.

A model would need a split per label to tell hundreds of them apart. Their mean outcomes, drawn towards the overall
mean where a label has few rows (Micci-Barreca 2001), say the same in one number. A row must not see its own
outcome in it: training rows get the means of the other four fifths of the rows (of the groups, where rows are
divided by group), or of earlier rows where rows are in the order of time. What is kept are the means of all
training rows, as data.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dsp_pipeline.etl.counting import commonest_first
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.features import Encoding, TypicalOutcomes
from dsp_pipeline.ml.automl.split import cluster_codes
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.outcome import Outcome
    from dsp_pipeline.ml.automl.split import Division

_FROM_LEVELS = 20
_MOST_LEVELS = 10_000
_MOST_OUTPUTS = 10
_PRIOR_ROWS = 5.0
_PARTS = 5


def with_typical(
    encodings: Sequence[Encoding], table: pl.DataFrame, outcome: Outcome, train: Ints
) -> tuple[Encoding, ...]:
    """The encodings, those of categories with more than 20 labels with their typical outcomes.

    Args:
        encodings: As chosen without looking at the target.
        table: All rows.
        outcome: The target.
        train: Positions (of the outcome's rows) that are learnt from.
    """
    targets = _targets(outcome)
    if targets.shape[1] > _MOST_OUTPUTS:
        return tuple(encodings)
    rows = outcome.rows[train]
    return tuple(_extended(each, table[each.column][rows], targets[train]) for each in encodings)


def _targets(outcome: Outcome) -> Floats:
    """What is averaged: quantities, whether it is the second of two classes, or which class it is."""
    if not is_classes(outcome.task) or len(outcome.classes) == 2:  # noqa: PLR2004 - the second one says it all
        return outcome.y[:, None].astype(np.float64)
    return np.eye(len(outcome.classes))[outcome.y.astype(np.int64)]


def _extended(encoding: Encoding, column: pl.Series, targets: Floats) -> Encoding:
    if encoding.encoding != "category":
        return encoding
    labels = column.cast(pl.String)
    counts = commonest_first(labels)
    if counts.height <= _FROM_LEVELS:
        return encoding
    levels = counts["value"].head(_MOST_LEVELS).to_list()
    outputs = targets.shape[1]
    names = ("outcome",) if outputs == 1 else tuple(f"outcome {number + 1}" for number in range(outputs))
    typical = _typical(_codes(labels, levels), levels, targets)
    return encoding.model_copy(update={"parts": (*encoding.parts, *names), "typical": typical})


def _typical(codes: Ints, levels: Sequence[str], targets: Floats) -> TypicalOutcomes:
    """What rows with these codes come to."""
    prior = targets.mean(axis=0)
    means = _drawn(*_sums(codes, targets, len(levels)), prior)
    return TypicalOutcomes(
        levels=tuple(levels),
        means=tuple(tuple(float(f"{mean:.7g}") for mean in each) for each in means.T),
        prior=tuple(float(f"{each:.7g}") for each in prior),
    )


def _codes(labels: pl.Series, levels: Sequence[str]) -> Ints:
    """Each row's place in the levels; what is none of them, or missing, has the place after the last."""
    found = labels.replace_strict(list(levels), range(len(levels)), default=len(levels), return_dtype=pl.Int64)
    return found.fill_null(len(levels)).to_numpy()


def _sums(codes: Ints, targets: Floats, levels: int) -> tuple[Floats, Floats]:
    """Each level's sum of targets, shape (levels, outputs), and its rows, shape (levels, 1)."""
    sums: Floats = np.column_stack(
        [np.bincount(codes, each, minlength=levels + 1)[:levels].astype(np.float64) for each in targets.T]
    )
    return sums, np.bincount(codes, minlength=levels + 1)[:levels, None].astype(np.float64)


def _drawn(sums: Floats, rows: Floats, prior: Floats) -> Floats:
    return np.asarray((sums + _PRIOR_ROWS * prior) / (rows + _PRIOR_ROWS))


def without_own(
    matrix: Matrix,
    encodings: Sequence[Encoding],
    table: pl.DataFrame,
    outcome: Outcome,
    *,
    division: Division,
    seed: int,
) -> Matrix:
    """The matrix of the outcome's rows, in which no training row's typical outcomes hold its own outcome.

    Args:
        matrix: All of the outcome's rows, as `encode` made it.
        encodings: Its encodings.
        table: All rows of the table.
        outcome: The target.
        division: Which rows are learnt from, in which order.
        seed: Of the dealing into fifths.
    """
    if all(each.typical is None for each in encodings):
        return matrix
    values = matrix.values.copy(order="F")
    targets = _targets(outcome)[division.train]
    for column, typical, inputs in _outcome_inputs(encodings):
        labels = table[column][outcome.rows[division.train]].cast(pl.String)
        codes = _codes(labels, typical.levels)
        prior = np.array(typical.prior)
        found = (
            _earlier(codes, targets, prior)
            if division.kind == "time"
            else _others(codes, targets, prior, _fifths(division, seed))
        )
        # A missing label stays missing.
        found[labels.is_null().to_numpy()] = np.nan
        values[division.train, inputs] = found
    return dataclasses.replace(matrix, values=values)


def relearnt(
    matrix: Matrix,
    encodings: Sequence[Encoding],
    table: pl.DataFrame,
    outcome: Outcome,
    *,
    division: Division,
    seed: int,
) -> Matrix:
    """The matrix with the typical outcomes that it would hold if only these training rows had been learnt from.

    Args:
        matrix: All of the outcome's rows.
        encodings: Its encodings; labels keep their places.
        table: All rows of the table.
        outcome: The target.
        division: Fewer rows to learn from than the encodings were made with.
        seed: Of the dealing into fifths.
    """
    rows, targets = outcome.rows[division.train], _targets(outcome)[division.train]

    def again(each: Encoding) -> Encoding:
        if each.typical is None:
            return each
        codes = _codes(table[each.column][rows].cast(pl.String), each.typical.levels)
        return each.model_copy(update={"typical": _typical(codes, each.typical.levels, targets)})

    learnt = [again(each) for each in encodings]
    own = [each for each in learnt if each.typical is not None]
    if not own:
        return matrix
    values = matrix.values.copy(order="F")
    values[:, np.isin(matrix.columns, [each.column for each in own])] = encode(table[outcome.rows], own).values
    made = dataclasses.replace(matrix, values=values)
    return without_own(made, learnt, table, outcome, division=division, seed=seed)


def _outcome_inputs(encodings: Sequence[Encoding]) -> Iterator[tuple[str, TypicalOutcomes, slice]]:
    """Each column with typical outcomes, these, and which of the matrix's inputs hold them."""
    end = 0
    for each in encodings:
        end += len(each.parts)
        if each.typical is not None:
            yield each.column, each.typical, slice(end - len(each.typical.prior), end)


def _fifths(division: Division, seed: int) -> Ints:
    """Which fifth each training row is dealt to; a group as a whole, since its rows tell of each other."""
    clusters = cluster_codes(division, division.train)
    units = np.arange(division.train.size) if clusters is None else clusters
    return (np.random.default_rng([seed, 14]).permutation(int(units.max()) + 1) % _PARTS)[units]


def _others(codes: Ints, targets: Floats, prior: Floats, part: Ints) -> Floats:
    """Typical outcomes from the four fifths that a row is not in."""
    levels = int(codes.max()) + 1
    result = np.empty(targets.shape)
    for number in range(_PARTS):
        own = part == number
        means = _drawn(*_sums(codes[~own], targets[~own], levels), prior)
        result[own] = means[codes[own]]
    return result


def _earlier(codes: Ints, targets: Floats, prior: Floats) -> Floats:
    """Typical outcomes from the rows before; rows are in the order of time."""
    order = np.argsort(codes, kind="stable")
    sorted_codes = codes[order]
    starts = np.r_[True, sorted_codes[1:] != sorted_codes[:-1]]
    first = np.maximum.accumulate(np.where(starts, np.arange(codes.size), 0))
    before = np.vstack([np.zeros(targets.shape[1]), np.cumsum(targets[order], axis=0)])[:-1]
    sums = before - before[first]
    rows = (np.arange(codes.size) - first)[:, None].astype(np.float64)
    result = np.empty(targets.shape)
    result[order] = _drawn(sums, rows, prior)
    return result
