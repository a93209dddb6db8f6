"""Family names that are common."""

from functools import cache

from etl.knowledge.word_lists import data_lines
from etl.text import fold_name


def is_family_name(word: str) -> bool:
    """Whether a word in any spelling is a common family name in the United States, whose people come from everywhere."""
    return fold_name(word) in _family_names()


@cache
def _family_names() -> frozenset[str]:
    return frozenset(data_lines("family_names.txt"))
