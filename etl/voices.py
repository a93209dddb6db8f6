"""What kind of voice a candidate speaker is, and by what name the article knows it."""

import re
from dataclasses import dataclass

from etl.people import EMPTY, YEAR_OLD, People, describe
from etl.script import SUBJECTS, Candidate, Script

DOCUMENTS = frozenset(
    "report statement letter study memo poll survey article editorial book document review analysis op-ed column story email e-mail "
    "message post tweet headline caption sign banner website page law bill act amendment constitution ruling order lawsuit complaint "
    "filing transcript release advisory notice text note ad advertisement video film song chapter paper research findings data resolution "
    "platform policy plan blog newsletter invitation petition indictment affidavit brief opinion slogan shirt poster placard".split()
)
#: Nouns for bodies that speak through people.
BODIES = frozenset(
    "campaign company party government administration committee group organisation organization agency department ministry office "
    "police court board council team newspaper paper magazine network channel station outlet union association foundation bank "
    "firm university school institute commission church army military force senate house congress parliament white post times "
    "coalition league club federation bureau embassy regime state country nation city pac super".split()
)
DEFINITE = frozenset({"the", "this", "that"})
HE_SHE = frozenset({"he", "she", "him", "her", "his"})
IT = frozenset({"it", "its"})
PRONOUNS = HE_SHE | IT | frozenset("they them their i we you me us my our who whom which that this these those".split())
ORGANISATIONS = frozenset({"ORG", "GPE", "NORP", "FAC"})
WORKS = frozenset({"WORK_OF_ART", "LAW"})
#: Singular nouns that may stand for a person named elsewhere though no role word says so.
TOPICAL = frozenset(
    "candidate nominee frontrunner front-runner billionaire businessman mogul politician contender hopeful star author actor actress "
    "singer player coach writer executive director founder veteran man woman leader winner native year-old host host".split()
)


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose voice: the name the article gives (if it does), entity, kind of voice, and how the speaker was reached."""

    name: str | None
    entity_id: str | None
    type: str
    via: str
    margin: float = 9.0


def voice_of(script: Script, people: People, candidate: Candidate) -> Voice:
    """The voice a candidate stands for."""
    head = candidate.head.casefold()
    if head in ("who", "whom", "which", "that") and candidate.antecedent is not None:
        behind = next((c for c in script.candidates if c.position == candidate.antecedent), None)
        if behind is not None:
            voice = voice_of(script, people, behind)
            return Voice(voice.name, voice.entity_id, voice.type, voice.via, voice.margin)
    if head in HE_SHE:
        who, margin = people.pronouns.get(candidate.position, (None, 0.0))
        if who is None:
            return Voice(None, None, "person", "pronoun", 0.0)
        person = people.persons[who]
        return Voice(person.name, person.entity_id, "person", "pronoun", margin)
    mention = candidate.mention
    if mention is not None and mention.entity_type == "PERSON":
        number = people.at(mention)
        name, entity = (mention.name, mention.entity_id) if number is None else _known(people, number)
        return Voice(name, entity, "person", "named")
    if head in IT:
        return _thing(script, candidate)
    if mention is not None:
        kind = "organisation" if mention.entity_type in ORGANISATIONS else "document"
        kind = "document" if mention.entity_type in WORKS else kind
        return Voice(mention.name, mention.entity_id, kind, "named")
    if head in PRONOUNS:
        return Voice(None, None, "unknown", "pronoun", 0.0)
    return _described(script, people, candidate, head)


def _known(people: People, number: int) -> tuple[str, str]:
    person = people.persons[number]
    return person.name, person.entity_id


def _described(script: Script, people: People, candidate: Candidate, head: str) -> Voice:
    text = script.page.text[candidate.start : candidate.end]
    words = re.findall(r"[^\s,;]+", text)
    kind = "document" if head in DOCUMENTS else "organisation" if head in BODIES else "anonymous"
    if kind == "anonymous" and candidate.tag in ("NN", "NNP", "JJ", "CD") and words and words[0].casefold() in DEFINITE:
        who = describe(script, people, words, candidate.position)
        if who is None and (head in TOPICAL or YEAR_OLD.search(text)):
            who = _latest(people, candidate.position)
        if who is not None:
            name, entity = _known(people, who)
            return Voice(name, entity, "person", "description", 2.0)
    if candidate.tag in ("NNP", "NNPS") and kind == "anonymous" and not set(w.casefold() for w in words) <= EMPTY:
        return Voice(text, None, "unknown", "named", 2.0)
    return Voice(None, None, kind, "description")


def _latest(people: People, position: int) -> int | None:
    before = [t for t in people.traces if t.position < position and not t.is_quoted]
    subjects = [t for t in before[-6:] if t.prominence]
    chosen = (subjects or before)[-1:]
    return chosen[0].person if chosen else None


def _thing(script: Script, candidate: Candidate) -> Voice:
    """The organisation or document that was last a subject before "it"."""
    for other in reversed(script.candidates):
        if other.position >= candidate.position or other.relation not in SUBJECTS:
            continue
        if candidate.sentence_no - other.sentence_no > 3:
            break
        head = other.head.casefold()
        if other.mention is not None and other.mention.entity_type in ORGANISATIONS | WORKS:
            kind = "organisation" if other.mention.entity_type in ORGANISATIONS else "document"
            return Voice(other.mention.name, other.mention.entity_id, kind, "pronoun", 1.0)
        if other.mention is None and (head in DOCUMENTS or head in BODIES):
            kind = "document" if head in DOCUMENTS else "organisation"
            return Voice(script.page.text[other.start : other.end], None, kind, "pronoun", 1.0)
    return Voice(None, None, "unknown", "pronoun", 0.0)
