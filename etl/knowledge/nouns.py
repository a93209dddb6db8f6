"""Nouns that tell what kind of speaker speaks: a person, an organisation, a document."""

from etl.knowledge.word_lists import words

DOCUMENTS = words("document_nouns")
#: Nouns for what somebody says: what they say is the words of whoever they belong to.
SPOKEN = words("speech_nouns")
#: Nouns for organisations.
BODIES = words("body_nouns")
PERSON_NOUNS = words("person_nouns")
#: Nouns for organisations that may stand for the one spoken of last.
TOPICAL_BODIES = words("topical_body_nouns")
