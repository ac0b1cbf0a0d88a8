"""Rows that fall into two groups over several measures."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.statistics.modality import QUANTILES, modality
from dsp_pipeline.ml.statistics.samples import evenly_spaced
from dsp_pipeline.ml.statistics.significance import TWO_SIDED_95

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Booleans, Floats, Integers

_MOST_COLUMNS = 8
_FEWEST_VALUES = 30
_MOST_KURTOSIS = 5.0
_MOST_ROWS = 2_000
_FEWEST_ROWS = 60
_LEAST_SHARE = 0.05
_MOST_MISSING = 0.2
_STARTS = 8
_ROUNDS = 30
_TOLD = 3
_TELLING = 0.5
_PARTS = 4


@dataclasses.dataclass(frozen=True)
class Split:
    """A plane that divides the rows.

    Attributes:
        measures: The measures that it looks at.
        weights: What each value is multiplied by.
        bound: The sum above which a row is on the upper side.
    """

    measures: list[Measure]
    weights: Floats
    bound: float

    def upper(self) -> Booleans:
        """The rows on the upper side; those that lack a value are on neither."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self._sums() > self.bound)

    def known(self) -> Booleans:
        """The rows that lack none of the values."""
        return np.asarray(~np.isnan(self._sums()))

    def _sums(self) -> Floats:
        return np.asarray(
            sum(float(weight) * each.values for weight, each in zip(self.weights, self.measures, strict=True))
        )

    @property
    def sql(self) -> str:
        """The sum in SQL."""
        terms = (
            f"{evidence.literal(float(w))} * {m.sql}" for w, m in zip(self.weights, self.measures, strict=True)
        )
        return " + ".join(f"({term})" for term in terms)


class Clusters(Pattern[Split]):
    """Rows that lie in two separate clouds."""

    type = "clusters"
    acts = "segment"
    least_effect = 2.5

    def measure(self, view: View) -> Iterator[Measured[Split]]:
        """Two means in one half of the rows; in the other, Hartigan's dip along the line between them.

        Any split of one cloud has two means that lie apart, but the rows along their line have one peak.
        The dip's p is that of one peak. The effect is Ashman's D, the distance of the means in standard
        deviations.
        """
        measures = _columns(view)
        if len(measures) < 2:  # noqa: PLR2004 - one column's peaks are its distribution
            return
        values = np.column_stack([each.values for each in measures])
        searched, confirming = (_complete(values, rows) for rows in (view.halves.search, view.halves.confirm))
        if min(len(searched), len(confirming)) < _FEWEST_ROWS:
            return
        scale, middle = searched.std(axis=0), searched.mean(axis=0)
        low, high = _two_means((searched - middle) / scale, np.random.default_rng(view.seed))
        apart = np.abs(high - low)
        telling = np.flatnonzero(apart >= _TELLING * apart.max())
        if len(telling) < 2:  # noqa: PLR2004 - as above
            return
        measures, values = [measures[place] for place in telling], values[:, telling]
        searched, confirming, scale, middle = (
            part[..., telling] for part in (searched, confirming, scale, middle)
        )
        low, high = _two_means((searched - middle) / scale, np.random.default_rng(view.seed))
        weights = (high - low) / scale
        bound = float(weights @ (middle + (high + low) / 2 * scale))
        projected = np.sort(confirming @ weights)
        side = projected > bound
        share = float(side.mean())
        effect = 0.0
        if _LEAST_SHARE <= share <= 1 - _LEAST_SHARE:
            upper, lower = projected[side], projected[~side]
            effect = float((upper.mean() - lower.mean()) / np.sqrt((upper.var() + lower.var()) / 2))
        half = TWO_SIDED_95 * float(np.sqrt(4 / len(projected) + effect**2 / (2 * len(projected))))
        yield Measured(
            columns=tuple(each.name for each in measures),
            n=int((~np.isnan(values).any(axis=1)).sum()),
            effect=effect,
            effect_name="distance of the two means in standard deviations (Ashman's D)",
            strength=min(1.0, 0.3 + effect / 12),
            impact=0.8,
            detail=Split(measures, weights, bound),
            p=one_peak_p(projected, np.random.default_rng(view.seed)),
            ci=(effect - half, effect + half),
            confirmed_on=len(projected),
        )

    def word(self, view: View, found: Measured[Split]) -> Wording:
        """How many rows lie in each, and the averages of the three measures that differ most."""
        split = found.detail
        known, upper = split.known(), split.upper()
        lower = known & ~upper
        apart = [
            abs(float(each.values[upper].mean() - each.values[lower].mean())) / float(np.nanstd(each.values))
            for each in split.measures
        ]
        told = [split.measures[place] for place in np.argsort(-np.array(apart), kind="stable")[:_TOLD]]
        larger, smaller = (upper, lower) if upper.sum() >= lower.sum() else (lower, upper)
        bound = evidence.literal(split.bound)
        is_upper, is_lower = f"({split.sql}) > {bound}", f"({split.sql}) <= {bound}"
        first, second = (is_upper, is_lower) if upper.sum() >= lower.sum() else (is_lower, is_upper)
        figures = words.listed(
            [
                f"{each.said} {each.say(each.middle(larger))} against {each.say(each.middle(smaller))}"
                for each in told
            ]
        )
        return Wording(
            statement=words.sentence(
                f"the {view.noun} fall into two groups, of {words.count(int(larger.sum()))} and "
                f"{words.count(int(smaller.sum()))}: {figures}."
            ),
            action=(
                "Describe the two groups apart, and look for what tells them from each other: averages over both "
                "describe neither."
            ),
            evidence=evidence.select(
                (evidence.rows(first), "larger"),
                (evidence.rows(second), "smaller"),
                *((each.middle_sql(first), f"{each.name} in the larger") for each in told),
                *((each.middle_sql(second), f"{each.name} in the smaller") for each in told),
            ),
            chart=ChartHint(kind="scatter", columns=[each.name for each in told[:2]]),
        )


def _columns(view: View) -> list[Measure]:
    """The foremost measures with many values and no long tail, one of each family."""
    found: dict[str, Measure] = {}
    for each in view.measures:
        kurtosis = each.profile.statistics.get("kurtosis")
        tame = isinstance(kurtosis, float) and kurtosis <= _MOST_KURTOSIS
        full = each.profile.missing <= _MOST_MISSING * view.rows
        if not each.is_rate and tame and full and each.profile.distinct >= _FEWEST_VALUES:
            found.setdefault(view.copies[each.name], each)
    return list(found.values())[:_MOST_COLUMNS]


def _complete(values: Floats, rows: Integers) -> Floats:
    """The chosen rows that lack nothing; of more than 2,000 that many, evenly over the table."""
    kept = values[rows]
    kept = kept[~np.isnan(kept).any(axis=1)]
    return np.asarray(kept[evenly_spaced(len(kept), _MOST_ROWS)])


def _two_means(points: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Lloyd's two means with the smallest sum of squares over several starts from two random rows."""
    best: tuple[float, Floats, Floats] | None = None
    for _ in range(_STARTS):
        centres = points[rng.choice(len(points), 2, replace=False)]
        for _ in range(_ROUNDS):
            nearer = ((points - centres[1]) ** 2).sum(axis=1) < ((points - centres[0]) ** 2).sum(axis=1)
            if nearer.all() or not nearer.any():
                break
            moved = np.stack([points[~nearer].mean(axis=0), points[nearer].mean(axis=0)])
            if np.allclose(moved, centres):
                break
            centres = moved
        rest = float(np.minimum(*(((points - centre) ** 2).sum(axis=1) for centre in centres)).sum())
        if best is None or rest < best[0]:
            best = rest, centres[0], centres[1]
    assert best is not None  # noqa: S101 - there is one start at least
    return best[1], best[2]


def one_peak_p(values: Floats, rng: np.random.Generator) -> float:
    """The p that values come from one peak: the dip's in four random parts or more, combined by Fisher (1925).

    One dip test ends at p = 0.001, where its table does.
    """
    size = max((size for size in QUANTILES if size * _PARTS <= len(values)), default=min(QUANTILES))
    parts = max(1, len(values) // size)
    mixed = rng.permutation(values)
    found = [modality(np.sort(mixed[place * size : (place + 1) * size])) for place in range(parts)]
    ps = [one.p for one in found if one is not None]
    if len(ps) < parts:
        return 1.0
    return float(special.chdtrc(2 * parts, -2 * np.log(ps).sum()))
