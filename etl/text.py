"""Text as it is compared."""

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"\w+")
#: Letters that Unicode does not decompose, as news agencies spell them.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
#: Marks that vanish within a word, and marks that part words.
PARTED = str.maketrans(dict.fromkeys(".'’ʼ`", "") | dict.fromkeys('-‐‑–/_,"“”', " ") | {"&": " and "})
#: Answers remembered: the names of a few thousand articles.
CACHED = 1 << 16


def fold_words(text: str) -> str:
    """A text's words in small letters, one space between them: case, spacing and punctuation do not count."""
    return " ".join(WORD.findall(text.casefold()))


@lru_cache(maxsize=CACHED)
def fold_name(text: str) -> str:
    """A name as it is compared: case, diacritics, dots, apostrophes and hyphens do not count."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(text.casefold().translate(PARTED).split())
