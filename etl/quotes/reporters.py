"""Who said it, where somebody else reports that they did: "Holt said, according to the Gazette" is Holt's.

PolNeAR's annotators give such words to the Gazette, and so does the encoder's link. In its 840 training articles this moves 36
quotations, 34 of them to who said it, as read by hand.
"""

from collections.abc import Iterator, Sequence

from etl.knowledge.nouns import DOCUMENTS
from etl.quotes.candidate_speakers import SUBJECTS, Candidate
from etl.quotes.layout import ArticleLayout, QuotePlace
from etl.quotes.voices import can_speak

#: Pronouns of things.
THINGS = frozenset({"it", "this", "that", "these", "those", "there", "which", "what", "its"})
#: The least weight of a verb of speech whose subject says what is quoted beside it, whoever else reports it; the relations of such
#: a subject to it; and the most positions between the two.
TELLING, TELLERS, BESIDE = 0.75, SUBJECTS - {"nsubjpass"}, 6
#: The relations by which what is reported depends on the verb that reports it, and the words before who reports it.
REPORTED, ACCORDING_TO = frozenset({"ccomp", "parataxis"}), ("according", "to")


def who_is_reported(
    layout: ArticleLayout, found: Sequence[Candidate], linked: int, verb: int | None, place: QuotePlace
) -> int | None:
    """The number of the candidate of whom the ``linked`` one, subject of ``verb``, reports that they said it; None if nobody."""
    others = [teller for teller in sorted(_tellers(layout, found, place)) if teller[1] != linked]
    for _, number, told in others[:1]:
        if _reports(layout, found[linked], verb, told, place):
            return number
    return None


def _tellers(layout: ArticleLayout, found: Sequence[Candidate], place: QuotePlace) -> Iterator[tuple[int, int, int]]:
    """The subjects of verbs of speech beside a quotation, in its sentence: the distance, the number and the verb of each."""
    for number, c in enumerate(found):
        is_subject = c.relation in TELLERS and c.sentence_no == place.sentence_no and c.head.lower() not in THINGS
        if is_subject and can_speak(layout, c):
            for verb in c.verbs:
                distance = place.distance(verb)
                if distance <= BESIDE and layout.words[verb].cue_weight >= TELLING and _is_its_own(layout, c, verb):
                    yield distance, number, verb


def _is_its_own(layout: ArticleLayout, c: Candidate, verb: int) -> bool:
    """Whether a verb is that of a subject, or joined to it ("Holt rose and said"), and not one that governs it."""
    word = layout.words[verb]
    return layout.words[c.position].head in ((verb, word.head) if word.relation == "conj" else (verb,))


def _reports(layout: ArticleLayout, c: Candidate, verb: int | None, told: int, place: QuotePlace) -> bool:
    """Whether a candidate, subject of ``verb``, reports what the subject of the verb ``told`` said.

    It is who the words are according to, or what they said depends on its verb, or it is no person and stands behind the words,
    farther from them than the other.
    """
    if tuple(map(layout.lower, range(max(c.first - len(ACCORDING_TO), 0), c.first))) == ACCORDING_TO:
        return True
    above = told
    while layout.words[above].relation in REPORTED:
        above = layout.words[above].head
        if above == verb:
            return True
    is_person = c.mention.entity_type == "PERSON" if c.mention else c.head.lower() not in DOCUMENTS
    is_farther = verb is None or place.distance(told) < place.distance(verb)
    return c.position >= place.end and not is_person and is_farther
