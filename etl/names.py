"""One name by itself: what it is compared by, and the identity made of it."""

import re
from hashlib import blake2b

from etl.gazetteer import fold_name, words

VERSION = "1"

POSSESSIVE = re.compile(r"[’'][sS]?$")
ARTICLE_WORD = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
#: Words before a place's name that say what it is.
PLACE_HEADS = re.compile(r"^(?:city|town|village|state|republic|kingdom|commonwealth|municipality|province|county) of (?:the )?")


def plain_name(text: str) -> str:
    """A name on one line, without article word, titles before it, and possessive."""
    name = POSSESSIVE.sub("", " ".join(text.split()))
    parts = ARTICLE_WORD.sub("", name).split()
    while len(parts) > 1 and parts[0].lower().rstrip(".") in words("honorifics") | words("ranks"):
        del parts[0]
    return " ".join(parts) or name


def name_key(entity_type: str, name: str) -> str:
    """What two spellings of one name of a class share.

    Case, diacritics, dots and hyphens never count; nor do a person's titles, middle initials and particles, a company's legal
    form, and words that say that a place is one.
    """
    folded = fold_name(plain_name(name))
    if entity_type == "PERSON":
        return _person_key(folded)
    if entity_type == "ORG":
        return _organisation_key(folded)
    if entity_type in ("GPE", "LOC"):
        return PLACE_HEADS.sub("", folded) or folded
    return folded


def entity_id(entity_type: str, name: str) -> str:
    """20 hexadecimal digits made of the class and `name_key`."""
    return blake2b(f"{entity_type}\0{name_key(entity_type, name)}".encode(), digest_size=10).hexdigest()


def initials(name: str) -> str:
    """The capitals that the capitalised words of a name begin with."""
    return "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper())


def _person_key(folded: str) -> str:
    parts = folded.split()
    if len(parts) > 1 and parts[0] in LEADING_PARTICLES:
        parts = parts[1:]
    kept = [p for i, p in enumerate(parts) if not (0 < i < len(parts) - 1 and (len(p) == 1 or p in words("particles")))]
    return " ".join(kept)


def _organisation_key(folded: str) -> str:
    parts = folded.split()
    while len(parts) > 1 and parts[-1] in words("legal_forms"):
        parts.pop()
    return " ".join(parts)


#: Articles that transliterated names begin with; other particles there are part of the name ("De Niro", "Ben Carson").
LEADING_PARTICLES = frozenset({"al", "el"})
