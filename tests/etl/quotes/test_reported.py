import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.entities.mentions import find_mentions
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.quotes.candidate_speakers import Candidate, find_candidates
from etl.quotes.find import find_quotes
from etl.quotes.layout import ArticleLayout, lay_out
from etl.quotes.linked import MAX_LINK
from etl.quotes.reported import (
    MIN_PROBABILITY,
    MIN_SPEAKERLESS_PROBABILITY,
    Report,
    reports,
    select,
)
from etl.sources.record import Record
from tests.helpers import article, attributed, pair_annotator, stretch


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


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("The product's makers, US-based Microsoft, said it had changed the design.", "Microsoft"),
        ("Critics of the mayor, Mary Holt, said the wall would fall before winter.", None),
    ],
)
def test_a_name_beside_many_is_theirs_unless_it_is_a_persons(
    annotator: Annotator, sentence: str, name: str | None
) -> None:
    page = parse(Record(0, f"Rain over the harbour\n\n{sentence}\n"), Hints())
    annotation = next(annotator([page]))
    found, _ = find_quotes(page, annotation, find_mentions(page, annotation))
    assert [quote.speaker_name for quote in found] == [name]


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
    text = "Odile Marrack told a crowd outside the Customs House that the water “came faster than any of us were told.”"
    assert [found[:16] for found in reported(annotator, f"Rain\n\n{text}\n")] == ["that the water “"]


def test_a_clause_before_a_colon_is_told(annotator: Annotator) -> None:
    text = 'Rain\n\nOdile Marrack said the ferries would not sail: "The sea is too high for them tonight."\n'
    assert any("the ferries would not sail" in found for found in reported(annotator, text))


def told(text: str, pattern: str) -> tuple[ArticleLayout, list[Report]]:
    """The reports of an article in which the encoder marks one attribution: the groups content, source and cue of a pattern."""
    page = parse(Record(0, article(text)), Hints())
    (annotation,) = pair_annotator()([page])
    match = re.search(pattern, annotation.copy.text)
    assert match is not None
    annotation = replace(annotation, attributions=(attributed(match),))
    layout = lay_out(page, annotation)
    candidates = find_candidates(layout, find_mentions(page, annotation))
    return layout, reports(layout, candidates)


def parsed(annotator: Annotator, sentence: str, pattern: str) -> tuple[ArticleLayout, list[Report]]:
    """The reports of a sentence that the encoder parses, in which a pattern's groups are the one attribution."""
    page = parse(Record(0, f"Rain over the harbour\n\n{sentence}\n"), Hints())
    (annotation,) = annotator([page])
    match = re.search(pattern, annotation.copy.text)
    assert match is not None
    annotation = replace(annotation, attributions=(attributed(match),))
    layout = lay_out(page, annotation)
    return layout, reports(layout, find_candidates(layout, find_mentions(page, annotation)))


def printed(layout: ArticleLayout, found: Report | Candidate) -> str:
    return layout.page.text[found.start : found.end]


def speaker_of(text: str, pattern: str) -> tuple[ArticleLayout, Candidate]:
    layout, (report,) = told(text, pattern)
    assert report.speaker is not None
    return layout, report.speaker


def test_of_two_candidates_for_the_same_words_one_is_the_source(annotator: Annotator) -> None:
    page = parse(
        Record(0, "Rain over the harbour\n\nMary Holt, the head of the Norvane Trust, said the harbour was closed.\n"),
        Hints(),
    )
    (annotation,) = annotator([page])
    match = re.search(
        "(?P<source>Mary Holt.*Trust), (?P<cue>said) (?P<content>the harbour was closed)", annotation.copy.text
    )
    assert match is not None
    layout = lay_out(page, replace(annotation, attributions=(attributed(match),)))
    candidates = find_candidates(layout, find_mentions(page, annotation))
    twice = replace(
        candidates,
        in_order=tuple(same for c in candidates.in_order for same in (c, c._replace())[: 1 + (c.head == "Holt")]),
    )
    (report,) = reports(layout, twice)
    assert report.speaker is not None
    assert printed(layout, report.speaker).startswith("Mary Holt")


@pytest.mark.parametrize(
    ("text", "content", "whole"),
    [
        (
            "Odile Marrack said on Monday the harbour was “not a bathtub.” Nobody laughed.",
            "the harbour was “not a bathtub",
            "the harbour was “not a bathtub.”",
        ),
        (
            "“Not a bathtub” is what the harbour was, Odile Marrack said.",
            "Not a bathtub” is what the harbour was",
            "“Not a bathtub” is what the harbour was",
        ),
        ("The harbour was no bath, Odile Marrack said.", "The harbour was no bath", "The harbour was no bath"),
    ],
)
def test_the_marks_at_either_end_are_taken_in(text: str, content: str, whole: str) -> None:
    layout, (report,) = told(text, f"(?P<content>{content})")
    assert printed(layout, report) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Odile Marrack said “the wall will hold.”",
        "Odile Marrack said “the wall will hold for as long as any of us will live beside this cold grey sea.”",
    ],
)
@pytest.mark.parametrize("content", ["the wall [^.”]+", "“the wall [^”]+”"])
def test_words_that_are_quoted_as_a_whole_are_left_to_their_marks(text: str, content: str) -> None:
    assert told(text, f"(?P<content>{content})")[1] == []


def test_a_quotation_within_words_of_the_reporters_own_is_reported() -> None:
    layout, (report,) = told("Odile Marrack said the wall “will hold.”", "(?P<content>the wall “will hold.”)")
    assert printed(layout, report) == "the wall “will hold.”"


def test_the_speaker_is_the_candidate_in_the_source() -> None:
    pattern = "(?P<source>The harbour's keeper, Odile Marrack,) (?P<cue>said) (?P<content>[^.]+)"
    layout, speaker = speaker_of("The harbour's keeper, Odile Marrack, said the wall would hold.", pattern)
    assert speaker.mention is not None
    assert speaker.mention.name == "Odile Marrack"
    assert printed(layout, speaker).endswith("Odile Marrack")


def test_the_speaker_is_else_the_source_as_it_stands() -> None:
    layout, speaker = speaker_of(
        "On Monday some of the boatmen said the wall would hold.",
        "(?P<source>some of the boatmen) (?P<cue>said) (?P<content>[^.]+)",
    )
    assert (printed(layout, speaker), speaker.head, speaker.mention) == ("some of the boatmen", "boatmen", None)


@pytest.mark.parametrize(
    ("source", "speaker"),
    [
        ("A spokesman for Odile Marrack", "A spokesman for Odile Marrack"),
        ("Odile Marrack's deputy", "Odile Marrack's deputy"),
        ("The", "The village council"),
    ],
)
def test_the_speaker_is_the_whole_phrase(annotator: Annotator, source: str, speaker: str) -> None:
    """Not a name in it, nor the word that it was cut off after."""
    text = f"Rain over the harbour\n\n{speaker} said the wall would hold.\n"
    page = parse(Record(0, text), Hints())
    (annotation,) = annotator([page])
    match = re.search(f"(?P<source>{source}).* (?P<cue>said) (?P<content>[^.]+)", annotation.copy.text)
    assert match is not None
    annotation = replace(annotation, attributions=(attributed(match),))
    layout = lay_out(page, annotation)
    (report,) = reports(layout, find_candidates(layout, find_mentions(page, annotation)))
    assert report.speaker is not None
    assert printed(layout, report.speaker) == speaker


@pytest.mark.parametrize("source", ["Odile Marrack", "The harbour's keeper"])
def test_nothing_is_lost_where_the_source_is_in_a_sentence_that_is_not_parsed(source: str) -> None:
    text = f"{source} grew roses. The wall would hold, it was said."
    layout, speaker = speaker_of(text, f"(?P<source>{source})[^.]+. (?P<content>The wall would hold)")
    assert not layout.sentences[speaker.sentence_no].is_parsed
    assert printed(layout, speaker) == source
    assert (speaker.mention is not None) == (source == "Odile Marrack")


def test_a_report_may_have_neither_a_speaker_nor_a_cue() -> None:
    _, (report,) = told("The wall would hold, everybody thought.", "(?P<content>The wall would hold)")
    assert (report.speaker, report.cue) == (None, None)
    assert (report.features.has_source, report.features.source, report.features.cue) == (False, 0.0, 0.0)


def test_the_cue_is_the_word_of_it_that_speaks_most_for_speech() -> None:
    pattern = "(?P<source>Odile Marrack) (?P<cue>went on to say) (?P<content>[^.]+)"
    layout, (report,) = told("Odile Marrack went on to say the wall would hold.", pattern)
    assert report.cue is not None
    assert layout.words[report.cue].text == "say"


@pytest.mark.parametrize(
    ("sentence", "cue", "word"),
    [
        ("Odile Marrack has also criticised the wall.", "has also criticised", "criticised"),
        ("Odile Marrack was not sure the wall would hold.", "was not sure", "sure"),
        ("Odile Marrack did not say who paid for the wall.", "did not say", "say"),
        ("Odile Marrack gave a warning that the wall would fall.", "gave a warning", "warning"),
    ],
)
def test_a_cue_is_printed_as_what_was_done_not_as_a_word_that_helps_it(
    annotator: Annotator, sentence: str, cue: str, word: str
) -> None:
    layout, (report,) = parsed(annotator, sentence, f"(?P<source>Odile Marrack) (?P<cue>{cue}) (?P<content>[^.]+)")
    assert report.cue is not None
    assert layout.words[report.cue].text == word


def test_the_features_tell_how_sure_the_encoder_is_and_who_speaks() -> None:
    pattern = "(?P<source>Odile Marrack) (?P<cue>said) (?P<content>[^.]+)"
    _, (report,) = told("Odile Marrack said the wall would hold.", pattern)
    features = report.features
    assert {features.content, features.least, features.begins, features.ends, features.source, features.cue} == {0.999}
    assert (features.link, features.n_words) == (MAX_LINK, 4)
    assert (features.has_source, features.is_named, features.is_pronoun, features.is_one_word) == (
        True,
        True,
        False,
        False,
    )
    _, (report,) = told("Odile Marrack left. She said: never.", "(?P<source>She) (?P<cue>said): (?P<content>never)")
    assert (report.features.is_pronoun, report.features.is_one_word) == (True, True)


def test_what_somebody_said_that_is_an_indirect_quote() -> None:
    page = parse(Record(0, article("Odile Marrack said that the wall would be mended before the winter.")), Hints())
    (annotation,) = pair_annotator()([page])
    (quote,) = find_quotes(page, annotation, find_mentions(page, annotation))[0]
    assert (quote.kind, quote.speaker_name, quote.speaker_via) == ("indirect", "Odile Marrack", "named")
    assert page.text[quote.start : quote.end] == "that the wall would be mended before the winter"
    assert page.text[slice(quote.cue_start, quote.cue_end)] == "said"


def test_what_the_encoder_doubts_is_no_quote() -> None:
    page = parse(Record(0, article("Odile Marrack said that the wall would be mended before the winter.")), Hints())
    (annotation,) = pair_annotator()([page])
    (said,) = annotation.attributions
    doubted = replace(said, content=stretch(said.content.start, said.content.end, 0.02), link=0.1)
    assert find_quotes(page, replace(annotation, attributions=(doubted,)), find_mentions(page, annotation))[0] == []


SOME: Report = told("The wall would hold, everybody thought.", "(?P<content>The wall would hold)")[1][0]
SPEAKER = speaker_of("Odile Marrack said no.", "(?P<source>Odile Marrack) (?P<cue>said) (?P<content>no)")[1]
PROBABILITIES = st.floats(0, 1)
SPANS = st.tuples(st.integers(0, 30), st.integers(1, 10), PROBABILITIES, st.booleans())


@given(st.lists(SPANS, max_size=8))
def test_of_reports_that_overlap_the_most_probable_is_kept(spans: list[tuple[int, int, float, bool]]) -> None:
    least = {True: MIN_PROBABILITY, False: MIN_SPEAKERLESS_PROBABILITY}
    found = [replace(SOME, start=a, end=a + n, least=least[named]) for a, n, _, named in spans]
    chosen = select(found, [probability for _, _, probability, _ in spans])
    assert all(a.end <= b.start for (a, _), (b, _) in pairwise(chosen))
    for (_, _, probability, named), report in zip(spans, found, strict=True):
        is_likely = probability >= least[named]
        rivals = [p for kept, p in chosen if kept.start < report.end and report.start < kept.end]
        assert ((report, probability) in chosen) or not is_likely or max(rivals) >= probability
        assert is_likely or (report, probability) not in chosen


def test_a_fragment_is_quoted_only_beside_more_of_the_same() -> None:
    """Neither alone, however probable, nor in the place of the words that it begins."""
    whole = replace(SOME, start=0, end=20, speaker=SPEAKER, cue=5, least=MIN_PROBABILITY)
    fragment = replace(whole, end=1, is_fragment=True)
    assert select([fragment], [0.99]) == []
    assert select([fragment, whole], [0.99, 0.5]) == [(whole, 0.5)]
    beside, other = replace(fragment, start=30, end=31), replace(fragment, start=30, end=31, cue=6)
    assert select([beside, whole], [0.99, 0.5]) == [(whole, 0.5), (beside, 0.99)]
    assert select([other, whole], [0.99, 0.5]) == [(whole, 0.5)]


@pytest.mark.parametrize(("content", "is_fragment"), [("the", True), ("the wall", False)])
def test_words_that_say_nothing_alone_are_a_fragment(annotator: Annotator, content: str, is_fragment: bool) -> None:
    sentence = "Then, Odile Marrack said, the wall would hold."
    _, (report,) = parsed(annotator, sentence, f"(?P<cue>said), (?P<content>{content}) ")
    assert report.is_fragment == is_fragment


def test_who_is_expected_to_do_something_has_nothing_said(annotator: Annotator) -> None:
    text = "Rain over the harbour\n\nOdile Marrack said the wall would hold. He is expected to win the election.\n"
    assert reported(annotator, text) == {"the wall would hold"}


@pytest.mark.parametrize(
    ("sentence", "pattern", "is_kept"),
    [
        ("Odile Marrack denied the old charge.", "(?P<cue>denied) (?P<content>[^.]+)", True),
        ("Odile Marrack denied all day the old charge.", "(?P<cue>denied) all day (?P<content>[^.]+)", True),
        (
            "Her post stood for the old mood, yet Odile Marrack denied it.",
            "for (?P<content>[^,]+).*(?P<cue>denied)",
            False,
        ),
        ("Odile Marrack denied it and left for the old harbour.", "(?P<cue>denied).*for (?P<content>[^.]+)", False),
        ("Odile Marrack denied it and left as the old wall fell.", "(?P<cue>denied).*as (?P<content>[^.]+)", True),
        ("Odile Marrack grew the old roses.", "grew (?P<content>[^.]+)", False),
        ("Odile Marrack found the old key.", "(?P<cue>found) (?P<content>[^.]+)", False),
    ],
)
def test_a_thing_is_reported_only_beside_a_cue_that_reports_things(
    annotator: Annotator, sentence: str, pattern: str, is_kept: bool
) -> None:
    assert bool(parsed(annotator, sentence, pattern)[1]) == is_kept


def test_a_thing_after_a_word_that_rarely_reports_must_be_the_more_probable(annotator: Annotator) -> None:
    pattern = "(?P<source>Odile Marrack) (?P<cue>painted|denied) (?P<content>[^.]+)"
    (weak,) = parsed(annotator, "Odile Marrack painted the old charge.", pattern)[1]
    (strong,) = parsed(annotator, "Odile Marrack denied the old charge.", pattern)[1]
    assert weak.least > strong.least


def test_what_is_said_between_two_quotations_is_not_reported() -> None:
    text = "“The wall will hold,” Odile Marrack said at last. “The harbour will not.”"
    assert told(text, "(?P<content>“The wall.*not.”)")[1] == []


@pytest.mark.parametrize(
    ("sentence", "pattern", "n_reports"),
    [
        ("The old harbour is expected to freeze.", "(?P<content>The old harbour) is (?P<cue>expected)", 0),
        ("The old harbour is expected to freeze.", "(?P<cue>expected) (?P<content>to freeze)", 1),
        ("The old harbour was condemned by Odile Marrack.", "(?P<content>The old harbour) was (?P<cue>condemned)", 1),
    ],
)
def test_a_subject_alone_is_reported_only_with_a_speaker(
    annotator: Annotator, sentence: str, pattern: str, n_reports: int
) -> None:
    assert len(parsed(annotator, sentence, pattern)[1]) == n_reports


@pytest.mark.parametrize(
    ("sentence", "pattern", "speaker"),
    [
        ("Odile Marrack insisted the wall held.", "(?P<cue>insisted) (?P<content>[^.]+)", "Odile Marrack"),
        ("Odile Marrack rose and insisted the wall held.", "(?P<cue>insisted) (?P<content>[^.]+)", "Odile Marrack"),
        ("Odile Marrack was told the wall held.", "(?P<cue>told) (?P<content>[^.]+)", None),
        ("Asked whether the wall held, Odile Marrack left.", "(?P<cue>Asked) (?P<content>[^,]+)", None),
        ("The wall seems to hold.", "(?P<cue>seems) (?P<content>[^.]+)", None),
        ("It is said the wall held.", "(?P<cue>said) (?P<content>[^.]+)", None),
    ],
)
def test_without_a_source_the_subject_of_the_cue_speaks(
    annotator: Annotator, sentence: str, pattern: str, speaker: str | None
) -> None:
    layout, (report,) = parsed(annotator, sentence, pattern)
    assert (report.speaker and printed(layout, report.speaker)) == speaker
    assert not report.features.has_source
