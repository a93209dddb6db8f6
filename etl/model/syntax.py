"""Syntax of chosen sentences: for each word its tag, its head and its relation to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.strings import StringStore
    from spacy.tokens import Doc

#: The model's components that syntax needs, in order; which of the first two there is depends on the pipeline.
COMPONENTS = ("tok2vec", "transformer", "tagger", "parser")


@dataclass(frozen=True, slots=True)
class Tree:
    """One parsed sentence: for each word its part-of-speech tag, relation to its head, and head (the root's is itself)."""

    tags: tuple[str, ...]
    relations: tuple[str, ...]
    heads: tuple[int, ...]


Parse = Callable[[Sequence[Sequence[str]]], list[Tree]]


class Parser:
    """The syntactic half of a loaded pipeline."""

    def __init__(self, nlp: "Language") -> None:
        """Use ``nlp``'s own components; they stay as they are."""
        self._nlp = nlp
        self._names = _Strings(nlp.vocab.strings)
        self._components = [nlp.get_pipe(name) for name in COMPONENTS if name in nlp.pipe_names]
        self._is_able = "parser" in nlp.pipe_names

    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """The trees of sentences, given as words, in order."""
        from spacy.tokens import Doc

        if not self._is_able:
            return flat(sentences)
        docs: Iterable[Doc] = [Doc(self._nlp.vocab, words=list(words)) for words in sentences]
        for component in self._components:
            docs = component.pipe(docs, batch_size=max(len(sentences), 1))  # type: ignore[attr-defined]
        return [self._tree(doc) for doc in docs]

    def _tree(self, doc: "Doc") -> Tree:
        """A parsed doc as a tree; spaCy keeps heads as distances."""
        from spacy.attrs import DEP, HEAD, TAG

        table = doc.to_array([TAG, DEP, HEAD])
        heads = table[:, 2].astype(np.int64) + np.arange(len(table))
        named = self._names
        return Tree(
            tuple([named[n] for n in table[:, 0].tolist()]),
            tuple([named[n] for n in table[:, 1].tolist()]),
            tuple(heads.tolist()),
        )


def flat(sentences: Sequence[Sequence[str]]) -> list[Tree]:
    """Trees that say nothing, every word its own root: what a pipeline without a parser knows of syntax."""
    return [Tree(("",) * len(words), ("dep",) * len(words), tuple(range(len(words)))) for words in sentences]


class _Strings(dict[int, str]):
    """The strings of a vocabulary by their hash, remembered: asking spaCy for each is slow."""

    def __init__(self, strings: "StringStore") -> None:
        self._strings = strings

    def __missing__(self, number: int) -> str:
        self[number] = found = self._strings[number]
        return found
