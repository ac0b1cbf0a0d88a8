"""Columns that give the target away, each with its evidence.

A score that rests on them is a promise that no new row can keep: they are known only with, or after, the outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.model import Leak
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.automl.identities import Numbers, find_identity, numbers_of
from dsp_pipeline.ml.automl.names import PLAN_WORDS, RESULT_WORDS, tokens
from dsp_pipeline.ml.automl.screen import as_targets, strengths
from dsp_pipeline.ml.automl.task import is_classes

if TYPE_CHECKING:
    import polars as pl

    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.outcome import Outcome

_CERTAIN = 0.97
_CERTAIN_QUANTITY = 0.99
_STANDS_OUT = 0.85
_OTHERS_AT_MOST = 0.45
_SIBLING = 0.5
_SAME_ROWS = 0.98
_MIN_MISSING = 30
_MAX_SHARING = 0.34
_MAX_IDENTITIES = 6
_TIME_WORDS = frozenset({"time", "date", "timestamp", "hour", "minute"})


def find_leaks(table: pl.DataFrame, outcome: Outcome, matrix: Matrix, seed: int) -> list[Leak]:
    """The columns to leave out, the surest first.

    Args:
        table: All rows, also those without a target: which values are missing together is evidence.
        outcome: The target.
        matrix: Inputs of a sample of the outcome's rows.
        seed: Of the sampling.
    """
    strength = column_strengths(matrix, outcome, seed)
    missing = _missing_with(table, outcome.target)
    found = {leak.column: leak for leak in _near_deterministic(strength, outcome)}
    by_name = _siblings(strength, outcome.target, missing) + _same_event(strength, outcome.target)
    for leak in by_name + _recorded_together(strength, missing, outcome.target):
        found.setdefault(leak.column, leak)
    if not is_classes(outcome.task):
        numbers = numbers_of(table.drop(_unused(table, matrix, outcome.target)), seed)
        _add_identities(found, numbers, outcome.target, strength, missing)
    return list(found.values())


def _unused(table: pl.DataFrame, matrix: Matrix, target: str) -> list[str]:
    """The table's columns that are neither inputs nor the target."""
    used = {*matrix.columns, target}
    return [name for name in table.columns if name not in used]


def column_strengths(matrix: Matrix, outcome: Outcome, seed: int) -> dict[str, float]:
    """How much each column says alone (the best of its inputs); the matrix has the outcome's rows."""
    found = strengths(matrix.values, matrix.categories, as_targets(outcome.y, len(outcome.classes)), seed)
    best: dict[str, float] = {}
    for column, value in zip(matrix.columns, found.tolist(), strict=True):
        best[column] = max(value, best.get(column, -1.0))
    return best


def _near_deterministic(strength: dict[str, float], outcome: Outcome) -> list[Leak]:
    """Columns that say practically everything alone, or much more than any other does (classes only)."""
    classes = is_classes(outcome.task)
    certain = _CERTAIN if classes else _CERTAIN_QUANTITY
    ranked = sorted(strength.items(), key=lambda item: (-item[1], item[0]))
    leaks = [_alone(column, value, outcome.target) for column, value in ranked if value >= certain]
    rest = ranked[len(leaks) :]
    if classes and len(rest) > 1 and rest[0][1] >= _STANDS_OUT and rest[1][1] <= _OTHERS_AT_MOST:
        column, value = rest[0]
        evidence = (
            f"alone it explains {written(value, '.0%')} of '{outcome.target}', the next best column "
            f"{written(max(rest[1][1], 0), '.0%')}:"
            " it was probably recorded with the outcome"
        )
        leaks.append(Leak(column=column, evidence=evidence, score=value))
    return leaks


def _alone(column: str, value: float, target: str) -> Leak:
    return Leak(column=column, evidence=f"alone it explains {written(value, '.1%')} of '{target}'", score=value)


def _missing_with(table: pl.DataFrame, target: str) -> dict[str, tuple[float, float]]:
    """For each column: the share missing where the target is missing, and where it is not.

    Empty where the target is missing too rarely to say, or where most columns are missing in its rows:
    then whole records are incomplete, and it means nothing.
    """
    absent = table[target].is_null()
    if int(absent.sum()) < _MIN_MISSING or bool(absent.all()):
        return {}
    others = [name for name in table.columns if name != target]
    masks = table.select([*(table[name].is_null().alias(name) for name in others)])
    with_it = masks.filter(absent).mean().row(0)
    without_it = masks.filter(~absent).mean().row(0)
    shares = {name: (float(a), float(b)) for name, a, b in zip(others, with_it, without_it, strict=True)}
    together = sum(a >= _SAME_ROWS for a, _ in shares.values())
    return {} if together > _MAX_SHARING * len(others) else shares


def _siblings(strength: dict[str, float], target: str, missing: dict[str, tuple[float, float]]) -> list[Leak]:
    """Columns that measure the same kind of result: delay at departure and delay at arrival."""
    words = tokens(target)
    head = words[-1] if words else ""
    leaks = []
    for column, value in strength.items():
        shares_head = bool(head) and tokens(column)[-1:] == [head] and not set(tokens(column)) & PLAN_WORDS
        is_result = head in RESULT_WORDS or _goes_missing_with(missing.get(column))
        if shares_head and is_result and value >= _SIBLING:
            evidence = (
                f"it is another '{head}' of the same row and alone explains {written(value, '.0%')} of '{target}'"
            )
            leaks.append(Leak(column=column, evidence=evidence, score=value))
    return leaks


def _same_event(strength: dict[str, float], target: str) -> list[Leak]:
    """Times of the very event whose delay or duration is the target: the arrival's beside its delay."""
    *event, head = tokens(target) or [""]
    if head not in RESULT_WORDS:
        return []
    return [
        Leak(column=column, evidence=f"it is the time of the event that '{target}' is about", score=value)
        for column, value in strength.items()
        if (words := tokens(column))[-1:]
        and words[-1] in _TIME_WORDS
        and set(words[:-1]) & set(event)
        and not set(words) & PLAN_WORDS
    ]


def _goes_missing_with(shares: tuple[float, float] | None) -> bool:
    return shares is not None and shares[0] >= 0.5 and shares[1] <= 0.02  # noqa: PLR2004 - mostly with, hardly without


def _recorded_together(
    strength: dict[str, float], missing: dict[str, tuple[float, float]], target: str
) -> list[Leak]:
    """Columns missing in just the rows where the target is: they come into being with it."""
    return [
        Leak(
            column=column,
            evidence=f"it is missing in just the rows where '{target}' is: it is known only with the outcome",
            score=value,
        )
        for column, value in strength.items()
        if column in missing and missing[column][0] >= _SAME_ROWS and missing[column][1] <= 0.001  # noqa: PLR2004
    ]


def _add_identities(
    found: dict[str, Leak],
    numbers: Numbers,
    target: str,
    strength: dict[str, float],
    missing: dict[str, tuple[float, float]],
) -> None:
    """Break each formula that computes the target, or a leak of it, by leaving out one of its columns."""
    # Only what gives the target away by itself is worth computing: an air time that is known late says little.
    strong = [name for name, leak in found.items() if name in numbers.names and (leak.score or 0.0) >= _SIBLING]
    for known in [target, *strong]:
        for _ in range(_MAX_IDENTITIES):
            identity = find_identity(numbers.without({target, *found} - {known}), known)
            if identity is None or not identity.columns:
                break
            late = max(identity.columns, key=lambda name: _lateness(name, numbers, strength, missing))
            through = "" if known == target else f", and '{known}' gives '{target}' away"
            evidence = f"{identity.text}{through}; this column of them is the one known latest"
            found[late] = Leak(column=late, evidence=evidence, score=strength.get(late))


def _lateness(
    name: str, numbers: Numbers, strength: dict[str, float], missing: dict[str, tuple[float, float]]
) -> tuple[bool, float, float, int]:
    """Sorts columns from known beforehand to known with the outcome."""
    is_planned = bool(set(tokens(name)) & PLAN_WORDS)
    with_it, without_it = missing.get(name, (0.0, 0.0))
    return (
        not is_planned,
        round(with_it - without_it, 2),
        round(strength.get(name, 0.0), 2),
        numbers.names.index(name),
    )
