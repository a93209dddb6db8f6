from dataclasses import FrozenInstanceError

import pytest

from etl.model.annotate import Annotator
from etl.quotes.layout import ArticleLayout
from tests.etl.quotes.test_coreference import staged

LONG = "“The wall will be mended long before the winter storms come in from the cold northern sea,”"
TEXT = f"Harbour\n\n{LONG} Mary Holt said. John Reed called it “a fine wall” on Monday.\n"


@pytest.fixture(scope="module")
def layout(annotator: Annotator) -> ArticleLayout:
    return staged(annotator, TEXT)[0]


def position(layout: ArticleLayout, text: str) -> int:
    return next(p for p, word in enumerate(layout.words) if word.text == text)


def test_each_word_knows_where_it_is_printed_and_in_which_sentence(layout: ArticleLayout) -> None:
    for number, sentence in enumerate(layout.sentences):
        for p in sentence.positions:
            word = layout.words[p]
            assert word.sentence_no == number
            assert layout.sentence(p) == sentence
            if not word.is_quoted:
                assert TEXT[word.start : word.end] == word.text


def test_a_long_quotation_is_words_that_stand_in_for_it(layout: ArticleLayout) -> None:
    place = layout.quote_places[0]
    assert place is not None
    inside = layout.words[place.first : place.end]
    assert all(word.is_stand_in and TEXT[word.start : word.end] == LONG for word in inside)
    assert len(inside) < len(LONG.split())
    assert "winter" not in {word.text for word in layout.words}
    assert "winter" in layout.tokens.texts


def test_a_short_quotation_keeps_its_words(layout: ArticleLayout) -> None:
    fine = layout.words[position(layout, "fine")]
    assert (fine.is_quoted, fine.is_stand_in, fine.stretch_no) == (True, False, 1)
    assert not layout.is_quoted(position(layout, "Monday"))


@pytest.mark.parametrize("printed", ["Holt", "called", "fine", "Monday"])
def test_a_code_point_leads_to_the_word_it_lies_in(layout: ArticleLayout, printed: str) -> None:
    assert layout.position_at(TEXT.index(printed) + 1) == position(layout, printed)


def test_a_code_point_of_a_long_quotation_leads_to_what_stands_in_for_it(layout: ArticleLayout) -> None:
    place = layout.quote_places[0]
    assert place is not None
    assert layout.position_at(TEXT.index("winter")) == place.first
    assert layout.position_at(len(TEXT) + 5) is None


def test_quotations_are_counted_by_those_that_have_a_word_there(layout: ArticleLayout) -> None:
    said, monday, fine = (position(layout, word) for word in ("said", "Monday", "fine"))
    assert layout.n_quotes_among(0, len(layout.words)) == 2
    assert layout.n_quotes_among(said, monday) == layout.n_quotes_among(fine, monday) == 1
    assert layout.n_quotes_among(said, said + 1) == 0


def test_heads_and_children_agree_and_stay_in_their_sentence(layout: ArticleLayout) -> None:
    for p, word in enumerate(layout.words):
        assert word.head in layout.sentence(p).positions
        assert all(layout.words[child].head == p for child in word.children)
        assert word.head == p or p in layout.words[word.head].children
    said = layout.words[position(layout, "said")]
    assert said.cue_weight > layout.words[position(layout, "Monday")].cue_weight


def test_a_layout_cannot_be_changed(layout: ArticleLayout) -> None:
    with pytest.raises(FrozenInstanceError):
        layout.words = ()  # type: ignore[misc]
