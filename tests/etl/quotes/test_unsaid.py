"""Words that somebody did not say, with the real encoder: found, and hardly believed."""

import pytest

from etl.extract.article import extract
from etl.model.annotate import Annotator
from etl.quotes.confidence import DOUBTFUL_PROBABILITY
from tests.pages import page_of

BELIEVED = 0.7


def confidences(annotator: Annotator, sentence: str) -> list[float]:
    (found,) = extract([page_of("", f"Viktor Hale runs the bank in Northmoor. {sentence}")], annotator)
    return [quote.confidence for quote in found.quotes]


@pytest.mark.parametrize(
    "sentence",
    [
        "Hale did not say that the bank would close.",
        "Hale never said that the bank was insolvent.",
        "Hale has not confirmed that fees will rise.",
        "If Hale says that the bank is bankrupt, people will run.",
        "Hale may say on Friday that he is leaving.",
        "Hale declined to say who had paid for it.",
    ],
)
def test_what_somebody_did_not_say_is_doubted(annotator: Annotator, sentence: str) -> None:
    found = confidences(annotator, sentence)
    assert found
    assert max(found) <= DOUBTFUL_PROBABILITY


@pytest.mark.parametrize(
    "sentence",
    [
        "Hale said that the bank would not close.",
        "Hale not only said that the bank would close.",
        "Hale will say on Friday that he is leaving.",
        "“The bank will close,” Hale said, not looking up.",
    ],
)
def test_what_somebody_said_is_believed(annotator: Annotator, sentence: str) -> None:
    assert max(confidences(annotator, sentence)) > BELIEVED
