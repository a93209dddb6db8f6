import pytest

from etl.entities.mentions import find_mentions
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.quotes.find import find_quotes
from etl.quotes.layout import Sentence, Word
from etl.quotes.reported import _edges, reports
from etl.sources.file import Record
from tests.etl.quotes.test_coreference import staged


def reported(annotator: Annotator, text: str) -> set[str]:
    page = parse(Record(0, text), Hints())
    annotation = next(annotator([page]))
    found, _ = find_quotes(page, annotation, find_mentions(page, annotation))
    return {page.text[q.start : q.end] for q in found if q.kind == "indirect"}


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Odile Marrack said that the harbour wall would be mended before winter.", "the harbour wall would be mended"),
        ("The wall will be mended before winter, according to Odile Marrack.", "The wall will be mended before winter"),
        ("Odile Marrack told Tobias Fenwright he would lose his boat.", "he would lose his boat"),
        ("The ferries have stopped for the season, Odile Marrack said.", "The ferries have stopped for the season"),
    ],
)
def test_what_somebody_is_said_to_have_said_is_found(annotator: Annotator, sentence: str, words: str) -> None:
    assert any(words in found for found in reported(annotator, f"Rain over the harbour\n\n{sentence}\n"))


def test_what_nobody_said_is_not_found(annotator: Annotator) -> None:
    assert not reported(annotator, "Rain over the harbour\n\nThe old wall fell into the sea on a windy night.\n")


@pytest.mark.parametrize(
    "lead",
    [
        "Odile Marrack told the harbour board:",
        "Earlier, she told Senn Radio's Morning programme:",
        "Odile Marrack said in an interview with the Norvane Gazette:",
        "She went on to say:",
        "She went on:",
    ],
)
def test_whom_somebody_tells_is_not_what_is_told(annotator: Annotator, lead: str) -> None:
    text = (
        f'Rain over the harbour\n\nOdile Marrack leads the council.\n\n{lead} "We will mend the wall before winter."\n'
    )
    assert not reported(annotator, text)


def test_what_somebody_is_told_begins_behind_whom(annotator: Annotator) -> None:
    text = "Odile Marrack told a crowd outside the Customs House that “the water came faster than any of us were told.”"
    assert [found[:16] for found in reported(annotator, f"Rain\n\n{text}\n")] == ["that “the water "]


def test_a_clause_before_a_colon_is_told(annotator: Annotator) -> None:
    text = 'Rain\n\nOdile Marrack said the ferries would not sail: "The sea is too high for them tonight."\n'
    assert any("the ferries would not sail" in found for found in reported(annotator, text))


def test_a_report_lies_in_its_sentence_and_its_cue_outside_it(annotator: Annotator) -> None:
    text = "Odile Marrack said that the wall fell. Tobias Fenwright believes it will be mended, but not soon."
    layout, candidates, _ = staged(annotator, text)
    found = reports(layout, candidates)
    assert found
    for one in found:
        assert not one.start <= layout.words[one.cue].start < one.end
        assert 0 <= one.start < one.end <= len(layout.page.text)


def test_edges_are_the_first_and_last_word_below_each() -> None:
    for size in range(1, 30):
        heads = tuple(j * j % 7 * j // 7 if j else 0 for j in range(size))
        below = [[k for k in range(size) if j in _above(heads, k)] for j in range(size)]
        words = [
            Word("a", 0, 1, 0, None, is_stand_in=False, cue_weight=0, tag="", relation="", head=head, children=())
            for head in heads
        ]
        edges = _edges(words, Sentence(0, size, 0, is_parsed=True))
        assert edges == {j: (min(b), max(b)) for j, b in enumerate(below)}


def _above(heads: tuple[int, ...], word: int) -> set[int]:
    above = {word}
    while heads[word] not in above:
        word = heads[word]
        above.add(word)
    return above
