"""The layout of one article for attribution: its words, sentences, syntax and quoted stretches.

A *position* numbers the words of all sentences in order. A long quotation is replaced by a few stand-in words, so that distances
in positions are distances in the reporter's own words.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple

from etl.knowledge.cue_words import cue_weights
from etl.knowledge.cue_words import weights as shipped_cues
from etl.model.annotate import Annotation
from etl.model.attributions import Attribution
from etl.model.syntax import Tree, flat
from etl.page.parse import Page
from etl.quotes.linked import Linked, link
from etl.quotes.quotation_marks import Paragraph, Stretch, paragraphs, stretches
from etl.quotes.sentences import MAX_SENTENCE_WORDS, ParserSentence, Words, parsed, sentences_of, words_of
from etl.quotes.subjects import with_subjects
from etl.quotes.transcript import turn_stretches, with_turns

#: A sentence is parsed if one of its words has at least this cue weight, since it may report speech.
MIN_PARSED_WEIGHT = -1.6
#: Cap on distances in positions.
FAR = 60


class Word(NamedTuple):
    """One word of an article.

    ``start`` and ``end`` are its code points [start, end) on the page; for a stand-in word, those of the whole quotation.
    ``stretch_no`` is the number of its quoted stretch, None outside quotation marks. ``head`` and ``children`` are positions; the
    root of a sentence is its own head. In a sentence that was not parsed every word is its own head, and ``tag`` and ``relation``
    are empty.
    """

    text: str
    start: int
    end: int
    sentence_no: int
    stretch_no: int | None
    is_stand_in: bool
    cue_weight: float
    tag: str
    relation: str
    head: int
    children: tuple[int, ...]

    @property
    def is_quoted(self) -> bool:
        """Whether the word is in quotation marks."""
        return self.stretch_no is not None


_start = attrgetter("start")


class Sentence(NamedTuple):
    """One sentence: positions [first, end), its paragraph, and whether it was parsed."""

    first: int
    end: int
    paragraph_no: int
    is_parsed: bool

    @property
    def positions(self) -> range:
        """The positions of the sentence's words."""
        return range(self.first, self.end)


class QuotePlace(NamedTuple):
    """Where a quoted stretch is among the words: positions [first, end), and the sentence it begins in."""

    first: int
    end: int
    sentence_no: int

    def distance(self, position: int) -> int:
        """The number of positions from the stretch to a word, at most FAR."""
        return min(self.first - position if position < self.first else position - self.end + 1, FAR)


@dataclass(frozen=True, slots=True)
class ArticleLayout:
    """The layout of an article. Immutable.

    ``tokens`` are all words as printed, including those of long quotations. ``quote_places`` gives the place of each of
    ``stretches``, None for a stretch without words. ``quote_starts`` are the first positions of the places, in order.
    ``linked`` is what the encoder takes for speech.
    """

    page: Page
    paragraphs: tuple[Paragraph, ...]
    stretches: tuple[Stretch, ...]
    tokens: Words
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    quote_places: tuple[QuotePlace | None, ...]
    quote_starts: tuple[int, ...]
    linked: Linked

    def sentence(self, position: int) -> Sentence:
        """The sentence that a word belongs to."""
        return self.sentences[self.words[position].sentence_no]

    def sentence_words(self, sentence_no: int) -> tuple[Word, ...]:
        """The words of one sentence."""
        sentence = self.sentences[sentence_no]
        return self.words[sentence.first : sentence.end]

    def is_quoted(self, position: int) -> bool:
        """Whether a word is in quotation marks."""
        return self.words[position].is_quoted

    def lower(self, position: int) -> str:
        """A word in lower case."""
        return self.words[position].text.lower()

    def position_at(self, offset: int) -> int | None:
        """The position of the word at a code point of the page. In a long quotation, that of the first stand-in word."""
        position = bisect_right(self.words, offset, key=_start) - 1
        if position < 0 or offset >= self.words[position].end:
            return None
        word = self.words[position]
        place = self.quote_places[word.stretch_no] if word.is_stand_in and word.stretch_no is not None else None
        return place.first if place else position

    def n_quotes_among(self, first: int, end: int) -> int:
        """The number of quoted stretches with a word at positions [first, end)."""
        begun = bisect_left(self.quote_starts, end) - bisect_right(self.quote_starts, first)
        return begun + self.is_quoted(first)


def lay_out(page: Page, annotation: Annotation, cues: Mapping[str, float] | None = None) -> ArticleLayout:
    """The layout of one article. Sentences that may report speech or contain a quotation are parsed.

    ``cues`` are the weights of cue words; the default is those that ship with the package.
    """
    known = shipped_cues() if cues is None else cues
    prose = paragraphs(page)
    quoted = with_turns(stretches(page.text, prose), list(turn_stretches(page.text, prose)))
    tokens = words_of(annotation)
    sentences = sentences_of(tokens, prose, quoted)
    weights = [cue_weights(sentence.words, known) for sentence in sentences]
    linked = link(annotation.attributions, annotation.copy, quoted)
    chosen = list(_worth_parsing(sentences, weights, tokens, _marked(linked.attributions, quoted)))
    trees = {i: parsed(annotation.parse, sentences[i]) for i in chosen}
    printed = list(zip(tokens.starts, tokens.ends, _stretch_numbers(tokens, quoted), strict=True))
    whole = [(stretch.start, stretch.end, number) for number, stretch in enumerate(quoted)]
    words: list[Word] = []
    placed: list[Sentence] = []
    for number, sentence in enumerate(sentences):
        first, tree = len(words), trees.get(number)
        spans = [printed[at] if at >= 0 else whole[-1 - at] for at in sentence.sources]
        quoted_words = [stretch_no is not None for _, _, stretch_no in spans]
        syntax = (
            with_subjects(tree, sentence.words, weights[number], quoted_words) if tree else flat(len(sentence.words))
        )
        words += _words(first, number, sentence, weights[number], syntax, spans)
        placed.append(Sentence(first, len(words), sentence.paragraph_no, tree is not None))
    places = _quote_places(words, len(quoted))
    begun = tuple(place.first for place in places if place)
    return ArticleLayout(page, tuple(prose), tuple(quoted), tokens, tuple(words), tuple(placed), places, begun, linked)


def _marked(attributions: Sequence[Attribution], quoted: Sequence[Stretch]) -> list[int]:
    """Where quotations begin, and what the encoder takes for reported speech and for its cues: code points of the page."""
    reported = (part.start for said in attributions for part in (said.content, said.cue) if part)
    return sorted({s.start for s in quoted} | set(reported))


def _worth_parsing(
    sentences: Sequence[ParserSentence],
    weights: Sequence[Sequence[float]],
    tokens: Words,
    starts: Sequence[int],
) -> Iterator[int]:
    """The numbers of the sentences to parse, unless they are too long.

    They may report speech: by a cue word, or because a quotation or what the encoder takes for reported speech ``starts`` there.
    """
    for number, sentence in enumerate(sentences):
        if len(sentence.words) > MAX_SENTENCE_WORDS:
            continue
        printed = [s for s in sentence.sources if s >= 0]
        holds_speech = len(printed) < len(sentence.sources) or bisect_left(
            starts, tokens.starts[printed[0]]
        ) < bisect_right(starts, tokens.ends[printed[-1]])
        if holds_speech or max(weights[number]) >= MIN_PARSED_WEIGHT:
            yield number


def _words(
    first: int,
    sentence_no: int,
    sentence: ParserSentence,
    weights: Sequence[float],
    tree: Tree,
    spans: Iterable[tuple[int, int, int | None]],
) -> Iterator[Word]:
    """The words of one sentence, whose first word has position ``first``. ``spans``: start, end and stretch number of each."""
    children: list[tuple[int, ...]] = [()] * len(sentence.words)
    for j, head in enumerate(tree.heads):
        if head != j:
            children[head] += (first + j,)
    starts, ends, stretch_nos = zip(*spans, strict=True)
    return map(
        Word,
        sentence.words,
        starts,
        ends,
        repeat(sentence_no),
        stretch_nos,
        [source < 0 for source in sentence.sources],
        weights,
        tree.tags,
        tree.relations,
        [first + head for head in tree.heads],
        children,
    )


def _stretch_numbers(tokens: Words, quoted: Sequence[Stretch]) -> list[int | None]:
    """The number of the quoted stretch that each word begins in, None outside quotation marks."""
    numbers: list[int | None] = [None] * len(tokens.starts)
    for number, stretch in enumerate(quoted):
        first, end = bisect_left(tokens.starts, stretch.start), bisect_left(tokens.starts, stretch.end)
        numbers[first:end] = [number] * (end - first)
    return numbers


def _quote_places(words: Sequence[Word], n_stretches: int) -> tuple[QuotePlace | None, ...]:
    """The place of each stretch. The words of a stretch are consecutive."""
    firsts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for position, word in enumerate(words):
        if word.stretch_no is not None:
            firsts.setdefault(word.stretch_no, position)
            ends[word.stretch_no] = position + 1
    return tuple(
        QuotePlace(firsts[n], ends[n], words[firsts[n]].sentence_no) if n in ends else None for n in range(n_stretches)
    )
