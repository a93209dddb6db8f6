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
    ],
)
def test_marks_pair(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize("line_end", ["\n", "\n\n", "\r\n"])
def test_speech_goes_on_where_the_next_paragraph_reopens(line_end: str) -> None:
    text = line_end.join(["“We begin.", "“We go on.”", "Then he left."])
    page = Page(text, (Passage("paragraph", 0, len(text)),))
    first, second = stretches(text, paragraphs(page))
    assert (first.is_closed, second.is_closed, second.continues) == (False, True, True)


@given(st.text(alphabet="ab .,\n\"'“”‘’«»„`90s", max_size=200))
def test_stretches_are_ordered_apart_and_inside_the_text(text: str) -> None:
    page = Page(text, (Passage("paragraph", 0, len(text)),))
    found = stretches(text, paragraphs(page))
    assert all(0 <= s.start < s.end <= len(text) for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
