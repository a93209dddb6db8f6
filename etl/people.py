"""The people of one article, and which of them "he", "she" or "the senator" stands for.

A pronoun is resolved from left to right: each one resolved counts as a mention of its person for those that follow.
"""

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from etl.entities import Mention
from etl.script import SUBJECTS, Candidate, Script

#: For a given name: ln(share of men / share of women bearing it), from the 1990 census of the United States (public domain).
GIVEN_NAMES = Path(__file__).parent / "data" / "given_names.json"
#: Words before or after a name that tell the gender of whoever bears it, as log-odds of being a man: forms of address, and
#: nouns, which are less sure (a spokesman may be a woman).
TOLD, HINTED = 8.0, 3.0
TITLES = {
    **dict.fromkeys(["mr", "mr.", "sir", "lord", "king", "prince", "pope", "emperor"], TOLD),
    **dict.fromkeys(["mrs", "mrs.", "ms", "ms.", "miss", "lady", "dame", "queen", "princess", "madam"], -TOLD),
    **dict.fromkeys(
        """
        congressman spokesman businessman councilman actor pastor imam father husband son brother
        """.split(),
        HINTED,
    ),
    **dict.fromkeys(
        """
        congresswoman spokeswoman chairwoman businesswoman councilwoman actress assemblywoman mother wife widow
        daughter sister
        """.split(),
        -HINTED,
    ),
}
HONORIFICS = frozenset({"mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss", "dr", "dr.", "sir", "dame", "lord", "lady"})
MALE = frozenset({"he", "him", "his", "himself"})
FEMALE = frozenset({"she", "her", "hers", "herself"})
NAME_BOUND = 4.0
#: What one pronoun in the wake of a name adds to the log-odds of its gender, and the most that all of them may.
WAKE, WAKE_BOUND = 0.8, 2.4
#: Words that do not say who somebody is.
EMPTY = frozenset(
    """
    the a an of for and in at to 's ’s former ex- then- current new who that this his her their same , . - –
    """.split()
)
SAME_ROLE = {
    "sen.": "senator", "sen": "senator", "rep.": "representative", "rep": "representative", "gov.": "governor",
    "gov": "governor", "congressman": "representative", "congresswoman": "representative", "lawmaker": "representative",
    "gen.": "general", "gen": "general", "prof.": "professor", "dr.": "doctor", "sgt.": "sergeant", "lt.": "lieutenant",
    "col.": "colonel", "capt.": "captain", "atty.": "attorney", "lawyer": "attorney", "pres.": "president", "pm": "minister",
    "premier": "minister", "chairwoman": "chairman", "chair": "chairman", "spokeswoman": "spokesman",
    "spokesperson": "spokesman", "front-runner": "frontrunner", "businesswoman": "businessman", "mogul": "businessman",
    "billionaire": "businessman", "pope": "pontiff", "ceo": "executive", "boss": "executive", "chief": "executive",
}  # fmt: skip


@dataclass(slots=True)
class Person:
    """Somebody the article names: the fullest name, log-odds of being a man, and the words it uses for what they are."""

    name: str
    entity_id: str
    gender: float = 0.0
    roles: set[str] = field(default_factory=set)
    n_mentions: int = 0
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """One place where a person is named or stood for: position, sentence, how prominently (`_prominence`), and by what."""

    position: int
    sentence_no: int
    person: int
    prominence: float
    is_named: bool
    is_quoted: bool


@dataclass(slots=True)
class People:
    """Everybody in one article, and every trace of them in order of position."""

    persons: list[Person]
    traces: list[Trace]
    person_of: dict[int, int]
    pronouns: dict[int, tuple[int, float]]

    def at(self, mention: Mention) -> int | None:
        """The person a mention names."""
        return self.person_of.get(mention.start)


@cache
def given_names() -> dict[str, int]:
    """Log-odds that the bearer of a given name, in lower case, is a man."""
    stored: dict[str, int] = json.loads(GIVEN_NAMES.read_text(encoding="utf-8"))
    return stored


def find_people(script: Script) -> People:
    """The people of an article; every "he" and "she" outside quotations is resolved, where there is anybody to stand for."""
    named = [m for m in script.mentions if m.entity_type == "PERSON" and any(c.isupper() for c in m.name)]
    persons, person_of = _persons(named)
    people = People(persons, [], person_of, {})
    at_word = {s: p for p, s in enumerate(script.sources) if s >= 0}
    starts = script.words.starts
    subjects = {c.position: _prominence(script, c) for c in script.candidates}
    for mention in named:
        who = person_of[mention.start]
        last = bisect_right(starts, mention.end - 1) - 1
        position = at_word.get(last)
        persons[who].n_mentions += 1
        if position is None:
            position = _stand_in(script, mention.start)
            if position is None:
                continue
        quoted = script.stretch_at[position] >= 0
        people.traces.append(
            Trace(
                position,
                script.sentence_of[position],
                who,
                0.0 if quoted else subjects.get(position, 0.0),
                True,
                quoted,
            )
        )
        _learn_words(script, position, mention, persons[who])
    people.traces.sort(key=lambda t: t.position)
    _learn_genders(script, people)
    _resolve(script, people, subjects)
    return people


def _prominence(script: Script, candidate: Candidate) -> float:
    """0 for what is no subject, more for a subject, most for one that speaks."""
    if candidate.relation not in SUBJECTS:
        return 0.0
    main = [v for v in candidate.verbs if script.relation(v) in MAIN]
    if not main:
        return EMBEDDED
    return SPEAKING if max(script.weights[v] for v in main) >= 0 else ACTING


def _persons(named: Sequence[Mention]) -> tuple[list[Person], dict[int, int]]:
    """One person a name, a bare surname being the one most often named who bears it."""
    counts: dict[str, int] = defaultdict(int)
    for m in named:
        counts[m.name] += 1
    by_surname: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        if " " in name:
            by_surname[_surname(name)].append(name)
    persons: list[Person] = []
    numbers: dict[str, int] = {}
    person_of: dict[int, int] = {}
    for m in named:
        name = m.name
        if " " not in name:
            fuller = by_surname.get(_surname(name), [])
            name = max(fuller, key=lambda n: counts[n], default=name)
        if name not in numbers:
            numbers[name] = len(persons)
            full = next((x for x in named if x.name == name), m)
            persons.append(Person(name, full.entity_id))
        person_of[m.start] = numbers[name]
    return persons, person_of


def _surname(name: str) -> str:
    words = [w for w in name.casefold().split() if w not in ("jr.", "jr", "sr.", "sr", "ii", "iii")]
    return words[-1] if words else name.casefold()


def _stand_in(script: Script, offset: int) -> int | None:
    """The position of the words that stand in for the quotation a code point lies in."""
    for number, stretch in enumerate(script.stretches):
        if stretch.start <= offset < stretch.end:
            place = script.places[number]
            return place.first if place else None
    return None


def _learn_words(script: Script, position: int, mention: Mention, person: Person) -> None:
    """Titles before a name and in apposition to it: what they say of gender and of role."""
    if not person.is_known and " " in mention.name:
        person.is_known = True
        person.gender += max(-NAME_BOUND, min(NAME_BOUND, given_names().get(mention.name.split()[0].casefold(), 0)))
    if script.stretch_at[position] >= 0:
        return
    number = script.sentence_of[position]
    base, size = script.bases[number], len(script.sentences[number].words)
    n_words = len(script.page.text[mention.start : mention.end].split())
    first = position - n_words + 1
    direct, further = {max(base, first), max(base, first - 1)}, set()
    if script.trees[number] is not None:
        for p in range(max(base, position - 8), min(base + size, position + 14)):
            if _modifies(script, p, position):
                direct.add(p)
            elif (
                _modifies(script, script.head(p), position)
                and script.relation(p)
                in (
                    "compound",
                    "nmod",
                    "amod",
                    "prep",
                )
            ) or (script.relation(p) == "pobj" and _modifies(script, script.head(script.head(p)), position)):
                further.add(p)
    told = [TITLES[w] for p in direct if (w := script.flat[p].lower()) in TITLES]
    if told and abs(person.gender) < TOLD:
        person.gender += max(told, key=abs)
    words = {script.flat[p].lower() for p in direct | further if script.stretch_at[p] < 0}
    person.roles |= {SAME_ROLE.get(w, w) for w in words} - EMPTY - {w.casefold() for w in mention.name.split()}


def _modifies(script: Script, word: int, name: int) -> bool:
    """Whether a word stands before a name as its title, or is in apposition to it, or it to the word."""
    if word == name:
        return False
    if script.head(word) == name:
        return script.relation(word) in ("compound", "nmod", "amod", "appos")
    return script.head(name) == word and script.relation(name) == "appos"


def _learn_genders(script: Script, people: People) -> None:
    """Pronouns in the wake of a name, with nobody else named between, tell its bearer's gender."""
    wakes: dict[int, float] = defaultdict(float)
    traces = [t for t in people.traces if not t.is_quoted]
    for i, trace in enumerate(traces):
        end = traces[i + 1].position if i + 1 < len(traces) else len(script.flat)
        for p in range(trace.position + 1, min(end, trace.position + 25)):
            word = script.flat[p].lower()
            if script.sentence_of[p] > trace.sentence_no + 1:
                break
            if script.stretch_at[p] < 0 and (word in MALE or word in FEMALE):
                wakes[trace.person] += WAKE if word in MALE else -WAKE
                break
    for number, person in enumerate(people.persons):
        if abs(person.gender) < TOLD:
            person.gender += max(-WAKE_BOUND, min(WAKE_BOUND, wakes[number]))


#: The weights of what speaks for a person when a pronoun is resolved, by hand; see `_score`.
GENDER, SENTENCES, SUBJECT, SAME_SENTENCE, FREQUENT, QUOTED, PARAGRAPH, BOUND = (
    1.0,
    0.7,
    1.0,
    0.6,
    0.05,
    -2.0,
    0.8,
    -3.0,
)
MAX_SENTENCES = 8
#: How prominent the subject of a subordinate clause, of a main clause, and of one that reports speech is.
EMBEDDED, ACTING, SPEAKING = 0.5, 1.1, 1.7
MAIN = frozenset({"ROOT", "conj", "parataxis"})


def _resolve(script: Script, people: People, subjects: dict[int, float]) -> None:
    recent: dict[int, Trace] = {}
    subject_trace: dict[int, Trace] = {}
    named = iter([*people.traces, None])
    upcoming = next(named)
    resolved: list[Trace] = []
    counts: dict[int, int] = defaultdict(int)

    def note(trace: Trace) -> None:
        old = recent.get(trace.person)
        if old is None or not trace.is_quoted or old.is_quoted:
            recent[trace.person] = trace
        if trace.prominence:
            subject_trace[trace.person] = trace
        counts[trace.person] += 1

    for position, text in enumerate(script.flat):
        while upcoming is not None and upcoming.position <= position:
            note(upcoming)
            upcoming = next(named)
        word = text.lower()
        if script.stretch_at[position] >= 0 or (word not in MALE and word not in FEMALE):
            continue
        sign = 1.0 if word in MALE else -1.0
        number = script.sentence_of[position]
        scores = {
            who: _score(script, people.persons[who], trace, subject_trace.get(who), counts[who], sign, position)
            for who, trace in recent.items()
        }
        if not scores or max(scores.values()) < -MAX_SENTENCES:
            ahead = [
                t for t in people.traces if t.position > position and t.sentence_no - number <= 2 and not t.is_quoted
            ]
            fitting = [t for t in ahead if people.persons[t.person].gender * sign >= 0]
            if not fitting:
                continue
            scores = {fitting[0].person: 0.0}
        ranked = sorted(scores.values(), reverse=True)
        who = max(scores, key=lambda w: scores[w])
        margin = ranked[0] - ranked[1] if len(ranked) > 1 else 9.0
        people.pronouns[position] = (who, margin)
        trace = Trace(position, number, who, subjects.get(position, 0.0), False, False)
        resolved.append(trace)
        note(trace)
    people.traces = sorted([*people.traces, *resolved], key=lambda t: t.position)


def _score(
    script: Script, person: Person, last: Trace, subject: Trace | None, count: int, sign: float, position: int
) -> float:
    """How well a person fits a pronoun: gender, how lately they were spoken of and as what, and how often."""
    agrees, sentence_no = person.gender * sign, script.sentence_of[position]
    fits = GENDER * max(-6.0, min(agrees, 1.0))
    ago = sentence_no - last.sentence_no
    score = fits - SENTENCES * min(ago, MAX_SENTENCES) + FREQUENT * min(count, 10)
    if subject is not None and sentence_no - subject.sentence_no <= ago + 1:
        score += SUBJECT * subject.prominence
    if ago == 0:
        score += BOUND if _is_reported_by(script, last.position, position) else SAME_SENTENCE
    if last.is_quoted:
        score += QUOTED
    if script.sentences[last.sentence_no].paragraph_no == script.sentences[sentence_no].paragraph_no:
        score += PARAGRAPH
    return score


def _is_reported_by(script: Script, name: int, pronoun: int) -> bool:
    """Whether a name stands in what the pronoun is said to say: then it is somebody else's ("Smith lied, he said")."""
    verb = script.head(pronoun)
    if script.relation(pronoun) not in SUBJECTS or script.weights[verb] < 0:
        return False
    at = name
    while (head := script.head(at)) != at:
        if head == verb:
            return script.relation(at) in ("ccomp", "xcomp", "dep")
        at = head
    return False


def describe(people: People, words: Iterable[str], head: str, position: int) -> int | None:
    """The person a definite description stands for: the one known to be that, who shares most of its words; else nobody."""
    wanted = {SAME_ROLE.get(w, w) for w in (x.casefold() for x in words)} - EMPTY
    last = {t.person: t.position for t in people.traces if t.position < position}
    fitting = {
        who: (len(wanted & people.persons[who].roles), at)
        for who, at in last.items()
        if SAME_ROLE.get(head, head) in people.persons[who].roles
    }
    return max(fitting, key=lambda who: fitting[who], default=None)


def latest(script: Script, people: People, position: int) -> int | None:
    """The person spoken of last before a position, as the subject of a main clause if lately there was one."""
    number = script.sentence_of[position]
    before = [
        t
        for t in people.traces
        if t.position < position and not t.is_quoted and number - t.sentence_no <= MAX_SENTENCES
    ]
    outside = [t for t in before if t.sentence_no < number] or before
    main = [t for t in outside if t.prominence >= ACTING]
    chosen = (main or outside)[-1:]
    return chosen[0].person if chosen else None


YEAR_OLD = re.compile(r"\d+-year-old", re.IGNORECASE)
