"""Who a candidate speaker is: a person, an organisation, a document or somebody unnamed, and the name that the article gives."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from etl.entities.mentions import Mention
from etl.knowledge.gazetteer import find_known, is_people
from etl.knowledge.nouns import ANONYMOUS, BODIES, DOCUMENT, DOCUMENTS, GROUP, NONE, SPOKEN, TOPICAL_BODIES, voice_of
from etl.knowledge.pronouns import HE_SHE, IT, PRONOUNS
from etl.knowledge.word_lists import words as word_list
from etl.model.heads import NAME_TAGS
from etl.quotes.candidate_speakers import DEFINITE, INDEFINITE, SUBJECTS, Candidate, CandidateSpeakers, is_speaking
from etl.quotes.coreference import References
from etl.quotes.document_makers import maker_of
from etl.quotes.layout import MIN_PARSED_WEIGHT, ArticleLayout
from etl.quotes.people import UNDESCRIPTIVE
from etl.quotes.voices import TIMES, voice
from etl.spans import holding, last_before

RELATIVE = frozenset({"who", "whom", "which", "that"})
#: Pronouns that cannot speak if they refer to nothing that is found.
MUTE = frozenset({"who", "whom", "which", "what", "that", "this", "these", "there"})
ORGANISATIONS = frozenset({"ORG", "GPE", "NORP", "FAC"})
WORKS = frozenset({"WORK_OF_ART", "LAW"})
#: A word of a name, but not of a description that a name is part of ("Norvane-based").
NAMES = re.compile(r"[A-Z](?!.*-[a-z]).*")
#: Last words of organisations' names.
ORGANISATION_ENDINGS = word_list("org_last") | word_list("legal_forms")
#: Part-of-speech tags of singular words.
ONE = frozenset({"NN", "NNP", "JJ"})
#: Nouns for bodies that their names nearly always have, and those for such different kinds of bodies that one is never another.
IN_NAMES = word_list("bodies_in_names")
KINDS_OF_BODIES = IN_NAMES | word_list("kinds_of_bodies")
#: Nouns for bodies of many kinds, and the kinds that they do not stand for.
GENERAL_BODIES, PUBLIC_BODIES = word_list("general_bodies"), word_list("public_bodies")
#: Papers that are called like people, with a capital and "the".
PAPERS = frozenset(name.capitalize() for name in word_list("papers_like_people"))
#: Words after the first of a name, where that says what the body is ("Ministry of Fisheries", not "Union Pacific").
OF = frozenset({"of", "for", "on"})
#: The most code points of such a noun, with the space behind it.
MAX_NOUN = 20
#: How many sentences back to search for the organisation that a description, or "it", refers to.
MAX_SENTENCES_BACK, MAX_SENTENCES_BACK_OF_IT = 4, 3
#: The number of preceding candidates to search: more than prose has in that many sentences.
N_BACK = 60
#: The probability that "the company" is the organisation mentioned last, that "it" is the last subject that can speak, that
#: capitalised words which were not recognised as a name are one, and that a document is by the maker last given for its noun.
BODY_PROBABILITY, THING_PROBABILITY, UNRECOGNISED_PROBABILITY, MAKER_PROBABILITY = 0.7, 0.7, 0.9, 0.7

#: The probability that the name of a people is the right speaker for one of them ("the American"). Usually a person is meant.
ONE_OF_A_PEOPLE_PROBABILITY = 0.4


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker: the name the article gives, if any, the entity, the type of speaker, and the kind of expression.

    ``probability`` is that of a pronoun or description referring to this speaker; 1 for a name.
    """

    name: str | None
    entity_id: str | None
    type: str
    via: str
    probability: float = 1.0


#: The speaker of a quote without candidates.
UNKNOWN = Speaker(None, None, "unknown", "named", 0.0)


@dataclass(frozen=True)
class SpeakerIdentities:
    """Resolves the candidate speakers of one article."""

    layout: ArticleLayout
    candidates: CandidateSpeakers
    references: References

    def of(self, candidate: Candidate) -> Speaker:
        """The speaker that a candidate refers to."""
        head = candidate.head.casefold()
        if antecedent := self._antecedent(candidate, head):
            return self.of(antecedent)
        mention = candidate.mention
        if head in HE_SHE:
            return self._referred(candidate, "pronoun")
        if mention is not None and mention.entity_type == "PERSON":
            person = self.references.named(mention) or mention
            return Speaker(person.name, person.entity_id, "person", "named", self.references.certainty(mention))
        if head in IT:
            return self._thing(candidate)
        if owner := self._owner(candidate, head):
            return self.of(owner)
        text = self.layout.page.text[candidate.start : candidate.end]
        if mention is None and candidate.tag in NAME_TAGS and _is_body_like_people(text):
            return Speaker(text, None, "organisation", "named", UNRECOGNISED_PROBABILITY)
        if (described := self._referred(candidate, "description")).name:
            return described
        if self.layout.lower(candidate.first) in INDEFINITE and is_people(candidate.head):
            return Speaker(None, None, ANONYMOUS, "description")
        if mention is not None:
            return _named(mention, candidate)
        if head in RELATIVE and candidate.antecedent is not None:
            kind = ANONYMOUS if head in ("who", "whom") else voice_of(self.layout.lower(candidate.antecedent))
            return Speaker(None, None, kind, "pronoun", 0.0)
        if head in PRONOUNS:
            return Speaker(None, None, NONE if head in MUTE else "unknown", "pronoun", 0.0)
        return self._described(candidate, head, described.probability)

    def _antecedent(self, candidate: Candidate, head: str) -> Candidate | None:
        """The antecedent of a relative pronoun: a candidate, or a name that is made one."""
        if head not in RELATIVE or candidate.antecedent is None:
            return None
        words, position = self.layout.words, candidate.antecedent
        while words[position].relation == "appos" and words[position].head < position:
            position = words[position].head
        if (found := self.candidates.at(position)) is not None:
            return None if found.head.casefold() in RELATIVE else found
        word = words[position]
        named = holding(self.candidates.mentions, word.start)
        if named is None or word.is_stand_in:
            return None
        return candidate._replace(position=position, head=word.text, tag="NNP", mention=named, antecedent=None)

    def _owner(self, candidate: Candidate, head: str) -> Candidate | None:
        """The owner of a noun for words: "his claim", "the senator's remarks"."""
        words = self.layout.words
        is_for_words = head in SPOKEN or words[candidate.position].cue_weight >= MIN_PARSED_WEIGHT
        if candidate.mention is not None or head in BODIES or not is_for_words:
            return None
        inside = self.candidates.between(candidate.first, candidate.position)
        owners = (c for c in inside if words[c.position].relation == "poss")
        return next((c for c in owners if words[c.position].head == candidate.position), None)

    def _referred(self, candidate: Candidate, via: str) -> Speaker:
        """The person that a pronoun or description refers to."""
        person, probability = self.references.person(candidate.position)
        name, entity_id = (person.name, person.entity_id) if person else (None, None)
        return Speaker(name, entity_id, "person" if person else ANONYMOUS, via, probability)

    def _described(self, candidate: Candidate, head: str, probability: float) -> Speaker:
        """The speaker that a description of no named person stands for: an organisation, a document, or somebody unnamed."""
        text = self.layout.page.text[candidate.start : candidate.end]
        words = re.findall(r"[^\s,;]+", text)
        kind = voice(self.layout, candidate)
        if head in DOCUMENTS and (maker := maker_of(self.references.documents, candidate.position, head)):
            via = "named" if candidate.start <= maker.start < candidate.end else "description"
            return Speaker(maker.name, maker.entity_id, kind, via, MAKER_PROBABILITY)
        is_bare = bool(words) and words[0].casefold() in DEFINITE and not any(map(NAMES.fullmatch, words[1:]))
        if head in TOPICAL_BODIES and is_bare and (body := self._body(candidate, head)):
            return Speaker(body.name, body.entity_id, "organisation", "description", BODY_PROBABILITY)
        if _is_unrecognised_name(candidate, head, kind, words):
            kind = "organisation" if head.rstrip(".>") in ORGANISATION_ENDINGS else "unknown"
            return Speaker(text, None, kind, "named", UNRECOGNISED_PROBABILITY)
        return Speaker(None, None, kind, "description", probability or 1.0)

    def _body(self, candidate: Candidate, head: str) -> Mention | None:
        """The organisation before a description of one: the last near it whose name has the noun, or that is a subject, or any.

        One that is named only here is passed over for others, as is the analyst's bank between a company and "the company". "The
        health ministry" is none without health in its name.
        """
        if head in IN_NAMES:
            nouns = self._nouns_before(candidate)
            named = [m for m in self._organisations.get(head, ()) if nouns <= set(m.name.casefold().split())]
            return last_before(named, candidate.start)
        near = [
            c
            for c in self.candidates.near(candidate.position, N_BACK)
            if c.position < candidate.position
            and candidate.sentence_no - c.sentence_no <= MAX_SENTENCES_BACK
            and c.mention is not None
            and c.mention.entity_type == "ORG"
            and not _is_of_another_kind(c.mention, head)
        ]
        called = [c for c in near if c.mention and head in self._nouns(c.mention)]
        near = called or [c for c in near if c.mention and self._times_named[c.mention.name] > 1] or near
        subjects = [c for c in near if c.relation in SUBJECTS]
        chosen = (subjects or near)[-1:]
        return chosen[0].mention if chosen else None

    def _nouns_before(self, candidate: Candidate) -> set[str]:
        """The nouns before the head of a description ("health" of "the health ministry")."""
        positions = range(candidate.first, candidate.position)
        return {self.layout.lower(p) for p in positions if self.layout.words[p].tag in ONE - {"JJ"}}

    @cached_property
    def _organisations(self) -> Mapping[str, Sequence[Mention]]:
        """The organisations in order, by the nouns that say what they are."""
        found: dict[str, list[Mention]] = defaultdict(list)
        for mention in self.candidates.mentions:
            if mention.entity_type == "ORG":
                for noun in self._nouns(mention):
                    found[noun].append(mention)
        return found

    def _nouns(self, organisation: Mention) -> frozenset[str]:
        """The words of its name that may say what it is, and the word before ("the airline Holt & Reed")."""
        before = self.layout.page.text[max(organisation.start - MAX_NOUN, 0) : organisation.start].casefold().split()
        return _nouns(organisation) | frozenset(before[-1:])

    @cached_property
    def _times_named(self) -> Counter[str]:
        return Counter(mention.name for mention in self.candidates.mentions)

    def _thing(self, candidate: Candidate) -> Speaker:
        """The last organisation or document that was a subject before "it": in its sentence, one that speaks before others."""
        found: Speaker | None = None
        sentence_no = candidate.sentence_no - MAX_SENTENCES_BACK_OF_IT
        for other in reversed(self.candidates.near(candidate.position, N_BACK)):
            if other.position >= candidate.position or other.relation not in SUBJECTS:
                continue
            if other.sentence_no < sentence_no:
                break
            if thing := self._as_thing(other):
                if is_speaking(self.layout, other):
                    return thing
                found, sentence_no = found or thing, other.sentence_no
        return found or Speaker(None, None, "unknown", "pronoun", 0.0)

    def _as_thing(self, subject: Candidate) -> Speaker | None:
        """The organisation or document that a subject before "it" refers to, if any."""
        head, named = subject.head.casefold(), subject.mention
        if named is not None and named.entity_type not in ORGANISATIONS | WORKS:
            return None
        if named is None and head not in DOCUMENTS and head not in BODIES:
            return None
        kind = _type_of_name(named) if named else voice_of(head)
        named = named or maker_of(self.references.documents, subject.position, head)
        if named is None and head in TOPICAL_BODIES:
            named = self._body(subject, head)
        if named is not None:
            return Speaker(named.name, named.entity_id, kind, "pronoun", THING_PROBABILITY)
        text = self.layout.page.text[subject.start : subject.end]
        kind = "organisation" if subject.tag in NAME_TAGS else kind
        return Speaker(text, None, kind, "pronoun", THING_PROBABILITY)


def _nouns(organisation: Mention) -> frozenset[str]:
    """The words of a name that may say what the body is."""
    names = organisation.name.casefold().split()
    return frozenset(names if len(names) > 1 and names[1] in OF else names[1:]) - GENERAL_BODIES


def _is_of_another_kind(organisation: Mention, noun: str) -> bool:
    """Whether a name says that the body is not what a noun calls it."""
    nouns = _nouns(organisation)
    others = PUBLIC_BODIES if noun in GENERAL_BODIES else KINDS_OF_BODIES if noun in KINDS_OF_BODIES else frozenset()
    return noun not in nouns and not others.isdisjoint(nouns)


def _is_unrecognised_name(candidate: Candidate, head: str, kind: str, words: Sequence[str]) -> bool:
    """Whether a description is a name that was not recognised: its head has a capital, and no noun says otherwise."""
    is_proper = candidate.tag in NAME_TAGS and head not in TIMES
    is_noun = head in BODIES or kind in (DOCUMENT, ANONYMOUS)
    return is_proper and not is_noun and not {word.casefold() for word in words} <= UNDESCRIPTIVE


def _is_body_like_people(text: str) -> bool:
    """Whether words are the name of a body that ends in a noun for people: "The Economist", "Business Insider"."""
    determiner, _, name = text.partition(" ")
    known = find_known(text)
    return (determiner in ("The", "the") and name in PAPERS) or (known is not None and known.entity_type == "ORG")


def _named(mention: Mention, candidate: Candidate) -> Speaker:
    """The speaker that a name of no person is. One of a people ("the Scot said") is somebody whose own name is not given."""
    if mention.entity_type != "NORP" or candidate.tag not in ONE:
        return Speaker(mention.name, mention.entity_id, _type_of_name(mention), "named")
    kind = ANONYMOUS if candidate.first < candidate.position else GROUP
    return Speaker(mention.name, mention.entity_id, kind, "named", ONE_OF_A_PEOPLE_PROBABILITY)


def _type_of_name(mention: Mention) -> str:
    if mention.entity_type == "NORP":
        return GROUP
    return "organisation" if mention.entity_type in ORGANISATIONS else DOCUMENT
