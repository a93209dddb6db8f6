"""Boosted decision trees, stored as plain JSON and evaluated with NumPy, so that only training needs the training library."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from etl.knowledge import DATA

#: A node as stored: [feature, threshold, left, right], or of a leaf [value].
Node = list[float]

#: Rows scored at a time. Memory use is this times the number of trees; larger blocks no longer fit in the CPU cache.
BLOCK = 32


class Level(NamedTuple):
    """The nodes at one depth of all trees, tree by tree and from left to right: feature and threshold of each."""

    feature: NDArray[np.intp]
    threshold: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble of trees, each filled up to the same depth, so that node n's children are nodes 2n and 2n + 1 of the next level.

    A row goes to a node's first child if its feature value is at most the threshold, else to the second. ``value`` has the leaves'.
    """

    names: tuple[str, ...]
    n_trees: int
    levels: tuple[Level, ...]
    value: NDArray[np.float64]

    def score(self, rows: Sequence[Sequence[float]], names: Sequence[str]) -> NDArray[np.float64]:
        """The log-odds of each row of features. ``names`` are the names of the columns.

        Raises:
            ValueError: when the features differ from those the trees were fitted on.

        """
        table = np.asarray(rows, dtype=np.float32).reshape(-1, len(names))
        if tuple(names) != self.names:
            table = table[:, _columns(tuple(names), self.names)]
        blocks = [self._score(table[at : at + BLOCK]) for at in range(0, len(table), BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros(0)

    def _score(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        flat = table.ravel()
        offset = (np.arange(len(table)) * len(self.names))[:, None]
        node = np.broadcast_to(np.arange(self.n_trees), (len(table), self.n_trees))
        # All indices are in range: "clip" saves NumPy a check and a copy.
        for feature, threshold in self.levels:
            values = flat.take(offset + feature.take(node, mode="clip"), mode="clip")
            node = 2 * node + (values > threshold.take(node, mode="clip"))
        total: NDArray[np.float64] = self.value.take(node, mode="clip").sum(axis=1)
        return total


@cache
def _columns(names: tuple[str, ...], fitted: tuple[str, ...]) -> list[int]:
    """Where the ``fitted`` features are among the columns ``names``."""
    if unknown := ", ".join(sorted(set(names) ^ set(fitted))):
        raise ValueError(f"the trees and the rows do not have the same features: {unknown}; fit the trees again")
    return [names.index(name) for name in fitted]


@cache
def load_trees(name: str) -> Trees:
    """Load the fitted trees called ``name`` from the package data."""
    return from_json(json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")))


def from_json(stored: dict[str, Any]) -> Trees:
    """Trees from the output of `etl.training.fit_quotes`."""
    trees: list[list[Node]] = stored["trees"]
    level = [(nodes, nodes[0]) for nodes in trees]
    levels: list[Level] = []
    while any(len(node) > 1 for _, node in level):
        splits = [node if len(node) > 1 else (0, np.inf) for _, node in level]
        levels.append(Level(np.array([int(s[0]) for s in splits]), np.array([s[1] for s in splits], dtype=np.float32)))
        level = [(nodes, child) for nodes, node in level for child in _children(nodes, node)]
    return Trees(tuple(stored["names"]), len(trees), tuple(levels), np.array([node[0] for _, node in level]))


def _children(nodes: list[Node], node: Node) -> Iterator[Node]:
    """The children of a node; of a leaf, itself and, where no row comes, itself."""
    return (nodes[int(n)] for n in node[2:]) if len(node) > 1 else iter((node, node))
