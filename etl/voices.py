"""What kind of voice a candidate speaker is, and by what name the article knows it."""

import re
from dataclasses import dataclass

from etl.entities import Mention
from etl.people import EMPTY, YEAR_OLD, People, describe, latest
from etl.script import SUBJECTS, Candidate, Script

DOCUMENTS = frozenset(
    """
    report statement letter study memo poll survey article editorial book document review analysis op-ed column
    story email e-mail message post tweet headline caption sign banner website page law bill act amendment
    constitution ruling order lawsuit complaint filing transcript release advisory notice text note ad
    advertisement video film song chapter paper research findings data resolution platform policy plan blog
    newsletter invitation petition indictment affidavit brief opinion slogan shirt poster placard
    """.split()
)
#: Nouns for bodies that speak through people.
BODIES = frozenset(
    """
    campaign company party government administration committee group organisation organization agency department
    ministry office police court board council team newspaper paper magazine network channel station outlet
    union association foundation bank firm university school institute commission church army military force
    senate house congress parliament white post times coalition league club federation bureau embassy regime
    state country nation city pac super
    """.split()
)
DEFINITE = frozenset({"the", "this", "that"})
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
#: Singular nouns that stand for whoever was spoken of last ("the senator", "the former actress"), though no role word says so.
TOPICAL = frozenset(
    """
    candidate nominee frontrunner front-runner billionaire businessman businesswoman mogul magnate tycoon
    politician contender hopeful star author actor actress singer rapper player coach manager writer novelist
    director founder veteran man woman boy girl native host anchor senator congressman congresswoman
    representative governor mayor president premier chancellor minister secretary ambassador diplomat lawmaker
    legislator general admiral colonel captain sheriff judge justice prosecutor attorney lawyer professor
    economist historian scientist researcher doctor pastor bishop cardinal pope pontiff rabbi imam king queen
    prince princess activist strategist pollster columnist commentator comedian musician artist athlete champion
    midfielder striker defender quarterback driver Republican Democrat republican democrat conservative liberal
    socialist independent outsider incumbent teenager pensioner year-old entrepreneur chairman chairwoman
    executive boss leader newcomer mother father widow
    """.split()
)
#: Nouns for bodies that stand for the organisation spoken of last ("the company", "the union").
TOPICAL_BODIES = frozenset(
    """
    agency company firm union group organisation organization newspaper paper magazine outlet network channel
    bank club ministry department committee commission association foundation university tabloid broadcaster
    """.split()
)
MAX_SENTENCES_BACK = 4


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose voice: the name the article gives (if it does), entity, kind of voice, and how the speaker was reached."""

    name: str | None
    entity_id: str | None
    type: str
    via: str
    margin: float = 9.0


#: The voice of a quote whose speaker is not in the article.
UNKNOWN = Voice(None, None, "unknown", "named", 0.0)


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
    is_definite = bool(words) and (words[0].casefold() in DEFINITE or words[0].endswith(("'s", "’s")))
    if kind == "anonymous" and is_definite and candidate.tag in ("NN", "NNP", "JJ", "CD"):
        who = describe(people, words, head, candidate.position)
        if who is None and (head in TOPICAL or YEAR_OLD.search(text)) and not _is_introduced(script, candidate):
            who = latest(script, people, candidate.position)
        if who is not None:
            name, entity = _known(people, who)
            return Voice(name, entity, "person", "description", 2.0)
    if head in TOPICAL_BODIES and is_definite and (other := _body(script, candidate)) is not None:
        return Voice(other.name, other.entity_id, "organisation", "description", 1.0)
    if candidate.tag in ("NNP", "NNPS") and kind == "anonymous" and not {w.casefold() for w in words} <= EMPTY:
        return Voice(text, None, "unknown", "named", 2.0)
    return Voice(None, None, kind, "description")


def _is_introduced(script: Script, candidate: Candidate) -> bool:
    """Whether the noun was used before of somebody not named ("a senior official … the official")."""
    return any(
        other.position < candidate.position
        and other.head.casefold() == candidate.head.casefold()
        and script.page.text[other.start : other.end].casefold().startswith(("a ", "an ", "one "))
        for other in script.candidates
    )


def _body(script: Script, candidate: Candidate) -> Mention | None:
    """The organisation named last before a description of one, as a subject if there is any."""
    near = [
        c
        for c in script.candidates
        if c.position < candidate.position
        and candidate.sentence_no - c.sentence_no <= MAX_SENTENCES_BACK
        and c.mention is not None
        and c.mention.entity_type == "ORG"
    ]
    subjects = [c for c in near if c.relation in SUBJECTS]
    chosen = (subjects or near)[-1:]
    return chosen[0].mention if chosen else None


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
