"""The table as patterns see it: what can be measured, what can be compared by, and what is already known."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.insights import words
from dsp_pipeline.ml.insights.halves import Halves, Sampled
from dsp_pipeline.ml.insights.roles import Role, calendar_part, role_of
from dsp_pipeline.ml.insights.subjects import Breakdown, Indicator, Measure, counts_things
from dsp_pipeline.ml.statistics.arrays import columns_of
from dsp_pipeline.ml.statistics.correlation import between_share

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from dsp_pipeline.core.artifacts.explanations import Explanations
    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.core.artifacts.profile import Association, Profile
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.insights.halves import Half
    from dsp_pipeline.ml.statistics.arrays import Column, Floats, Integers

T = TypeVar("T")

MOST_MEASURES = 40
MOST_BREAKDOWNS = 30
MOST_LEVELS = 200
FEW_NUMBERS = 12
MOST_INDICATORS = 16
MOST_SHARES_OF = 12
LEAST_SHARE = 0.05
_TWO = 2
_DETERMINED = 0.95
_CLOSE = 0.9
_NEARLY_THE_SAME = 0.95
_SIDE_INTEREST = 0.5


@dataclasses.dataclass(frozen=True)
class View:
    """Everything that patterns may look at."""

    validated: ValidatedTable
    profile: Profile
    model: ModelReport
    explanations: Explanations
    seed: int = 0

    @functools.cached_property
    def halves(self) -> Halves:
        """The rows to search in, and those that confirm; rows of a group that the sidecar names stay together."""
        group = self.columns.get(self.validated.sidecar.group_column or "")
        return Halves.drawn(self.rows, groups=None if group is None else group.levels.codes, seed=self.seed)

    @property
    def rows(self) -> int:
        """The table's rows."""
        return self.validated.table.height

    @property
    def noun(self) -> str:
        """What a row is, in the plural: "rows", or what the sidecar says."""
        return words.printable(self.validated.sidecar.row_noun)

    def amount(self, rows: int) -> str:
        """So many rows in words: 1 row, 58,665 rows."""
        return words.amount(rows, self.noun)

    def all_known(self, *names: str) -> str:
        """What shares among the rows with values are shares of."""
        if any(self.profile.columns[name].missing for name in names):
            return f"the {self.noun} with a known {words.listed([words.humanise(name) for name in names])}"
        return f"all {self.noun}"

    @functools.cached_property
    def columns(self) -> dict[str, Column]:
        """The table's columns under their names."""
        return {column.name: column for column in columns_of(self.validated)}

    @functools.cached_property
    def roles(self) -> dict[str, Role]:
        """Each column's part."""
        return {name: role_of(column, self.profile.columns[name]) for name, column in self.columns.items()}

    @functools.cached_property
    def every_measure(self) -> dict[str, Measure]:
        """All columns that can be measured under their names, the most interesting first; coordinates too."""
        return {
            name: Measure(self.columns[name], self.profile.columns[name], is_rate=self.roles[name] is Role.RATE)
            for name in self._by_interest
            if self.roles[name] in {Role.MEASURE, Role.RATE} and self.profile.columns[name].count > 1
        }

    @property
    def measures(self) -> list[Measure]:
        """The foremost columns whose average means something, at most `MOST_MEASURES`; no coordinates."""
        return [each for each in self.every_measure.values() if not each.is_position][:MOST_MEASURES]

    @functools.cached_property
    def breakdowns(self) -> list[Breakdown]:
        """Columns to compare by, the most interesting first, at most `MOST_BREAKDOWNS`."""
        names = [name for name in self._by_interest if self._can_compare_by(name)]
        return [
            Breakdown(
                self.columns[name],
                self._part(name),
                is_count=self.roles[name] is Role.MEASURE
                and counts_things(self.columns[name], self.profile.columns[name]),
                flagged=self.noun if self.roles[name] is Role.RATE else "",
            )
            for name in names[:MOST_BREAKDOWNS]
        ]

    def is_determined(self, measure: Measure, breakdown: Breakdown) -> bool:
        """Whether groups explain nearly all of a measure, as a destination does its distance."""
        key = "determined", measure.name, breakdown.name
        return self.once(key, lambda: not measure.is_rate and self._between(measure, breakdown) >= _DETERMINED)

    def _between(self, measure: Measure, breakdown: Breakdown) -> float:
        """The share of a measure's variance that lies between groups, in the rows to search in."""
        rows = self.halves.search
        rows = rows[measure.present[rows] & (breakdown.codes[rows] >= 0)]
        if not len(rows):
            return 0.0
        return between_share(breakdown.codes[rows], measure.scores[rows], len(breakdown.levels))

    def sampled(self, measure: Measure, half: Half) -> Sampled:
        """A measure in the rows of a half, taken from the column once."""

        def take() -> Sampled:
            rows = self.halves.rows(half)
            kept = np.flatnonzero(measure.present[rows])
            if len(kept) == len(rows):
                return Sampled(slice(None), measure.scores[rows])
            return Sampled(kept, measure.scores[rows[kept]])

        level = measure.level if isinstance(measure, Indicator) else None
        return self.once(("sampled", measure.name, level, half), take)

    def codes_in(self, breakdown: Breakdown, half: Half) -> Integers:
        """The position of each label of a half, taken from the column once."""
        return self.once(("codes", breakdown.name, half), lambda: breakdown.codes[self.halves.rows(half)])

    def score_sums(self, measure: Measure, breakdown: Breakdown) -> Floats:
        """The sum of a measure's scores per level over all rows, added up once."""
        key = "score sums", measure.name, breakdown.name
        return self.once(key, lambda: breakdown.grouping.sums(measure.scores))

    def crossed(self, one: Breakdown, other: Breakdown) -> Integers:
        """All rows by the levels of two columns, counted once; the last row and column are those without any."""
        first, second = sorted((one, other), key=lambda each: each.name)
        key = "crossed", first.name, second.name
        counts = self.once(key, lambda: first.grouping.crossed(second.grouping))
        return counts if first is one else counts.T

    def crossed_with(self, measure: Measure, one: Breakdown, other: Breakdown) -> Integers:
        """As `crossed`, of the rows in which a measure has a value, and without those of no level."""
        counts = self.crossed(one, other)
        if len(measure.absent):
            counts = counts - one.grouping.crossed(other.grouping, measure.absent)
        return counts[:-1, :-1]

    @functools.cached_property
    def time(self) -> Column | None:
        """The time column: the sidecar's if it is one, else the one with the most different points in time."""
        times = [name for name, role in self.roles.items() if role is Role.TIME]
        said = self.validated.sidecar.time_column
        if said in times:
            return self.columns[said]
        times.sort(key=lambda name: (-self.profile.columns[name].count, -self.profile.columns[name].distinct))
        return self.columns[times[0]] if times else None

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` comes to; made at the first asking under this key, as patterns share what is costly."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    @functools.cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    @functools.cached_property
    def indicators(self) -> list[Measure]:
        """Labels as flags, whose average is the label's share: the commonest ones, at most `MOST_INDICATORS`."""
        found: list[Measure] = []
        for breakdown in self.breakdowns:
            if self.roles[breakdown.name] is not Role.LABEL or len(breakdown.levels) > MOST_SHARES_OF:
                continue
            shares = breakdown.counts / max(1, self.rows)
            # Of two labels the second one's share is the rest.
            told = 1 if len(breakdown.levels) == _TWO else len(breakdown.levels)
            found += [
                Indicator(
                    breakdown.column, self.profile.columns[breakdown.name], is_rate=True, of=breakdown, level=level
                )
                for level in range(told)
                if LEAST_SHARE <= shares[level] <= 1 - LEAST_SHARE
            ]
        return found[:MOST_INDICATORS]

    @functools.cached_property
    def pairs(self) -> dict[tuple[str, str, str], Association]:
        """The profile's associations by both names, in the table's order, and measure."""
        return {(pair.a, pair.b, pair.measure): pair for pair in self.profile.associations}

    def pair(self, a: str, b: str, measure: str) -> Association | None:
        """The association of two columns in either order."""
        return self.pairs.get((a, b, measure)) or self.pairs.get((b, a, measure))

    @functools.cached_property
    def families(self) -> dict[str, str]:
        """Each column's family: columns that move closely together share the first one's name."""
        return self._linked(_CLOSE)

    @functools.cached_property
    def copies(self) -> dict[str, str]:
        """As `families`, but of columns that carry nearly the same information."""
        return self._linked(_NEARLY_THE_SAME)

    @functools.cached_property
    def _groupings(self) -> set[str]:
        return {name for name in self.columns if self._can_compare_by(name)}

    def _linked(self, least: float) -> dict[str, str]:
        linked = {name: name for name in self.columns}
        order = {name: position for position, name in enumerate(self.columns)}

        def root(name: str) -> str:
            while linked[name] != name:
                name = linked[name]
            return name

        for pair in self.profile.associations:
            # A number with few values that tracks a measure is a grouping of it, not a copy.
            numbers = pair.measure == "pearson" and not {pair.a, pair.b} & self._groupings
            if (numbers or pair.measure == "cramers_v") and abs(pair.value) >= least:
                first, second = sorted((root(pair.a), root(pair.b)), key=order.__getitem__)
                linked[second] = first
        return {name: root(name) for name in self.columns}

    def interest(self, *names: str) -> float:
        """How much people care: 1 with the target or one close to it among the columns, or without a target."""
        target = self.model.target
        if target is None or target not in self.families:
            return 1.0
        return 1.0 if self.families[target] in {self.families[name] for name in names} else _SIDE_INTEREST

    @functools.cached_property
    def _by_interest(self) -> list[str]:
        """The target, the model's drivers, what the profile related, and then all others in the table's order."""
        of_feature = {feature.name: feature.column for feature in self.model.features}
        drivers = [of_feature.get(item.feature, item.feature) for item in self.explanations.global_]
        related = {name for pair in self.profile.associations for name in (pair.a, pair.b)}
        others = sorted(self.columns, key=lambda name: name not in related)
        wanted = [*([self.model.target] if self.model.target else []), *drivers, *others]
        return [name for name in dict.fromkeys(wanted) if name in self.columns]

    def _can_compare_by(self, name: str) -> bool:
        role, profile = self.roles[name], self.profile.columns[name]
        if profile.distinct > MOST_LEVELS or self._part(name) in {"minute", "second", "day"}:
            return False
        whole = self.columns[name].kind is ColumnKind.INTEGER
        few = role is Role.MEASURE and whole and profile.distinct <= FEW_NUMBERS
        return few or role in {Role.LABEL, Role.RATE, Role.CALENDAR}

    def _part(self, name: str) -> str | None:
        return calendar_part(name) if self.roles[name] is Role.CALENDAR else None
