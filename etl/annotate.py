"""The language model: tokens and names of a page, found in a copy of its text, with the way back to the original's offsets."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from etl.parse import Page

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

VERSION = "1"

DEFAULT_MODEL = "en_core_web_sm"
#: Articles per batch given to the model.
BATCH = 32


@dataclass(frozen=True, slots=True)
class Annotation:
    """What the model found in one article. ``doc[i].idx`` and friends are offsets into ``page.text`` as they stand."""

    doc: "Doc"


class Annotator:
    """A loaded language model. Loading takes seconds and memory: one to a process."""

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        """Load an installed pipeline by name.

        Raises:
            OSError: when no such pipeline is installed.
        """
        # Worker processes share the cores; a BLAS with threads of its own in each only makes them wait for one another.
        for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
        import spacy

        self._nlp: Language = spacy.load(model, disable=["tagger", "parser", "attribute_ruler", "lemmatizer", "tok2vec"])

    def __call__(self, pages: Sequence[Page]) -> Iterator[Annotation]:
        """Annotate pages, one annotation a page, in order."""
        for doc in self._nlp.pipe((page.text for page in pages), batch_size=BATCH):
            yield Annotation(doc)
