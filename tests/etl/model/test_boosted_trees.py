import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.knowledge import DATA
from etl.model.boosted_trees import from_json, load_trees

#: x0 <= 1 ? (x1 <= 0 ? 1 : 2) : 4, and a constant.
STORED = {"names": ["a", "b"], "trees": [[[0, 1.0, 1, 4], [1, 0.0, 2, 3], [1.0], [2.0], [4.0]], [[0.5]]]}


@pytest.mark.slow
@given(st.lists(st.tuples(st.floats(-5, 5, width=32), st.floats(-5, 5, width=32)), max_size=20))
def test_scores_are_the_sums_of_the_leaves(rows: list[tuple[float, float]]) -> None:
    expected = [0.5 + (4.0 if a > 1 else 1.0 if b <= 0 else 2.0) for a, b in rows]
    assert from_json(STORED).score(rows, ["a", "b"]).tolist() == expected


def test_features_are_matched_by_name() -> None:
    trees = from_json(STORED)
    assert trees.score([(0.0, 5.0)], ["b", "a"]) == trees.score([(5.0, 0.0)], ["a", "b"]) == [4.5]
    with pytest.raises(ValueError, match="same features: b, c"):
        trees.score([(5.0, 0.0)], ["a", "c"])


@pytest.mark.parametrize("name", ["speakers", "speech", "quoted_confidence"])
def test_shipped_trees_are_whole(name: str) -> None:
    trees = load_trees(name)
    stored = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    assert trees.n_trees == len(stored["trees"])
    assert max(level.feature.max() for level in trees.levels) < len(trees.names)
    assert math.isfinite(float(np.abs(trees.score([[0.0] * len(trees.names)], trees.names)).max()))
