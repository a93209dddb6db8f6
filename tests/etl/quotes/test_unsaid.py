"""Words that somebody did not say, with the real encoder: found, and marked."""

import pytest

from etl.extract.article import extract
from etl.model.annotate import Annotator
from tests.pages import page_of


def unsaid(annotator: Annotator, sentence: str) -> set[bool]:
    """Of each quote of Hale's, whether it was not said."""
    (found,) = extract([page_of("", f"Viktor Hale runs the bank in Northmoor. {sentence}")], annotator)
    return {quote.is_unsaid for quote in found.quotes if quote.speaker_name == "Viktor Hale"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Hale did not say that the bank would close.",
        "Hale didn’t say that the bank would close.",
        "Hale never said that the bank was insolvent.",
        "Hale has not confirmed that fees will rise.",
        "If Hale says that the bank is bankrupt, people will run.",
        "Hale may say on Friday that he is leaving.",
        "Hale declined to say who had paid for it.",
        "Hale did not want to say that the bank would close.",
        "Hale failed to say that the bank would close.",
    ],
)
def test_what_somebody_did_not_say_is_marked(annotator: Annotator, sentence: str) -> None:
    assert unsaid(annotator, sentence) == {True}


@pytest.mark.parametrize(
    "sentence",
    [
        "Hale said that the bank would not close.",
        "Hale not only said that the bank would close.",
        "Hale will say on Friday that he is leaving.",
        "“The bank will close,” Hale said, not looking up.",
        "“The bank will close,” Hale didn’t hesitate to say.",
        "“I do not know that,” Hale hesitated.",
        "Hale did not fail to say that the bank would close.",
    ],
)
def test_what_somebody_said_is_not(annotator: Annotator, sentence: str) -> None:
    assert unsaid(annotator, sentence) == {False}
