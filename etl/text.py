"""Text for comparison, and counts in words."""

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"\w+")
#: Letters that Unicode does not decompose, and how news agencies spell them.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
#: Punctuation that is removed from words, and punctuation that separates words.
PARTED = str.maketrans(dict.fromkeys(".'’ʼ`", "") | dict.fromkeys('-‐‑–/_,"“”', " ") | {"&": " and "})
#: Cached results: the names of a few thousand articles.
CACHED = 1 << 16


def fold_words(text: str) -> str:
    """A text's words in lower case, joined by spaces. Ignores case, white space and punctuation."""
    return " ".join(WORD.findall(text.casefold()))


@lru_cache(maxsize=CACHED)
def fold_name(text: str) -> str:
    """A name for comparison. Ignores case, diacritics, dots, apostrophes and hyphens."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(text.casefold().translate(PARTED).split())


def plural(n: int, noun: str) -> str:
    """A count with its noun: "1 article", "2,000 articles"."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
