"""Names to entities: the mentions in one article, and the fullest name it gives each entity."""

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b

from etl.annotate import Annotation
from etl.parse import Page
from etl.schema import ENTITY_TYPES

VERSION = "1"

HONORIFIC = re.compile(
    r"^(?:mr|mrs|ms|miss|dr|sir|dame|lord|lady|prof|sen|rep|gov|gen|col|capt|lt|sgt)\.?\s+", re.IGNORECASE
)
POSSESSIVE = re.compile(r"[’']s?$")
ARTICLE_WORD = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """One stretch that names an entity: code points [start, end), OntoNotes class, the fullest name given, and how (``via``)."""

    start: int
    end: int
    entity_type: str
    name: str
    via: str = "named"

    @property
    def entity_id(self) -> str:
        """The entity's identity: a pure function of class and name."""
        return entity_id(self.entity_type, self.name)


def find_mentions(page: Page, annotation: Annotation) -> list[Mention]:
    """The names in one article, in order, each joined to the fullest name the article gives the same entity."""
    copy, spans = annotation.copy, []
    for ent in annotation.doc.ents:
        if ent.label_ in ENTITY_TYPES:
            start, end = _trim(page.text, copy.start(ent.start_char), copy.end(ent.end_char))
            if start < end and any(c.isalpha() for c in page.text[start:end]):
                spans.append((start, end, ent.label_))
    full = _fullest({(label, plain_name(page.text[start:end])) for start, end, label in spans})
    return [Mention(s, e, label, full[label, plain_name(page.text[s:e])]) for s, e, label in spans]


def plain_name(text: str) -> str:
    """A name on one line, without article word, honorific and possessive."""
    name = POSSESSIVE.sub("", " ".join(text.split()))
    return HONORIFIC.sub("", ARTICLE_WORD.sub("", name)) or name


def entity_id(entity_type: str, name: str) -> str:
    """20 hexadecimal digits made of the class and the name without case, diacritics and dots."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    key = " ".join("".join(c for c in folded if not unicodedata.combining(c) and c != ".").split())
    return blake2b(f"{entity_type}\0{key}".encode(), digest_size=10).hexdigest()


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end].split("\n")[0]
    end = start + len(POSSESSIVE.sub("", stretch.rstrip()))
    while start < end and not text[start].isalnum():
        start += 1
    return start, end


def _fullest(names: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """For each (class, name) the one longer name of its class that ends in it, if there is exactly one; else itself."""
    full = {}
    for label, name in names:
        longer = [n for other, n in names if other == label == "PERSON" and n.endswith(" " + name)]
        full[label, name] = longer[0] if len(longer) == 1 else name
    return full
