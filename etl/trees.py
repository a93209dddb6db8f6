"""Boosted decision trees, kept as plain JSON and run with NumPy: the training library is not needed to use what it fitted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Trees:
    """A sum of trees. Row *t* holds tree *t*: an inner node's feature, threshold and children; a leaf is its own child.

    At an inner node a row goes left when its feature is at most the threshold.
    """

    names: tuple[str, ...]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    depth: int

    def score(self, rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        """The log-odds of each row of features, given in the order of ``names``."""
        table = np.asarray(rows, dtype=np.float64).reshape(-1, len(self.names))
        tree = np.arange(len(self.feature))
        row = np.arange(len(table))[:, None]
        node = np.zeros((len(table), len(tree)), dtype=np.int32)
        for _ in range(self.depth):
            goes_left = table[row, self.feature[tree, node]] <= self.threshold[tree, node]
            node = np.where(goes_left, self.left[tree, node], self.right[tree, node])
        total: NDArray[np.float64] = self.value[tree, node].sum(axis=1)
        return total


@cache
def load_trees(name: str) -> Trees:
    """The fitted trees ``name`` that ship with the package."""
    return from_json(json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")))


def from_json(stored: dict[str, list[list[float]]]) -> Trees:
    """Trees of what `etl.train` wrote: a node is [feature, threshold, left, right], a leaf [value]."""
    trees = stored["trees"]
    width = max(len(t) for t in trees)
    shape = (len(trees), width)
    feature, left, right = (np.zeros(shape, dtype=np.int32) for _ in range(3))
    threshold, value = np.zeros(shape), np.zeros(shape)
    depth = 0
    for t, nodes in enumerate(trees):
        depths = [0] * len(nodes)
        for n, node in enumerate(nodes):
            if len(node) == 1:
                left[t, n] = right[t, n] = n
                value[t, n] = node[0]
                continue
            feature[t, n], threshold[t, n], left[t, n], right[t, n] = node
            depths[left[t, n]] = depths[right[t, n]] = depths[n] + 1
        depth = max(depth, *depths)
    return Trees(tuple(stored["names"]), feature, threshold, left, right, value, depth)
