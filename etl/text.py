"""Text as it is compared."""

import re

WORD = re.compile(r"\w+")


def fold_words(text: str) -> str:
    """A text's words in small letters, one space between them: case, spacing and punctuation do not count."""
    return " ".join(WORD.findall(text.casefold()))
