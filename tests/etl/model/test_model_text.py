from hypothesis import given
from hypothesis import strategies as st

from etl.model.model_text import copy_for_model, is_shouted, truecase
from tests.pages import page_of


def test_a_shouted_heading_is_spelled_as_the_page_spells_its_words() -> None:
    page = page_of("TALLIS VISITS NORWAY AGAIN", "Again Ivo Tallis came by. He visits often, again and again.")
    assert copy_for_model(page).text.startswith("Tallis visits Norway again\n\n")


def test_a_page_all_in_capitals_is_spelled_as_names_are_and_other_words_are_not() -> None:
    page = page_of(
        "THE BARGE SANK, MARTHA O'SKERRY SAID.", "“IT WAS OLD,” SKERRY SAID. MARTHA'S SISTER LEFT. SO DID SGT. PORLOCK."
    )
    text = copy_for_model(page).text
    assert text.startswith("the barge sank, Martha O'Skerry said.")
    assert "Skerry said. Martha's sister left. so did Sgt. Porlock." in text


def test_a_curly_mark_in_a_name_is_the_straight_one_that_the_model_knows() -> None:
    assert copy_for_model(page_of("Ivo D’Arcy’s barge wasn’t there.")).text == "Ivo D'Arcy’s barge wasn’t there."


def test_acronyms_in_running_text_are_left_alone() -> None:
    page = page_of("The MHB and the U.N. met.")
    assert truecase(page) == page.text
    assert not is_shouted("MHB")


TEXT = st.text(st.sampled_from("AB ab\n\r\t\u00ad\u200bÅßİ.“1"), min_size=1, max_size=40)


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_every_letter_of_the_copy_leads_back_to_its_own(passages: list[str]) -> None:
    page = page_of(*passages)
    copy = copy_for_model(page)
    assert len(truecase(page)) == len(page.text)
    for i, letter in enumerate(copy.text):
        if letter.isalnum():
            assert page.text[copy.start(i)].lower()[0] == letter.lower()[0]
            assert copy.end(i + 1) == copy.start(i) + 1
