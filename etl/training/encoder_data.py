"""What the encoder is fitted on: windows of word pieces with the labels that gold data and parsed sentences give their words.

Run by `etl.training.fit_encoder`. A label belongs to a word and stands at its first piece; all other pieces have IGNORED.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from etl.model.annotate import Annotation, unread
from etl.model.heads import NAME_LABELS, RELATIONS, TAGS
from etl.model.model_text import Copy
from etl.model.pieces import CLOSING, OPENING, Pieces, pieces_of, windows
from etl.page.parse import Hints, Page, parse
from etl.quotes.quotation_marks import paragraphs, stretches
from etl.quotes.sentences import MAX_SENTENCE_WORDS, STAND_IN_ROOT, sentences_of, words_of
from etl.quotes.transcript import turn_stretches, with_turns
from etl.sources.record import Record
from etl.training.silver_trees import SilverParser

if TYPE_CHECKING:
    from tokenizers import Tokenizer

IGNORED = -100
#: The labels of a word, in the order of the rows of `Window.labels`. Of the last three the value is a word's place in the window,
#: 0 (the opening piece) for none.
LABELS = ("name", "content", "cue", "source", "tag", "relation", "content_source", "content_cue", "head")
BEGIN, INSIDE = 1, 2
#: The class of a name in each spelling of the gold data.
CLASSES = {
    "PER": "PER",
    "PERSON": "PER",
    "Person": "PER",
    "ORG": "ORG",
    "ORGANIZATION": "ORG",
    "Organization": "ORG",
    "LOC": "LOC",
    "LOCATION": "LOC",
    "Location": "LOC",
    "Facility": "LOC",
    "NORP": "NORP",
    "MISC": "MISC",
    "Misc": "MISC",
    "Product": "MISC",
}
#: How far from its content a cue is looked for, in code points: gold data give its words, not its place.
MAX_CUE_DISTANCE = 250


@dataclass(frozen=True, slots=True)
class Window:
    """One window: ``inputs`` (3, n) are pieces, shapes and breaks; ``labels`` (len(LABELS), n)."""

    inputs: NDArray[np.int32]
    labels: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The words of one article with a label each, places as numbers of words, -1 for none."""

    text: str
    pieces: Pieces
    labels: NDArray[np.int32]


def name_windows(path: Path, parser: SilverParser, tokenizer: "Tokenizer") -> Iterator[list[Window]]:
    """The windows of each article of a file of names."""
    for row, page, annotation in _annotated(path):
        labelled, at = _begin(annotation, page, tokenizer)
        labelled.labels[LABELS.index("name")] = 0
        for entity in sorted(row["entities"], key=lambda e: int(e["start"]) - int(e["end"])):
            if entity["type"] in CLASSES:
                label = NAME_LABELS.index(f"B-{CLASSES[entity['type']]}")
                _mark(labelled, "name", at.words(entity["start"], entity["end"]), label)
        _parse(labelled, page, annotation, at, parser)
        yield list(_windows(labelled, tokenizer))


def speech_windows(path: Path, parser: SilverParser, tokenizer: "Tokenizer") -> Iterator[list[Window]]:
    """The windows of each article of a file of attributions."""
    for row, page, annotation in _annotated(path):
        labelled, at = _begin(annotation, page, tokenizer)
        for name in ("content", "cue", "source"):
            labelled.labels[LABELS.index(name)] = 0
        for quote in row["quotes"]:
            _mark_quote(labelled, row["text"], quote, at)
        _parse(labelled, page, annotation, at, parser)
        yield list(_windows(labelled, tokenizer))


def plain_windows(texts: Iterable[str], parser: SilverParser, tokenizer: "Tokenizer") -> Iterator[list[Window]]:
    """The windows of articles without gold data."""
    for text in texts:
        page = parse(Record(0, text), Hints())
        annotation = unread(page)
        labelled, at = _begin(annotation, page, tokenizer)
        _parse(labelled, page, annotation, at, parser)
        yield list(_windows(labelled, tokenizer))


def _annotated(path: Path) -> Iterator[tuple[dict[str, Any], Page, Annotation]]:
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        page = parse(Record(0, row["text"]), Hints())
        yield row, page, unread(page)


class _Places:
    """Where the code points of a page are among the words of its copy."""

    def __init__(self, copy: Copy, pieces: Pieces) -> None:
        self._starts = [copy.start(int(start)) for start in pieces.starts]
        self._ends = [copy.end(int(end)) for end in pieces.ends]

    def words(self, start: int, end: int) -> range:
        """The words that overlap code points [start, end) of the page."""
        return range(bisect_left(self._ends, start + 1), bisect_left(self._starts, end))

    def word(self, start: int, end: int) -> int | None:
        """The word that begins in [start, end), or else the one that holds it."""
        first = bisect_left(self._starts, start)
        if first < len(self._starts) and self._starts[first] < end:
            return first
        return first - 1 if first and self._ends[first - 1] > start else None


def _begin(annotation: Annotation, page: Page, tokenizer: "Tokenizer") -> tuple[_Labelled, _Places]:
    text = annotation.copy.text
    pieces = pieces_of(text, tokenizer)
    labels = np.full((len(LABELS), len(pieces.firsts)), IGNORED, np.int32)
    return _Labelled(text, pieces, labels), _Places(annotation.copy, pieces)


def _mark(labelled: _Labelled, name: str, words: range, begin: int = BEGIN) -> None:
    row = labelled.labels[LABELS.index(name)]
    for word in words:
        row[word] = begin if word == words.start else begin + 1


def _mark_quote(labelled: _Labelled, text: str, quote: Mapping[str, Any], at: _Places) -> None:
    content = at.words(quote["start"], quote["end"])
    if not content:
        return
    _mark(labelled, "content", content)
    source = at.words(quote["speaker_start"], quote["speaker_end"]) if quote["speaker_start"] is not None else range(0)
    place = _cue_place(text, quote)
    cue = at.words(*place) if place else range(0)
    for name, words in (("source", source), ("cue", cue)):
        _mark(labelled, name, words)
        labelled.labels[LABELS.index(f"content_{name}"), content.start] = words.start if words else -1


def _cue_place(text: str, quote: Mapping[str, Any]) -> tuple[int, int] | None:
    """The cue's nearest place outside its content."""
    if not quote["cue"]:
        return None
    start, end = quote["start"], quote["end"]
    area = max(0, start - MAX_CUE_DISTANCE), end + MAX_CUE_DISTANCE
    found = [m.span() for m in re.compile(re.escape(quote["cue"])).finditer(text, *area)]
    outside = [(a, b) for a, b in found if b <= start or a >= end]
    return min(outside, key=lambda place: max(start - place[1], place[0] - end), default=None)


def _parse(labelled: _Labelled, page: Page, annotation: Annotation, at: _Places, parser: SilverParser) -> None:
    """Label words by the parser's trees. A long quotation is labelled at its first word only, as the clause it is parsed as."""
    prose = paragraphs(page)
    quoted = with_turns(stretches(page.text, prose), list(turn_stretches(page.text, prose)))
    tokens = words_of(annotation)
    sentences = [s for s in sentences_of(tokens, prose, quoted) if len(s.words) <= MAX_SENTENCE_WORDS]
    tags, relations, heads = (labelled.labels[LABELS.index(name)] for name in ("tag", "relation", "head"))
    for sentence, tree in zip(sentences, parser([s.words for s in sentences]), strict=True):
        places = [
            at.word(tokens.starts[s], tokens.ends[s]) if s >= 0 else at.word(quoted[-1 - s].start, quoted[-1 - s].end)
            for s in sentence.sources
        ]
        for j, source in enumerate(sentence.sources):
            word, head = places[j], places[tree.heads[j]]
            is_root = source >= 0 or _is_stand_in_root(sentence.sources, j)
            if word is None or head is None or not is_root:
                continue
            tags[word] = TAGS.get(tree.tags[j], IGNORED) if source >= 0 else IGNORED
            relations[word] = RELATIONS.get(tree.relations[j], IGNORED)
            heads[word] = head


def _is_stand_in_root(sources: Sequence[int], j: int) -> bool:
    return sources.index(sources[j]) + STAND_IN_ROOT == j


def _windows(labelled: _Labelled, tokenizer: "Tokenizer") -> Iterator[Window]:
    pieces = labelled.pieces
    ends = [tokenizer.token_to_id(OPENING)], [tokenizer.token_to_id(CLOSING)]
    for first, last in windows(pieces, labelled.text):
        size = last - first + 2
        inputs = np.zeros((3, size), np.int32)
        inputs[0] = np.concatenate([ends[0], pieces.ids[first:last], ends[1]])
        inputs[1, 1:-1], inputs[2, 1:-1] = pieces.shapes[first:last], pieces.breaks[first:last]
        low, high = np.searchsorted(pieces.firsts, [first, last])
        labels = np.full((len(LABELS), size), IGNORED, np.int16)
        at = pieces.firsts[low:high] - first + 1
        here = labelled.labels[:, low:high].copy()
        for name in ("content_source", "content_cue", "head"):
            here[LABELS.index(name)] = _local(here[LABELS.index(name)], pieces.firsts, first, last, name == "head")
        labels[:, at] = here
        yield Window(inputs, labels)


def _local(
    words: NDArray[np.int32], firsts: NDArray[np.int32], first: int, last: int, is_head: bool
) -> NDArray[np.int32]:
    """Numbers of words as places in a window. What is in no window with its word is ignored as a head, none as a link."""
    place = firsts[np.maximum(words, 0)]
    is_here = (words >= 0) & (place >= first) & (place < last)
    elsewhere = np.where(words == IGNORED, IGNORED, IGNORED if is_head else 0)
    local: NDArray[np.int32] = np.where(is_here, place - first + 1, elsewhere).astype(np.int32)
    return local
