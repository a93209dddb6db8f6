"""Name normalisation: comparison keys, and the identifiers computed from them."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from etl.ids import hash_id
from etl.knowledge.given_names import is_given_name
from etl.knowledge.word_lists import words
from etl.text import CACHED, fold_name

POSSESSIVE = re.compile(r"[’'][sS]?$")
#: A quoted nickname between the given name and the surname.
NICKNAME = re.compile(r"(?<=\w) [\"“”'‘][^\"“”]{2,30}[\"“”'’] (?=\w)")
ARTICLE_WORD = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)
#: Words before a place's name that give its type.
PLACE_HEAD = re.compile(
    r"^(?:city|town|village|state|republic|kingdom|commonwealth|municipality|province|county) of (?:the )?(?=.)"
)
#: The Arabic article at the start of a name. Given names such as in "Al Gore" do not match.
ARABIC_ARTICLE = re.compile(r"^(?:[AaEe]l|A[nrst]|Ash)[-‐‑](?=\w)|^[ae]l (?=\w)")
#: Classes that the model often confuses for the same place.
PLACES = ("GPE", "LOC", "FAC")
#: Classes that articles give the same names: places, and parties and peoples with organisations.
ALIKE = (PLACES, ("ORG", "NORP"))
PLACE = "PLACE"
#: "Ministry of Finance" and "Finance Ministry" are the same name.
TURNED = frozenset({"department", "ministry"})


def plain_name(entity_type: str, text: str) -> str:
    """A name on one line, without article. For people, also without quoted nicknames and titles, and what is before.

    "Virginia Gov. Terry Holt" is Terry Holt. Without possessive, except for organisations, where it is part of the name.
    """
    name = " ".join(text.split())
    parts = ARTICLE_WORD.sub("", name if entity_type == "ORG" else POSSESSIVE.sub("", name)).split()
    if entity_type == "PERSON":
        parts = NICKNAME.sub(" ", " ".join(parts)).split()
    if entity_type == "PERSON":
        inner = (n for n in range(len(parts) - 2, 0, -1) if parts[n].endswith(".") and is_title(parts[n]))
        del parts[: next(inner, 0)]
    while entity_type == "PERSON" and (n := n_title_words(parts)):
        del parts[:n]
    while entity_type == "PERSON" and len(parts) > 1 and is_postnominal(parts[-1]):
        parts.pop()
    return " ".join(parts) or name


def n_title_words(parts: Sequence[str]) -> int:
    """The number of title words before a person's name ("Det Insp", "Lance Corporal"): 0, 1 or 2."""
    if len(parts) > 2 and ((two := _bare(" ".join(parts[:2]))) in words("honorifics") or two in _offices()):
        return 2
    return 1 if len(parts) > 1 and is_title(parts[0]) else 0


@lru_cache(maxsize=CACHED)
def is_title(word: str) -> bool:
    """Whether a word before a person's name is a title, rank or role."""
    bare = _bare(word)
    is_office = bare in _offices() and not is_given_name(bare)
    is_cut_short = word.endswith(".") and bare in words("abbreviated_titles")
    return is_office or is_cut_short or bare in words("honorifics") or word in words("rank_initials")


def is_postnominal(word: str) -> bool:
    """Whether a word may be letters after a person's name ("QC")."""
    return word[0].isupper() and word[-1].isupper() and word.lower() in words("postnominals")


def is_office(text: str) -> bool:
    """Whether several words are a title, rank or role and nothing else ("First Lady")."""
    return _bare(text) in _offices()


def _bare(title: str) -> str:
    return title.lower().replace(".", "")


def name_key(entity_type: str, name: str) -> str:
    """The normalised key that all spellings of a name share.

    Ignores case, diacritics, dots and hyphens. Also ignores a person's titles, middle initials and particles, a
    company's legal form, and words that give the type of a place.
    """
    return plain_key(entity_type, plain_name(entity_type, name))


def plain_key(entity_type: str, plain: str) -> str:
    """`name_key` of a name already normalised by `plain_name`."""
    if entity_type == "PERSON":
        return _person_key(fold_name(ARABIC_ARTICLE.sub("", plain)).split())
    if entity_type == "ORG":
        return _organisation_key(fold_name(POSSESSIVE.sub("", plain)).split())
    folded = fold_name(plain)
    return PLACE_HEAD.sub("", folded) if entity_type in ("GPE", "LOC") else folded


@lru_cache(maxsize=CACHED)
def entity_id(entity_type: str, name: str) -> str:
    """The entity's identifier: 20 hexadecimal digits, a hash of the class and `name_key`."""
    return hash_id(entity_type, name_key(entity_type, name))


def family_of(entity_type: str) -> str:
    """The class, with all place classes merged into `PLACE`."""
    return PLACE if entity_type in PLACES else entity_type


def entity_ids(entity_type: str, name: str) -> frozenset[str]:
    """All possible ``entity_id`` values of a name: one for each class that it may be given in an article."""
    alike = next((classes for classes in ALIKE if entity_type in classes), (entity_type,))
    return frozenset(entity_id(c, name) for c in alike)


def initials(name: str) -> str:
    """The initials of the capitalised words of a name."""
    return "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper())


def _person_key(parts: list[str]) -> str:
    inner = [part for part in parts[1:-1] if len(part) > 1 and part not in words("particles")]
    return " ".join([*parts[:1], *inner, *parts[1:][-1:]])


def _organisation_key(parts: list[str]) -> str:
    while len(parts) > 1 and (parts[-1] in words("legal_forms") or parts[-1] == "and"):
        parts = parts[:-1]
    if len(parts) > 2 and parts[0] in TURNED and parts[1] == "of":
        parts = [part for part in parts[2:] if part != "the"] + parts[:1]
    return " ".join(parts)


@cache
def _offices() -> frozenset[str]:
    return words("ranks") | words("roles") | words("epithets")
