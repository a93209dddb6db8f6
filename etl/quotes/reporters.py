"""Who said it, where somebody else reports that they did: "Holt said, according to the Gazette" is Holt's.

PolNeAR's annotators give such words to the Gazette, and so does the encoder's link. In its 840 training articles this moves 47
quotations; of 46 read by hand, 44 went to who said it.
"""

from collections.abc import Iterator, Sequence

from etl.knowledge.cue_words import UTTERING
from etl.knowledge.nouns import DOCUMENTS
from etl.model.heads import FINITE_TAGS, VERB_TAGS
from etl.quotes.candidate_speakers import SUBJECTS, Candidate, verbs_behind_as
from etl.quotes.layout import ArticleLayout, QuotePlace
from etl.quotes.sentences import CLOSING
from etl.quotes.subjects import JOINING
from etl.quotes.voices import can_speak

#: Pronouns of things.
THINGS = frozenset({"it", "this", "that", "these", "those", "there", "which", "what", "its"})
#: The least weight of a verb of speech whose subject says what is quoted beside it, whoever else reports it; the relations of such
#: a subject to it; and the most positions between the two.
TELLING, TELLERS, BESIDE = 0.75, SUBJECTS - {"nsubjpass"}, 6
#: Tags of a verb that goes on with the clause before a quotation.
FINITE = FINITE_TAGS | {"MD"}
#: The relations to a verb of somebody who is quoted.
QUOTED = frozenset({"nsubjpass", "dobj"})
#: The relations by which what is reported depends on the verb that reports it, and the words before who reports it.
REPORTED, ACCORDING_TO = frozenset({"ccomp", "prep", "pcomp"}), ("according", "to")
#: A link with a lower lead (log-odds) is worth less than the verb beside the words.
SURE_LINK = 1.0


def who_is_reported(
    layout: ArticleLayout, found: Sequence[Candidate], linked: int, link: float, verb: int | None, place: QuotePlace
) -> int | None:
    """The number of the candidate of whom the ``linked`` one, subject of ``verb``, reports that they said it; None if nobody.

    ``link`` is the lead of the link. If it is low, or leads to another sentence, who speaks nearest to the words is preferred.
    """
    tellers = sorted(_tellers(layout, found, place))
    others = [teller for teller in tellers if teller[1] != linked]
    is_sure = link >= SURE_LINK and found[linked].sentence_no == place.sentence_no
    for _, number, told in others[:1]:
        is_preferred = not is_sure and others[:1] == tellers[:1]
        teller = found[number]
        is_own = _is_in_own_clause(layout, found[linked], teller, told, place)
        if is_preferred or is_own or _reports(layout, found[linked], verb, teller, told, place):
            return number
    return None


def _tellers(layout: ArticleLayout, found: Sequence[Candidate], place: QuotePlace) -> Iterator[tuple[int, int, int]]:
    """The subjects of verbs of speech beside a quotation, in its sentence: the distance, the number and the verb of each."""
    for number, c in enumerate(found):
        if c.sentence_no == place.sentence_no and c.head.lower() not in THINGS and can_speak(layout, c):
            for verb in c.verbs:
                distance = place.distance(verb)
                if distance <= BESIDE and _tells(layout, c, verb, place) and not _goes_on(layout, verb, place):
                    yield distance, number, verb


def _tells(layout: ArticleLayout, c: Candidate, verb: int, place: QuotePlace) -> bool:
    """Whether somebody is the subject of a verb of speech or of one joined to it ("Holt rose and said"), or quoted "as saying".

    A verb for how words are uttered counts if no other is between, and may have the subject of another ("he ran, shouting “…”").
    """
    word, head = layout.words[verb], layout.words[c.position].head
    if verb in verbs_behind_as(layout, head):
        return c.relation in QUOTED and word.cue_weight >= 0
    between = layout.words[verb + 1 : place.first] if verb < place.first else layout.words[place.end : verb]
    utters = layout.lower(verb) in UTTERING and not word.is_quoted and not any(w.tag in VERB_TAGS for w in between)
    is_shared = word.relation == "conj" or (utters and word.relation == "advcl")
    is_its_own = head in ((verb, word.head) if is_shared else (verb,))
    return is_its_own and c.relation in TELLERS and (word.cue_weight >= TELLING or utters)


def _reports(
    layout: ArticleLayout, c: Candidate, verb: int | None, teller: Candidate, told: int, place: QuotePlace
) -> bool:
    """Whether a candidate, subject of ``verb``, reports what another, subject of the verb ``told``, said.

    It is who the words are according to, or what they said depends on its verb (by parataxis if that is farther from the words),
    or it is no person and stands behind the words, farther from them than the other, or the other's verb governs them.
    """
    if tuple(map(layout.lower, range(max(c.first - len(ACCORDING_TO), 0), c.first))) == ACCORDING_TO:
        return True
    is_nearer = verb is None or place.distance(told) < place.distance(verb)
    through = REPORTED | {"parataxis"} if is_nearer else REPORTED
    above = layout.words[teller.position].head if layout.words[told].relation == "advcl" else told
    while layout.words[above].relation in through:
        above = layout.words[above].head
        if above == verb:
            return True
    is_person = c.mention.entity_type == "PERSON" if c.mention else c.head.lower() not in DOCUMENTS
    return c.position >= place.end and not is_person and (is_nearer or told in _above(layout, place.first))


def _is_in_own_clause(layout: ArticleLayout, c: Candidate, teller: Candidate, told: int, place: QuotePlace) -> bool:
    """Whether the words are beside the clause in which a teller ``told`` them, and another candidate is in a clause apart.

    That one only adds how it is known ("“…,” Holt said, Reed recalled"), or is before it ("Reed asked and Holt said, “…”").
    """
    is_before = told == place.first - 1 or (told == place.first - 2 and layout.lower(told + 1) in (",", ":"))
    if is_before and c.first < teller.first and layout.lower(teller.first - 1) in JOINING:
        return True
    is_beside = is_before or place.end in (teller.first, told)
    end = c.first - 2 if layout.words[c.first - 1].text in CLOSING else c.first - 1
    return is_beside and c.relation in TELLERS and c.first > told and layout.lower(end) == ","


def _goes_on(layout: ArticleLayout, told: int, place: QuotePlace) -> bool:
    """Whether a quotation is the predicate of a clause that ends with a verb: "nothing Holt said “will help anybody”"."""
    inside = layout.words[place.first + 1 : min(place.first + 2, place.end)]
    return told == place.first - 1 and any(word.tag in FINITE for word in inside)


def _above(layout: ArticleLayout, position: int) -> Iterator[int]:
    """The words that govern a word, from its head to the root."""
    while (head := layout.words[position].head) != position:
        yield head
        position = head
