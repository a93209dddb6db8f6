"""What is known of names before any article is read: plain data files under ``etl/knowledge/data``, each with its own heading.

Keys are folded (`fold_name`): lower case, without diacritics, dots and apostrophes, hyphens as spaces.
"""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from etl.knowledge import DATA
from etl.knowledge.given_names import given_names

#: Letters that Unicode does not decompose, as news agencies spell them.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
#: Marks that vanish within a word, and marks that part words.
PARTED = str.maketrans(dict.fromkeys(".'’ʼ`", "") | dict.fromkeys('-‐‑–/_,"“”', " ") | {"&": " and "})

#: Longer words in capitals are shouted names, not acronyms.
ACRONYM_MAX_LETTERS = 6
#: Words cut short, which without their full stop are other words ("Miss.").
SHORTENED = re.compile(r"[A-Z][a-z]+\.")
#: Answers remembered: the names of a few thousand articles.
CACHED = 1 << 16


@dataclass(frozen=True, slots=True)
class Known:
    """One entity of a data file: its class and the name that stands for all its aliases."""

    entity_type: str
    name: str


@lru_cache(maxsize=CACHED)
def fold_name(text: str) -> str:
    """A name as it is compared: case, diacritics, dots, apostrophes and hyphens do not count."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(text.casefold().translate(PARTED).split())


def data_lines(file: str) -> list[str]:
    """The lines of a data file but for its heading and blank lines."""
    return [line for line in _text(file).splitlines() if line and not line.startswith("#")]


@cache
def words(name: str) -> frozenset[str]:
    """The word list of that name in ``words.toml``."""
    return frozenset(word.replace("_", " ") for word in _word_lists()[name].split())


def is_given_name(word: str) -> bool:
    """Whether a word, however printed, is a common given name, or a family name where that comes first."""
    return fold_name(word) in _given_names()


@lru_cache(maxsize=CACHED)
def may_be_given_name(word: str) -> bool:
    """Whether a word before a family name can be a given name: a common one, or a rare one that is no other word."""
    folded = fold_name(word)
    return folded in _given_names() or (folded in given_names() and folded not in words("common_given"))


@cache
def _given_names() -> frozenset[str]:
    return frozenset(fold_name(name) for line in data_lines("given_names.txt") for name in line.split())


@cache
def spellings() -> dict[str, str]:
    """For each listed spelling of a name, the first of its line, which stands for them all."""
    return {spelling: line.split()[0] for line in data_lines("spellings.txt") for spelling in line.split()}


@lru_cache(maxsize=CACHED)
def find_known(text: str) -> Known | None:
    """What a printed name is known to be; an acronym counts only if it is printed as one."""
    key = _key(text)
    return (_known().get(key + ".") if text.endswith(".") else None) or _known().get(key)


def is_name_word(word: str) -> bool:
    """Whether one word, however printed, is a given name or the name of a place or people."""
    return is_given_name(word) or ((known := _known().get(word.lower())) is not None and known.entity_type != "ORG")


@cache
def _known() -> dict[str, Known]:
    known: dict[str, Known] = {}
    for file, entity_type in (("places.txt", "GPE"), ("nationalities.txt", "NORP")):
        for name in _parted(file):
            known[_key(name)] = Known(entity_type, name)
    for row in _rows("countries.csv"):
        if row["capital"]:
            known[_key(row["capital"])] = Known("GPE", row["capital"])
        for demonym in filter(None, row["demonyms"].split("|")):
            known[_key(demonym)] = Known("NORP", demonym)
    known |= {key + "s": what for key, what in known.items() if what.entity_type == "NORP"}
    for row in [*_rows("organisations.csv"), *_rows("countries.csv")]:
        for alias in filter(None, [row["name"], *row["aliases"].split("|")]):
            known[_key(alias) + "." * bool(SHORTENED.fullmatch(alias))] = Known(row.get("class", "GPE"), row["name"])
    return known


def _key(text: str) -> str:
    bare = text.replace(".", "")
    return bare if bare.isupper() and bare.isalpha() and len(bare) <= ACRONYM_MAX_LETTERS else fold_name(text)


@cache
def _word_lists() -> dict[str, str]:
    return tomllib.loads(_text("words.toml"))


def _rows(file: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(data_lines(file), delimiter=";")


def _parted(file: str) -> Iterator[str]:
    return (name.strip() for line in data_lines(file) for name in line.split(";") if name.strip())


def _text(file: str) -> str:
    return (DATA / file).read_text(encoding="utf-8")
