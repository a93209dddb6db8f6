"""What kind of voice a description of nobody named is: persons, a group, a document, or nothing that can speak."""

from etl.knowledge.nouns import ANONYMOUS, NONE, PARTS, voice_of
from etl.knowledge.word_lists import words as word_list
from etl.quotes.candidate_speakers import Candidate
from etl.quotes.layout import ArticleLayout

#: Words for times, and tags of words, that are the subject of no speech ("Monday", "three weeks", "fishing", "there").
TIMES = word_list("times")
SILENT_TAGS = frozenset({"VBG", "EX", "WRB"})
#: Tags of adjectives, which with "the" stand for people ("the elderly").
ADJECTIVE_TAGS = frozenset({"JJ", "JJR", "JJS", "VBN"})


def voice(layout: ArticleLayout, candidate: Candidate) -> str:
    """The kind of voice of a candidate that is neither a name nor a pronoun, as ``quote.speaker_type`` has it.

    A part or a number is what it is a part of ("most of the voters").
    """
    head = candidate.head.casefold()
    if candidate.tag in SILENT_TAGS or is_time(candidate) or not head[:1].isalpha():
        return NONE
    if candidate.tag in ADJECTIVE_TAGS and layout.lower(candidate.first) == "the":
        return ANONYMOUS
    whole = _after_of(layout, candidate.position) if head in PARTS else None
    return voice_of(whole or head)


def is_time(candidate: Candidate) -> bool:
    """Whether a candidate is a time ("said on Monday") and no name."""
    return candidate.mention is None and candidate.head.casefold() in TIMES


def can_speak(layout: ArticleLayout, candidate: Candidate) -> bool:
    """Whether a candidate may be a speaker: a name, recognised or not, a pronoun, or a description of whatever has a voice."""
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
