"""Missing values: where they gather, and which columns are missing together."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.figures import left_out
from dsp_pipeline.ml.insights.intervals import cramer_interval
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording
from dsp_pipeline.ml.statistics.correlation import chi_squared, independence_p

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Breakdown
    from dsp_pipeline.ml.insights.view import View
    from dsp_pipeline.ml.statistics.arrays import Booleans

_FEWEST = 20
_NAMED_SHARE = 0.01
_NOTABLE = 0.01
_NOTABLE_RATIO = 1.5
_NEARLY = 0.8
_MOST_GAPS = 30


@dataclasses.dataclass(frozen=True)
class Gap:
    """Columns that are missing in the same rows, or in nearly the same.

    Attributes:
        names: The columns, in the table's order.
        missing: Rows in which any of them is missing.
        exact: Whether all of them are missing in each of these rows.
        conditions: The SQL conditions that each of them is missing.
    """

    names: list[str]
    missing: Booleans
    exact: bool
    conditions: list[str]

    @property
    def said(self) -> str:
        """The columns as a sentence lists them."""
        return words.listed([words.humanise(name) for name in self.names], most=3)

    @property
    def condition(self) -> str:
        """The SQL condition for these rows."""
        return " OR ".join(self.conditions)


def gaps(view: View) -> list[Gap]:
    """The table's sets of missing rows with the columns that share them, at most `_MOST_GAPS`, largest first.

    A column joins the first set of which it shares 80 % (rows missing in both over rows missing in either).
    """
    found: list[Gap] = []
    order = list(view.columns)
    missing = [name for name in order if view.profile.columns[name].missing and view.profile.columns[name].count]
    for name in sorted(missing, key=lambda name: -view.profile.columns[name].missing):
        rows = view.columns[name].missing
        may_be_nan = int(view.columns[name].series.null_count()) < view.profile.columns[name].missing
        condition = evidence.is_missing(name, may_be_nan=may_be_nan)
        for position, gap in enumerate(found):
            either = int((gap.missing | rows).sum())
            shared = int((gap.missing & rows).sum())
            if shared >= _NEARLY * either:
                names = sorted([*gap.names, name], key=order.index)
                exact = gap.exact and shared == either
                found[position] = Gap(names, gap.missing | rows, exact, [*gap.conditions, condition])
                break
        else:
            if len(found) < _MOST_GAPS:
                found.append(Gap([name], rows, exact=True, conditions=[condition]))
    return found


@dataclasses.dataclass(frozen=True)
class Gathering:
    """Missing values that gather in one group.

    Attributes:
        gap: The missing values.
        breakdown: What the rows are divided by.
        level: The group with the highest share of them, among those that are large enough to be compared.
        within: That share.
        overall: The share over all groups.
        is_belied: Whether a smaller group has a higher one.
    """

    gap: Gap
    breakdown: Breakdown
    level: int
    within: float
    overall: float
    is_belied: bool


class MissingWhere(Pattern[Gathering]):
    """Values that are missing more often in some groups than in others."""

    type = "missing_depends"
    acts = "collect"
    least_effect = 0.08

    def measure(self, view: View) -> Iterator[Measured[Gathering]]:
        """Every set of missing rows by every breakdown, tested by chi-squared."""
        for gap in gaps(view):
            for breakdown in view.breakdowns:
                if breakdown.name not in gap.names:
                    yield from _gathering(view, gap, breakdown)

    def word(self, view: View, found: Measured[Gathering]) -> Wording | None:
        """The group with the highest share of missing values, against all."""
        gathering = found.detail
        if gathering.within < _NOTABLE_RATIO * gathering.overall:
            return None
        breakdown, gap = gathering.breakdown, gathering.gap
        missing = gap.condition
        group = breakdown.say(gathering.level)
        verb = "are" if len(gap.names) > 1 else "is"
        return Wording(
            statement=words.sentence(
                f"{gap.said} {verb} missing most often {breakdown.at(gathering.level)}: in "
                f"{words.percent(gathering.within)} of these {view.noun}, against "
                f"{words.percent(gathering.overall)} of all."
            )
            + (left_out(view, breakdown) if gathering.is_belied else ""),
            action=(
                f"Find out why values are missing for {group}, and treat missing as a value of its own in models: "
                f"dropping these rows would take more of {group} than of the others."
            ),
            evidence=evidence.select(
                (evidence.share(missing, breakdown.condition(gathering.level)), "within"),
                (evidence.share(missing, f"{evidence.identifier(breakdown.name)} IS NOT NULL"), "overall"),
            ),
            chart=ChartHint(kind="bar", columns=[breakdown.name, gap.names[0]]),
        )


def _gathering(view: View, gap: Gap, breakdown: Breakdown) -> Iterator[Measured[Gathering]]:
    counts, absent = breakdown.grouping.counts, breakdown.grouping.counts_in(gap.missing)
    table = np.vstack([absent, counts - absent])[:, counts > 0]
    if table.shape[1] < 2 or table.sum(axis=1).min() < _FEWEST:  # noqa: PLR2004 - two groups to compare
        return
    n = int(table.sum())
    named = np.flatnonzero(counts >= max(_FEWEST, _NAMED_SHARE * n))
    if not len(named):
        return
    shares = absent / np.maximum(1, counts)
    level = int(named[np.argmax(shares[named])])
    is_belied = bool(np.any(shares > shares[level]))
    effect = float(np.sqrt(chi_squared(table) / n))
    yield Measured(
        columns=(gap.names[0], breakdown.name),
        n=n,
        effect=effect,
        effect_name="Cramér's V of missing or not by group",
        strength=min(1.0, 2 * effect),
        impact=min(1.0, 0.4 + 2 * float(absent.sum() / n)) * view.interest(*gap.names, breakdown.name),
        detail=Gathering(gap, breakdown, level, float(shares[level]), float(absent.sum() / n), is_belied),
        p=independence_p(table),
        ci=cramer_interval(effect, n, 2, table.shape[1]),
    )


class MissingTogether(Pattern[Gap]):
    """How much is missing, said once for all columns that are missing in the same rows."""

    type = "missing_values"
    acts = "fix"

    def measure(self, view: View) -> Iterator[Measured[Gap]]:
        """Each set of rows with missing values that is 1 % of the table at least."""
        for gap in gaps(view):
            share = float(gap.missing.mean())
            if share >= _NOTABLE:
                yield Measured(
                    columns=tuple(gap.names),
                    n=view.rows,
                    effect=share,
                    effect_name="share of rows with missing values",
                    strength=min(1.0, 0.4 + share),
                    impact=min(1.0, 0.3 + share) * view.interest(*gap.names),
                    detail=gap,
                )

    def word(self, view: View, found: Measured[Gap]) -> Wording:
        """How many rows, and of which columns."""
        gap = found.detail
        rows = int(gap.missing.sum())
        several = len(gap.names) > 1
        what = f"{gap.said} are always missing together, in" if several else f"{gap.said} is missing in"
        if not gap.exact:
            what = f"{gap.said} are missing in mostly the same rows: at least one of them in"
        return Wording(
            statement=words.sentence(f"{what} {view.amount(rows)} ({words.percent(found.effect)})."),
            action=(
                "Ask what these rows are: columns that are missing together usually share one reason."
                if several
                else "Ask whether missing means none, unknown or not applicable before filling or dropping it."
            ),
            evidence=evidence.select(
                (evidence.rows(gap.condition), "rows"), (evidence.share(gap.condition), "percent")
            ),
            chart=ChartHint(kind="bar", columns=list(gap.names)),
        )
