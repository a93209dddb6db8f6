import re

from hypothesis import given
from hypothesis import strategies as st

from etl.quotes.quotation_marks import Paragraph, Stretch
from etl.quotes.sentences import MAX_PIECES, STAND_IN, ParserSentence, Words, sentences_of

LONG = "“The wall will be mended long before the winter storms come in from the sea,”"


def words_in(text: str) -> Words:
    """Words and marks, each a word of its own."""
    found = list(re.finditer(r"\w+|[^\w\s]", text))
    return Words(tuple(m[0] for m in found), tuple(m.start() for m in found), tuple(m.end() for m in found))


def sentences(text: str, *quoted: str, is_minor: bool = False) -> list[ParserSentence]:
    """The sentences of a text whose lines are paragraphs, with stretches where it holds these."""
    lines = re.finditer(r"[^\n]+", text)
    paragraphs = [Paragraph(line.start(), line.end(), n, "paragraph") for n, line in enumerate(lines)]
    starts = sorted((text.index(q), q) for q in quoted)
    stretches = [Stretch(start, start + len(q), text.count("\n", 0, start), is_minor=is_minor) for start, q in starts]
    return sentences_of(words_in(text), paragraphs, stretches)


def printed(text: str, *quoted: str) -> list[str]:
    return [" ".join(sentence.words) for sentence in sentences(text, *quoted)]


def test_sentences_end_at_full_stops_and_at_the_end_of_paragraphs() -> None:
    found = sentences("The wall held. Was it luck? Nobody knew\nHolt left.")
    assert [(s.paragraph_no, s.words[-1]) for s in found] == [(0, "."), (0, "?"), (0, "knew"), (1, ".")]


def test_a_full_stop_before_a_small_letter_ends_nothing() -> None:
    assert len(printed("The wall, built by Reed Bros. of Ellery, held.")) == 1


def test_a_closing_mark_belongs_to_the_sentence_it_closes() -> None:
    assert printed("“It held.” Holt left.", "“It held.”") == ["“ It held . ”", "Holt left ."]


def test_a_question_within_marks_does_not_end_the_sentence_that_reports_it() -> None:
    assert len(printed("“Did it hold?” Holt asked.", "“Did it hold?”")) == 1


def test_a_short_quotation_keeps_its_words() -> None:
    assert printed("Reed called it “a fine wall” on Monday.", "“a fine wall”") == [
        "Reed called it “ a fine wall ” on Monday ."
    ]


def test_a_long_quotation_is_given_as_a_short_clause_that_ends_alike() -> None:
    text = f"{LONG} Holt said."
    [sentence] = sentences(text, LONG)
    assert sentence.words == ('"', *STAND_IN, ",", '"', "Holt", "said", ".")
    assert sentence.sources[:6] == (-1,) * 6
    assert [words_in(text).texts[source] for source in sentence.sources[6:]] == ["Holt", "said", "."]


def test_single_marks_are_given_as_double_ones_where_the_article_quotes_in_them() -> None:
    text = "Reed called it ‘a fine wall’ on Monday."
    [sentence] = sentences(text, "‘a fine wall’")
    assert sentence.words.count('"') == 2
    [sentence] = sentences(text, "‘a fine wall’", is_minor=True)
    assert {"‘", "’"} <= set(sentence.words)


def test_what_has_no_full_stop_is_cut() -> None:
    found = sentences("word " * (MAX_PIECES + 5))
    assert [len(sentence.words) for sentence in found] == [MAX_PIECES, 5]


@given(st.text(alphabet="aB .?!”’\n", max_size=200))
def test_every_word_outside_long_quotations_is_given_once_and_in_order(text: str) -> None:
    sources = [source for sentence in sentences(text) for source in sentence.sources]
    assert sources == list(range(len(words_in(text).texts)))
