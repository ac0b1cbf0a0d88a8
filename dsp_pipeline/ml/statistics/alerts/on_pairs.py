"""Alerts on columns that go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics.alerts.facts import raised
from dsp_pipeline.ml.statistics.coefficient import information_coefficient

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsp_pipeline.core.artifacts.profile import Alert, Association
    from dsp_pipeline.core.artifacts.structure import Dependency
    from dsp_pipeline.ml.statistics.alerts.facts import Facts

_ALERT_PAIRS = 50
_MOST_OF_ONE_CODE = 20
_MUTUAL = 0.8
_WITH_TARGET = frozenset({"pearson", "spearman", "cramers_v", "correlation_ratio"})


def on_pairs(facts: Facts) -> Iterator[Alert]:
    """Copies, curves, dependencies, and columns that give the target away."""
    yield from _on_copies(facts)
    yield from _on_groups(facts)
    yield from _on_curves(facts)
    yield from _on_dependencies(facts)
    yield from _on_leaks(facts)


def _on_copies(facts: Facts) -> Iterator[Alert]:
    limit = facts.limits.correlation
    mutual = _explaining_each_other(facts.associations.pairs)
    strong = [
        pair
        for pair in facts.associations.pairs
        if abs(pair.value) >= limit
        and (pair.measure == "pearson" or (pair.measure == "cramers_v" and frozenset((pair.a, pair.b)) in mutual))
    ]
    strong.sort(key=lambda pair: -abs(pair.value))
    for pair in strong[:_ALERT_PAIRS]:
        text = (
            f"'{pair.a}' and '{pair.b}' carry nearly the same information ({pair.measure} "
            f"{written(pair.value, '.3f')})."
        )
        yield _of_pair("highly_correlated", text, pair.a, pair.b, value=pair.value, threshold=limit)
    if len(strong) > _ALERT_PAIRS:
        text = (
            f"{written(len(strong))} pairs of columns carry nearly the same information; {_ALERT_PAIRS} "
            "are listed."
        )
        yield raised("many_correlated", text, value=len(strong), threshold=_ALERT_PAIRS)


def _explaining_each_other(pairs: Sequence[Association]) -> set[frozenset[str]]:
    """Pairs of labels of which either explains the other.

    Cramér's V is 1 also where one is only a coarser form of the other.
    """
    least: dict[frozenset[str], float] = {}
    for pair in pairs:
        if pair.measure == "theils_u":
            key = frozenset((pair.a, pair.b))
            least[key] = min(pair.value, least.get(key, 1.0))
    return {key for key, value in least.items() if value >= _MUTUAL}


def _on_groups(facts: Facts) -> Iterator[Alert]:
    """Groups that pairs do not already show: three columns or more, equal ones, and such as were not compared."""
    shown = {
        frozenset((pair.a, pair.b))
        for pair in facts.associations.pairs
        if abs(pair.value) >= facts.limits.correlation
    }
    said = {"equal": "are equal in every row", "one to one": "go one to one", "correlated": "move as one"}
    for group in facts.structure.redundant[:_MOST_OF_ONE_CODE]:
        if len(group.columns) > 2 or frozenset(group.columns) not in shown:  # noqa: PLR2004 - a pair
            names = ", ".join(f"'{name}'" for name in group.columns[:5])
            more = "" if len(group.columns) <= 5 else f" and {len(group.columns) - 5} more"  # noqa: PLR2004
            text = f"{names}{more} {said[group.why]}: one of them is enough."
            yield raised(
                "redundant", text, column=group.columns[0], value=len(group.columns), columns=group.columns
            )


def _on_curves(facts: Facts) -> Iterator[Alert]:
    """Numbers that tell about each other although their correlations are small."""
    limits = facts.limits
    linear: dict[tuple[str, str], float] = {}
    curved: list[tuple[float, Association]] = []
    for pair in facts.associations.pairs:
        if pair.measure in {"pearson", "spearman"}:
            linear[pair.a, pair.b] = max(abs(pair.value), linear.get((pair.a, pair.b), 0.0))
        elif pair.measure == "mutual_information" and pair.q is not None and pair.q <= limits.significance:
            curved.append((information_coefficient(pair.value), pair))
    curved = [
        (size, pair)
        for size, pair in curved
        if size >= limits.nonlinear and linear.get((pair.a, pair.b), 1.0) < size / 2
    ]
    for size, pair in sorted(curved, key=lambda item: -item[0])[:_MOST_OF_ONE_CODE]:
        text = (
            f"'{pair.a}' and '{pair.b}' depend on each other in a way that correlation misses: information as "
            f"of a correlation of {written(size, '.2f')}, but a correlation of "
            f"{written(linear[pair.a, pair.b], '.2f')} at most."
        )
        yield _of_pair("nonlinear", text, pair.a, pair.b, value=size, threshold=limits.nonlinear)


def _on_dependencies(facts: Facts) -> Iterator[Alert]:
    grouped = [set(group.columns) for group in facts.structure.redundant]
    listed = 0
    for found in facts.structure.dependencies:
        if listed == _MOST_OF_ONE_CODE:
            return
        if any({found.determinant, found.dependent} <= group for group in grouped):
            continue
        listed += 1
        yield _of_dependency(found, facts)


def _of_dependency(found: Dependency, facts: Facts) -> Alert:
    a, b = found.determinant, found.dependent
    if not found.exceptions:
        return _of_pair("dependency", f"'{b}' follows from '{a}' in every row.", b, a, value=1.0, threshold=1.0)
    rows = "one row" if found.exceptions == 1 else f"{written(found.exceptions)} rows"
    text = f"'{b}' follows from '{a}' but for {rows} ({written(1 - found.share, '.2%')})."
    limit = facts.limits.dependency
    return _of_pair("dependency_broken", text, b, a, value=found.share, threshold=limit)


def _on_leaks(facts: Facts) -> Iterator[Alert]:
    """Columns that give the target away; not where the target is known from them by a group of labels each."""
    target, limit = facts.roles.target, facts.limits.leak
    if target is None:
        return
    best: dict[str, tuple[float, str]] = {}
    for pair in facts.associations.pairs:
        if target in {pair.a, pair.b} and pair.measure in _WITH_TARGET:
            other = pair.b if pair.a == target else pair.a
            best[other] = max((abs(pair.value), pair.measure), best.get(other, (0.0, "")))
    for found in facts.structure.dependencies:
        if found.dependent == target and facts.profiles[found.determinant].kind is not ColumnKind.IDENTIFIER:
            best[found.determinant] = max((found.share, "dependency"), best.get(found.determinant, (0.0, "")))
    for name, (size, measure) in sorted(best.items(), key=lambda item: -item[1][0])[:_MOST_OF_ONE_CODE]:
        if size >= limit:
            said = measure.replace("_", " ")
            text = (
                f"'{name}' all but gives '{target}' away ({said} {written(size, '.3f')}): it may be known "
                "only afterwards."
            )
            yield _of_pair("leak_suspect", text, name, target, value=size, threshold=limit)


def _of_pair(code: str, text: str, column: str, other: str, *, value: float, threshold: float) -> Alert:
    return raised(code, text, column=column, value=value, threshold=threshold, columns=[column, other])
