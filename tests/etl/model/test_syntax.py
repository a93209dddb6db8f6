import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from etl.model.encoder import Reading
from etl.model.heads import COLUMNS, LINK, RELATIONS, TAGS, column
from etl.model.syntax import acyclic, flat, parse

SIZES = st.integers(1, 12)
#: Scores of which many are equal, so that cycles are common, and of which none are.
FEW, MANY = st.integers(-3, 3).map(float), st.floats(-50, 50, width=32)
ARCS = SIZES.flatmap(lambda n: arrays(np.float32, (n, n), elements=st.one_of(FEW, MANY)))


def is_forest(heads: list[int]) -> bool:
    """Whether every word leads to a root, which is its own head."""
    return all(heads[at] == at for at in (_after(heads, word, len(heads)) for word in range(len(heads))))


def _after(heads: list[int], word: int, steps: int) -> int:
    for _ in range(steps):
        word = heads[word]
    return word


@settings(max_examples=300)
@given(ARCS)
def test_heads_are_a_forest_whatever_the_scores(arcs: np.ndarray) -> None:
    before = arcs.copy()
    assert is_forest(acyclic(arcs).tolist())
    assert np.array_equal(arcs, before)


@given(ARCS)
def test_where_there_is_no_cycle_every_word_has_its_best_head(arcs: np.ndarray) -> None:
    best = arcs.argmax(axis=1).tolist()
    if is_forest(best):
        assert acyclic(arcs).tolist() == best


def test_the_word_that_loses_least_by_it_leaves_a_cycle() -> None:
    """The first two words would be each other's head; the second gives less up to be the root."""
    arcs = np.array([[0, 9, 1], [5, 4, 1], [0, 9, 0]], np.float32)
    assert acyclic(arcs).tolist() == [1, 1, 1]


def reading(tags: list[str], relations: list[str], heads: list[int], windows: list[int]) -> Reading:
    """Scores that speak for these tags, relations and heads."""
    n = len(tags)
    scores = np.zeros((n, sum(COLUMNS.values())), np.float32)
    for word in range(n):
        scores[word, column("tag").start + TAGS[tags[word]]] = 1
        scores[word, column("relation").start + RELATIONS[relations[word]]] = 1
        scores[word, column("head_to").start + word] = LINK
        scores[word, column("head_from").start + heads[word]] = 1
    spans = np.arange(n, dtype=np.int32)
    return Reading(
        spans,
        spans + 1,
        scores,
        np.array(windows, np.int32),
        np.zeros((max(windows) + 1, scores.shape[1]), np.float32),
        spans * 0,
    )


def test_a_tree_has_the_tag_relation_and_head_of_each_word() -> None:
    """Of Mary Holt mended walls."""
    tags, relations = ["NNP", "NNP", "VBD", "NNS"], ["compound", "nsubj", "ROOT", "dobj"]
    tree = parse(reading(tags, relations, [1, 2, 2, 2], [0] * 4), range(4))
    assert (list(tree.tags), list(tree.relations), tree.heads) == (tags, relations, (1, 2, 2, 2))


def test_some_of_the_words_are_parsed_as_if_they_were_all() -> None:
    tags, relations = ["NNP", "RB", "NNP", "VBD"], ["compound", "advmod", "nsubj", "ROOT"]
    tree = parse(reading(tags, relations, [2, 3, 3, 3], [0] * 4), [0, 2, 3])
    assert (tree.relations, tree.heads) == (("compound", "nsubj", "ROOT"), (1, 2, 2))


def test_only_a_root_is_called_one() -> None:
    tree = parse(reading(["NN", "VBD"], ["ROOT", "dobj"], [1, 1], [0, 0]), range(2))
    assert tree.relations[1] == "ROOT" != tree.relations[0]


def test_a_word_that_depends_on_a_finite_verb_is_no_part_of_a_name() -> None:
    found = reading(["NNP", "VBD"], ["compound", "ROOT"], [1, 1], [0, 0])
    found.scores[0, column("relation").start + RELATIONS["nsubj"]] = 0.5
    assert parse(found, range(2)).relations == ("nsubj", "ROOT")


def test_no_head_is_in_another_window() -> None:
    tags, relations = ["NNP", "VBD", "NN"], ["nsubj", "ROOT", "dobj"]
    assert parse(reading(tags, relations, [1, 1, 1], [0, 0, 1]), range(3)).heads == (1, 1, 2)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_flat_tree_has_every_word_for_a_root(n: int) -> None:
    tree = flat(n)
    assert (tree.tags, tree.relations, tree.heads) == (("",) * n, ("",) * n, tuple(range(n)))
