"""Nouns that indicate the kind of speaker: a person, an organisation or a document."""

from collections.abc import Iterator
from functools import cache, lru_cache

from etl.knowledge.word_lists import data_lines, words
from etl.text import CACHED

DOCUMENTS = words("document_nouns")
#: Nouns for something said ("claim", "remarks"). The speaker is the owner: "his claim".
SPOKEN = words("speech_nouns")
#: Nouns for organisations.
BODIES = words("body_nouns")
PERSON_NOUNS = words("person_nouns")
#: Nouns for organisations that can refer to the one mentioned last ("the company").
TOPICAL_BODIES = words("topical_body_nouns")
#: Words for a part or a number, where the noun after "of" is the speaker ("a majority of voters").
PARTS = words("part_nouns")

#: The kinds of unnamed speakers: values of ``quote.speaker_type``.
DOCUMENT, GROUP, ANONYMOUS, NONE = "document", "group", "anonymous", "none"


@lru_cache(maxsize=CACHED)
def voice_of(noun: str) -> str:
    """The kind of speaker that a noun in lower case refers to: document, group, anonymous persons, or none if it cannot speak."""
    forms = frozenset(_forms(noun))
    return next((kind for kind, nouns in _nouns_of_kinds().items() if not nouns.isdisjoint(forms)), NONE)


@cache
def _nouns_of_kinds() -> dict[str, frozenset[str]]:
    """The nouns for each kind of speaker. If a noun has several kinds, the first one counts."""
    people = frozenset(word for line in data_lines("people.txt") for word in line.split())
    roles = words("roles") | words("male_nouns") | words("female_nouns")
    return {
        DOCUMENT: DOCUMENTS | words("written_nouns"),
        GROUP: BODIES | words("group_nouns"),
        ANONYMOUS: people | PERSON_NOUNS | roles | words("people_words"),
    }


def _forms(noun: str) -> Iterator[str]:
    """A noun, its parts after hyphens ("co-founder", "46-year-old"), and the possible singular forms of each."""
    for form in (noun, noun.partition("-")[2], noun.rpartition("-")[2]):
        yield from (form, form.removesuffix("s"), form.removesuffix("es"))
        if form.endswith("ies"):
            yield form.removesuffix("ies") + "y"
        if form.endswith("men"):
            yield form.removesuffix("men") + "man"
