"""Which rows the model learns from, and which judge it.

It follows from the table, the sidecar and the seed alone, so the explainer finds the same hold-out again.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.ml.automl.arrays import Ints
    from dsp_pipeline.ml.automl.outcome import Outcome

SplitKind = Literal["stratified", "random", "group", "time"]
_SMALL = 2_000
_MANY_FOLDS_UP_TO = 1_000
_MIN_GROUPS = 8
_MANY_TIMES = 20


@dataclasses.dataclass(frozen=True)
class Division:
    """How the rows are divided. Positions index the outcome's rows, not the table's.

    Attributes:
        kind: How.
        reason: Why so, in words.
        train: Positions to learn from; in the order of time where the kind is time.
        holdout: Positions that nothing is tuned on.
        strata: For each of the outcome's rows what folds must keep together (group) or balance (class), or zeros.
    """

    kind: SplitKind
    reason: str
    train: Ints
    holdout: Ints
    strata: Ints


@dataclasses.dataclass(frozen=True)
class Fold:
    """One round of cross-validation: positions (of the outcome's rows) to fit on and to test on."""

    fit: Ints
    test: Ints


def bounded(outcome: Outcome, limit: int, seed: int) -> Outcome:
    """The outcome with at most ``limit`` of its rows, drawn at random and kept in the table's order."""
    if outcome.rows.size <= limit:
        return outcome
    drawn = np.sort(np.random.default_rng([seed, 1]).choice(outcome.rows.size, limit, replace=False))
    note = f"{written(limit)} of {written(outcome.rows.size)} rows, drawn at random, are learnt from and judged on"
    return dataclasses.replace(outcome, rows=outcome.rows[drawn], y=outcome.y[drawn], notes=(*outcome.notes, note))


def divide(table: pl.DataFrame, outcome: Outcome, sidecar: Sidecar, seed: int) -> Division:
    """The hold-out and the training part: by time or group where the sidecar says so, else at random."""
    share = 0.25 if outcome.rows.size < _SMALL else 0.2
    usable = set(table.columns) - {outcome.target}
    time, group = sidecar.time_column, sidecar.group_column
    why_not = ""
    if time in usable and time is not None:
        order = _time_order(table[time], outcome.rows)
        if order is not None:
            return _by_time(order, share, time)
        why_not = f"'{time}' has no order in time; "
    if group in usable and group is not None:
        groups = _codes(table[group], outcome.rows)
        if np.unique(groups).size >= _MIN_GROUPS:
            return _by_group(groups, share, group, seed)
        why_not += f"'{group}' has fewer than {_MIN_GROUPS} values; "
    return _at_random(outcome, share, why_not, seed)


def _time_order(column: pl.Series, rows: Ints) -> Ints | None:
    """Positions from the earliest to the latest; rows without a time come first, so they are never judged on."""
    if not (column.dtype.is_temporal() or column.dtype.is_numeric()):
        return None
    values = column.to_physical() if column.dtype.is_temporal() else column
    times = values.cast(pl.Float64).to_numpy()[rows]
    return np.argsort(np.where(np.isnan(times), -np.inf, times), kind="stable")


def order_note(table: pl.DataFrame, outcome: Outcome, division: Division) -> str | None:
    """What to say where rows were divided at random though a column of times orders them; None otherwise."""
    if division.kind not in {"stratified", "random"}:
        return None
    for name, dtype in table.schema.items():
        if name == outcome.target or dtype not in {pl.Date, pl.Datetime}:
            continue
        order = _time_order(table[name], outcome.rows)
        if order is not None and _is_almost_sorted(order) and table[name].n_unique() >= _MANY_TIMES:
            return (
                f"the rows lie in the order of '{name}', but were divided at random; if the model is to predict"
                f" what comes later, name '{name}' as time_column in the sidecar: scores may then be lower"
            )
    return None


def _is_almost_sorted(order: Ints) -> bool:
    """Whether rows lie where sorting would put them: a rank correlation of at least .98."""
    places = np.arange(order.size)
    return order.size > 1 and float(np.corrcoef(order, places)[0, 1]) >= 0.98  # noqa: PLR2004 - see above


def _by_time(order: Ints, share: float, column: str) -> Division:
    cut = order.size - max(1, round(order.size * share))
    reason = (
        f"forward in time by '{column}': the latest {written(share, '.0%')} of rows judge what was learnt "
        "from earlier ones"
    )
    return Division("time", reason, order[:cut], order[cut:], np.zeros(order.size, np.int64))


def _codes(column: pl.Series, rows: Ints) -> Ints:
    """Each row's group as a number; rows without one form a group of their own."""
    codes = column.cast(pl.String).rank("dense").fill_null(0).cast(pl.Int64)
    return codes.to_numpy()[rows]


def _by_group(groups: Ints, share: float, column: str, seed: int) -> Division:
    names, counts = np.unique(groups, return_counts=True)
    shuffled = np.random.default_rng([seed, 2]).permutation(names.size)
    before = np.cumsum(counts[shuffled]) - counts[shuffled]
    held = names[shuffled[before < share * groups.size]]
    is_held = np.isin(groups, held)
    reason = f"by '{column}': no value of it is both learnt from and judged on"
    return Division("group", reason, np.flatnonzero(~is_held), np.flatnonzero(is_held), groups)


def _at_random(outcome: Outcome, share: float, why_not: str, seed: int) -> Division:
    classes = is_classes(outcome.task)
    strata = outcome.y.astype(np.int64) if classes else np.zeros(outcome.y.size, np.int64)
    rng = np.random.default_rng([seed, 3])
    held = np.zeros(strata.size, bool)
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero(strata == stratum))
        held[members[: max(1, round(members.size * share))]] = True
    how = "at random within each class, so that both parts have the same shares" if classes else "at random"
    reason = f"{why_not}{how}" if why_not else f"{how}: no column was named that orders or groups the rows"
    kind: SplitKind = "stratified" if classes else "random"
    return Division(kind, reason, np.flatnonzero(~held), np.flatnonzero(held), strata)


def folds_of(division: Division, seed: int, limit: int, *, count: int | None = None) -> list[Fold]:
    """Rounds of cross-validation on the training part, divided in the same way as the hold-out was.

    Args:
        division: The division.
        seed: Of the shuffling.
        limit: Rows of the training part that are used at most.
        count: How many rounds; None decides by the rows.
    """
    train = division.train
    if train.size > limit:
        train = train[np.sort(np.random.default_rng([seed, 4]).choice(train.size, limit, replace=False))]
    count = count or (5 if train.size <= _MANY_FOLDS_UP_TO else 3)
    if division.kind == "time":
        return _forward(train, count)
    number = _fold_numbers(division, train, count, np.random.default_rng([seed, 5]))
    return [Fold(train[number != fold], train[number == fold]) for fold in range(count)]


def _forward(train: Ints, count: int) -> list[Fold]:
    """Each fold learns from all that came before what it is tested on."""
    blocks = np.array_split(train, count + 1)
    return [Fold(np.concatenate(blocks[: index + 1]), blocks[index + 1]) for index in range(count)]


def _fold_numbers(division: Division, train: Ints, count: int, rng: np.random.Generator) -> Ints:
    strata = division.strata[train]
    number = np.empty(train.size, np.int64)
    if division.kind == "group":
        names, inverse = np.unique(strata, return_inverse=True)
        dealt = np.empty(names.size, np.int64)
        dealt[rng.permutation(names.size)] = np.arange(names.size) % count
        return dealt[inverse]
    start = 0
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero(strata == stratum))
        number[members] = (np.arange(members.size) + start) % count
        start += members.size
    return number


def early_stopping_rows(positions: Ints, kind: SplitKind, seed: int) -> tuple[Ints, Ints]:
    """Indices into ``positions`` to fit on and to stop by: the last 15 % in time, else 15 % at random."""
    order = (
        np.arange(positions.size)
        if kind == "time"
        else np.random.default_rng([seed, 6]).permutation(positions.size)
    )
    cut = positions.size - max(1, round(positions.size * 0.15))
    return np.sort(order[:cut]), np.sort(order[cut:])


def cluster_codes(division: Division, positions: Ints) -> Ints | None:
    """What to resample together in a bootstrap: groups where the split is by group, else None (single rows).

    Groups are numbered from 0.
    """
    if division.kind != "group":
        return None
    return np.unique(division.strata[positions], return_inverse=True)[1]
