"""XGBoost's trees, read from its own JSON.

Its form: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xgboost as xgb

    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints, Singles


Path: TypeAlias = tuple[tuple[int, bool], ...]
"""The splits above a leaf, from the root on, each with whether the leaf lies to its left."""


@dataclasses.dataclass(frozen=True)
class Tree:
    """One tree: arrays over its nodes, of which the first is the root. What XGBoost pruned no child points to.

    Attributes:
        output: Which of the margin's outputs it adds to.
        left: The child where a row meets a node's condition; -1 at leaves.
        right: The other child; -1 at leaves.
        feature: The input that a node asks for.
        split: What the input is less than, to go left; a leaf's value.
        missing_left: Whether a missing value goes left.
        cover: The training rows' sum of second derivatives.
        levels: For each node that asks for a level instead, the levels that go right.
    """

    output: int
    left: Ints
    right: Ints
    feature: Ints
    split: Singles
    missing_left: Bools
    cover: Floats
    levels: Mapping[int, tuple[int, ...]]

    @functools.cached_property
    def paths(self) -> dict[int, Path]:
        """Each leaf with its path."""
        left, right = self.left.tolist(), self.right.tolist()
        found: dict[int, Path] = {}
        open_nodes: list[tuple[int, Path]] = [(0, ())]
        while open_nodes:
            node, path = open_nodes.pop()
            if left[node] < 0:
                found[node] = path
            else:
                open_nodes += [(right[node], (*path, (node, False))), (left[node], (*path, (node, True)))]
        return found

    @functools.cached_property
    def shares(self) -> Floats:
        """For each node the share, by cover, of its parent's training rows that reach it; 1 for the root."""
        result = np.ones(self.left.size)
        splits = np.flatnonzero(self.left >= 0)
        whole = np.where(self.cover[splits] > 0, self.cover[splits], 1.0)
        for children in (self.left[splits], self.right[splits]):
            result[children] = self.cover[children] / whole
        return result

    def onward(self, path: Path) -> list[int]:
        """The node behind each split of a path."""
        return [int(self.left[node] if is_left else self.right[node]) for node, is_left in path]


def read_trees(booster: xgb.Booster, outputs: int) -> tuple[list[float], list[Tree]]:
    """What each output's sum starts from, and the trees that are added to it."""
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    model = learner["gradient_booster"]["model"]
    trees = [_tree(said, output) for said, output in zip(model["trees"], model["tree_info"], strict=True)]
    return _bases(learner, outputs), trees


def _tree(said: Mapping[str, Any], output: int) -> Tree:
    return Tree(
        output=output,
        left=np.array(said["left_children"], np.int64),
        right=np.array(said["right_children"], np.int64),
        feature=np.array(said["split_indices"], np.int64),
        split=np.array(said["split_conditions"], np.float32),
        missing_left=np.array(said["default_left"], np.bool_),
        cover=np.array(said["sum_hessian"], np.float64),
        levels=_levels(said),
    )


def _levels(said: Mapping[str, Any]) -> dict[int, tuple[int, ...]]:
    parts = zip(said["categories_nodes"], said["categories_segments"], said["categories_sizes"], strict=True)
    return {node: tuple(said["categories"][start : start + size]) for node, start, size in parts}


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
