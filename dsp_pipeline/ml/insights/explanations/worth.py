"""What the model uses beside what using it is worth: where SHAP and permutation importance disagree, and groups.

A column that the model leans on in vain has large contributions and no permutation importance. So has one of
several columns that say the same: shuffling one leaves the others to stand in for it. Such columns are grouped,
and shuffled together.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.explanations import FeatureGroup
from dsp_pipeline.ml.automl.metrics import losses, mean_intervals
from dsp_pipeline.ml.automl.scorers import respond
from dsp_pipeline.ml.insights.explanations.relations import groups_of, weakest_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.explanations import GlobalImportance
    from dsp_pipeline.core.artifacts.model import ColumnWorth
    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.scorers import Scorer
    from dsp_pipeline.ml.insights.explanations.sums import Attribution

_REPEATS = 3
_LEANS = 0.05
_MOST_GROUPS = 5


def compared(
    importance: Sequence[GlobalImportance], worths: Sequence[ColumnWorth], groups: Sequence[FeatureGroup]
) -> list[GlobalImportance]:
    """The importance of each column with its worth beside it, and a warning where the two disagree."""
    by_column = {each.column: each for each in worths}
    total = sum(each.mean_abs for each in importance) or 1.0
    result = []
    for each in importance:
        worth = by_column.get(each.feature)
        if worth is None:
            result.append(each)
            continue
        is_in_vain = each.mean_abs / total >= _LEANS and worth.ci_low <= 0
        update = {"worth": worth.loss, "worth_low": worth.ci_low, "worth_high": worth.ci_high}
        warning = {"warning": _warning(each.feature, groups) if is_in_vain else ""}
        result.append(each.model_copy(update=update | warning))
    return result


def _warning(feature: str, groups: Sequence[FeatureGroup]) -> str:
    others = next(
        ([name for name in group.features if name != feature] for group in groups if feature in group.features), []
    )
    said = "the model leans on it, but shuffling it costs nothing that chance does not explain"
    return f"{said}: {', '.join(others)} can stand in for it" if others else said


@dataclasses.dataclass(frozen=True)
class Shuffled:
    """Rows whose columns can be shuffled together: what the model scored, and what it is judged by."""

    scorer: Scorer
    matrix: Matrix
    found: Attribution
    seed: int

    def cost(self, columns: Sequence[str]) -> tuple[float, float, float]:
        """How much a row's mean loss grows when these columns are shuffled together, with its 95 % interval."""
        rng = np.random.default_rng([self.seed, 35])
        places = [place for place, name in enumerate(self.matrix.columns) if name in set(columns)]
        plain = losses(self.found.task, self.found.y, self.found.response)
        grown = np.mean([self._losses(places, rng) - plain for _ in range(_REPEATS)], axis=0)
        low, high = mean_intervals(grown[:, None], self.found.clusters, self.seed)
        return float(grown.mean()), float(low[0]), float(high[0])

    def _losses(self, places: list[int], rng: np.random.Generator) -> Floats:
        values = self.matrix.values.copy()
        values[:, places] = self.matrix.values[rng.permutation(values.shape[0])][:, places]
        margin = self.scorer.margin(dataclasses.replace(self.matrix, values=values))
        return losses(self.found.task, self.found.y, respond(self.found.task, margin))


def feature_groups(
    found: Attribution, columns: Sequence[str], associations: Floats, shuffled: Shuffled | None
) -> list[FeatureGroup]:
    """Columns that say much the same, the group that moves predictions most first.

    Args:
        found: The attribution.
        columns: The columns that were looked at.
        associations: Of these, in their order.
        shuffled: To measure what a group is worth; None leaves that out.
    """
    places = {name: place for place, name in enumerate(found.columns)}
    result = []
    for members in groups_of(associations):
        names = [columns[member] for member in members]
        together = found.by_column[:, :, [places[name] for name in names]].sum(axis=2)
        worth, low, high = (None, None, None) if shuffled is None else shuffled.cost(names)
        result.append(
            FeatureGroup(
                features=names,
                association=weakest_link(associations, members),
                mean_abs=float(np.abs(together).sum(axis=1).mean()),
                worth=worth,
                worth_low=low,
                worth_high=high,
            )
        )
    return sorted(result, key=lambda each: -each.mean_abs)[:_MOST_GROUPS]
