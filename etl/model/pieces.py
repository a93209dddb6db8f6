"""The encoder's input: the word pieces of a text, the shape of each word, and the breaks between words.

A *piece* is an entry of the vocabulary. A *word* is a run of letters and digits or a single mark, as the tokenizer splits a text
before it looks pieces up. The vocabulary is lower-case, so the shape tells the encoder about capitals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_Ints = NDArray[np.int32]

#: The most pieces of one window, with the two that enclose it. Attention is paid for by the square of it.
WINDOW = 160
#: The first and last piece of each window.
OPENING, CLOSING = "[CLS]", "[SEP]"
#: What is before a word: nothing, a space, the end of a line, an empty line.
GLUED, SPACED, LINE, PARAGRAPH = range(4)
N_BREAKS = 4
#: The shapes of words. 0 is for the pieces that enclose a window.
LOWER, CAPITALISED, UPPER, LETTER, CAPITAL_FIRST, DIGITS, MARK, CAPITAL_INSIDE, UNCASED = range(1, 10)
N_SHAPES = 10
#: Words after which a long paragraph is cut.
ENDINGS = frozenset('.!?”"')
#: How short a window may become to end at the end of a paragraph, or of a sentence: this share of the longest.
PARAGRAPH_SHARE, SENTENCE_SHARE = 1 / 2, 1 / 3
_MAX_SHAPES = 100_000


@dataclass(frozen=True, slots=True)
class Pieces:
    """The n pieces and w words of a text.

    ``ids``, ``shapes`` and ``breaks`` have a value for each piece; a piece that does not begin a word has its word's shape and the
    break GLUED. ``firsts`` are the numbers of the words' first pieces. ``starts`` and ``ends`` are the words' code points.
    """

    ids: _Ints
    shapes: _Ints
    breaks: _Ints
    firsts: _Ints
    starts: _Ints
    ends: _Ints


def pieces_of(text: str, tokenizer: "Tokenizer") -> Pieces:
    """The pieces of a text."""
    encoded = tokenizer.encode(text, add_special_tokens=False)
    ids = np.array(encoded.ids, np.int32)
    offsets = np.array(encoded.offsets, np.int32).reshape(-1, 2)
    words = np.array(encoded.word_ids, np.int32)
    is_first = np.ones(len(ids), bool)
    np.not_equal(words[1:], words[:-1], out=is_first[1:])
    firsts = np.flatnonzero(is_first).astype(np.int32)
    starts = offsets[firsts, 0]
    ends = offsets[np.append(firsts[1:], len(ids)) - 1, 1] if len(ids) else starts
    spelled = [_shape(text[a:b]) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    shapes = np.array(spelled, np.int32)[np.cumsum(is_first) - 1] if len(ids) else ids
    breaks = np.zeros(len(ids), np.int32)
    breaks[firsts] = _breaks(text, starts, ends)
    return Pieces(ids, shapes, breaks, firsts, starts, ends)


def _breaks(text: str, starts: _Ints, ends: _Ints) -> _Ints:
    """What is before each word."""
    n_lines = np.concatenate([[0], np.cumsum(np.frombuffer(text.encode("utf-32-le"), np.uint32) == ord("\n"))])
    before = np.concatenate([[0], ends[:-1]]).astype(np.int32)
    lines = n_lines[starts] - n_lines[before]
    gap = np.where(starts > before, SPACED, GLUED)
    return np.where(lines > 1, PARAGRAPH, np.where(lines == 1, LINE, gap)).astype(np.int32)


@lru_cache(_MAX_SHAPES)
def _shape(word: str) -> int:
    if not any(c.isalpha() for c in word):
        return DIGITS if any(c.isdigit() for c in word) else MARK
    if word.islower():
        return LOWER
    if len(word) == 1:
        return LETTER
    if word.isupper():
        return UPPER
    if word[0].isupper():
        return CAPITALISED if word[1:].islower() else CAPITAL_FIRST
    return CAPITAL_INSIDE if any(c.isupper() for c in word) else UNCASED


def windows(pieces: Pieces, text: str, longest: int = WINDOW - 2) -> Iterator[tuple[int, int]]:
    """Cut a text's pieces into runs [first, end) of at most ``longest``.

    A run ends at the end of a paragraph, else of a line, else of a sentence, else of a word, else anywhere.
    """
    n, first = len(pieces.ids), 0
    is_first = np.zeros(n + 1, bool)
    is_first[pieces.firsts] = True
    while n - first > longest:
        end = _cut(pieces, text, first, first + longest, is_first)
        yield first, end
        first = end
    if first < n:
        yield first, n


def _cut(pieces: Pieces, text: str, first: int, limit: int, is_first: NDArray[np.bool_]) -> int:
    """The last place in (first, limit] to end a window at."""
    at = np.arange(limit, first, -1)
    broken = pieces.breaks[at]
    near = at > first + int((limit - first) * PARAGRAPH_SHARE)
    for kind in (PARAGRAPH, LINE):
        if (found := at[near & (broken == kind)]).size:
            return int(found[0])
    for end in at[(at > first + int((limit - first) * SENTENCE_SHARE)) & is_first[at] & (broken > GLUED)].tolist():
        word = int(np.searchsorted(pieces.firsts, end)) - 1
        if text[pieces.ends[word] - 1] in ENDINGS:
            return int(end)
    begun = at[is_first[at]].tolist()
    return int(begun[0]) if begun else limit
