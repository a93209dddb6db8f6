from etl.model.annotate import Annotator
from etl.model.syntax import flat
from etl.page.parse import Page


def test_a_sentence_has_one_tag_relation_and_head_a_word(annotator: Annotator) -> None:
    sentence = ("Mary", "Holt", "mended", "the", "wall", ".")
    (tree,) = next(annotator([Page("", ())])).parse([sentence])
    assert tree.tags[:3] == ("NNP", "NNP", "VBD")
    assert (tree.relations[1], tree.relations[2], tree.relations[4]) == ("nsubj", "ROOT", "dobj")
    assert (tree.heads[1], tree.heads[2], tree.heads[3], tree.heads[4]) == (2, 2, 4, 2)


def test_without_a_parser_every_word_is_its_own_head() -> None:
    (tree,) = flat([("Mary", "spoke")])
    assert (tree.tags, tree.heads) == (("", ""), (0, 1))
