"""XGBoost's trees as flat arrays."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.automl.arrays import Numbers
    from dsp_pipeline.ml.automl.booster import Booster
    from dsp_pipeline.ml.automl.trees import Tree

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

    def add(self, tree: Tree) -> None:
        """Append one tree; nodes that XGBoost pruned are not reached."""
        left, right, values = tree.left.tolist(), tree.right.tolist(), tree.split.tolist()
        before, open_nodes = len(self.feature), [0]
        while open_nodes:
            node = open_nodes.pop()
            if left[node] == _LEAF:
                self.feature.append(_LEAF)
                self.leaf.append(values[node])
                self.cover.append(tree.cover[node])
                continue
            self.feature.append(int(tree.feature[node]))
            levels = tree.levels.get(node)
            on_levels = levels is not None
            self.flags.append(_MISSING_LEFT * int(tree.missing_left[node]) + _ON_LEVELS * on_levels)
            self.split.append(values[node] if levels is None else self.sets.setdefault(levels, len(self.sets)))
            open_nodes += [right[node], left[node]]
        self.nodes.append(len(self.feature) - before)


def flattened(booster: Booster) -> tuple[list[float], dict[str, Numbers]]:
    """What each output's sum starts from, and the trees' arrays (see `PortableMember`)."""
    bases, trees = booster.bases_and_trees
    forest = _Forest()
    for tree in trees:
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
        "output": np.array([tree.output for tree in trees], np.uint8),
        "set_starts": starts.astype(np.uint32),
        "set_levels": np.array([level for each in forest.sets for level in each], np.uint16),
    }
    return bases, arrays
