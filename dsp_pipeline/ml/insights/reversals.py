"""Two columns that go one way over all rows, and the other way within the groups of a third (Simpson 1951)."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint, ChartPoint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.figures import value_title
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.insights.subjects import Indicator
from dsp_pipeline.ml.statistics.ranks import dot
from dsp_pipeline.ml.statistics.significance import fisher_interval, normal_p

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.halves import Half
    from dsp_pipeline.ml.insights.subjects import Breakdown, Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Booleans, Floats, Integers

_MOST_MEASURES = 10
_MOST_LEVELS = 30
_FEWEST_IN_GROUP = 10
_WORTH_CONFIRMING = 0.05
_MOST_AGREE = 0.8
_ROUNDING = 1e-9
"""What is left of squares that add up to nothing."""


@dataclasses.dataclass(frozen=True)
class Reversal:
    """Two measures, or a label's flag and a measure, with the column whose groups turn them round.

    Attributes:
        x: What the groups are told apart by, or the other measure.
        y: What is averaged, or correlated.
        within: The column.
        sign: 1 where the tested ranks go together over all rows, -1 where they go apart.
    """

    x: Measure
    y: Measure
    within: Breakdown
    sign: float


class SimpsonReversal(Pattern[Reversal]):
    """A difference or a correlation that turns round within the groups of another column."""

    type = "simpson_reversal"
    acts = "segment"
    least_effect = 0.1

    def measure(self, view: View) -> Iterator[Measured[Reversal]]:
        """Every two measures, and every measure with every label of two, within every column of labels.

        Those that reverse in one half are tested in the other: both the correlation of the ranks over all rows and
        that around the groups' means must differ from 0, in the ways seen. The larger p counts.
        """
        for x, y in _subjects(view):
            for within in view.breakdowns:
                if len(within.levels) > _MOST_LEVELS or _is_one(view, x, y, within):
                    continue
                seen = _both(view, (x, y), within, "search")
                if seen is None or seen[0] * seen[1] >= 0 or min(map(abs, seen[:2])) < _WORTH_CONFIRMING:
                    continue
                found = _both(view, (x, y), within, "confirm")
                if found is None:
                    continue
                signs = np.sign(seen[:2])
                n = found[2]
                effect = float(min(signs[0] * found[0], signs[1] * found[1]))
                yield Measured(
                    columns=(y.name, x.name, within.name),
                    n=int((x.present & y.present & (within.codes >= 0)).sum()),
                    effect=max(0.0, effect),
                    effect_name="the smaller of both correlations of ranks, over all and within groups",
                    strength=min(1.0, 0.5 + max(0.0, effect)),
                    impact=view.interest(x.name, y.name),
                    detail=Reversal(x, y, within, float(signs[0])),
                    p=normal_p(np.arctanh(min(effect, 0.999999)) * np.sqrt(max(1, n - 3))) if effect > 0 else 1.0,
                    ci=fisher_interval(effect, n),
                    confirmed_on=len(view.halves.confirm),
                )

    def word(self, view: View, found: Measured[Reversal]) -> Wording | None:
        """Both correlations, or both differences, and in how many groups it is reversed.

        None unless in most, and where the values over all rows do not go the way that their ranks were tested to.
        """
        reversal = found.detail
        x, y, within = reversal.x, reversal.y, reversal.within
        if y.tail_is_heavy or x.tail_is_heavy:
            return None
        rows = x.present & y.present & (within.codes >= 0)
        overall = _slope(x, y, rows)
        parts = _by_group(x, y, within, rows)
        named = ~np.isnan(parts)
        against = int((parts[named] * overall < 0).sum())
        if not named.any() or against < _MOST_AGREE * named.sum() or overall * reversal.sign <= 0:
            return None
        return (
            _word_flag(view, reversal, overall, against, int(named.sum()))
            if x.is_rate
            else _word_numbers(view, reversal, overall, against, int(named.sum()))
        )


def _subjects(view: View) -> Iterator[tuple[Measure, Measure]]:
    """Flags (labels of two) and measures as x, measures as y."""
    measures = view.measures[:_MOST_MEASURES]
    two = [each for each in view.indicators if isinstance(each, Indicator) and len(each.of.levels) == 2]  # noqa: PLR2004
    for place, y in enumerate(measures):
        yield from ((x, y) for x in two if x.name != y.name)
        yield from ((x, y) if x.is_rate or not y.is_rate else (y, x) for x in measures[:place])


def _is_one(view: View, x: Measure, y: Measure, within: Breakdown) -> bool:
    return len({view.copies[x.name], view.copies[y.name], view.copies[within.name]}) < 3  # noqa: PLR2004 - three subjects


def _both(
    view: View, measures: tuple[Measure, Measure], within: Breakdown, half: Half
) -> tuple[float, float, int] | None:
    """The correlation of the ranks over all rows and around the groups' means, and the rows."""
    codes = view.codes_in(within, half)
    a, b = (view.sampled(each, half).filled(len(codes)) for each in measures)
    kept = (codes >= 0) & ~np.isnan(a) & ~np.isnan(b)
    if not kept.all():
        a, b, codes = a[kept], b[kept], codes[kept]
    if len(codes) < 4 * _FEWEST_IN_GROUP:
        return None
    products = dot(a, b), dot(a, a), dot(b, b)
    sums = np.bincount(codes, weights=a).astype(np.float64), np.bincount(codes, weights=b).astype(np.float64)
    whole = np.array([a.sum()]), np.array([b.sum()])
    overall = _around(products, np.array([len(codes)]), whole)
    within_groups = _around(products, np.maximum(1, np.bincount(codes)), sums)
    return overall, within_groups, len(codes) - len(within.levels)


def _around(products: tuple[float, float, float], n: Integers, sums: tuple[Floats, Floats]) -> float:
    """The correlation around groups' means, by the sums of a b, a a and b b, and the groups' sizes and sums."""
    a, b = sums
    means = (dot(a / n, b), dot(a / n, a), dot(b / n, b))
    together, own, other = (product - mean for product, mean in zip(products, means, strict=True))
    if own <= _ROUNDING * products[1] or other <= _ROUNDING * products[2]:
        return 0.0
    return together / math.sqrt(own * other)


def _correlation(a: Floats, b: Floats) -> float:
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def _slope(x: Measure, y: Measure, rows: Booleans) -> float:
    """The difference of y between x and not x for flags, else the correlation of the values."""
    a, b = x.values[rows], y.values[rows]
    if x.is_rate:
        return float(b[a == 1].mean() - b[a == 0].mean()) if 0 < a.sum() < len(a) else 0.0
    return _correlation(a - a.mean(), b - b.mean())


def _by_group(x: Measure, y: Measure, within: Breakdown, rows: Booleans) -> Floats:
    """`_slope` in each group with enough rows; NaN in others, and where x or y does not vary."""
    parts = np.full(len(within.levels), np.nan)
    for level in range(len(within.levels)):
        here = rows & (within.codes == level)
        if here.sum() >= _FEWEST_IN_GROUP and np.ptp(x.values[here]) > 0 and np.ptp(y.values[here]) > 0:
            parts[level] = _slope(x, y, here)
    return parts


def _source(x: Measure, y: Measure, within: Breakdown, expression: str) -> str:
    name = evidence.identifier(within.name)
    known = f"{name} IS NOT NULL AND {x.sql} IS NOT NULL AND {y.sql} IS NOT NULL"
    figures = [
        (expression, "d"),
        ("COUNT(*)", "n"),
        (f"MAX({x.sql}) - MIN({x.sql})", "wx"),
        (f"MAX({y.sql}) - MIN({y.sql})", "wy"),
    ]
    return evidence.grouped(name, figures, where=known)


_NAMED = f"n >= {_FEWEST_IN_GROUP} AND wx > 0 AND wy > 0"


def _of(some: int, of: int) -> str:
    if some == of:
        return "both" if of == 2 else f"all {of}"  # noqa: PLR2004 - English has a word for two
    return f"{some} of the {of}"


def _advice(x: str, y: str, within: str) -> str:
    return (
        f"Never read {y} by {x} without {within}: the overall figure mixes groups of different make-up and "
        "points the "
        "wrong way for most of them."
    )


def _word_numbers(view: View, reversal: Reversal, overall: float, against: int, named: int) -> Wording:
    x, y, within = reversal.x, reversal.y, reversal.within
    corr = f"CORR({x.sql}, {y.sql})"
    known = f"{evidence.identifier(within.name)} IS NOT NULL"
    sign = "<" if overall > 0 else ">"
    return Wording(
        statement=words.sentence(
            f"{y.said} {'rises' if overall > 0 else 'falls'} with {x.said} over all {view.noun} (correlation "
            f"{words.coefficient(overall)}), yet {'falls' if overall > 0 else 'rises'} with it within "
            f"{_of(against, named)} {within.values_of(named)}."
        ),
        action=_advice(x.said, y.said, within.said),
        evidence=evidence.select(
            (evidence.rows(f"{_NAMED} AND d {sign} 0"), "reversed"),
            (evidence.rows(_NAMED), "values"),
            (
                f"({evidence.select((corr, 'r'), where=known)})",
                "correlation",
            ),
            source=_source(x, y, within, corr),
        ),
        chart=ChartHint(kind="scatter", columns=[x.name, y.name]),
    )


def _word_flag(view: View, reversal: Reversal, overall: float, against: int, named: int) -> Wording:
    x, y, within = reversal.x, reversal.y, reversal.within
    known = f"{evidence.identifier(within.name)} IS NOT NULL"
    with_it, without = f"{x.sql} = 100 AND {known}", f"{x.sql} = 0 AND {known}"
    rows = x.present & y.present & (within.codes >= 0)
    here, other = (y.middle(rows & (x.values == flag)) for flag in (1, 0))
    what = y.middle_of(view.noun)
    sign = "<" if overall > 0 else ">"
    difference = f"{evidence.average(y.sql, f'{x.sql} = 100')} - {evidence.average(y.sql, f'{x.sql} = 0')}"
    return Wording(
        statement=words.sentence(
            f"over all, the {what} is {'higher' if overall > 0 else 'lower'} for {x.said} than for others "
            f"({y.say(here)} against {y.say(other)}), yet it is {'lower' if overall > 0 else 'higher'} within "
            f"{_of(against, named)} {within.values_of(named)}."
        ),
        action=_advice(x.said, y.said, within.said),
        evidence=evidence.select(
            (evidence.rows(f"{_NAMED} AND d {sign} 0"), "reversed"),
            (evidence.rows(_NAMED), "values"),
            (evidence.figure(evidence.average(y.sql, with_it)), "with"),
            (evidence.figure(evidence.average(y.sql, without)), "without"),
            source=_source(x, y, within, difference),
        ),
        chart=ChartHint(
            kind="bar",
            columns=[y.name, x.name, within.name],
            title=words.sentence(f"{y.said} over all {view.noun}"),
            value_title=value_title(view, y, what),
            points=[
                ChartPoint(label=x.said, value=here, told=True),
                ChartPoint(label="others", value=other, told=True),
            ],
        ),
    )
