from hypothesis import given
from hypothesis import strategies as st

from etl.model.model_text import copy_for_model, is_shouted, truecase
from etl.page.parse import Page, Passage


def page_of(*passages: str) -> Page:
    text, marked = "", []
    for passage in passages:
        marked.append(Passage("paragraph", len(text), len(text) + len(passage)))
        text += passage + "\n\n"
    return Page(text, tuple(marked))


def test_a_shouted_heading_is_spelled_as_the_page_spells_its_words() -> None:
    page = page_of("TALLIS VISITS NORWAY AGAIN", "Again Ivo Tallis came by. He visits often, again and again.")
    assert copy_for_model(page).text.startswith("Tallis visits Norway again\n\n")


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
