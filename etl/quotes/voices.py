"""The kind of speaker that an unnamed description refers to: persons, a group, a document, or something that cannot speak."""

from etl.knowledge.nouns import ANONYMOUS, NONE, PARTS, voice_of
from etl.knowledge.word_lists import words as word_list
from etl.quotes.candidate_speakers import Candidate
from etl.quotes.layout import ArticleLayout

#: Words for times, and tags of words, that are never speakers ("Monday", "three weeks", "fishing", "there").
TIMES = word_list("times")
SILENT_TAGS = frozenset({"VBG", "EX", "WRB"})
#: Tags of adjectives, which refer to people after "the" ("the elderly").
ADJECTIVE_TAGS = frozenset({"JJ", "JJR", "JJS", "VBN"})


def voice(layout: ArticleLayout, candidate: Candidate) -> str:
    """The kind of speaker (a ``quote.speaker_type``) of a candidate that is neither a name nor a pronoun.

    For a part or a number, it is that of the whole ("most of the voters").
    """
    head = candidate.head.casefold()
    if candidate.tag in SILENT_TAGS or is_time(candidate) or not head[:1].isalpha():
        return NONE
    if candidate.tag in ADJECTIVE_TAGS and layout.lower(candidate.first) == "the":
        return ANONYMOUS
    whole = _after_of(layout, candidate.position) if head in PARTS else None
    return voice_of(whole or head)


def is_time(candidate: Candidate) -> bool:
    """Whether a candidate is a time ("said on Monday") rather than a name."""
    return candidate.mention is None and candidate.head.casefold() in TIMES


def can_speak(layout: ArticleLayout, candidate: Candidate) -> bool:
    """Whether a candidate can be a speaker: a name, recognised or not, a pronoun, or a description of something that can speak."""
    if is_time(candidate):
        return False
    is_noun = candidate.mention is None and candidate.tag in ("NN", "NNS", *SILENT_TAGS)
    return not is_noun or voice(layout, candidate) != NONE


def _after_of(layout: ArticleLayout, noun: int) -> str | None:
    """The noun after "of" that belongs to a noun, in lower case."""
    words = layout.words
    prepositions = (c for c in words[noun].children if layout.lower(c) == "of")
    nouns = (c for p in prepositions for c in words[p].children if words[c].relation == "pobj")
    return next((layout.lower(noun) for noun in nouns), None)
