"""Tokens: what they are of some texts, and that nothing of a text is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.model.tokens import MAX_EXCEPTION, _exceptions, tokens_of

#: Characters that the patterns or the exceptions treat in some way of their own.
ODD = st.text(st.sampled_from(list("aBx5.,'’\"“”()-–—:;/$£%@&*+…©°²¹ \n\té\u00a0…😀")), max_size=40)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("“We sail at noon,” she said.", "“|We|sail|at|noon|,|”|she|said|."),
        ("He can't, won't and cannot say he'd've gone", "He|ca|n't|,|wo|n't|and|can|not|say|he|'d|'ve|gone"),
        ("It’s the Quins’ boat, isn’t it?", "It|’s|the|Quins|’|boat|,|is|n’t|it|?"),
        (
            "Mr. Quill, of Marrack Corp., left Skerrow, N.Y., at 9a.m.",
            "Mr.|Quill|,|of|Marrack|Corp.|,|left|Skerrow|,|N.Y.|,|at|9|a.m.",
        ),
        ("(Sgt. Quill)", "(|Sgt.|Quill|)"),
        ("a wall/Dr. Holt", "a|wall|/|Dr.|Holt"),
        ("well-known, 3-4 and 5%-a-year", "well|-|known|,|3|-|4|and|5%-a|-|year"),
        ("US$5m, £3.5bn; 40km/h and 12,000", "US$|5|m|,|£|3.5bn|;|40|km/h|and|12,000"),
        ("wait... and wait.... “No…”", "wait|...|and|wait|....|“|No|…|”"),
        ("The U.S. left.Then it rained.", "The|U.S.|left|.|Then|it|rained|."),
        (
            "See www.example.org/a-b?c=d or write to a.b@example.org.",
            "See|www.example.org/a-b?c=d|or|write|to|a.b@example.org|.",
        ),
        ("© 2031 ★ Skerrow★Post 😀", "©|2031|★|Skerrow|★|Post|😀"),
        ("“It is late.”—Odile Quill", "“|It|is|late|.|”|—|Odile|Quill"),
        ('“our”—he coughed--"wall"', '“|our|”|—|he|coughed|--|"|wall|"'),
        ("smile :) and ''quote''", "smile|:)|and|''|quote|''"),
        ("One  space\n\nmore \n", "One| |space|\n\n|more|\n"),
        ("  before", "  |before"),
        ("", ""),
    ],
)
def test_tokens_are_split_as_the_models_know_them(text: str, tokens: str) -> None:
    assert tokens_of(text).texts == tuple(tokens.split("|") if tokens else ())


@settings(deadline=None)
@given(st.one_of(ODD, st.text(max_size=80)))
def test_tokens_are_the_text_but_for_the_space_after_a_word(text: str) -> None:
    tokens = tokens_of(text)
    at = 0
    for token, start, end in zip(tokens.texts, tokens.starts.tolist(), tokens.ends.tolist(), strict=True):
        assert text[at:start] in ("", " ")
        assert token == text[start:end] != ""
        assert token.isspace() or not any(map(str.isspace, token))
        at = end
    assert text[at:] in ("", " ")


@given(ODD, st.data())
def test_the_tokens_covering_a_stretch_are_those_it_touches(text: str, data: st.DataObject) -> None:
    tokens = tokens_of(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = tokens.covering(start, end)
    touched = [n for n in range(len(tokens)) if tokens.starts[n] < end and tokens.ends[n] > start]
    assert list(range(first, last)) == touched or start == end


def test_a_dash_stands_apart_beside_a_space() -> None:
    tokens = tokens_of("a — b —c d— e—f")
    dashes = [n for n, text in enumerate(tokens.texts) if text == "—"]
    assert [tokens.stands_apart(n) for n in dashes] == [True, True, True, False]


def test_no_exception_is_longer_than_is_looked_for() -> None:
    assert max(map(len, _exceptions())) == MAX_EXCEPTION


def test_a_long_row_of_marks_is_split_one_by_one() -> None:
    assert tokens_of("(" * 300 + "wall" + "'s" * 300).texts == ("(",) * 300 + ("wall",) + ("'s",) * 300
