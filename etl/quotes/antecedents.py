"""The persons that "he", "she" or "the senator" may refer to: those mentioned before, with the evidence for each."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from etl.knowledge.word_lists import words as word_list
from etl.quotes.candidate_speakers import SUBJECTS
from etl.quotes.layout import ArticleLayout
from etl.quotes.people import ACTING, SPEAKING, People, Person, Trace

#: The number of persons considered for a reference: those with the most recent traces.
N_LATEST = 10
#: Distances in sentences are capped at this value.
FAR = 8
#: The number of following sentences to search when nobody was named before.
AHEAD = 2
#: Relations to a verb of those whom its subject asks or speaks to.
OBJECTS = frozenset({"dobj", "dative"})
ASKING = word_list("asking")
#: The lower bound on how strongly a name can contradict a pronoun's gender.
MIN_AGREEMENT = -3.0


class ReferenceFeatures(NamedTuple):
    """The evidence that a reference refers to a person. ``nobody`` is for a description of somebody who is never named."""

    contradicts: float = 0.0
    agrees: float = 0.0
    sentences_ago: float = 0.0
    same_sentence: float = 0.0
    is_reported: float = 0.0
    same_paragraph: float = 0.0
    is_quoted: float = 0.0
    is_in_own_words: float = 0.0
    was_subject: float = 0.0
    was_speaking: float = 0.0
    is_latest_subject: float = 0.0
    is_latest_speaker: float = 0.0
    opened_paragraph: float = 0.0
    has_asked: float = 0.0
    was_asked: float = 0.0
    has_role: float = 0.0
    words_shared: float = 0.0
    nobody: float = 0.0
    nobody_introduced: float = 0.0


#: A candidate person (None: nobody who is named) and the features.
Row = tuple[int | None, ReferenceFeatures]


@dataclass(frozen=True, slots=True)
class Reference:
    """A word or phrase that refers to a person: its position, its sentence and what it says about the person.

    ``first`` is the position of the phrase's first word. ``sign`` is 1 for a man, -1 for a woman, 0 if unknown. Only descriptions
    have ``role``, ``words`` and names after "of" (``of``).
    """

    position: int
    sentence_no: int
    sign: float
    first: int
    role: str | None = None
    words: frozenset[str] = frozenset()
    is_introduced: bool = False
    of: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Track:
    """The latest traces of one person."""

    last: Trace
    subject: Trace | None = None


@dataclass(slots=True)
class Memory:
    """The persons mentioned so far, and in which grammatical roles. ``asked``: the last who was asked, and in which sentence."""

    layout: ArticleLayout
    tracks: dict[int, _Track] = field(default_factory=dict)
    subject: int | None = None
    speaker: int | None = None
    asking: int | None = None
    asked: tuple[int, int] | None = None
    openers: dict[int, int] = field(default_factory=dict)
    quoted: dict[int, set[int]] = field(default_factory=dict)

    def note(self, trace: Trace) -> None:
        """Record the next trace."""
        track = self.tracks.pop(trace.person, _Track(trace))
        self.tracks[trace.person] = track  # moves to the end: ordered by latest trace
        if trace.is_quoted:
            self.quoted.setdefault(trace.sentence_no, set()).add(trace.person)
        if not trace.is_quoted or track.last.is_quoted:
            track.last = trace
        if trace.is_quoted:
            return
        word = self.layout.words[trace.position]
        if word.relation in OBJECTS and _is_question(self.layout, word.head):
            self.asked = trace.person, trace.sentence_no
        if trace.prominence:
            track.subject = trace
        if trace.prominence >= ACTING:
            self.subject = trace.person
            self.openers.setdefault(self.layout.sentences[trace.sentence_no].paragraph_no, trace.person)
        if trace.prominence == SPEAKING:
            self.speaker = trace.person
            self.asking = trace.sentence_no if _is_question(self.layout, word.head) else self.asking

    def opener(self, paragraph_no: int) -> int | None:
        """The person who is the first subject of a paragraph, or, if there is none yet, of the paragraph before."""
        return self.openers.get(paragraph_no, self.openers.get(paragraph_no - 1))


def antecedents(layout: ArticleLayout, people: People, memory: Memory, reference: Reference) -> Iterator[Row]:
    """The persons that a reference may refer to, with the features of each."""
    opener = memory.opener(layout.sentences[reference.sentence_no].paragraph_no)
    own_words = memory.quoted.get(reference.sentence_no, ())
    for who in list(islice(reversed(memory.tracks), N_LATEST)):
        track, person = memory.tracks[who], people.persons[who]
        last = track.last
        ago = reference.sentence_no - last.sentence_no
        agrees = person.gender * reference.sign
        subject = track.subject if track.subject and track.subject.sentence_no >= last.sentence_no - 1 else None
        level = subject.prominence if subject else 0
        yield (
            who,
            ReferenceFeatures(
                contradicts=max(min(agrees, 0.0), MIN_AGREEMENT),
                agrees=min(max(agrees, 0.0), 1.0),
                sentences_ago=min(ago, FAR),
                same_sentence=ago == 0,
                is_reported=ago == 0 and _is_reported_by(layout, last.position, reference.position),
                same_paragraph=layout.sentences[last.sentence_no].paragraph_no
                == layout.sentences[reference.sentence_no].paragraph_no,
                is_quoted=last.is_quoted,
                is_in_own_words=who in own_words,
                was_subject=level > 0,
                was_speaking=level == SPEAKING,
                is_latest_subject=who == memory.subject,
                is_latest_speaker=who == memory.speaker,
                opened_paragraph=who == opener,
                has_asked=level == SPEAKING and last.sentence_no == memory.asking,
                was_asked=memory.asked == (who, last.sentence_no),
                has_role=_has_role(person, reference),
                words_shared=min(len(reference.words & person.roles), 2),
            ),
        )
    if reference.role is not None:
        yield None, ReferenceFeatures(nobody=1.0, nobody_introduced=reference.is_introduced)


def _has_role(person: Person, reference: Reference) -> bool:
    """Whether the article calls a person what a description says, and not by a word that makes it another role."""
    others = word_list("other_roles")
    named = reference.words | {reference.role}
    return reference.role in person.roles and person.roles & others == named & others


def named_next(people: People, reference: Reference) -> Iterator[Row]:
    """The first fitting person named soon after a reference: "Before she spoke, Lindholm…"."""
    first = bisect_left(people.traces, reference.position, key=lambda t: t.position)
    for trace in people.traces[first : first + N_LATEST]:
        if trace.sentence_no - reference.sentence_no > AHEAD:
            break
        if not trace.is_quoted and people.persons[trace.person].gender * reference.sign >= 0:
            yield trace.person, ReferenceFeatures()
            break


def _is_question(layout: ArticleLayout, verb: int) -> bool:
    """Whether a verb is one of asking, not for a deed ("asked her to call"). If so, somebody else than its subject may answer."""
    objects = layout.words[verb].children
    is_request = any(layout.lower(child) == "to" for o in objects for child in layout.words[o].children)
    return layout.lower(verb) in ASKING and not is_request


def _is_reported_by(layout: ArticleLayout, name: int, pronoun: int) -> bool:
    """Whether a name is in what the pronoun's referent says. If so, it is somebody else's ("Smith lied, he said")."""
    verb = layout.words[pronoun].head
    if layout.words[pronoun].relation not in SUBJECTS or layout.words[verb].cue_weight < 0:
        return False
    at = name
    while (head := layout.words[at].head) != at:
        if head == verb:
            return layout.words[at].relation in ("ccomp", "xcomp", "dep")
        at = head
    return False
