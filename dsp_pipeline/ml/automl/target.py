"""Which column is worth predicting, where nobody says so."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.model import Candidate
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.encoding import encode
from dsp_pipeline.ml.automl.features import choose_encodings
from dsp_pipeline.ml.automl.names import TableNames, is_class_word, outcome_weight
from dsp_pipeline.ml.automl.outcome import NoModelError, outcome_of
from dsp_pipeline.ml.automl.screen import as_targets, strengths
from dsp_pipeline.ml.automl.task import MAX_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dsp_pipeline.core.artifacts.profile import Profile

_ENOUGH = 0.3
"""What an end of a table of quantities has by its place and kind alone; a target needs more."""

_SOME = 0.02
_LOOKED_AT = 6
_LOOK_ROWS = 2_000
_LOOK_COLUMNS = 60
_MAX_MISSING = 0.5
_LONE = 0.2
_MANY = 5
_HANDFUL = 10
_DERIVED = 0.97
_OF_MANY = 0.3
_NUMBERS = {ColumnKind.INTEGER, ColumnKind.CONTINUOUS}
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

    A column's score adds up its name (at most .6), its place (the first and the last .2, others up to .05), its
    kind (at most .15, and .2 more for the only labels if they stand at an end of a table of numbers) and how much
    of it other columns explain in a quick look (at most .15). Ends are those of the columns that could be targets.
    Of equal columns the one that stands last comes first: that is where tables made for learning have it.

    Args:
        table: The typed rows.
        profile: For the counts of missing and distinct values.
        kinds: What the reader says of each column.
        seed: Of the sampling.
    """
    able = [name for name in table.columns if _is_able(name, table, profile, kinds)]
    names = TableNames(able)
    by_sight = [_by_sight(place, able, names, profile, kinds) for place in range(len(able))]
    by_sight.sort(key=lambda each: -each.score)
    looked = [_with_look(each, table, kinds, seed) for each in by_sight[:_LOOKED_AT]]
    looked.sort(key=lambda each: (-each.score, -able.index(each.column)))
    ranked = looked + by_sight[_LOOKED_AT : 2 * _LOOKED_AT]
    best = ranked[0] if ranked else None
    if best is None:
        return Proposal((), None, "no column is a class or a quantity that could be predicted")
    if best.score <= _ENOUGH:
        reason = f"no column looks like an outcome; the nearest is '{best.column}' ({best.worded('reason')})"
        return Proposal(tuple(ranked), None, reason)
    return Proposal(tuple(ranked), best.column, f"'{best.column}' was chosen: {best.worded('reason')}")


def _is_able(name: str, table: pl.DataFrame, profile: Profile, kinds: Mapping[str, ColumnKind]) -> bool:
    """Whether a column could be a target at all."""
    counts = profile.columns[name]
    few = counts.distinct < 2 or counts.missing > _MAX_MISSING * table.height  # noqa: PLR2004 - one value is constant
    too_many = kinds[name] is ColumnKind.CATEGORY and counts.distinct > MAX_CLASSES
    return not (kinds[name] in _NEVER or counts.is_hidden or few or too_many)


def _by_sight(
    place: int, able: list[str], names: TableNames, profile: Profile, kinds: Mapping[str, ColumnKind]
) -> Candidate:
    """What name, place and kind say."""
    name = able[place]
    distinct, kind = profile.columns[name].distinct, kinds[name]
    is_number = kind in _NUMBERS
    weight, why = outcome_weight(
        name,
        is_number=is_number,
        has_two=distinct == 2,  # noqa: PLR2004 - two values
        has_few=distinct <= _HANDFUL,
    )
    if names.is_coordinate(name) or (is_number and weight >= 1 and distinct > MAX_CLASSES and is_class_word(name)):
        weight, why = 0.0, ""
    if weight > 0 and names.is_one_of_many(name):
        weight, why = _OF_MANY * weight, f"{why}, but it is one of several"
    if names.is_transform(name):
        weight, why = min(weight, -0.3), "it is another column's logarithm by its name"
    reasons = [why] if why else []
    score = 0.6 * weight + _place_weight(place, len(able))
    if name == able[-1]:
        reasons.append("it is the last column that could be one")
    elif name == able[0]:
        reasons.append("it is the first column that could be one")
    by_kind, kind_reason = _kind_weight(kind, distinct)
    reasons.append(kind_reason)
    if weight >= 0 and _is_lone_label(name, able, profile, kinds):
        by_kind += _LONE
        reasons.append("it holds the only labels beside numbers")
    return Candidate(column=name, score=round(score + by_kind, 4), reason=", ".join(reasons))


def _is_lone_label(name: str, able: list[str], profile: Profile, kinds: Mapping[str, ColumnKind]) -> bool:
    """Whether a column at an end holds the only labels of a table of quantities."""
    if kinds[name] in _NUMBERS or name not in {able[0], able[-1]} or len(able) < _MANY:
        return False
    quantities = sum(
        kinds[each] in _NUMBERS and profile.columns[each].distinct > 2  # noqa: PLR2004 - two are a flag
        for each in able
    )
    return quantities == len(able) - 1


def _place_weight(index: int, width: int) -> float:
    """The first or the last column is often the outcome; of others, what comes later is known later."""
    if index in {0, width - 1}:
        return 0.2
    return 0.05 * index / width


def _kind_weight(kind: ColumnKind, distinct: int) -> tuple[float, str]:
    if kind is ColumnKind.BOOLEAN or distinct == 2:  # noqa: PLR2004 - two values
        return 0.15, "it has two values"
    if kind is ColumnKind.CATEGORY:
        return (0.1 if distinct <= _HANDFUL else 0.0), f"it has {distinct} labels"
    return 0.1, "it is a quantity"


def _with_look(candidate: Candidate, table: pl.DataFrame, kinds: Mapping[str, ColumnKind], seed: int) -> Candidate:
    """The candidate with what a quick look at its predictability adds."""
    share = _explained(candidate.column, table, kinds, seed)
    said = (
        f"another column alone explains {written(share, '.0%')} of it"
        if share >= _SOME
        else "no other column alone explains it"
    )
    # What another column gives away by itself is rather derived from it, or the reverse.
    bonus = 0.25 * min(share, 0.6) if share < _DERIVED else -0.1
    score = round(candidate.score + bonus, 4)
    return Candidate(column=candidate.column, score=score, reason=f"{candidate.worded('reason')}, {said}")


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
    encodings, _ = choose_encodings(rows, kinds, {}, keeps_trend=True, reads_text=False)
    matrix = encode(rows, encodings)
    found = strengths(matrix.values, matrix.categories, as_targets(outcome.y, len(outcome.classes)), seed)
    return max(0.0, float(found.max(initial=0.0)))
