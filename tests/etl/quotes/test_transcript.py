from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.page.parse import Page, Passage
from etl.quotes.quotation_marks import paragraphs, stretches
from etl.quotes.transcript import find_turns, turn_stretches, with_turns


def page_of(text: str) -> Page:
    return Page(text, (Passage("paragraph", 0, len(text)),))


def turns(text: str) -> list[tuple[str, str]]:
    prose = paragraphs(page_of(text))
    return [(t.label, text[t.start : prose[t.paragraph_no].end]) for t in find_turns(text, prose)]


def test_a_label_is_a_name_with_what_it_adds_and_a_colon() -> None:
    text = "Laura van der Molen (mayor): We are late.\n\nMartin O’Hanlon, engineer: It is June.\n\nMolen: I know that."
    assert turns(text) == [
        ("Laura van der Molen", "We are late."),
        ("Martin O’Hanlon", "It is June."),
        ("Molen", "I know that."),
    ]


def test_a_label_may_be_an_office_with_who_holds_it_or_a_name_with_a_seat_and_a_party() -> None:
    text = "The Minister for Rivers (Paul Stone): I see.\n\nLaura Holt (Northmoor) (Ind): We are late.\n\nStone: It is June."
    assert [label for label, _ in turns(text)] == ["Paul Stone", "Laura Holt", "Stone"]


def test_a_label_may_follow_the_time() -> None:
    text = "[00:01] Laura Holt: We are late.\n\n00:14 - Martin Reed: It is June.\n\n[1:00:31] Laura Holt: I know that."
    assert [label for label, _ in turns(text)] == ["Laura Holt", "Martin Reed", "Laura Holt"]


@pytest.mark.parametrize(
    "text",
    [
        "Arsenby: Dawes, Crewe.\n\nMill Town: Shaw, Benson.\n\nReferee: Holt.",
        "When: Sunday.\n\nWhere: It is by the lock.\n\nTickets: They are free.",
        "Laura Benson: We are late.\n\nNobody spoke.\n\nThe lock is old.\n\nIt fell.\n\nRain fell.\n\nBenson: I know.",
        "Laura Benson: We are late.",
    ],
)
def test_what_has_colons_need_not_be_a_transcript(text: str) -> None:
    assert turns(text) == []


def test_questions_and_asides_are_no_words_of_the_one_who_answers() -> None:
    text = "Q: Why is it late?\n\nA: It is old.\n\n(She laughs.)\n\nQ: And you?\n\nA: I am older.\n\nThanks."
    found = [text[s.start : s.end] for s in turn_stretches(text, paragraphs(page_of(text)))]
    assert found == ["It is old.", "I am older."]


@given(
    st.lists(
        st.sampled_from(["Ann Holt: I am.", "HOLT: “It is.”", "Q: Is it?", "A: It “was”.", "He left.", "(Pause)"]),
        max_size=8,
    )
)
def test_stretches_with_turns_are_ordered_and_apart(lines: list[str]) -> None:
    text = "\n\n".join(["Start.", *lines])
    prose = paragraphs(page_of(text))
    found = with_turns(stretches(text, prose), list(turn_stretches(text, prose)))
    assert all(a.end <= b.start for a, b in pairwise(found))
