"""XGBoost's trees as flat arrays, read from its own JSON.

Its form: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dsp_pipeline.ml.automl.arrays import Numbers
    from dsp_pipeline.ml.automl.booster import Booster

_MISSING_LEFT = 1
_ON_LEVELS = 2
_LEAF = -1


@dataclasses.dataclass
class _Forest:
    """Nodes of all trees, in pre-order."""

    feature: list[int] = dataclasses.field(default_factory=list)
    flags: list[int] = dataclasses.field(default_factory=list)
    split: list[float] = dataclasses.field(default_factory=list)
    leaf: list[float] = dataclasses.field(default_factory=list)
    cover: list[float] = dataclasses.field(default_factory=list)
    nodes: list[int] = dataclasses.field(default_factory=list)
    sets: dict[tuple[int, ...], int] = dataclasses.field(default_factory=dict)

    def add(self, tree: Mapping[str, Any]) -> None:
        """Append one tree; nodes that XGBoost pruned are not reached."""
        left, right, values = tree["left_children"], tree["right_children"], tree["split_conditions"]
        levels = _levels(tree)
        before, open_nodes = len(self.feature), [0]
        while open_nodes:
            node = open_nodes.pop()
            if left[node] == _LEAF:
                self.feature.append(_LEAF)
                self.leaf.append(values[node])
                self.cover.append(tree["sum_hessian"][node])
                continue
            self.feature.append(tree["split_indices"][node])
            on_levels = node in levels
            self.flags.append(_MISSING_LEFT * tree["default_left"][node] + _ON_LEVELS * on_levels)
            self.split.append(self.sets.setdefault(levels[node], len(self.sets)) if on_levels else values[node])
            open_nodes += [right[node], left[node]]
        self.nodes.append(len(self.feature) - before)


def flattened(booster: Booster) -> tuple[list[float], dict[str, Numbers]]:
    """What each output's sum starts from, and the trees' arrays (see `PortableMember`)."""
    learner = json.loads(bytes(booster.trees.save_raw("json")))["learner"]
    model = learner["gradient_booster"]["model"]
    forest = _Forest()
    for tree in model["trees"]:
        forest.add(tree)
    on_levels = np.array(forest.flags, np.uint8) & _ON_LEVELS > 0
    splits = np.array(forest.split, np.float64)
    thresholds, places = np.unique(splits[~on_levels].astype(np.float32), return_inverse=True)
    split = splits.copy()
    split[~on_levels] = places
    starts = np.cumsum([0, *(len(each) for each in forest.sets)])
    arrays: dict[str, Numbers] = {
        "feature": np.array(forest.feature, np.int16),
        "flags": np.array(forest.flags, np.uint8),
        "split": split.astype(np.uint16 if split.max(initial=0) < 1 << 16 else np.uint32),
        "thresholds": thresholds,
        "leaf": np.array(forest.leaf, np.float32),
        "cover": np.array(forest.cover, np.float32),
        "nodes": np.array(forest.nodes, np.uint32),
        "output": np.array(model["tree_info"], np.uint8),
        "set_starts": starts.astype(np.uint32),
        "set_levels": np.array([level for each in forest.sets for level in each], np.uint16),
    }
    return _bases(learner, booster.outputs), arrays


def _levels(tree: Mapping[str, Any]) -> dict[int, tuple[int, ...]]:
    """For each node that splits on levels, the ones that go right."""
    parts = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)
    return {node: tuple(tree["categories"][start : start + size]) for node, start, size in parts}


def _bases(learner: Mapping[str, Any], outputs: int) -> list[float]:
    """XGBoost stores what predictions start from on the scale of the answer; sums start from its margin."""
    said = json.loads(learner["learner_model_param"]["base_score"])
    scores = [float(np.float32(each)) for each in (said if isinstance(said, list) else [said])]
    link = _LINKS.get(learner["objective"]["name"], float)
    margins = [float(np.float32(link(each))) for each in scores]
    return margins if len(margins) == outputs else margins * outputs


def _logit(share: float) -> float:
    return -math.log(1 / share - 1)


_LINKS: dict[str, Callable[[float], float]] = {"binary:logistic": _logit, "count:poisson": math.log}
