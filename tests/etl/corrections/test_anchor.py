from hypothesis import given
from hypothesis import strategies as st

from etl.corrections.anchor import Anchor, anchor_of, matching, places, squeezed

#: Texts in which much stands more than once.
TEXTS = st.text(st.sampled_from("ab \n“”."), min_size=1, max_size=40)


@given(TEXTS, st.data())
def test_an_anchor_leads_back_to_its_words_and_to_no_other(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if squeezed(text[start:end]):
        ((first, last),) = places(text, anchor_of(text, start, end))
        assert squeezed(text[first:last]) == squeezed(text[start:end])
        assert squeezed(text[:first]) == squeezed(text[:start])


def test_an_anchor_survives_other_line_breaks_and_text_elsewhere() -> None:
    text = "It rained. “Mend it,” she said. Later: “Mend it,” he said."
    anchor = anchor_of(text, text.rindex("Mend"), text.rindex("Mend") + 7)
    assert anchor.before
    moved = "A new head.\n\n" + text.replace(" ", "\n")
    ((start, end),) = places(moved, anchor)
    assert (moved[start:end], start) == ("Mend\nit", moved.rindex("Mend"))


def test_words_alone_need_no_context() -> None:
    assert anchor_of("It rained. It snowed.", 0, 10) == Anchor("It rained.")


def test_marks_at_the_edges_do_not_count_and_the_best_fit_is_meant() -> None:
    text = "He said it was “a mess”, no more."
    inner, outer = (15, 23), (8, 32)
    assert matching(text, places(text, Anchor("a mess")), [inner, outer]) == {inner}
    assert matching(text, places(text, Anchor("it was “a mess”, no more")), [inner, outer]) == {outer}
    assert matching(text, places(text, Anchor("He said")), [inner, outer]) == set()


def test_a_sign_is_no_pattern() -> None:
    assert places("Why? (.*) Why?", Anchor("(.*)")) == [(5, 9)]


def test_marks_may_be_straight_and_accents_apart() -> None:
    text = "‘We won’t,’ said Ren\u00e9e. “We will,” said Rene\u0301e."
    assert places(text, Anchor("'We won't,'")) == [(0, 11)]
    assert [text[slice(*place)] for place in places(text, Anchor("Ren\u00e9e"))] == ["Ren\u00e9e", "Rene\u0301e"]
    assert places(text, Anchor("Rene\u0301e", before='"We will," said ')) == [(text.rindex("R"), len(text) - 1)]
