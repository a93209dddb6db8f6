"""Anchors: words that locate a place in a text independently of offsets.

White space does not count, nor the shape of quotation marks, nor whether a letter and its accent are one code point: a text wrapped
by a terminal, straightened by a keyboard or normalised by a spreadsheet is the same text. An anchor is quoted words with as much of
what stands before and after them as makes them unique (the TextQuoteSelector of the W3C's Web Annotation Data Model).
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from etl.spans import MIN_OVERLAP, Span, overlap, strip_edges

#: White space of any kind.
SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
#: Quotation marks and apostrophes, double and single, and what each stands for.
MARKS = "“”„«»‘’‚‹›`´"
STRAIGHT = '"' * 5 + "'" * 7
_FOLDED = str.maketrans(MARKS, STRAIGHT, SPACE)
#: How much context is tried, in code points on either side, until an anchor is unique.
REACHES = (0, 20, 40, 80, 160, 320)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Words, and what stands directly before and after them; '' for anything."""

    words: str
    before: str = ""
    after: str = ""


def squeezed(text: str) -> str:
    """The text without white space, its quotation marks straight and its letters decomposed."""
    return "".join(map(_squeezed_letter, text))


@cache
def _squeezed_letter(letter: str) -> str:
    return unicodedata.normalize("NFD", letter).translate(_FOLDED)


def places(text: str, anchor: Anchor) -> list[Span]:
    """Where an anchor stands in a text."""
    before, words, after = map(squeezed, (anchor.before, anchor.words, anchor.after))
    if not words:
        return []
    kept = [at for at, letter in enumerate(text) for _ in _squeezed_letter(letter)]
    found = (at + len(before) for at in _occurrences(squeezed(text), before + words + after))
    return [(kept[at], kept[at + len(words) - 1] + 1) for at in found]


def _occurrences(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def anchor_of(text: str, start: int, end: int) -> Anchor:
    """The anchor of a span, with as little context as makes it unique in the text."""
    for reach in (*REACHES, len(text)):
        parts = (text[start:end], text[max(0, start - reach) : start], text[end : end + reach])
        anchor = Anchor(*(" ".join(part.split()) for part in parts))
        if len(places(text, anchor)) == 1:
            break
    return anchor


def matching(text: str, found: Iterable[Span], spans: Sequence[Span]) -> set[Span]:
    """Those of some spans that have the words at a place: for each place the one that fits it best, if any does."""
    bare = {span: strip_edges(text, *span) for span in spans}
    best = set()
    for place in found:
        wanted = strip_edges(text, *place)
        share, span = max(((overlap(bare[s], wanted), s) for s in bare), default=(0.0, (0, 0)))
        if share >= MIN_OVERLAP:
            best.add(span)
    return best
