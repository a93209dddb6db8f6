"""Given names: how strongly each indicates a person, and whether it is a man's or a woman's name."""

from functools import cache, lru_cache

from etl.knowledge.word_lists import data_rows, words
from etl.text import CACHED, fold_name

#: The log-odds of a name that is listed by hand as a woman's: those of most women's names in the census. Men's are not listed:
#: a name that tells nothing already counts as a man's or woman's.
FEMALE_ODDS = -4


def is_given_name(word: str) -> bool:
    """Whether a word in any spelling is a common given name, or a family name in languages that put it first."""
    return fold_name(word) in _common_names()


@lru_cache(maxsize=CACHED)
def may_be_given_name(word: str) -> bool:
    """Whether a word before a family name can be a given name: a common one, or a rare one that has no other meaning."""
    folded = fold_name(word)
    return folded in _common_names() or (folded in _male_log_odds() and folded not in words("common_given"))


def male_log_odds(name: str) -> int | None:
    """The log-odds that the bearer of a given name is a man, None for a name of which nothing is known.

    0 for names that are as often men's elsewhere as women's in the United States, or in turn. A double name is the first one's.
    """
    first, _, second = name.partition("-")
    return _male_log_odds().get(fold_name(first if second[:1].isupper() else name))


@cache
def _common_names() -> frozenset[str]:
    return frozenset(row["name"] for row in data_rows("given_names.csv") if row["is_common"])


@cache
def _male_log_odds() -> dict[str, int]:
    rows = data_rows("given_names.csv")
    counted = {row["name"]: int(row["male_log_odds"]) for row in rows if row["male_log_odds"]}
    return counted | dict.fromkeys(words("given_to_women"), FEMALE_ODDS) | dict.fromkeys(words("given_to_either"), 0)
