"""Annotate a page: read a normalised copy of its prose with the encoder, and find its tokens and the names among them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from etl.choices import DEFAULT_MODEL
from etl.knowledge.word_lists import words
from etl.model.attributions import Attribution, attributions
from etl.model.encoder import Encoder, Reading
from etl.model.heads import NAME_CLASSES
from etl.model.installed import directory_of
from etl.model.model_text import Copy, copy_for_model
from etl.model.syntax import Parse, Tree, flat, parse
from etl.model.tokens import Tokens, tokens_of
from etl.page.parse import Page

#: The OntoNotes class of each of the encoder's classes, unless the last word of the name says otherwise.
CLASSES = {"PER": "PERSON", "ORG": "ORG", "LOC": "GPE", "NORP": "NORP", "MISC": "WORK_OF_ART"}
#: By the encoder's class: lists of last words, and the OntoNotes class that each speaks for.
LAST_WORDS = {
    "LOC": {"facility_last": "FAC", "place_last_natural": "LOC"},
    "MISC": {"law_last": "LAW", "event_last": "EVENT"},
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """What the encoder reads in one article: ``tokens`` are those of ``copy.text``; ``copy`` maps back to the page's offsets.

    ``names`` are (start, end, OntoNotes class) in tokens. ``seen`` (tokens, `NAME_CLASSES`) is the probability that a token is in a
    name of each class. ``attributions`` are in code points of ``copy.text``. ``parse`` gives the tree over some tokens.
    """

    tokens: Tokens
    copy: Copy
    names: tuple[tuple[int, int, str], ...]
    seen: NDArray[np.float32]
    attributions: tuple[Attribution, ...]
    parse: Parse


#: A function that annotates pages, one annotation per page, in order: an `Annotator` or a substitute.
Annotate = Callable[[Sequence[Page]], Iterable[Annotation]]


def unread(page: Page) -> Annotation:
    """A page's tokens alone, as its encoder's training needs them."""
    copy = copy_for_model(page)
    tokens = tokens_of(copy.text)
    none = np.zeros((len(tokens), len(NAME_CLASSES)), np.float32)
    return Annotation(tokens, copy, (), none, (), lambda tokens: flat(len(tokens)))


class Annotator:
    """A loaded encoder and a tokenizer. Loading takes memory, so create one per process."""

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        """Load an encoder by its name or directory.

        Raises:
            BrokenEnvironmentError: when it is missing, damaged or of another version, or a library is missing.

        """
        self._encoder = Encoder(directory_of(model))

    def __call__(self, pages: Sequence[Page]) -> Iterator[Annotation]:
        """Annotate pages, one annotation per page, in order."""
        for page in pages:
            found = unread(page)
            reading = self._encoder(found.copy.text)
            at = reading.words_at(found.tokens.starts, found.tokens.ends)
            yield replace(
                found,
                names=tuple(_names(found.tokens, reading)),
                seen=reading.name_odds()[at],
                attributions=tuple(attributions(reading)),
                parse=_Parser(reading, at),
            )


@dataclass(frozen=True, slots=True)
class _Parser:
    """Parses tokens of one text: ``at`` has the number of the encoder's word at each."""

    reading: Reading
    at: NDArray[np.intp]

    def __call__(self, tokens: Sequence[int]) -> Tree:
        if not len(self.reading.starts):
            return replace(flat(len(tokens)), relations=("ROOT",) * len(tokens))
        return parse(self.reading, np.minimum(self.at[list(tokens)], len(self.reading.starts) - 1).tolist())


def _names(tokens: Tokens, reading: Reading) -> Iterator[tuple[int, int, str]]:
    """The encoder's names, as tokens. A token that a name covers in part is part of it."""
    for name in reading.names():
        if name.label == "MISC" and tokens.text[name.start : name.end].lower() in words("times"):
            continue
        first, end = tokens.covering(name.start, name.end)
        yield first, end, _class(name.label, tokens.texts[end - 1].lower())


def _class(label: str, last_word: str) -> str:
    for words_of, special in LAST_WORDS.get(label, {}).items():
        if last_word in words(words_of):
            return special
    return CLASSES[label]
