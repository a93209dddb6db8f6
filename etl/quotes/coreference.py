"""Resolve "he", "she" or "the senator" to a person of the article.

References are resolved from left to right. Each resolved reference counts as a trace of its person for the following ones. The
feature weights were fitted on articles in which people had annotated whom each reference refers to.
"""

import json
import math
import operator
import re
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from etl.entities.mentions import Mention
from etl.knowledge import DATA
from etl.knowledge.nouns import ANONYMOUS, PERSON_NOUNS, voice_of
from etl.knowledge.pronouns import FEMALE, HE_SHE, MALE
from etl.knowledge.word_lists import words as word_list
from etl.quotes.antecedents import (
    ASKING,
    MIN_AGREEMENT,
    OBJECTS,
    Memory,
    Reference,
    ReferenceFeatures,
    Row,
    antecedents,
    named_next,
)
from etl.quotes.candidate_speakers import DEFINITE, INDEFINITE, SUBJECTS, CandidateSpeakers, is_speaking
from etl.quotes.document_makers import Document, find_documents
from etl.quotes.layout import ArticleLayout
from etl.quotes.people import ACTING, SAME_ROLE, TITLES, UNDESCRIPTIVE, People, Person, Trace, find_people

#: Relations through which a verb governs a name.
GOVERNED = SUBJECTS | OBJECTS | {"prep", "pobj", "poss", "xcomp", "advcl"}
SINGULAR = frozenset({"NN", "NNP", "JJ", "CD"})
#: The end of pronouns whose referent is named beside them ("Holt himself"), so that they say nothing new.
REFLEXIVE = "self"
#: A name after "of".
OF_NAME = re.compile(r"\bof (?:the )?([A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)")
YEAR_OLD = re.compile(r"\d+-year-old\Z")
#: A person at or below this agreement does not fit the pronoun.
MISFIT = -1.0
#: A person at or below this agreement is excluded if anybody fits better, however near the person is.
SURE_MISFIT = -1.9
#: A pronoun may refer to somebody without a name who spoke at most this many sentences before, and probably does.
STRANGER_MAX_AGO, STRANGER_PROBABILITY = 2, 0.8
#: The probability that a pronoun refers to somebody named in what its verb governs, where nobody else fits.
NAMED_AFTER = 0.5
#: The probability that a pronoun that speaks refers to the only subject of the sentence before: set by hand; of 19 read where the
#: weights prefer somebody else, 16 do.
NEWCOMER_PROBABILITY = 0.8
#: The number of preceding ones to consider.
N_STRANGERS = 5
#: The number of preceding sentences to search for a living person when the latest one is dead.
LIVING_MAX_AGO = 3


class Stranger(NamedTuple):
    """Somebody who speaks without a name: the positions of the phrase, its last word and its verb, and as in `Reference`."""

    position: int
    last: int
    verb: int
    sentence_no: int
    sign: float

    def is_before(self, trace: Trace) -> bool:
        """Whether somebody is named after this one, neither in the phrase ("a spokesman for Holt") nor in what is said."""
        is_in_words = trace.position > self.verb and trace.sentence_no == self.sentence_no and trace.prominence < ACTING
        return trace.position > self.last and not is_in_words


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate person for a reference (None: nobody who is named), with features and probability."""

    person: int | None
    features: ReferenceFeatures
    probability: float


@dataclass(frozen=True, slots=True)
class References:
    """The people and documents of an article, and the candidates for each reference by position, most likely first."""

    people: People
    weighed: dict[int, list[Weighed]]
    documents: list[Document]

    def named(self, mention: Mention) -> Person | None:
        """The person that a mention names."""
        return self.people.named(mention)

    def certainty(self, mention: Mention) -> float:
        """The probability that a name is of the person whose it is taken for: below 1 for a surname of several people."""
        return self.people.share.get(mention.start, 1.0)

    def referents(self, position: int) -> tuple[tuple[str | None, float], ...]:
        """The names that a reference may refer to (None: nobody who is named), with their probabilities."""
        weighed = self.weighed.get(position, ())
        return tuple((None if w.person is None else self.people.persons[w.person].name, w.probability) for w in weighed)

    def person(self, position: int) -> tuple[Person | None, float]:
        """The named person that a reference refers to, if any, and the probability."""
        best = self.weighed.get(position, [Weighed(None, ReferenceFeatures(), 0.0)])[0]
        return None if best.person is None else self.people.persons[best.person], best.probability


def find_references(
    layout: ArticleLayout, candidates: CandidateSpeakers, weights: ReferenceFeatures | None = None
) -> References:
    """The people of an article, and whom its pronouns and descriptions refer to.

    ``weights`` are the feature weights; the default is those that ship with the package.
    """
    people = find_people(layout, candidates)
    found = resolve(layout, candidates, people, fitted_weights() if weights is None else weights)
    return References(people, found, find_documents(layout, candidates))


def resolve(
    layout: ArticleLayout, candidates: CandidateSpeakers, people: People, weights: Sequence[float]
) -> dict[int, list[Weighed]]:
    """The candidates for each reference outside quotations, by position, most likely first."""
    memory = Memory(layout)
    found: dict[int, list[Weighed]] = {}
    strangers = _strangers(layout, candidates)
    at = 0
    for reference in _pronouns_and_descriptions(layout, candidates, people):
        while at < len(people.traces) and people.traces[at].position <= reference.position:
            memory.note(people.traces[at])
            at += 1
        if _is_strangers(layout, reference, strangers, memory, people, found):
            found[reference.position] = [Weighed(None, ReferenceFeatures(), STRANGER_PROBABILITY)]
            position = reference.position
            insort(strangers, Stranger(position, position, position, reference.sentence_no, reference.sign))
            continue
        rows: Sequence[Row] = list(antecedents(layout, people, memory, reference))
        if all(features.contradicts <= SURE_MISFIT for _, features in rows):
            rows = list(named_next(people, reference)) or rows
        within = _named_within(people, reference)
        others = _named_after(layout, people, reference) | within
        is_owned = any(" " in people.persons[who].name for who in within)
        rows = [row for row in rows if not _is_of_another(people, reference, row, is_owned)]
        free = [row for row in rows if row[0] not in others and row[1].contradicts > SURE_MISFIT]
        rows = _fitting(free or rows, people, _speaks(layout, reference))
        if not rows:
            continue
        ranked = _weigh(rows, weights, 1.0 if free or not others else NAMED_AFTER)
        if reference.role is None and _speaks(layout, reference) and not _is_of_somebody_alike(layout, reference):
            ranked = _newcomer_first(ranked)
        found[reference.position] = ranked
        who = ranked[0].person
        if who is not None:
            level = people.prominence.get(reference.position, 0)
            memory.note(Trace(reference.position, reference.sentence_no, who, level, is_quoted=False))
    return found


def _strangers(layout: ArticleLayout, candidates: CandidateSpeakers) -> list[Stranger]:
    """Those who speak, but do not ask, without a name, where they are first mentioned ("a spokeswoman said"), in order."""
    return [
        Stranger(
            c.position,
            layout.position_at(c.end - 1) or c.position,
            c.verbs[0],
            c.sentence_no,
            math.copysign(1, TITLES[head]) if head in TITLES else 0.0,
        )
        for c in candidates.in_order
        if layout.lower(c.first) in INDEFINITE
        and c.mention is None
        and (head := c.head.casefold()) not in INDEFINITE
        and (head in TITLES or voice_of(head) == ANONYMOUS)
        and is_speaking(layout, c)
        and ASKING.isdisjoint(map(layout.lower, c.verbs))
    ]


def _is_strangers(
    layout: ArticleLayout,
    reference: Reference,
    strangers: Sequence[Stranger],
    memory: Memory,
    people: People,
    found: Mapping[int, Sequence[Weighed]],
) -> bool:
    """Whether a pronoun refers to somebody without a name, who spoke just before: nobody with a name that fits came after."""
    at = bisect_left(strangers, (reference.position,))
    before = strangers[max(at - N_STRANGERS, 0) : at]
    alike = [s for s in before if s.sign == reference.sign or (s is before[-1] and s.sign == 0)]
    last = alike[-1] if alike else None
    if reference.role is not None or last is None or reference.sentence_no - last.sentence_no > STRANGER_MAX_AGO:
        return False
    is_named = any(weighed.person is not None for weighed in found.get(last.position, ())[:1])
    # "A lawyer for Lang said she was innocent" is of Lang.
    is_told = reference.sentence_no == last.sentence_no and last.sign == 0 and not _speaks(layout, reference)
    return not is_named and not any(
        (last.is_before(track.last) or (is_told and track.last.position > last.position))
        and people.persons[who].gender * reference.sign > MISFIT
        for who, track in memory.tracks.items()
    )


def _fitting(rows: Sequence[Row], people: People, speaks: bool) -> Sequence[Row]:
    """The candidates for a reference without the implausible ones.

    Persons whose gender clearly differs are left out; if all are, only those whose gender differs as much as is weighed. If the
    reference is a speaker and a living person was a recent subject, so are the dead.
    """
    fitting = [row for row in rows if row[1].contradicts > SURE_MISFIT]
    fitting = fitting or [row for row in rows if row[1].contradicts > MIN_AGREEMENT]
    living = [row for row in fitting if row[0] is None or not people.persons[row[0]].is_dead] if speaks else []
    is_near = any(f.sentences_ago <= LIVING_MAX_AGO and f.was_subject for who, f in living if who is not None)
    return living if is_near else fitting


def _is_of_another(people: People, reference: Reference, row: Row, is_owned: bool) -> bool:
    """Whether a description is of somebody else than a person whose role the article does not say it to be.

    It names somebody by a full name (``is_owned``: "Holt's lawyer"; a lone "Holt" may be a team), or a body that the person has no
    link to ("the chairman of Skerrow Rovers"), or it is a role that the text takes for granted ("the judge").
    """
    if row[0] is None:
        return False
    roles, bodies = people.persons[row[0]].roles, people.persons[row[0]].bodies
    if reference.role in roles:
        return bool(reference.of and bodies) and reference.of.isdisjoint(bodies)
    is_elsewhere = bool(reference.of) and reference.of.isdisjoint(roles)
    return is_owned or is_elsewhere or reference.role in word_list("granted_roles")


def _named_after(layout: ArticleLayout, people: People, reference: Reference) -> frozenset[int]:
    """The persons named in what a reference's verb governs: who "told Holt", or "said that Holt left", is not Holt.

    This is Principle C of the theory of binding (Chomsky 1981).
    """
    subject = layout.words[reference.position]
    if subject.relation not in SUBJECTS:
        return frozenset()
    return frozenset(
        t.person
        for t in people.traces_in(reference.sentence_no)
        if t.position > reference.position and not t.is_quoted and _is_governed(layout, t.position, subject.head)
    )


def _named_within(people: People, reference: Reference) -> frozenset[int]:
    """The persons named in a description: who "Holt's lawyer" is, is not Holt."""
    return frozenset(
        t.person for t in people.traces_in(reference.sentence_no) if reference.first <= t.position < reference.position
    )


def _is_governed(layout: ArticleLayout, position: int, verb: int) -> bool:
    """Whether a word is in a phrase of a verb or in what it reports, but not in a clause that only describes a noun of it."""
    words = layout.words
    through = GOVERNED | {"ccomp"} if words[verb].cue_weight >= 0 else GOVERNED
    while words[position].relation in (through if words[position].head == verb else GOVERNED):
        position = words[position].head
        if position == verb:
            return True
    return False


def _speaks(layout: ArticleLayout, reference: Reference) -> bool:
    """Whether a reference is the subject of a verb that reports speech."""
    word = layout.words[reference.position]
    return word.relation in SUBJECTS and layout.words[word.head].cue_weight >= 0


@cache
def fitted_weights() -> ReferenceFeatures:
    """The feature weights that ship with the package."""
    stored: dict[str, float] = json.loads((DATA / "coreference.json").read_text(encoding="utf-8"))
    return ReferenceFeatures(**stored)


def _weigh(rows: Sequence[Row], weights: Sequence[float], share: float) -> list[Weighed]:
    """Compute the probability of each candidate from its features; all have ``share`` together. The most likely comes first."""
    scores = [sum(map(operator.mul, features, weights)) for _, features in rows]
    weighed = [Weighed(who, features, share * p) for (who, features), p in zip(rows, shares(scores), strict=True)]
    return sorted(weighed, key=lambda w: -w.probability)


def _is_of_somebody_alike(layout: ArticleLayout, reference: Reference) -> bool:
    """Whether what is said in a pronoun's sentence has a pronoun of its gender: "Reed was ill. “We miss him,” he said"."""
    sentence = layout.sentences[reference.sentence_no]
    alike = MALE if reference.sign > 0 else FEMALE
    return any(word.is_quoted and word.text.lower() in alike for word in layout.words[sentence.first : sentence.end])


def _newcomer_first(ranked: list[Weighed]) -> list[Weighed]:
    """The candidates for a pronoun that speaks, first the only subject of the sentence before: "Reed was sad. “…,” he said".

    Whoever spoke before then has had their say. Somebody in the pronoun's own sentence comes before such a newcomer, and whoever
    asks, or is named in the words, is none.
    """
    subjects = [w for w in ranked if w.features.sentences_ago == 1 and w.features.was_subject]
    if len(subjects) != 1 or subjects == ranked[:1] or any(w.features.sentences_ago == 0 for w in ranked):
        return ranked
    features = subjects[0].features
    if features.has_asked or features.is_in_own_words or features.contradicts <= MISFIT:
        return ranked
    rest = sum(w.probability for w in ranked) - subjects[0].probability
    share = (1 - NEWCOMER_PROBABILITY) / rest
    others = [replace(w, probability=w.probability * share) for w in ranked if w is not subjects[0]]
    return [replace(subjects[0], probability=NEWCOMER_PROBABILITY), *others]


def shares(scores: Sequence[float]) -> list[float]:
    """Convert the log-odds of rivals to probabilities that sum to 1."""
    top = max(scores, default=0.0)
    odds = [math.exp(score - top) for score in scores]
    total = sum(odds)
    return [o / total for o in odds]


def _pronouns_and_descriptions(layout: ArticleLayout, candidates: CandidateSpeakers, people: People) -> list[Reference]:
    """The pronouns and descriptions outside quotations that refer to one person, in order."""
    found = {}
    for position, word in enumerate(layout.words):
        text = word.text.lower()
        if text in HE_SHE and not word.is_quoted and not text.endswith(REFLEXIVE):
            found[position] = Reference(position, word.sentence_no, 1.0 if text in MALE else -1.0, position)
    roles = frozenset(r for person in people.persons for r in person.roles if voice_of(r) == ANONYMOUS)
    known = PERSON_NOUNS | roles
    introduced: set[str] = set()
    for c in candidates.in_order:
        head = c.head.casefold()
        words = layout.page.text[c.start : c.end].casefold().split()
        if not words or c.position in found or (c.mention is not None and c.mention.entity_type != "NORP"):
            continue
        role = SAME_ROLE.get(head, head)
        if words[0] in INDEFINITE or ("for" in words and c.mention is None and role not in roles):
            introduced.add(head)
        is_person = role in known or head in known or YEAR_OLD.search(words[-1])
        is_known = words[0] in DEFINITE or (words[0].endswith(("'s", "’s")) and role in roles)
        if is_known and c.tag in SINGULAR and is_person:
            found[c.position] = Reference(
                c.position,
                c.sentence_no,
                math.copysign(1, TITLES[head]) if head in TITLES else 0.0,
                c.first,
                role,
                frozenset(SAME_ROLE.get(w, w) for w in words[:-1]) - UNDESCRIPTIVE,
                head in introduced,
                _names_after_of(layout.page.text[c.start : c.end]),
            )
    return [found[position] for position in sorted(found)]


def _names_after_of(phrase: str) -> frozenset[str]:
    """The capitalised words after "of" in a description, in lower case."""
    return frozenset(word.casefold() for found in OF_NAME.finditer(phrase) for word in found[1].split())
