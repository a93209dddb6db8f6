"""What kind of voice a candidate speaker is, and by what name the article knows it."""

import re
from dataclasses import dataclass, replace

from etl.entities.mentions import Mention
from etl.knowledge.nouns import BODIES, DOCUMENTS, SPOKEN, TOPICAL_BODIES
from etl.quotes.candidate_speakers import SUBJECTS, Candidate, CandidateSpeakers
from etl.quotes.coreference import DEFINITE, Cast
from etl.quotes.document_makers import maker_of
from etl.quotes.layout import MIN_PARSED_WEIGHT, ArticleLayout
from etl.quotes.people import UNDESCRIPTIVE

RELATIVE = frozenset({"who", "whom", "which", "that"})
HE_SHE = frozenset({"he", "she", "him", "her", "his"})
IT = frozenset({"it", "its"})
PRONOUNS = (
    HE_SHE
    | IT
    | frozenset(
        """
        they them their i we you me us my our who whom which that this these those
        """.split()
    )
)
ORGANISATIONS = frozenset({"ORG", "GPE", "NORP", "FAC"})
WORKS = frozenset({"WORK_OF_ART", "LAW"})
MAX_SENTENCES_BACK = 4
#: Candidates looked back at: more than prose has in so many sentences.
N_BACK = 60
#: How probable it is that "the company" is the organisation spoken of last, that "it" is the last subject that can speak, that
#: capitalised words nobody recognised as a name are one, and that a document is by whom its noun was last said to be.
BODY_PROBABILITY, THING_PROBABILITY, UNRECOGNISED_PROBABILITY, MAKER_PROBABILITY = 0.7, 0.7, 0.9, 0.7


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose voice: the name the article gives (if it does), entity, kind of voice, and how the speaker was reached.

    ``probability``: that a pronoun or description stands for this voice; 1 for a name.
    """

    name: str | None
    entity_id: str | None
    type: str
    via: str
    probability: float = 1.0


#: The voice of a quote whose speaker is not in the article.
UNKNOWN = Voice(None, None, "unknown", "named", 0.0)


def voice_of(layout: ArticleLayout, candidates: CandidateSpeakers, cast: Cast, candidate: Candidate) -> Voice:
    """The voice a candidate stands for."""
    head = candidate.head.casefold()
    if head in RELATIVE and candidate.antecedent is not None:
        position = candidate.antecedent
        while layout.words[position].relation == "appos" and layout.words[position].head < position:
            position = layout.words[position].head
        behind = _at(layout, candidates, candidate, position)
        if behind is not None:
            return voice_of(layout, candidates, cast, behind)
    mention = candidate.mention
    if head in HE_SHE:
        return _referred(cast, candidate, "pronoun")
    if mention is not None and mention.entity_type == "PERSON":
        person = cast.named(mention) or mention
        return Voice(person.name, person.entity_id, "person", "named")
    if head in IT:
        return _thing(layout, candidates, cast, candidate)
    if owner := _owner(layout, candidates, candidate, head):
        return voice_of(layout, candidates, cast, owner)
    if (described := _referred(cast, candidate, "description")).name:
        return described
    if mention is not None:
        kind = "organisation" if mention.entity_type in ORGANISATIONS else "document"
        return Voice(mention.name, mention.entity_id, kind, "named")
    if head in PRONOUNS:
        return Voice(None, None, "unknown", "pronoun", 0.0)
    return _described(layout, candidates, cast, candidate, head, described.probability)


def _at(layout: ArticleLayout, candidates: CandidateSpeakers, pronoun: Candidate, position: int) -> Candidate | None:
    """The candidate at a position, or else the name there, as the candidate that a relative pronoun stands for."""
    if (found := candidates.at(position)) is not None:
        return None if found.head.casefold() in RELATIVE else found
    word = layout.words[position]
    named = next((m for m in candidates.mentions if m.start <= word.start < m.end), None)
    if named is None or word.is_stand_in:
        return None
    return replace(pronoun, position=position, head=word.text, tag="NNP", mention=named, antecedent=None)


def _owner(layout: ArticleLayout, candidates: CandidateSpeakers, candidate: Candidate, head: str) -> Candidate | None:
    """Whose words a noun for words is said to be: "his claim", "the senator's remarks"."""
    is_for_words = head in SPOKEN or layout.words[candidate.position].cue_weight >= MIN_PARSED_WEIGHT
    if candidate.mention is not None or head in BODIES or not is_for_words:
        return None
    owners = (
        c
        for c in candidates.between(candidate.first, candidate.position)
        if layout.words[c.position].relation == "poss"
    )
    return next((c for c in owners if layout.words[c.position].head == candidate.position), None)


def _referred(cast: Cast, candidate: Candidate, via: str) -> Voice:
    person, probability = cast.person(candidate.position)
    name, entity_id = (person.name, person.entity_id) if person else (None, None)
    return Voice(name, entity_id, "person", via, probability)


def _described(
    layout: ArticleLayout,
    candidates: CandidateSpeakers,
    cast: Cast,
    candidate: Candidate,
    head: str,
    probability: float,
) -> Voice:
    """The voice of a description that stands for nobody who is named: an organisation's, a document's, or anonymous."""
    text = layout.page.text[candidate.start : candidate.end]
    words = re.findall(r"[^\s,;]+", text)
    kind = "document" if head in DOCUMENTS else "organisation" if head in BODIES else "anonymous"
    if kind == "document" and (maker := maker_of(cast.documents, candidate.position, head)):
        via = "named" if candidate.start <= maker.start < candidate.end else "description"
        return Voice(maker.name, maker.entity_id, kind, via, MAKER_PROBABILITY)
    is_definite = bool(words) and (words[0].casefold() in DEFINITE or words[0].endswith(("'s", "’s")))
    if head in TOPICAL_BODIES and is_definite and (other := _body(candidates, candidate)) is not None:
        return Voice(other.name, other.entity_id, "organisation", "description", BODY_PROBABILITY)
    if candidate.tag in ("NNP", "NNPS") and kind == "anonymous" and not {w.casefold() for w in words} <= UNDESCRIPTIVE:
        return Voice(text, None, "unknown", "named", UNRECOGNISED_PROBABILITY)
    return Voice(None, None, kind, "description", probability or 1.0)


def _body(candidates: CandidateSpeakers, candidate: Candidate) -> Mention | None:
    """The organisation named last before a description of one, as a subject if there is any."""
    near = [
        c
        for c in candidates.near(candidate.position, N_BACK)
        if c.position < candidate.position
        and candidate.sentence_no - c.sentence_no <= MAX_SENTENCES_BACK
        and c.mention is not None
        and c.mention.entity_type == "ORG"
    ]
    subjects = [c for c in near if c.relation in SUBJECTS]
    chosen = (subjects or near)[-1:]
    return chosen[0].mention if chosen else None


def _thing(layout: ArticleLayout, candidates: CandidateSpeakers, cast: Cast, candidate: Candidate) -> Voice:
    """The organisation or document that was last a subject before "it"."""
    for other in reversed(candidates.near(candidate.position, N_BACK)):
        if other.position >= candidate.position or other.relation not in SUBJECTS:
            continue
        if candidate.sentence_no - other.sentence_no > 3:
            break
        head = other.head.casefold()
        if other.mention is not None and other.mention.entity_type in ORGANISATIONS | WORKS:
            kind = "organisation" if other.mention.entity_type in ORGANISATIONS else "document"
            return Voice(other.mention.name, other.mention.entity_id, kind, "pronoun", THING_PROBABILITY)
        if other.mention is None and (head in DOCUMENTS or head in BODIES):
            kind = "document" if head in DOCUMENTS else "organisation"
            if maker := maker_of(cast.documents, other.position, head):
                return Voice(maker.name, maker.entity_id, kind, "pronoun", THING_PROBABILITY)
            if head in TOPICAL_BODIES and (body := _body(candidates, other)):
                return Voice(body.name, body.entity_id, kind, "pronoun", THING_PROBABILITY)
            return Voice(layout.page.text[other.start : other.end], None, kind, "pronoun", THING_PROBABILITY)
    return Voice(None, None, "unknown", "pronoun", 0.0)
