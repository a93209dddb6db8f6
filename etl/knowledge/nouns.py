"""Nouns that tell what kind of speaker speaks: a person, an organisation, a document."""

from collections.abc import Iterator
from functools import cache

from etl.knowledge.word_lists import data_lines, words

DOCUMENTS = words("document_nouns")
#: Nouns for what somebody says: what they say is the words of whoever they belong to.
SPOKEN = words("speech_nouns")
#: Nouns for organisations.
BODIES = words("body_nouns")
PERSON_NOUNS = words("person_nouns")
#: Nouns for organisations that may stand for the one spoken of last.
TOPICAL_BODIES = words("topical_body_nouns")
#: Words for a part or a number of what follows after "of" ("a majority of voters").
PARTS = words("part_nouns")

#: What an unnamed speaker can be, as ``quote.speaker_type`` has it.
DOCUMENT, GROUP, ANONYMOUS, NONE = "document", "group", "anonymous", "none"


def voice_of(noun: str) -> str:
    """What kind of speaker a noun in lower case stands for: a document, a group, anonymous persons, or none: it cannot speak."""
    forms = frozenset(_forms(noun))
    return next((kind for kind, nouns in _nouns_of_kinds().items() if not nouns.isdisjoint(forms)), NONE)


@cache
def _nouns_of_kinds() -> dict[str, frozenset[str]]:
    """The nouns for each kind of speaker, first of all those that decide where a noun has several kinds."""
    people = frozenset(word for line in data_lines("people.txt") for word in line.split())
    roles = words("roles") | words("male_nouns") | words("female_nouns")
    return {
        DOCUMENT: DOCUMENTS | words("written_nouns"),
        GROUP: BODIES | words("group_nouns"),
        ANONYMOUS: people | PERSON_NOUNS | roles | words("people_words"),
    }


def _forms(noun: str) -> Iterator[str]:
    """A noun, what follows its hyphens ("co-founder", "46-year-old"), and what each may be the plural of."""
    for form in (noun, noun.partition("-")[2], noun.rpartition("-")[2]):
        yield from (form, form.removesuffix("s"), form.removesuffix("es"))
        if form.endswith("ies"):
            yield form.removesuffix("ies") + "y"
        if form.endswith("men"):
            yield form.removesuffix("men") + "man"
