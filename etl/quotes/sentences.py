"""The words and sentences of an article as input for the parser.

Paragraphs are split into sentences. A long quotation is replaced by a short clause in quotation marks: what was said does not
help to find who said it, and it is the most expensive part to parse.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from etl.model.annotate import Annotation
from etl.model.syntax import Parse, Tree
from etl.quotes.quotation_marks import Paragraph, Stretch

#: A quotation of more words than this is replaced by STAND_IN.
MAX_WORDS_PARSED = 10
STAND_IN, STAND_IN_TAGS = ("it", "is", "so"), ("PRP", "VBZ", "RB")
#: Where the root of a stand-in is, its opening mark included.
STAND_IN_ROOT = 1 + STAND_IN.index("is")
CLOSING = frozenset("”\"’')]»") | {"''"}
#: Single quotation marks are replaced by double ones, because the parser takes them for apostrophes.
SINGLE_MARKS = frozenset("'‘’`")
TERMINAL = frozenset({".", "!", "?", "…", "..."})
#: A longer sentence is not parsed, to save time and memory: it is a table, a list or junk.
MAX_SENTENCE_WORDS = 150
#: Text without a full stop is cut after this many words.
MAX_PIECES = 400


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one article, in order, with their code points [start, end) on the page.

    ``tokens`` are their numbers among the annotation's tokens.
    """

    texts: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ParserSentence:
    """One sentence as input for the parser.

    ``sources`` gives the origin of each word: its number among the article's words, or ``-1 - n`` for a stand-in word of the
    ``n``-th stretch. ``tokens`` are the numbers of its tokens, for a stand-in word that of the first one it stands for.
    """

    paragraph_no: int
    words: tuple[str, ...]
    sources: tuple[int, ...]
    tokens: tuple[int, ...]


def words_of(annotation: Annotation) -> Words:
    """The words of an annotated page, with offsets into the page."""
    kept = [n for n, text in enumerate(annotation.tokens.texts) if not text.isspace()]
    first, last = annotation.tokens.starts[kept], annotation.tokens.ends[kept] - 1
    offsets = _page_offsets(annotation, np.concatenate([first, last]))
    starts, lasts = offsets[: len(kept)], offsets[len(kept) :]
    texts = tuple([annotation.tokens.texts[n] for n in kept])
    return Words(texts, tuple(starts), tuple([n + 1 for n in lasts]), tuple(kept))


def sentences_of(words: Words, paragraphs: Sequence[Paragraph], stretches: Sequence[Stretch]) -> list[ParserSentence]:
    """The sentences of each paragraph, in order, with long quotations replaced."""
    found: list[ParserSentence] = []
    last = stretch_no = 0
    for number, paragraph in enumerate(paragraphs):
        first = bisect_left(words.starts, paragraph.start, last)
        last = bisect_left(words.starts, paragraph.end, first)
        here = []
        while stretch_no < len(stretches) and stretches[stretch_no].start < paragraph.end:
            here.append(stretch_no)
            stretch_no += 1
        for pieces in _split(list(_pieces(words, first, last, stretches, here))):
            texts, sources, _, tokens = zip(*pieces, strict=True)
            found.append(ParserSentence(number, texts, sources, tokens))
    return found


def _page_offsets(annotation: Annotation, at: NDArray[np.int64]) -> list[int]:
    copy_starts, page_starts = np.array(annotation.copy.copy_starts), np.array(annotation.copy.page_starts)
    runs = np.maximum(np.searchsorted(copy_starts, at, side="right") - 1, 0)
    shifted: list[int] = (page_starts[runs] + at - copy_starts[runs]).tolist()
    return shifted


class _Piece(NamedTuple):
    word: str
    source: int
    stretch_no: int | None
    token: int


def _pieces(words: Words, first: int, last: int, stretches: Sequence[Stretch], here: Sequence[int]) -> Iterator[_Piece]:
    """Words and their sources, with long quotations replaced."""
    at = first
    for number in here:
        stretch = stretches[number]
        begin = bisect_right(words.ends, stretch.start, at, last)
        yield from _printed(words, at, begin)
        at = bisect_left(words.starts, stretch.end, begin, last)
        inside = range(begin, at)
        if len(inside) <= MAX_WORDS_PARSED:
            ends = () if stretch.is_minor else (begin, at - 1)
            for i in inside:
                is_mark = i in ends and words.texts[i] in SINGLE_MARKS
                yield _Piece('"' if is_mark else words.texts[i], i, number, words.tokens[i])
            continue
        ending = next((words.texts[i] for i in reversed(inside) if words.texts[i] not in CLOSING), "")[-1:]
        stand_in = ('"', *STAND_IN, *([ending] if ending and ending in ".,!?;" else ()), '"')
        yield from (_Piece(word, -1 - number, number, words.tokens[begin]) for word in stand_in)
    yield from _printed(words, at, last)


def _printed(words: Words, first: int, end: int) -> Iterator[_Piece]:
    """Words [first, end), none of which is in a quotation."""
    return map(_Piece, words.texts[first:end], range(first, end), repeat(None), words.tokens[first:end])


def _split(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    """Split pieces after full stops and closing marks, unless the sentence continues."""
    start = 0
    for i, piece in enumerate(pieces):
        if i - start == MAX_PIECES:
            yield pieces[start:i]
            start = i
        if piece.word not in TERMINAL or i < start:
            continue
        end = i + 1
        while end < len(pieces) and pieces[end].word in CLOSING and piece.stretch_no in (pieces[end].stretch_no, None):
            if piece.stretch_no is None and pieces[end].stretch_no is not None:
                break
            end += 1
        if end == len(pieces):
            break
        follows = pieces[end]
        is_inside = piece.stretch_no is not None and follows.stretch_no == piece.stretch_no
        asks = piece.word != "." and piece.stretch_no is not None
        if not (is_inside or asks or follows.word[0].islower() or follows.word[0] in ",;:)"):
            yield pieces[start:end]
            start = end
    if start < len(pieces):
        yield pieces[start:]


def parsed(parse: Parse, sentence: ParserSentence) -> Tree:
    """The tree of a sentence. The root of a stand-in takes the place of the whole quotation, and its other words depend on it."""
    first = {source: j for j, source in reversed(list(enumerate(sentence.sources)))}
    roots = {source: j + STAND_IN_ROOT for source, j in first.items() if source < 0}
    kept = [j for j, source in enumerate(sentence.sources) if source >= 0 or roots[source] == j]
    tree = parse([sentence.tokens[j] for j in kept])
    size = len(sentence.words)
    tags, relations = ["."] * size, ["punct"] * size
    heads = [roots.get(source, j) for j, source in enumerate(sentence.sources)]
    for n, j in enumerate(kept):
        tags[j], relations[j], heads[j] = tree.tags[n], tree.relations[n], kept[tree.heads[n]]
    for root in roots.values():
        tags[root - 1 : root + 2], relations[root - 1], relations[root + 1] = STAND_IN_TAGS, "nsubj", "acomp"
    return Tree(tuple(tags), tuple(relations), tuple(heads))
