"""The people of one article: their names, where each is named, and what the article says about gender and role."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from operator import attrgetter

from etl.entities.mentions import Mention
from etl.knowledge.given_names import male_log_odds, may_be_given_name
from etl.knowledge.nouns import NONE, voice_of
from etl.knowledge.pronouns import HE_SHE, MALE
from etl.knowledge.word_lists import standard_words
from etl.knowledge.word_lists import words as word_list
from etl.quotes.candidate_speakers import SUBJECTS, WITHIN_PHRASE, Candidate, CandidateSpeakers, is_another
from etl.quotes.layout import ArticleLayout

#: How strongly words next to a name indicate gender, as log-odds of being a man: forms of address, and nouns. Nouns are less
#: certain (a spokesman may be a woman).
TOLD, HINTED = 8.0, 3.0
TITLES = {
    **dict.fromkeys(word_list("male_address"), TOLD),
    **dict.fromkeys(word_list("female_address"), -TOLD),
    **dict.fromkeys(word_list("male_nouns"), HINTED),
    **dict.fromkeys(word_list("female_nouns"), -HINTED),
}
#: Bounds on the evidence from a given name: before a surname, and alone, where it may be a surname.
NAME_BOUND, LONE_NAME_BOUND = 4.0, 2.0
#: Words that indicate a death: verbs whose subject or passive subject died, words before the name, and nouns after "'s".
DIED = word_list("died")
KILLED = word_list("killed")
DEAD = word_list("dead")
DEATHS = word_list("death_nouns")
#: Who speaks so often in an article is not dead.
SPEAKS_AGAIN = 2
#: Prominence of the subject of a subordinate clause, a main clause, and a clause that reports speech. Non-subjects have 0.
EMBEDDED, ACTING, SPEAKING = 1, 2, 3
MAIN = frozenset({"ROOT", "parataxis"})
#: Words and marks that can precede the subject of a clause.
CLAUSE_OPENERS = frozenset({",", "—", "–", "-", "and", "but", "that", "when", "while", "as", "if", "because", "where"})
#: Verbs that stand behind the subject of a clause.
FINITE = word_list("verb") - {"also"}
POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
#: What one pronoun after a name adds to the log-odds of gender, the bound on the total, and the number of words to search.
WAKE, WAKE_BOUND, WAKE_WORDS = 0.8, 2.4, 25
#: Relations of descriptive words to a name, or to a noun in apposition to it.
TELLING = frozenset({"compound", "nmod", "amod", "appos", "prep", "pobj"})
#: The words before and after the end of a name that are searched for these.
WORDS_BEFORE, WORDS_AFTER = 8, 14
#: The most words of a role before a name.
ROLE_WORDS = 3
#: The words before a phrase in apposition to a name, those that end it, and those that join it to the name.
DETERMINERS = frozenset({"a", "an", "the", "his", "her", "its", "their"})
PHRASE_ENDS = frozenset(
    {",", ".", ";", "of", "for", "at", "in", "on", "to", "with", "from", "who", "whose", "and", "or", "–", "—", "-"}
)
LINKS = frozenset({",", "is", "was"})
#: Titles whose bearers are called by another word.
CALLED = {"justice": "judge", "district attorney": "prosecutor"}
#: The words for somebody younger than `ADULT`, in years.
YOUNG, ADULT = frozenset({"boy", "girl"}), 18
AGE_BEFORE, AGE_AFTER = re.compile(r"(\d{1,2})[- ]year[- ]old,? (?:\w+,? )?$"), re.compile(r"(?:,| is) (\d{1,2})\b")
AGE_WIDTH = 40
BODY_AFTER = re.compile(r", (?:[\w’'-]+ ){1,4}of (?:the )?([A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)")
#: Words that do not say who somebody is.
UNDESCRIPTIVE = word_list("undescriptive")
#: Maps a word for a role to its standard word.
SAME_ROLE = standard_words("same_role")


@dataclass(slots=True)
class Person:
    """A person named in the article: the fullest name, log-odds of being a man, and the words that describe the person.

    ``bodies``: the words of the names that the article says the person's role is of. ``is_dead``: it says that the person is dead.
    """

    name: str
    entity_id: str
    gender: float = 0.0
    roles: set[str] = field(default_factory=set)
    bodies: set[str] = field(default_factory=set)
    n_mentions: int = 0
    is_known: bool = False
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """One place where a person is named or referred to, how prominent the person is there, and whether it is in a quotation."""

    position: int
    sentence_no: int
    person: int
    prominence: int
    is_quoted: bool


_sentence_no = attrgetter("sentence_no")


@dataclass(slots=True)
class People:
    """The people in one article, and where each is named, in order of position.

    ``prominence`` maps the position of each subject, and of names in apposition to it, to its prominence. ``share`` has the
    probability that a surname of several people is this person's, by where it begins.
    """

    persons: list[Person]
    traces: list[Trace]
    person_of: dict[int, int]
    prominence: dict[int, int]
    share: dict[int, float]

    def named(self, mention: Mention) -> Person | None:
        """The person that a mention names."""
        number = self.person_of.get(mention.start)
        return None if number is None else self.persons[number]

    def traces_in(self, sentence_no: int) -> Sequence[Trace]:
        """The traces in a sentence, in order."""
        first = bisect_left(self.traces, sentence_no, key=_sentence_no)
        return self.traces[first : bisect_right(self.traces, sentence_no, first, key=_sentence_no)]


def find_people(layout: ArticleLayout, candidates: CandidateSpeakers) -> People:
    """The people that an article names."""
    named = [m for m in candidates.mentions if m.entity_type == "PERSON" and any(c.isupper() for c in m.name)]
    positions = [layout.position_at(m.end - 1) for m in named]
    persons, person_of, share = _persons(layout, named, positions)
    people = People(persons, [], person_of, {}, share)
    named_at = {p for p in positions if p is not None}
    position_of = {m.start: p for m, p in zip(named, positions, strict=True) if p is not None}
    for c in candidates.in_order:
        if c.relation in SUBJECTS:
            people.prominence[c.position] = people.prominence[
                position_of.get(c.mention.start, c.position) if c.mention else c.position
            ] = _prominence(layout, c)
    acting = {
        layout.words[p].sentence_no for p, level in people.prominence.items() if level >= ACTING and p in named_at
    }
    for c in candidates.in_order:
        if c.antecedent is not None and c.sentence_no not in acting and _tells(layout, c, named_at):
            people.prominence[c.antecedent] = SPEAKING
    _let_the_living_speak(layout, people, named, positions)
    begun: set[int] = set()
    for mention, position in zip(named, positions, strict=True):
        who = person_of[mention.start]
        persons[who].n_mentions += 1
        if position is None:
            continue
        number = layout.words[position].sentence_no
        is_quoted = layout.is_quoted(position)
        if number not in begun and not is_quoted and _opens_clause(layout, position):
            people.prominence[position] = max(people.prominence.get(position, 0), ACTING)
            begun.add(number)
        level = 0 if is_quoted else people.prominence.get(position, 0)
        people.traces.append(Trace(position, number, who, level, is_quoted=is_quoted))
        _learn_words(layout, position, mention, persons[who])
    people.traces.sort(key=lambda t: t.position)
    _learn_genders(layout, people)
    return people


def _let_the_living_speak(
    layout: ArticleLayout, people: People, named: Sequence[Mention], positions: Sequence[int | None]
) -> None:
    """Record who is dead. A bare surname that speaks is assigned to the only living person of that name.

    Who speaks again and again is not dead, whatever the words around the name.
    """
    placed = [(m, p) for m, p in zip(named, positions, strict=True) if p is not None and not layout.is_quoted(p)]
    for mention, position in placed:
        people.persons[people.person_of[mention.start]].is_dead |= _tells_of_death(layout, position, mention)
    for mention, position in placed:
        person = people.persons[people.person_of[mention.start]]
        is_bare = " " not in layout.page.text[mention.start : mention.end]
        if person.is_dead and is_bare and people.prominence.get(position) == SPEAKING:
            addressed = _addressed(layout, position)
            living = [
                number
                for number, other in enumerate(people.persons)
                if not other.is_dead
                and _surname(other.name) == _surname(person.name)
                and _given_gender(other.name) * addressed >= 0
            ]
            if len(living) == 1:
                people.person_of[mention.start] = living[0]
    times_speaking = Counter(people.person_of[m.start] for m, p in placed if people.prominence.get(p) == SPEAKING)
    for number, person in enumerate(people.persons):
        person.is_dead &= times_speaking[number] < SPEAKS_AGAIN


def _opens_clause(layout: ArticleLayout, name: int) -> bool:
    """Whether a name is in subject position: first in its sentence or, in an unparsed one, first in a clause."""
    sentence, first = layout.sentence(name), name
    while first > sentence.first and layout.words[first - 1].text[0].isupper():
        first -= 1
    is_first = first == sentence.first or (
        not sentence.is_parsed
        and (
            layout.words[first - 1].text in CLAUSE_OPENERS
            or (name + 1 < sentence.end and layout.lower(name + 1) in FINITE)
        )
    )
    return is_first and (name + 1 == len(layout.words) or not _belongs_to_next(layout, name))


def _belongs_to_next(layout: ArticleLayout, name: int) -> bool:
    """Whether a name is only part of a phrase about somebody else: "Holt's wife", "the Holt campaign"."""
    word, following = layout.words[name], layout.lower(name + 1)
    if following in POSSESSIVES:
        return True
    return word.relation in WITHIN_PHRASE if layout.sentence(name).is_parsed else voice_of(following) != NONE


def _prominence(layout: ArticleLayout, subject: Candidate) -> int:
    words = layout.words
    main = [v for v in subject.verbs if _is_main(layout, v)]
    if not main:
        return EMBEDDED
    undergone = words[subject.position].head if words[subject.position].relation == "nsubjpass" else None
    return SPEAKING if any(words[v].cue_weight >= 0 for v in main if v != undergone) else ACTING


def _is_main(layout: ArticleLayout, verb: int) -> bool:
    """Whether a verb, or the first of those it is joined to, is that of a main clause."""
    words = layout.words
    while words[verb].relation == "conj" and words[verb].head != verb:
        verb = words[verb].head
    return words[verb].relation in MAIN


def _tells(layout: ArticleLayout, pronoun: Candidate, named_at: Set[int]) -> bool:
    """Whether a relative pronoun is the subject of a verb that reports speech: "It is up to Holt, who told reporters".

    Not where somebody is told who is named, and who may answer next.
    """
    told = {child for v in pronoun.verbs for child in layout.words[v].children}
    speaks = pronoun.relation in SUBJECTS and any(layout.words[v].cue_weight >= 0 for v in pronoun.verbs)
    return speaks and told.isdisjoint(named_at)


def _persons(
    layout: ArticleLayout, named: Sequence[Mention], positions: Sequence[int | None]
) -> tuple[list[Person], dict[int, int], dict[int, float]]:
    """One person per name, the person that each mention names, and the shares of surnames that several people bear.

    A bare surname refers to the most often named person who fits the form of address before it, or else the pronoun after it.
    """
    counts = Counter(m.name for m in named)
    by_name = {m.name: m for m in named}
    bearers: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        if " " in name:
            bearers[_surname(name)].append(name)
    wakes = _wakes(layout, [p for p in positions if p is not None and not layout.is_quoted(p)])
    for mention, position in zip(named, positions, strict=True):
        if " " not in mention.name and position in wakes:
            counts.update(n for n in bearers[_surname(mention.name)] if _given_gender(n) * wakes[position] > 0)
    numbers: dict[str, int] = {}
    persons: list[Person] = []
    person_of: dict[int, int] = {}
    share: dict[int, float] = {}
    for mention, position in zip(named, positions, strict=True):
        name = mention.name
        words = layout.page.text[mention.start : mention.end].split()
        addressed = 0.0 if position is None else _addressed(layout, position - len(words) + 1)
        if len(words) == 1 or addressed:
            fuller = [n for n in bearers[_surname(name)] if _given_gender(n) * addressed >= 0]
            followed = 0.0 if position is None else wakes.get(position, 0.0)
            fuller = [n for n in fuller if _given_gender(n) * followed >= 0] or fuller
            if " " not in name or _given_gender(name) * addressed < 0:
                name = max(fuller, key=lambda n: counts[n], default=name)
                share[mention.start] = counts[name] / sum(counts[n] for n in {*fuller, name})
        if name not in numbers:
            numbers[name] = len(persons)
            persons.append(Person(name, by_name.get(name, mention).entity_id))
        person_of[mention.start] = numbers[name]
    return persons, person_of, share


def _addressed(layout: ArticleLayout, first: int) -> float:
    """The gender indicated by a form of address at or before a name's first word."""
    words = (layout.lower(p) for p in (first, first - 1) if 0 <= p < len(layout.words))
    return next((TITLES[w] for w in words if abs(TITLES.get(w, 0.0)) == TOLD), 0.0)


def _given_gender(name: str) -> float:
    return (male_log_odds(name.split()[0]) or 0.0) if " " in name else 0.0


def _named_gender(name: str) -> float:
    """The gender indicated by a given name: the first of a full name, or a one-word name."""
    if " " in name:
        return max(-NAME_BOUND, min(NAME_BOUND, _given_gender(name)))
    lone = (male_log_odds(name) or 0) if may_be_given_name(name) else 0
    return max(-LONE_NAME_BOUND, min(LONE_NAME_BOUND, lone))


def _tells_of_death(layout: ArticleLayout, name: int, mention: Mention) -> bool:
    """Whether the words around a name show that the person is dead: "the late Ivo Tallis", "Tallis died", "Tallis's body".

    "A late Tallis goal" does not.
    """
    n_words = len(layout.page.text[mention.start : mention.end].split())
    sentence, word = layout.sentence(name), layout.words[name]
    before = [layout.lower(p) for p in range(max(name - n_words - 1, sentence.first), name - n_words + 1)]
    after = [layout.lower(p) for p in range(name + 1, min(name + 3, sentence.end))]
    governor = layout.lower(word.head)
    is_gone = (not DEAD.isdisjoint(before) and "a" not in before) or (before[-1:] == ["of"] and before[0] in DEATHS)
    is_owner = after[:1] and after[0] in POSSESSIVES and after[-1] in DEATHS
    dies = (word.relation == "nsubj" and governor in DIED) or (word.relation == "nsubjpass" and governor in KILLED)
    is_followed = after[:1] and (after[0] in DIED or (after[0] in ("was", "were") and after[-1] in KILLED))
    return bool(is_gone or is_owner or dies or is_followed)


def _surname(name: str) -> str:
    words = [w for w in name.casefold().split() if w not in word_list("generations")]
    return words[-1] if words else name.casefold()


def _learn_words(layout: ArticleLayout, position: int, mention: Mention, person: Person) -> None:
    """Learn gender and role from titles before a name and nouns in apposition to it."""
    if not person.is_known:
        person.is_known = True
        person.gender += _named_gender(person.name)
    if layout.is_quoted(position):
        return
    sentence = layout.sentence(position)
    n_words = len(layout.page.text[mention.start : mention.end].split())
    first = position - n_words + 1
    direct, further = (
        {max(sentence.first, first), max(sentence.first, first - 1)},
        set(_beside(layout, first, position)),
    )
    if sentence.is_parsed:
        governor = layout.words[position].head
        for p in range(max(sentence.first, position - WORDS_BEFORE), min(sentence.end, position + WORDS_AFTER)):
            relation = layout.words[p].relation
            if relation not in TELLING and p != governor:
                continue
            if _modifies(layout, p, position):
                direct.add(p)
            elif relation == "pobj":
                if _modifies(layout, layout.words[layout.words[p].head].head, position):
                    further.add(p)
            elif relation in TELLING - {"appos"} and _modifies(layout, layout.words[p].head, position):
                further.add(p)
    told = [TITLES[w] for p in direct if (w := layout.lower(p)) in TITLES]
    if told and abs(person.gender) < TOLD:
        person.gender += max(told, key=abs)
    words = {layout.lower(p) for p in direct | further if not layout.is_quoted(p)}
    before = range(max(sentence.first, first - ROLE_WORDS), first)
    words |= word_list("other_roles").intersection(map(layout.lower, before))
    words |= _other_words(layout, first, mention)
    person.bodies |= _bodies(layout, mention)
    person.roles |= {SAME_ROLE.get(w, w) for w in words} - UNDESCRIPTIVE - {w.casefold() for w in mention.name.split()}


def _beside(layout: ArticleLayout, first: int, last: int) -> Iterator[int]:
    """The words of a role beside a name, whatever the tree says: "Ann Lang, the chief editor of", "the editor, Ann Lang,".

    In "Echoing Ann Lang, the editor said" the role is that of somebody else: its noun does not end the phrase.
    """
    sentence = layout.sentence(last)
    if last + 2 < sentence.end and layout.lower(last + 1) in LINKS:
        phrase = list(takewhile(lambda p: layout.lower(p) not in PHRASE_ENDS, range(last + 2, sentence.end)))
        start = max((n for n, p in enumerate(phrase) if layout.lower(p) in POSSESSIVES), default=0)
        role = phrase[start + 1 :]
        is_role = phrase and (start or layout.lower(phrase[0]) in DETERMINERS) and len(role) <= ROLE_WORDS
        if is_role and role and voice_of(layout.lower(role[-1])) != NONE:
            yield from role
    if first - 2 > sentence.first and layout.lower(first - 1) == ",":
        before = range(first - 2, max(sentence.first, first - 3 - ROLE_WORDS) - 1, -1)
        role = list(takewhile(lambda p: layout.lower(p) not in DETERMINERS | PHRASE_ENDS, before))
        if len(role) < len(before) and layout.lower(before[len(role)]) in DETERMINERS:
            yield from role


def _other_words(layout: ArticleLayout, first: int, mention: Mention) -> set[str]:
    """What somebody is called without being said to be it: a judge by the title Justice, a boy or girl by the age."""
    title = " ".join(map(layout.lower, range(max(0, first - 2), first)))
    called = {word for ending, word in CALLED.items() if title.endswith(ending)}
    text = layout.page.text
    before = AGE_BEFORE.search(text, max(0, mention.start - AGE_WIDTH), mention.start)
    age = before or AGE_AFTER.match(text, mention.end)
    return called | (YOUNG if age and int(age[1]) < ADULT else set())


def _bodies(layout: ArticleLayout, mention: Mention) -> set[str]:
    """The words of the name that a role behind a name is of, in lower case: "Ann Lang, the chairman of Skerrow Rovers"."""
    found = BODY_AFTER.match(layout.page.text, mention.end)
    return set(found[1].casefold().split()) if found else set()


def _modifies(layout: ArticleLayout, word: int, name: int) -> bool:
    """Whether a word is a title before a name, or the two are in apposition."""
    if word == name:
        return False
    if layout.words[word].head == name:
        return layout.words[word].relation in ("compound", "nmod", "amod", "appos")
    is_apposed = layout.words[name].head == word and layout.words[name].relation == "appos"
    return is_apposed and not (word < name and is_another(layout, word, name))


def _learn_genders(layout: ArticleLayout, people: People) -> None:
    """Learn gender from the pronouns that follow a name before anybody else is named."""
    who = {t.position: t.person for t in people.traces if not t.is_quoted}
    totals: dict[int, float] = defaultdict(float)
    for position, sign in _wakes(layout, list(who)).items():
        totals[who[position]] += WAKE * sign
    for number, person in enumerate(people.persons):
        if abs(person.gender) < TOLD:
            person.gender += max(-WAKE_BOUND, min(WAKE_BOUND, totals[number]))


def _wakes(layout: ArticleLayout, names: Sequence[int]) -> dict[int, float]:
    """The pronoun that follows a name before the next name, in its sentence or the next: 1 for "he", -1 for "she"."""
    found: dict[int, float] = {}
    for name, end in pairwise([*names, len(layout.words)]):
        for p in range(name + 1, min(end, name + WAKE_WORDS)):
            if layout.words[p].sentence_no > layout.words[name].sentence_no + 1:
                break
            if not layout.is_quoted(p) and layout.lower(p) in HE_SHE:
                found[name] = 1.0 if layout.lower(p) in MALE else -1.0
                break
    return found
