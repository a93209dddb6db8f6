from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.page.parse import Page, Passage
from etl.quotes.quotation_marks import paragraphs, stretches


def quoted(text: str) -> list[str]:
    page = Page(text, (Passage("paragraph", 0, len(text)),))
    return [text[s.start : s.end] for s in stretches(text, paragraphs(page))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“One,” she said. “Two.”", ["“One,”", "“Two.”"]),
        ('"One," she said. "Two."', ['"One,"', '"Two."']),
        ("''One,'' she said. ''Two.''", ["''One,''", "''Two.''"]),
        ("``One,'' she said.", ["``One,''"]),
        ("«Un», dit-elle.", ["«Un»"]),
        ("„Eins“, sagte sie.", ["„Eins“"]),
        ("“It was ‘the end’ of it,” he said.", ["“It was ‘the end’ of it,”"]),
        ("“Wrong way,“ he said.", ["“Wrong way,“"]),
        ("''I said, 'It is over,' '' he recalled.", ["''I said, 'It is over,' ''"]),
        ('The door is 6\'2" high and 3" thick.', []),
        ("It was the '90s and rock 'n' roll was dogs' food.", []),
        ("'It is late,' she said, 'and I don't care.'", ["'It is late,'", "'and I don't care.'"]),
        ("'The twins' boat sank,' he said.", ["'The twins' boat sank,'"]),
        ("‘It was the pilots’ fault and the boys’ luck’, she said.", ["‘It was the pilots’ fault and the boys’ luck’"]),
        ("The ‘experts’ left. The boys’ dog ate ‘the lot’.", ["‘experts’", "‘the lot’"]),
        ("‘I told ’em so in ’09,’ said Orla.", ["‘I told ’em so in ’09,’"]),
        ("‘It leaks, an’ the boots are full o’ water,’ said Orla.", ["‘It leaks, an’ the boots are full o’ water,’"]),
        ("‘’Twas nothin’ new,’ said Orla.", ["‘’Twas nothin’ new,’"]),
        ("‘We sailed to Berlin’ and ‘it rained’, she said.", ["‘We sailed to Berlin’", "‘it rained’"]),
        ("‘She said “no” and then “never”,’ he said. ‘Twice.’", ["‘She said “no” and then “never”,’", "‘Twice.’"]),
        ("« Not now! » he said. « Later. »", ["« Not now! »", "« Later. »"]),
        ("« Not now », he said. « Later ».", ["« Not now »", "« Later »"]),
        ("»Nein«, sagte er. »Es war ›so‹ nicht.«", ["»Nein«", "»Es war ›so‹ nicht.«"]),
        ("‹‹Not now››, he said.", ["‹‹Not now››"]),
        ("‹Not now›, he said. 「Later, in 『Brill』.」", ["‹Not now›", "「Later, in 『Brill』.」"]),
        ("″Not now,″ he said. ＂Later.＂ It is 6″ long.", ["″Not now,″", "＂Later.＂"]),
        (
            "'It's the twins' boat, isn't it?' he said. 'So it is.'",
            ["'It's the twins' boat, isn't it?'", "'So it is.'"],
        ),
        ('"A 9" nail would have held it," he said.', ['"A 9" nail would have held it,"']),
        ('We cannot wait," she said. "We will not."', ['We cannot wait,"', '"We will not."']),
        ("“He turned and said, “It is all yours.”", ["“It is all yours.”"]),
    ],
)
def test_marks_pair(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


def test_speech_goes_on_where_the_next_paragraph_reopens() -> None:
    text = "“We begin.\n“We go on.”\nThen he left."
    page = Page(text, (Passage("paragraph", 0, 10), Passage("paragraph", 11, len(text))))
    first, second = stretches(text, paragraphs(page))
    assert (first.is_closed, second.is_closed, second.continues) == (False, True, True)


def test_speech_left_open_goes_on_to_the_mark_that_closes_it() -> None:
    text = "“We begin.\n\nWe go on.\n\nWe end,” she said.\n\nShe left. “Really.”"
    page = Page(text, (Passage("paragraph", 0, len(text)),))
    found = stretches(text, paragraphs(page))
    assert [text[s.start : s.end] for s in found] == ["“We begin.", "We go on.", "We end,”", "“Really.”"]
    assert [s.continues for s in found] == [False, True, True, False]


def test_a_mark_never_closed_ends_with_its_paragraph() -> None:
    text = "“We begin.\n\nNobody answered.\n\n“Really,” she said."
    page = Page(text, (Passage("paragraph", 0, len(text)),))
    assert [text[s.start : s.end] for s in stretches(text, paragraphs(page))] == ["“We begin.", "“Really,”"]


@pytest.mark.parametrize(
    ("marks", "inner"), [(["“", "”"], ["‘", "’"]), (["‘", "’"], ["“", "”"]), (["'", "'"], ['"', '"'])]
)
def test_the_marks_that_an_article_mostly_quotes_in_are_its_main_ones(marks: list[str], inner: list[str]) -> None:
    (left, right), (left_in, right_in) = marks, inner
    text = f"{left}One {left_in}word{right_in} more,{right} she said. {left}Two,{right} he said. The {left_in}best{right_in} left."
    page = Page(text, (Passage("paragraph", 0, len(text)),))
    found = [(text[s.start + 1 : s.end - 1], s.is_minor) for s in stretches(text, paragraphs(page))]
    assert found == [(f"One {left_in}word{right_in} more,", False), ("Two,", False), ("best", True)]


def test_a_passage_over_two_lines_is_one_paragraph() -> None:
    assert quoted("“It fell into the\nriver,” she said. “I am\nsorry.”") == [
        "“It fell into the\nriver,”",
        "“I am\nsorry.”",
    ]


@given(st.text(alphabet="ab .,\n\"'“”‘’«»‹」「„″`90s", max_size=200))
def test_stretches_are_ordered_apart_and_inside_the_text(text: str) -> None:
    page = Page(text, (Passage("paragraph", 0, len(text)),))
    found = stretches(text, paragraphs(page))
    assert all(0 <= s.start < s.end <= len(text) for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
