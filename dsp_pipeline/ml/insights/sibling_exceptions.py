"""Where a difference that is there in most values of a column is the other way round."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.pattern import Measured, Wording
from dsp_pipeline.ml.insights.siblings import (
    COMMON,
    FEWEST_SIBLINGS,
    WORTH_CONFIRMING,
    OverSiblings,
    Siblings,
    confirmed_in,
    partial_conjunction_p,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.ml.insights.view import View


class SiblingException(OverSiblings):
    """A difference that is there in most values of another column, and the other way round in one of them."""

    type = "exception"

    def measure(self, view: View) -> Iterator[Measured[Siblings]]:
        """As commonness, with the value that goes the other way; both have to hold in the confirming half."""
        for siblings, searched in self.candidates(view):
            rest = np.sort(searched)[1:]
            is_apart = searched.min() < -WORTH_CONFIRMING * self.least_effect
            if not is_apart or len(rest) < FEWEST_SIBLINGS - 1 or np.mean(rest > 0) < COMMON:
                continue
            odd = int(np.argmin(searched))
            with_it = dataclasses.replace(siblings, exception=siblings.places[odd])
            confirmed = confirmed_in(view, with_it)
            others = [each for place, each in enumerate(confirmed) if place != odd]
            least = int(np.ceil(COMMON * len(others)))
            common = partial_conjunction_p(np.array([each.p for each in others]), least)
            turned = confirmed[odd].signed(-1)
            yield self.measured(view, with_it, confirmed, (max(common, turned.p), turned))

    def word(self, view: View, found: Measured[Siblings]) -> Wording | None:
        """In how many values it is so, and the one where it is not, with its figures."""
        siblings = found.detail
        measure, breakdown, within = siblings.measure, siblings.breakdown, siblings.within
        here, other = self.averages(siblings)
        apart = siblings.sign * (here - other)
        odd = siblings.places.index(int(siblings.exception if siblings.exception is not None else -1))
        count, total = int((np.delete(apart, odd) > 0).sum()), len(apart)
        if apart[odd] >= 0 or count < COMMON * (total - 1):
            return None
        sign = ">" if siblings.sign > 0 else "<"
        place = within.condition(siblings.places[odd])
        is_it = breakdown.condition(siblings.level)
        not_it = breakdown.other_than(siblings.level)
        what = measure.middle_of(view.noun)
        higher, lower = ("higher", "lower") if siblings.sign > 0 else ("lower", "higher")
        return Wording(
            statement=words.sentence(
                f"the {what} is {higher} {breakdown.at(siblings.level)} than "
                f"{breakdown.at_others(siblings.level)} in {count} of the {total} {within.values_of(total)}, but "
                f"{lower} {within.at(siblings.places[odd])}: {measure.say(float(here[odd]))} against "
                f"{measure.say(float(other[odd]))}."
            ),
            action=(
                f"Find out what is different about {within.say(siblings.places[odd])}, and do not apply there "
                "what holds for the others."
            ),
            evidence=evidence.select(
                (evidence.rows(f"here {sign} other"), "values"),
                (evidence.rows("here IS NOT NULL AND other IS NOT NULL"), "of"),
                (evidence.figure(measure.middle_sql(evidence.all_of([place, is_it]))), "here"),
                (evidence.figure(measure.middle_sql(evidence.all_of([place, not_it]))), "others"),
                source=self.source(siblings),
            ),
            chart=self.chart(view, siblings, here, other),
        )
