"""Boosted decision trees, stored as plain JSON and evaluated with NumPy, so that only training needs the training library."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.knowledge import DATA

#: Rows scored at a time. Memory use is this times the number of trees; larger blocks no longer fit in the CPU cache.
BLOCK = 32


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble of trees in flat node arrays: feature, threshold and two children. Both children of a leaf are itself.

    A row goes to a node's first child if its feature value is at most the threshold, else to the second.
    """

    names: tuple[str, ...]
    roots: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float32]
    child: NDArray[np.intp]
    value: NDArray[np.float64]
    depth: int

    def score(self, rows: Sequence[Sequence[float]], names: Sequence[str]) -> NDArray[np.float64]:
        """The log-odds of each row of features. ``names`` are the names of the columns.

        Raises:
            ValueError: when the features differ from those the trees were fitted on.

        """
        table = np.asarray(rows, dtype=np.float32).reshape(-1, len(names))
        if tuple(names) != self.names:
            if set(names) != set(self.names):
                unknown = ", ".join(sorted(set(names) ^ set(self.names)))
                raise ValueError(
                    f"the trees and the rows do not have the same features: {unknown}; fit the trees again"
                )
            table = table[:, [names.index(name) for name in self.names]]
        blocks = [self._score(table[at : at + BLOCK]) for at in range(0, len(table), BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros(0)

    def _score(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        flat = table.ravel()
        offset = (np.arange(len(table)) * len(self.names))[:, None]
        node = np.repeat(self.roots[None, :], len(table), axis=0)
        # All indices are in range: "clip" saves NumPy a check and a copy.
        for _ in range(self.depth):
            values = flat.take(offset + self.feature.take(node, mode="clip"), mode="clip")
            is_over = values > self.threshold.take(node, mode="clip")
            node = self.child.take(2 * node + is_over, mode="clip")
        total: NDArray[np.float64] = self.value.take(node, mode="clip").sum(axis=1)
        return total


@cache
def load_trees(name: str) -> Trees:
    """Load the fitted trees called ``name`` from the package data."""
    return from_json(json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")))


def from_json(stored: dict[str, Any]) -> Trees:
    """Trees from the output of `etl.training.fit_quotes`: a node is [feature, threshold, left, right], a leaf [value]."""
    roots: list[int] = []
    feature: list[int] = []
    threshold: list[float] = []
    child: list[int] = []
    value: list[float] = []
    deepest = 0
    for nodes in stored["trees"]:
        base = len(value)
        roots.append(base)
        depths = [0] * len(nodes)
        for n, node in enumerate(nodes):
            is_leaf = len(node) == 1
            first, second = (n, n) if is_leaf else (int(node[2]), int(node[3]))
            feature.append(0 if is_leaf else int(node[0]))
            threshold.append(0.0 if is_leaf else node[1])
            child += [base + first, base + second]
            value.append(node[0] if is_leaf else 0.0)
            if not is_leaf:
                depths[first] = depths[second] = depths[n] + 1
        deepest = max(deepest, *depths)
    return Trees(
        tuple(stored["names"]),
        np.array(roots),
        np.array(feature),
        np.array(threshold, dtype=np.float32),
        np.array(child),
        np.array(value),
        deepest,
    )
