import pytest

from etl.model.syntax import Tree
from etl.quotes.subjects import with_subjects

#: A verb of speech, and any other word.
SPEECH, OTHER = 1.0, -5.0


def mended(words: str, tags: str, relations: str, heads: list[int], speech: set[int], quoted: set[int]) -> Tree:
    tree = Tree(tuple(tags.split()), tuple(relations.split()), tuple(heads))
    positions = range(len(heads))
    weights = [SPEECH if n in speech else OTHER for n in positions]
    return with_subjects(tree, words.split(), weights, [n in quoted for n in positions])


@pytest.mark.parametrize(
    ("speech", "quoted", "relation"),
    [({3}, {0, 1, 2}, "nsubj"), (set(), {0, 1, 2}, "dobj"), ({3}, set(), "dobj")],
)
def test_who_stands_behind_a_quotation_and_its_verb_is_the_subject(
    speech: set[int], quoted: set[int], relation: str
) -> None:
    tree = mended(
        "“ Where ” asked the boy",
        "`` WRB '' VBD DT NN",
        "punct ccomp punct ROOT det dobj",
        [1, 3, 1, 3, 5, 3],
        speech,
        quoted,
    )
    assert tree.relations[5] == relation


def test_a_verb_with_a_subject_keeps_its_object() -> None:
    tree = mended(
        "“ No ” Holt told Reed",
        "`` UH '' NNP VBD NNP",
        "punct ccomp punct nsubj ROOT dobj",
        [1, 4, 1, 4, 4, 4],
        {4},
        {0, 1, 2},
    )
    assert tree.relations[5] == "dobj"


def test_who_is_joined_to_the_verb_of_another_is_the_subject_of_the_next_verb() -> None:
    tree = mended(
        "Reed asked and Holt said", "NNP VBD CC NNP VBD", "nsubj acl cc conj ROOT", [4, 4, 1, 1, 4], {1, 4}, set()
    )
    assert (tree.relations[3], tree.heads[3]) == ("nsubj", 4)
    assert (tree.relations[0], tree.heads[0]) == ("nsubj", 1)


def test_who_is_joined_to_a_noun_stays_so() -> None:
    tree = mended("Reed and Holt said", "NNP CC NNP VBD", "nsubj cc conj ROOT", [3, 0, 0, 3], {3}, set())
    assert tree == mended("Reed and Holt said", "NNP CC NNP VBD", "nsubj cc conj ROOT", [3, 0, 0, 3], set(), set())
