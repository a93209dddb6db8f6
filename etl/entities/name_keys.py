"""One name by itself: what it is compared by, and the identity made of it."""

import re
from collections.abc import Sequence
from functools import cache

from etl.ids import hash_id
from etl.knowledge.given_names import is_given_name
from etl.knowledge.word_lists import words
from etl.text import fold_name

POSSESSIVE = re.compile(r"[’'][sS]?$")
#: What a person is called, in marks between the given name and the surname.
NICKNAME = re.compile(r"(?<=\w) [\"“”'‘][^\"“”]{2,30}[\"“”'’] (?=\w)")
ARTICLE_WORD = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)
#: Words before a place's name that say what it is.
PLACE_HEAD = re.compile(
    r"^(?:city|town|village|state|republic|kingdom|commonwealth|municipality|province|county) of (?:the )?(?=.)"
)
#: The article that Arabic names begin with, as against given names ("Al Gore").
ARABIC_ARTICLE = re.compile(r"^(?:[AaEe]l|A[nrst]|Ash)[-‐‑](?=\w)|^[ae]l (?=\w)")
#: Classes between which the model wavers for one and the same thing.
PLACES = ("GPE", "LOC", "FAC")
PLACE = "PLACE"
#: What is called "Ministry of Finance" is called "Finance Ministry" too.
TURNED = frozenset({"department", "ministry"})


def plain_name(entity_type: str, text: str) -> str:
    """A name on one line, without article word and possessive, and without the titles before a person's."""
    name = " ".join(text.split())
    parts = ARTICLE_WORD.sub("", POSSESSIVE.sub("", name)).split()
    if entity_type == "PERSON":
        parts = NICKNAME.sub(" ", " ".join(parts)).split()
    while entity_type == "PERSON" and (n := n_title_words(parts)):
        del parts[:n]
    return " ".join(parts) or name


def n_title_words(parts: Sequence[str]) -> int:
    """How many words of a person's name are a title before it ("Det Insp", "Lance Corporal"): 1, 2 or, for none, 0."""
    if len(parts) > 2 and _bare(" ".join(parts[:2])) in words("honorifics") | _offices():
        return 2
    return 1 if len(parts) > 1 and is_title(parts[0]) else 0


def is_title(word: str) -> bool:
    """Whether a word before a person's name is no part of it: a title, a rank, a role."""
    bare = _bare(word)
    is_office = bare in _offices() and not is_given_name(bare)
    is_cut_short = word.endswith(".") and bare in words("abbreviated_titles")
    return is_office or is_cut_short or bare in words("honorifics") or word in words("rank_initials")


def _bare(title: str) -> str:
    return title.lower().replace(".", "")


def name_key(entity_type: str, name: str) -> str:
    """What the spellings of one name of a class share.

    Case, diacritics, dots and hyphens never count; nor do a person's titles, middle initials and particles, a company's
    legal form, and words that only say that a place is one.
    """
    return plain_key(entity_type, plain_name(entity_type, name))


def plain_key(entity_type: str, plain: str) -> str:
    """`name_key` of a name that `plain_name` has been over."""
    if entity_type == "PERSON":
        return _person_key(fold_name(ARABIC_ARTICLE.sub("", plain)).split())
    folded = fold_name(plain)
    if entity_type == "ORG":
        return _organisation_key(folded.split())
    return PLACE_HEAD.sub("", folded) if entity_type in ("GPE", "LOC") else folded


def entity_id(entity_type: str, name: str) -> str:
    """20 hexadecimal digits made of the class and `name_key`."""
    return hash_id(entity_type, name_key(entity_type, name))


def family_of(entity_type: str) -> str:
    """The class, `PLACE` standing for all classes of places."""
    return PLACE if entity_type in PLACES else entity_type


def entity_ids(entity_type: str, name: str) -> frozenset[str]:
    """Every ``entity_id`` the name may have: one, or one a class of place."""
    return frozenset(entity_id(c, name) for c in (PLACES if entity_type in PLACES else (entity_type,)))


def initials(name: str) -> str:
    """The capitals that the capitalised words of a name begin with."""
    return "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper())


def _person_key(parts: list[str]) -> str:
    inner = [part for part in parts[1:-1] if len(part) > 1 and part not in words("particles")]
    return " ".join([*parts[:1], *inner, *parts[1:][-1:]])


def _organisation_key(parts: list[str]) -> str:
    while len(parts) > 1 and parts[-1] in words("legal_forms"):
        parts = parts[:-1]
    if len(parts) > 2 and parts[0] in TURNED and parts[1] == "of":
        parts = [part for part in parts[2:] if part != "the"] + parts[:1]
    return " ".join(parts)


@cache
def _offices() -> frozenset[str]:
    return words("ranks") | words("roles") | words("epithets")
