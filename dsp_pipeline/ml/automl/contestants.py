"""A model in the contest: fitted in cross-validation, on the training part, and on the rows it is served with."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.automl.booster_fit import BoosterSettings, fit_booster, grow_watched
from dsp_pipeline.ml.automl.linear_fit import fit_linear
from dsp_pipeline.ml.automl.split import Fold, early_stopping_rows, folds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsp_pipeline.ml.automl.arrays import Floats, Ints
    from dsp_pipeline.ml.automl.booster import Booster
    from dsp_pipeline.ml.automl.booster_shapes import Shape
    from dsp_pipeline.ml.automl.effort import Effort
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.linear_shapes import NamedShape
    from dsp_pipeline.ml.automl.outcome import Outcome
    from dsp_pipeline.ml.automl.scorers import Scorer
    from dsp_pipeline.ml.automl.split import Division

_MORE_ROUNDS = 1.1
"""Rounds of the final fit to those found in cross-validation: it has more rows."""


@dataclasses.dataclass(frozen=True)
class Arena:
    """What all contestants share.

    Attributes:
        matrix: The inputs, one row per row of the outcome.
        outcome: The target.
        division: Which rows are learnt from and which judge.
        effort: Bounds on the work.
        seed: Of all randomness.
        threads: That XGBoost may use.
        clock: Seconds that only grow, or None.
        monotone: For each input 1 if the margin must not fall with it, -1 if it must not grow, else 0; empty
            where nothing of the kind was asked for.
    """

    matrix: Matrix
    outcome: Outcome
    division: Division
    effort: Effort
    seed: int
    threads: int
    clock: Callable[[], float] | None
    monotone: tuple[int, ...] = ()

    @property
    def is_small(self) -> bool:
        """Whether cross-validation sees all rows that are learnt from."""
        return self.division.train.size <= self.effort.cv_rows

    @property
    def folds(self) -> list[Fold]:
        """What models are compared on: folds where there is time for them, else one part of the training rows.

        The part is the one by which trees stop as well, so that what is compared is what will be served: models
        that need many rows would lose on a small sample.
        """
        if self.is_small:
            return folds_of(self.division, self.seed, self.effort.cv_rows)
        train = self.division.train
        fit, stop = early_stopping_rows(train, self.division.kind, self.seed)
        return [Fold(train[fit], train[stop])]

    def can_learn(self, fold: Fold) -> bool:
        """Whether there are rows to test on, and those to fit on hold more than one class or value."""
        y = self.outcome.y[fold.fit]
        return fold.test.size > 0 and y.size > 0 and bool(np.any(y != y[0]))


@dataclasses.dataclass(frozen=True)
class Fitted:
    """A model with its margins, shape (rows, outputs): on each fold that it had not seen, and on the hold-out.

    ``again`` fits it on rows of a matrix, with what cross-validation has found. ``predict_seconds`` are for 1,000
    rows.
    """

    name: str
    scorer: Scorer
    unseen: list[Floats]
    held: Floats
    seconds: float | None
    again: Callable[[Matrix, Ints], Scorer]
    predict_seconds: float | None = None


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A model with its scores.

    Attributes:
        name: For the leaderboard.
        fitted: The model fitted on the training part; None for guessing.
        cv: The mean of the headline metric over the folds.
        unseen: Positions that were predicted by a model that had not seen them, in cross-validation.
        unseen_response: What it answered there.
        holdout_response: What the model fitted on the training part answers on the hold-out.
    """

    name: str
    fitted: Fitted | None
    cv: float
    unseen: Ints
    unseen_response: Floats
    holdout_response: Floats

    @property
    def model(self) -> Fitted:
        """The fitted model; guessing has none."""
        if self.fitted is None:
            raise AssertionError("only fitted models can win")
        return self.fitted

    @property
    def fit_seconds(self) -> float | None:
        """Of the fit on the training part, for an ensemble its members' together; None without a clock."""
        return None if self.fitted is None else self.fitted.seconds

    @property
    def predict_seconds(self) -> float | None:
        """Of predicting 1,000 rows; None without a clock."""
        return None if self.fitted is None else self.fitted.predict_seconds


def linear(arena: Arena, folds: list[Fold], named: NamedShape) -> Fitted:
    """A linear model."""
    outcome = arena.outcome

    def fit(matrix: Matrix, positions: Ints) -> Scorer:
        rows = _at_most(positions, arena.effort.linear_rows, arena.seed)
        return fit_linear(matrix.take(rows), outcome.y[rows], outcome.task, outcome.outputs, shape=named.shape)

    if arena.is_small or not folds:
        unseen = [_margin(arena, fit(arena.matrix, fold.fit), fold.test) for fold in folds]
        scorer, seconds = _timed(arena, lambda: fit(arena.matrix, arena.division.train))
    else:
        scorer, seconds = _timed(arena, lambda: fit(arena.matrix, folds[0].fit))
        unseen = [_margin(arena, scorer, folds[0].test)]
    return Fitted(named.name, scorer, unseen, _margin(arena, scorer, arena.division.holdout), seconds, fit)


def boosted(arena: Arena, folds: list[Fold], shape: Shape, *, rounds: int, max_bytes: int) -> Fitted:
    """Trees, of so many rounds at most.

    Where cross-validation sees all rows, one number of rounds is chosen for all folds together.
    """
    outcome, division = arena.outcome, arena.division
    limit = shape.rounds_of(rounds)
    settings = BoosterSettings(
        outcome.task,
        outcome.outputs,
        limit,
        arena.seed,
        arena.threads,
        shape=shape,
        max_bytes=max_bytes,
        monotone=arena.monotone,
    )
    final = settings
    if not arena.is_small or not folds:
        return _boosted_once(arena, folds, settings)
    if shape.forest:
        fitted = [_boost(arena, arena.matrix, fold.fit, settings) for fold in folds]
    else:
        fitted, best = _boosted_folds(arena, folds, settings)
        final = dataclasses.replace(settings, rounds=max(1, round(_MORE_ROUNDS * best)))
    unseen = [_margin(arena, each, fold.test) for each, fold in zip(fitted, folds, strict=True)]

    def fit(matrix: Matrix, positions: Ints) -> Scorer:
        return _boost(arena, matrix, positions, final)

    scorer, seconds = _timed(arena, lambda: fit(arena.matrix, division.train))
    return Fitted(shape.name, scorer, unseen, _margin(arena, scorer, division.holdout), seconds, fit)


def _boosted_once(arena: Arena, folds: list[Fold], settings: BoosterSettings) -> Fitted:
    """Trees of a large table, which stop by the rows that they are judged on; or of one too small for folds."""
    train = arena.division.train

    def fit(matrix: Matrix, positions: Ints) -> Scorer:
        stop_by = early_stopping_rows(positions, arena.division.kind, arena.seed)
        return fit_booster(matrix.take(positions), arena.outcome.y[positions], settings, stop_by)

    scorer, seconds = _timed(arena, lambda: fit(arena.matrix, train))
    unseen = [_margin(arena, scorer, fold.test) for fold in folds]
    return Fitted(
        settings.shape.name, scorer, unseen, _margin(arena, scorer, arena.division.holdout), seconds, fit
    )


def _boosted_folds(arena: Arena, folds: list[Fold], settings: BoosterSettings) -> tuple[list[Booster], int]:
    """Trees for each fold, all with the number of rounds whose loss is least on average over the folds.

    One number chosen from all rows is less of a gamble than one per fold, each from a part that is then lost to
    learning; it makes cross-validation optimistic by next to nothing.
    """
    grown = [grow_watched(arena.matrix, arena.outcome.y, settings, (fold.fit, fold.test)) for fold in folds]
    longest = max(curve.size for _, curve in grown)
    curves = [np.pad(curve, (0, longest - curve.size), mode="edge") for _, curve in grown]
    rounds = 1 + int(np.argmin(np.mean(curves, axis=0)))
    return [booster.first(rounds) for booster, _ in grown], rounds


def _boost(arena: Arena, matrix: Matrix, positions: Ints, settings: BoosterSettings) -> Booster:
    return fit_booster(matrix.take(positions), arena.outcome.y[positions], settings, None)


def _at_most(positions: Ints, limit: int, seed: int) -> Ints:
    if positions.size <= limit:
        return positions
    return positions[np.sort(np.random.default_rng([seed, 12]).choice(positions.size, limit, replace=False))]


def _margin(arena: Arena, scorer: Scorer, positions: Ints) -> Floats:
    return scorer.margin(arena.matrix.take(positions))


def _timed(arena: Arena, fit: Callable[[], Scorer]) -> tuple[Scorer, float | None]:
    if arena.clock is None:
        return fit(), None
    start = arena.clock()
    fitted = fit()
    return fitted, round(arena.clock() - start, 3)
