from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from etl.choices import DEFAULT_MODEL
from etl.model.installed import TOKENIZER_FILE, directory_of
from etl.model.pieces import (
    CAPITAL_FIRST,
    CAPITAL_INSIDE,
    CAPITALISED,
    DIGITS,
    ENDINGS,
    GLUED,
    LETTER,
    LINE,
    LOWER,
    MARK,
    N_BREAKS,
    N_SHAPES,
    PARAGRAPH,
    SPACED,
    UNCASED,
    UPPER,
    WINDOW,
    Pieces,
    pieces_of,
    windows,
)

#: What articles hold, and what only damaged ones do.
PRINTED = st.sampled_from([*"aZé5.”“' \n", "\n\n", "Marrack", "harbour", " said ", ". ", "U.N.", "don't", "12,500"])
ODD = st.sampled_from(
    ["\u00ad", "\u200b", "\0", "\ufffd", "\t", "\r\n", "İ", "ß", "e\u0301", "墙", "🚢", "कि", "x" * 150]
)
TEXT = st.lists(st.one_of(PRINTED, ODD, st.characters(exclude_categories=["Cs"])), max_size=60).map("".join)


@cache
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(directory_of(DEFAULT_MODEL) / TOKENIZER_FILE))


def pieces(text: str) -> Pieces:
    return pieces_of(text, tokenizer())


def words(text: str) -> list[str]:
    found = pieces(text)
    return [text[a:b] for a, b in zip(found.starts.tolist(), found.ends.tolist(), strict=True)]


@given(TEXT)
def test_words_are_stretches_of_the_text_in_order(text: str) -> None:
    found = pieces(text)
    assert len(found.ids) == len(found.shapes) == len(found.breaks) >= len(found.firsts)
    assert len(found.firsts) == len(found.starts) == len(found.ends)
    ends = [0, *found.ends.tolist()]
    for start, end, before in zip(found.starts.tolist(), found.ends.tolist(), ends, strict=False):
        assert before <= start < end <= len(text)


@given(TEXT)
def test_every_letter_and_digit_is_in_a_word(text: str) -> None:
    found = pieces(text)
    inside = np.zeros(len(text), bool)
    for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True):
        inside[start:end] = True
    assert [c for c, is_inside in zip(text, inside.tolist(), strict=True) if c.isalnum() and not is_inside] == []


@given(TEXT)
def test_every_piece_is_of_one_word_and_has_its_shape(text: str) -> None:
    found = pieces(text)
    firsts = found.firsts.tolist()
    assert firsts == sorted(set(firsts))
    assert firsts[:1] == ([0] if len(found.ids) else [])
    word = np.searchsorted(found.firsts, np.arange(len(found.ids)), side="right") - 1
    assert np.array_equal(found.shapes, found.shapes[found.firsts][word] if firsts else found.shapes)
    assert not found.breaks[np.setdiff1d(np.arange(len(found.ids)), found.firsts)].any()
    assert ((found.shapes > 0) & (found.shapes < N_SHAPES) & (found.breaks >= 0) & (found.breaks < N_BREAKS)).all()


def test_words_are_runs_of_letters_and_single_marks() -> None:
    assert words("“We shan't,” Odile\nMarrack said.") == [
        "“", "We", "shan", "'", "t", ",", "”", "Odile", "Marrack", "said", ".",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("wall", LOWER),
        ("Wall", CAPITALISED),
        ("WALL", UPPER),
        ("W", LETTER),
        ("w", LOWER),
        ("1999", DIGITS),
        ("“", MARK),
        ("McDale", CAPITAL_FIRST),
        ("eBay", CAPITAL_INSIDE),
        ("墙", LETTER),
        ("वसई", UNCASED),
    ],
)
def test_the_shape_of_a_word_tells_its_capitals(word: str, shape: int) -> None:
    assert pieces(word).shapes[0] == shape


def test_breaks_tell_spaces_lines_and_paragraphs_apart() -> None:
    found = pieces("Wall,\tgone\nby \n\n night")
    assert found.breaks[found.firsts].tolist() == [GLUED, GLUED, SPACED, LINE, PARAGRAPH]


def cut(text: str, longest: int) -> list[str]:
    """The texts of windows of at most so many pieces."""
    found = pieces(text)
    runs = [(found.starts[_word(found, a)], found.ends[_word(found, b - 1)]) for a, b in windows(found, text, longest)]
    return [text[a:b] for a, b in runs]


def _word(found: Pieces, piece: int) -> int:
    return int(np.searchsorted(found.firsts, piece, side="right")) - 1


@settings(max_examples=200)
@given(TEXT, st.integers(1, 12))
def test_windows_part_the_pieces_and_none_is_too_long(text: str, longest: int) -> None:
    found = pieces(text)
    cuts = list(windows(found, text, longest))
    assert [at for first, end in cuts for at in range(first, end)] == list(range(len(found.ids)))
    assert all(0 < end - first <= longest for first, end in cuts)


@given(TEXT)
def test_a_window_has_room_for_the_pieces_that_enclose_it(text: str) -> None:
    assert all(end - first <= WINDOW - 2 for first, end in windows(pieces(text * 20), text * 20))


@given(st.lists(st.integers(1, 12), min_size=1, max_size=12))
def test_windows_begin_with_paragraphs_where_these_are_short(lengths: list[int]) -> None:
    """No paragraph is longer than half a window, so that each window can end with one."""
    text = "\n\n".join("wall " * n for n in lengths)
    found = pieces(text)
    assert all(found.breaks[first] == PARAGRAPH for first, _ in windows(found, text, 24) if first)


def test_a_window_ends_at_a_paragraph_else_a_line_else_a_sentence_else_a_word() -> None:
    assert cut("one two\nthree. four\n\nfive six seven", 7) == ["one two\nthree. four", "five six seven"]
    assert cut("one two\nthree four\nfive six. seven", 6) == ["one two\nthree four", "five six. seven"]
    assert cut("one two three. four five six seven", 6) == ["one two three.", "four five six seven"]
    assert cut("one two three four five six seven", 6) == ["one two three four five six", "seven"]
    assert set(".”") < ENDINGS


def test_only_a_word_longer_than_a_window_is_cut() -> None:
    found = pieces("wall 8051736294" * 3)
    assert len(found.ids) > len(found.firsts)
    starts = [first for first, _ in windows(found, "wall 8051736294" * 3, 12)]
    assert set(starts) <= set(found.firsts.tolist())
    starts = [first for first, _ in windows(pieces("8051736294"), "8051736294", 2)]
    assert starts == list(range(0, len(pieces("8051736294").ids), 2))
