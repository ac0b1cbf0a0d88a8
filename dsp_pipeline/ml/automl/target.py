"""Which column is worth predicting, where nobody says so."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import Candidate
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.features import choose_encodings
from dsp_pipeline.ml.automl.names import outcome_weight
from dsp_pipeline.ml.automl.outcome import NoModelError, outcome_of
from dsp_pipeline.ml.automl.screen import as_targets, strengths
from dsp_pipeline.ml.automl.task import MAX_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dsp_pipeline.core.artifacts.profile import Profile

_ENOUGH = 0.35
_SOME = 0.02
_LOOKED_AT = 6
_LOOK_ROWS = 2_000
_LOOK_COLUMNS = 60
_MAX_MISSING = 0.5
_NEVER = {
    ColumnKind.EMPTY,
    ColumnKind.CONSTANT,
    ColumnKind.DATE,
    ColumnKind.TIMESTAMP,
    ColumnKind.TIME,
    ColumnKind.TEXT,
    ColumnKind.IDENTIFIER,
}


@dataclasses.dataclass(frozen=True)
class Proposal:
    """The candidates, best first, and whether the best one is good enough to be the target."""

    candidates: tuple[Candidate, ...]
    target: str | None
    reason: str


def propose(table: pl.DataFrame, profile: Profile, kinds: Mapping[str, ColumnKind], seed: int) -> Proposal:
    """Rank the columns as targets.

    A column's score adds up its name (at most .6), its place (the last .2, others less), its kind (at most .15)
    and how much of it other columns explain in a quick look (at most .2).

    Args:
        table: The typed rows.
        profile: For the counts of missing and distinct values.
        kinds: What the reader says of each column.
        seed: Of the sampling.
    """
    by_sight = [found for name in table.columns if (found := _by_sight(name, table, profile, kinds)) is not None]
    by_sight.sort(key=lambda each: -each.score)
    looked = [_with_look(each, table, kinds, seed) for each in by_sight[:_LOOKED_AT]]
    ranked = sorted(looked, key=lambda each: -each.score) + by_sight[_LOOKED_AT : 2 * _LOOKED_AT]
    best = ranked[0] if ranked else None
    if best is None:
        return Proposal((), None, "no column is a class or a quantity that could be predicted")
    if best.score < _ENOUGH:
        reason = f"no column looks like an outcome; the nearest is '{best.column}' ({best.reason})"
        return Proposal(tuple(ranked), None, reason)
    return Proposal(tuple(ranked), best.column, f"'{best.column}' was chosen: {best.reason}")


def _by_sight(
    name: str, table: pl.DataFrame, profile: Profile, kinds: Mapping[str, ColumnKind]
) -> Candidate | None:
    """What name, place and kind say; None for a column that can be no target."""
    counts = profile.columns[name]
    kind = kinds[name]
    if kind in _NEVER or counts.is_hidden or counts.distinct < 2 or counts.missing > _MAX_MISSING * table.height:  # noqa: PLR2004
        return None
    if kind is ColumnKind.CATEGORY and counts.distinct > MAX_CLASSES:
        return None
    weight, why = outcome_weight(name)
    reasons = [why] if why else []
    score = 0.6 * weight
    score += _place_weight(table.columns.index(name), table.width)
    if name == table.columns[-1]:
        reasons.append("it is the last column")
    by_kind, kind_reason = _kind_weight(kind, counts.distinct)
    reasons.append(kind_reason)
    return Candidate(column=name, score=round(score + by_kind, 4), reason=", ".join(reasons))


def _place_weight(index: int, width: int) -> float:
    """The last column is often the outcome, at times the first; of others, what comes later is known later."""
    if index == width - 1:
        return 0.2
    return 0.05 if index == 0 else 0.1 * index / width


def _kind_weight(kind: ColumnKind, distinct: int) -> tuple[float, str]:
    if kind is ColumnKind.BOOLEAN or distinct == 2:  # noqa: PLR2004 - two values
        return 0.15, "it has two values"
    if kind is ColumnKind.CATEGORY:
        return (0.1 if distinct <= 10 else 0.0), f"it has {distinct} labels"  # noqa: PLR2004 - a handful
    return 0.1, "it is a quantity"


def _with_look(candidate: Candidate, table: pl.DataFrame, kinds: Mapping[str, ColumnKind], seed: int) -> Candidate:
    """The candidate with what a quick look at its predictability adds."""
    share = _explained(candidate.column, table, kinds, seed)
    said = (
        f"another column alone explains {share:.0%} of it"
        if share >= _SOME
        else "no other column alone explains it"
    )
    score = round(candidate.score + 0.25 * min(share, 0.8), 4)
    return Candidate(column=candidate.column, score=score, reason=f"{candidate.reason}, {said}")


def _explained(target: str, table: pl.DataFrame, kinds: Mapping[str, ColumnKind], seed: int) -> float:
    """How much the strongest other column says of it (out of sample), on a small sample of rows and columns."""
    rng = np.random.default_rng([seed, 11])
    others = [name for name in table.columns if name != target]
    if len(others) > _LOOK_COLUMNS:
        others = [others[index] for index in np.sort(rng.choice(len(others), _LOOK_COLUMNS, replace=False))]
    if not others:
        return 0.0
    sample = table.select(target, *others)
    if table.height > _LOOK_ROWS:
        sample = sample[np.sort(rng.choice(table.height, _LOOK_ROWS, replace=False))]
    try:
        outcome = outcome_of(sample[target], kinds[target], None)
    except NoModelError:
        return 0.0
    rows = sample.select(others)[outcome.rows]
    encodings, _ = choose_encodings(rows, kinds, {}, keeps_trend=True)
    matrix = encode(rows, encodings)
    found = strengths(matrix.values, matrix.categories, as_targets(outcome.y, len(outcome.classes)), seed)
    return max(0.0, float(found.max(initial=0.0)))
