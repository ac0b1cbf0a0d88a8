"""Measures that go together so closely that one is enough."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.pairs import numbers_of, ordered
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.view import View


@dataclasses.dataclass(frozen=True)
class Family:
    """Measures that carry nearly the same information."""

    members: list[Measure]
    first: Measure
    second: Measure
    pearson: float


class Redundancy(Pattern[Family]):
    """Columns of which one would do."""

    type = "redundant_columns"
    acts = "drop"

    def measure(self, view: View) -> Iterator[Measured[Family]]:
        """Each family of measures, with its closest pair."""
        families: dict[str, list[Measure]] = {}
        for measure in numbers_of(view):
            families.setdefault(view.copies[measure.name], []).append(measure)
        for members in families.values():
            pairs = [
                (abs(pair.value), pair, a, b)
                for a, b in itertools.combinations(members, 2)
                if (pair := view.pair(a.name, b.name, "pearson")) is not None
            ]
            if not pairs:
                continue
            closeness, pair, a, b = max(pairs, key=lambda item: item[0])
            first, second = ordered(view, a, b)
            yield Measured(
                columns=tuple(member.name for member in members),
                n=pair.n,
                effect=pair.value,
                effect_name="Pearson's correlation of the closest pair",
                strength=0.5 * closeness,
                impact=pair.n / view.rows,
                detail=Family(members, first, second, pair.value),
            )

    def word(self, view: View, found: Measured[Family]) -> Wording:  # noqa: ARG002 - the interface's
        """All members, and the closest two."""
        family = found.detail
        names = words.listed([member.said for member in family.members])
        a, b = family.first, family.second
        closest = "" if len(family.members) == 2 else f" of {a.said} and {b.said}"  # noqa: PLR2004
        return Wording(
            statement=words.sentence(
                f"{names} carry nearly the same information (correlation{closest} "
                f"{words.coefficient(family.pearson)})."
            ),
            action=f"Keep one of them, say {a.said}, in reports and simple models: the others add little.",
            evidence=evidence.select((f"CORR({a.sql}, {b.sql})", "correlation")),
            chart=ChartHint(kind="scatter", columns=[a.name, b.name]),
        )
