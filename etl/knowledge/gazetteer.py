"""Known names of places, peoples and organisations, from plain data files in ``etl/knowledge/data``, each with a heading.

Keys are folded (`fold_name`): lower case, without diacritics, dots and apostrophes, hyphens as spaces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from etl.knowledge.given_names import is_given_name
from etl.knowledge.word_lists import data_lines, data_rows
from etl.text import CACHED, fold_name

#: Longer words in capitals are shouted names, not acronyms.
ACRONYM_MAX_LETTERS = 6
#: Abbreviations that are different words without their full stop ("Miss.").
SHORTENED = re.compile(r"[A-Z][a-z]+\.")


@dataclass(frozen=True, slots=True)
class Known:
    """One entity of a data file: its class, and its main name."""

    entity_type: str
    name: str


@cache
def spellings() -> dict[str, str]:
    """Maps each listed spelling of a name to the standard spelling, the first of its line."""
    return {spelling: line.split()[0] for line in data_lines("spellings.txt") for spelling in line.split()}


@lru_cache(maxsize=CACHED)
def find_known(text: str) -> Known | None:
    """The known entity of a printed name, if any. An acronym matches only in capitals."""
    key = _key(text)
    return (_known().get(key + ".") if text.endswith(".") else None) or _known().get(key)


def is_people(text: str) -> bool:
    """Whether a printed name is that of a people, or of one of them ("Scots", "Democrat")."""
    known = find_known(text)
    return known is not None and known.entity_type == "NORP"


def begins_known(word: str) -> bool:
    """Whether a listed name of several words begins with this word, in any spelling."""
    return fold_name(word).partition(" ")[0] in _first_words()


def is_name_word(word: str) -> bool:
    """Whether a word in any spelling is a given name or the name of a place or people."""
    return is_given_name(word) or ((known := _known().get(word.lower())) is not None and known.entity_type != "ORG")


@cache
def _known() -> dict[str, Known]:
    known: dict[str, Known] = {}
    for file, entity_type in (("places.txt", "GPE"), ("nationalities.txt", "NORP")):
        for name in _parted(file):
            known[_key(name)] = Known(entity_type, name)
    for row in data_rows("countries.csv"):
        if row["capital"]:
            known[_key(row["capital"])] = Known("GPE", row["capital"])
        for demonym in filter(None, row["demonyms"].split("|")):
            known[_key(demonym)] = Known("NORP", demonym)
    known |= {key + "s": what for key, what in known.items() if what.entity_type == "NORP"}
    for row in [*data_rows("organisations.csv"), *data_rows("countries.csv")]:
        for alias in filter(None, [row["name"], *row["aliases"].split("|")]):
            known[_key(alias) + "." * bool(SHORTENED.fullmatch(alias))] = Known(row.get("class", "GPE"), row["name"])
    return known


@cache
def _first_words() -> frozenset[str]:
    return frozenset(key.partition(" ")[0] for key in _known() if " " in key)


def _key(text: str) -> str:
    bare = text.replace(".", "")
    if bare.isupper() and bare.isalpha() and len(bare) <= ACRONYM_MAX_LETTERS:
        return bare
    return " ".join(spellings().get(word, word) for word in fold_name(text).split())


def _parted(file: str) -> Iterator[str]:
    return (name.strip() for line in data_lines(file) for name in line.split(";") if name.strip())
