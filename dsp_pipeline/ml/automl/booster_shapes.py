"""The shapes in which boosted trees compete: they err in different places, which is what an ensemble lives on.

The regular shape is fixed by the number of rows (`booster`); the others change some of its parameters. Friedman
(2001) for shallow trees, Ke et al. (2017) for growth by leaves, Breiman (2001) for the forest.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any


@dataclasses.dataclass(frozen=True)
class Shape:
    """A way to grow trees.

    Attributes:
        name: For the leaderboard.
        changes: XGBoost's parameters that differ from the regular shape's.
        rounds: Boosting rounds at most, whatever the effort allows; None leaves it to that.
        forest: Trees that are grown side by side in the one round of a forest; 0 boosts.
    """

    name: str
    changes: dict[str, Any] = dataclasses.field(default_factory=dict)
    rounds: int | None = None
    forest: int = 0

    def rounds_of(self, limit: int) -> int:
        """Rounds at most where the effort allows so many for the regular shape."""
        return limit if self.rounds is None else min(limit, self.rounds)

    def side_by_side(self, outputs: int) -> int:
        """Trees per round and output: fewer for many classes, each of which has its own."""
        return max(1, round(self.forest / math.sqrt(outputs)))


REGULAR = Shape("XGBoost")

EXTRA = (
    Shape(
        "XGBoost, leaf-wise",
        {
            "grow_policy": "lossguide",
            "max_leaves": 12,
            "max_depth": 0,
            "eta": 0.14,
            "colsample_bytree": 1.0,
            "colsample_bynode": 0.4,
        },
        rounds=400,
    ),
    Shape("XGBoost, shallow", {"max_depth": 2, "eta": 0.16, "colsample_bytree": 0.5}, rounds=400),
    Shape(
        "XGBoost, random forest",
        {
            "max_depth": 8,
            "eta": 1.0,
            "lambda": 0.5,
            "subsample": 0.63,
            "colsample_bytree": 1.0,
            "colsample_bynode": 0.4,
        },
        rounds=1,
        forest=40,
    ),
)
"""Beside the regular shape, the ones that helped the ensembles of most tables first."""
