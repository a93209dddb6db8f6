"""Parse selected sentences: the tag, head and dependency relation of each word."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.strings import StringStore
    from spacy.tokens import Doc

#: The components that parsing needs, in order. Which of the first two exists depends on the pipeline.
COMPONENTS = ("tok2vec", "transformer", "tagger", "parser")


@dataclass(frozen=True, slots=True)
class Tree:
    """One parsed sentence: each word's part-of-speech tag, relation to its head, and head. The root is its own head."""

    tags: tuple[str, ...]
    relations: tuple[str, ...]
    heads: tuple[int, ...]


Parse = Callable[[Sequence[Sequence[str]]], list[Tree]]


class Parser:
    """The syntactic components of a loaded pipeline."""

    def __init__(self, nlp: "Language") -> None:
        """Use the components of ``nlp`` without changing them."""
        self._nlp = nlp
        self._names = _Strings(nlp.vocab.strings)
        self._components = [nlp.get_pipe(name) for name in COMPONENTS if name in nlp.pipe_names]
        self._is_able = "parser" in nlp.pipe_names

    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """Parse sentences, given as lists of words. The trees are in the same order."""
        from spacy.tokens import Doc

        if not self._is_able:
            return flat(sentences)
        docs: Iterable[Doc] = [Doc(self._nlp.vocab, words=list(words)) for words in sentences]
        for component in self._components:
            docs = component.pipe(docs, batch_size=max(len(sentences), 1))  # type: ignore[attr-defined]
        return [self._tree(doc) for doc in docs]

    def _tree(self, doc: "Doc") -> Tree:
        """Convert a parsed doc to a tree. spaCy stores heads as distances."""
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
    """Trees without syntax, in which every word is its own root: for pipelines without a parser."""
    return [Tree(("",) * len(words), ("dep",) * len(words), tuple(range(len(words)))) for words in sentences]


class _Strings(dict[int, str]):
    """A cache of vocabulary strings by hash: looking up each one in spaCy is slow."""

    def __init__(self, strings: "StringStore") -> None:
        self._strings = strings

    def __missing__(self, number: int) -> str:
        self[number] = found = self._strings[number]
        return found
