"""Annotate a page: read a normalised copy of its prose with the encoder, and find its tokens and the names among them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from etl.config import DEFAULT_MODEL
from etl.knowledge import DATA
from etl.knowledge.word_lists import words
from etl.model.attributions import Attribution, attributions
from etl.model.encoder import TOKENIZER_FILE, WEIGHTS_FILE, Encoder, Reading
from etl.model.heads import NAME_CLASSES
from etl.model.model_text import Copy, copy_for_model
from etl.model.syntax import Parse, Tree, flat, parse
from etl.page.parse import Page

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_Offsets = NDArray[np.int64]

#: The OntoNotes class of each of the encoder's classes, unless the last word of the name says otherwise.
CLASSES = {"PER": "PERSON", "ORG": "ORG", "LOC": "GPE", "NORP": "NORP", "MISC": "WORK_OF_ART"}
#: By the encoder's class: lists of last words, and the OntoNotes class that each speaks for.
LAST_WORDS = {
    "LOC": {"facility_last": "FAC", "place_last_natural": "LOC"},
    "MISC": {"law_last": "LAW", "event_last": "EVENT"},
}
#: How many digits of a hash tell one encoder from another.
HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Annotation:
    """What the encoder reads in one article: ``doc`` has the tokens of ``copy.text``; ``copy`` maps back to the page's offsets.

    ``names`` are (start, end, OntoNotes class) in tokens. ``seen`` (tokens, `NAME_CLASSES`) is the probability that a token is in a
    name of each class. ``attributions`` are in code points of ``copy.text``. ``parse`` gives the tree over some tokens.
    """

    doc: "Doc"
    copy: Copy
    names: tuple[tuple[int, int, str], ...]
    seen: NDArray[np.float32]
    attributions: tuple[Attribution, ...]
    parse: Parse


#: A function that annotates pages, one annotation per page, in order: an `Annotator` or a substitute.
Annotate = Callable[[Sequence[Page]], Iterable[Annotation]]


def directory_of(model: str) -> Path:
    """Where an encoder's files are: those that ship with the package, or a directory."""
    return DATA / "encoder" if model == DEFAULT_MODEL else Path(model)


def is_installed(model: str) -> bool:
    """Whether there is an encoder of this name or path. Does not check that it loads."""
    return all((directory_of(model) / name).is_file() for name in (WEIGHTS_FILE, TOKENIZER_FILE))


@cache
def model_version(model: str) -> str:
    """The model's name and the hash of its files; its name alone where they are missing."""
    if not is_installed(model):
        return model
    digest = sha256()
    for name in (WEIGHTS_FILE, TOKENIZER_FILE):
        digest.update((directory_of(model) / name).read_bytes())
    return f"{model} {digest.hexdigest()[:HASH_DIGITS]}"


def unread(page: Page) -> Annotation:
    """A page's tokens alone, as its encoder's training needs them."""
    copy = copy_for_model(page)
    doc = _english().make_doc(copy.text)
    none = np.zeros((len(doc), len(NAME_CLASSES)), np.float32)
    return Annotation(doc, copy, (), none, (), lambda tokens: flat(len(tokens)))


@cache
def _english() -> "Language":
    """The tokenizer."""
    from spacy.lang.en import English

    english = English()
    for title in words("abbreviated_titles"):
        # The full stop of "Sgt." stays in its token: as a token of its own it would end the sentence.
        printed = f"{title.capitalize()}."
        english.tokenizer.add_special_case(printed, [{"ORTH": printed}])  # type: ignore[union-attr]  # spaCy's own
    return english


class Annotator:
    """A loaded encoder and a tokenizer. Loading takes memory, so create one per process."""

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        """Load an encoder by its name or directory.

        Raises:
            OSError: when it is not there.

        """
        self._encoder = Encoder(directory_of(model))

    def __call__(self, pages: Sequence[Page]) -> Iterator[Annotation]:
        """Annotate pages, one annotation per page, in order."""
        for page in pages:
            tokens = unread(page)
            doc, reading = tokens.doc, self._encoder(tokens.copy.text)
            starts = np.array([token.idx for token in doc], np.int64)
            ends = starts + np.array([len(token) for token in doc], np.int64)
            at = reading.words_at(starts, ends)
            yield replace(
                tokens,
                names=tuple(_names(doc, reading, starts, ends)),
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


def _names(doc: "Doc", reading: Reading, starts: _Offsets, ends: _Offsets) -> Iterator[tuple[int, int, str]]:
    """The encoder's names, as tokens. A token that a name covers in part is part of it."""
    for name in reading.names():
        if name.label == "MISC" and doc.text[name.start : name.end].lower() in words("times"):
            continue
        first = int(np.searchsorted(ends, name.start, side="right"))
        end = int(np.searchsorted(starts, name.end))
        yield first, end, _class(name.label, doc[end - 1].text.lower())


def _class(label: str, last_word: str) -> str:
    for words_of, special in LAST_WORDS.get(label, {}).items():
        if last_word in words(words_of):
            return special
    return CLASSES[label]
