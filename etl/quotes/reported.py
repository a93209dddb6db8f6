"""Reported speech without quotation marks: what somebody is said to have said, thought or found, as the encoder marks it."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from etl.entities.mentions import Mention
from etl.knowledge.word_lists import words as word_list
from etl.model.attributions import Attribution
from etl.model.heads import VERB_TAGS
from etl.quotes.candidate_speakers import HEAD_TAGS, SUBJECTS, Candidate, CandidateSpeakers
from etl.quotes.layout import ArticleLayout, Word
from etl.quotes.linked import MAX_LINK
from etl.quotes.voices import can_speak
from etl.schema import PERSON
from etl.spans import overlapping

#: The number of code points for the marks and punctuation at either end of a quotation.
MARKS_LENGTH = 3
#: The least number of unquoted words in a reported clause that contains quoted words.
MIN_OWN_WORDS = 2
#: The least probability that a stretch without marks is reported speech, with a speaker and without. The first maximises F1 on
#: annotated articles. The second costs a little F1 and leaves out much that nobody said ("he is expected to win").
MIN_PROBABILITY, MIN_SPEAKERLESS_PROBABILITY = 0.27, 0.6
#: The same for a thing, which has no verb ("his record"), if its cue has less than this weight as a cue word.
MIN_THING_PROBABILITY, WEAK_CUE = 0.5, -0.5
#: A thing is reported beside its cue: with at most this many words between them.
MAX_THING_GAP = 3
#: Longer stretches say no more about how sure a speaker is.
MAX_WORDS = 40
#: A source that is cut off is the phrase it begins ("The", of "The village council"), whose head is at most this many words on.
MAX_CUT_OFF = 8
#: Verbs that report only with a clause: with a thing they do not ("found the key").
CLAUSAL = word_list("say_with_clause") | word_list("say_only_clause")
#: Verbs whose subject does not speak ("the plan seems to fail").
SILENT = word_list("say_only_clause") | word_list("seeming")
#: Relations of a verb to another whose subject it shares ("he rose, saying", "he came and said").
SHARING = frozenset({"conj", "advcl"})
#: Tags of words that say nothing alone: determiners, adverbs, question words, conjunctions.
EMPTY_TAGS = frozenset("CC DT IN PDT RB RBR RBS RP TO WDT WP WRB".split())
#: Relations of verbs that only help another, and verbs that only join a subject to what it is.
HELPING, COPULAS = frozenset({"aux", "auxpass"}), frozenset("am are be been being is was were 's ’s".split())
#: Tags of nouns and adjectives, and the weight beyond which one of them is for what is said.
OPEN_TAGS, MIN_NOUN = frozenset("JJ JJR JJS NN NNP NNPS NNS".split()), -1.0
PRONOUNS = frozenset("he she they it i we you who which that these those this".split())


class ReportFeatures(NamedTuple):
    """How sure the encoder is of a report: probabilities of its stretches and the log-odds of its link; and what its speaker is."""

    content: float
    least: float
    begins: float
    ends: float
    source: float
    cue: float
    link: float
    n_words: float
    has_source: float
    is_named: float
    is_pronoun: float
    is_one_word: float


@dataclass(frozen=True, slots=True)
class Report:
    """A stretch of reported speech: code points [start, end), the cue's position, and the speaker, if any.

    ``is_pronoun``: whether it is a pronoun and nothing else. ``is_fragment``: whether all its words are function words or adverbs.
    ``least``: the least probability with which it counts as reported speech.
    """

    start: int
    end: int
    paragraph_no: int
    cue: int | None
    speaker: Candidate | None
    is_pronoun: bool
    is_fragment: bool
    least: float
    features: ReportFeatures


def reports(layout: ArticleLayout, candidates: CandidateSpeakers) -> list[Report]:
    """What may be reported speech in an article. Words that are quoted as a whole are left to their marks."""
    found = (_report(layout, candidates, said) for said in layout.linked.attributions)
    return [report for report in found if report is not None]


def select(found: Sequence[Report], probabilities: Sequence[float]) -> list[tuple[Report, float]]:
    """The reports that are probable enough, with their probabilities. Of those that overlap, the most probable is kept.

    A pronoun alone is nothing to quote, nor is what it is split from where nobody is the speaker ("he is expected to win").
    A fragment ("eventually") is only quoted beside other words of the same speaker and cue.
    """
    probable = [(report, p) for report, p in zip(found, probabilities, strict=True) if p >= report.least]
    chosen: list[Report] = []
    probability_at: dict[int, float] = {}
    for report, probability in sorted(probable, key=lambda x: (x[0].is_fragment, -x[1], x[0].start, x[0].end)):
        if not overlapping(chosen, report.start, report.end):
            insort(chosen, report, key=attrgetter("start"))
            probability_at[report.start] = probability
    speakerless = {report.cue for report in chosen if report.is_pronoun and report.speaker is None}
    whole = {(report.cue, report.speaker) for report in chosen if not report.is_fragment}
    return [
        (r, probability_at[r.start])
        for r in chosen
        if not r.is_pronoun
        and (r.speaker is not None or r.cue not in speakerless)
        and (not r.is_fragment or (r.cue, r.speaker) in whole)
    ]


def _report(layout: ArticleLayout, candidates: CandidateSpeakers, said: Attribution) -> Report | None:
    start, end = _with_marks(layout, said.content.start, said.content.end)
    first = layout.position_at(start)
    inside = _words(layout, start, end)
    if first is None or not inside or not _is_reported(inside):
        return None
    cue = _positions(layout, said.cue.start, said.cue.end) if said.cue else range(0)
    sign = _sign(layout, cue)
    is_thing = _is_thing(inside)
    if is_thing and not _is_beside(layout, first, len(inside), sign):
        return None
    source = _candidate(layout, candidates, said.source.start, said.source.end) if said.source else None
    speaker = source or (_subject(layout, candidates, sign, start, end) if sign is not None else None)
    is_pronoun = len(inside) == 1 and inside[0].text.lower() in PRONOUNS
    if is_thing and speaker is None and not is_pronoun and _is_subject(layout, first, len(inside)):
        return None
    return Report(
        start=start,
        end=end,
        paragraph_no=layout.sentence(first).paragraph_no,
        cue=_printed(layout, cue),
        speaker=speaker,
        is_pronoun=is_pronoun,
        is_fragment=all(word.tag in EMPTY_TAGS or word.text == "," for word in inside),
        least=_least(layout, source, sign if is_thing else None),
        features=_features(said, source, len(inside)),
    )


def _least(layout: ArticleLayout, source: Candidate | None, cue_of_thing: int | None) -> float:
    """The least probability of a report with a source or without, and, for a thing, with a cue."""
    least = MIN_PROBABILITY if source else MIN_SPEAKERLESS_PROBABILITY
    is_weak = cue_of_thing is not None and layout.words[cue_of_thing].cue_weight < WEAK_CUE
    return max(least, MIN_THING_PROBABILITY) if is_weak else least


def _features(said: Attribution, source: Candidate | None, n_words: int) -> ReportFeatures:
    return ReportFeatures(
        content=said.content.probability,
        least=said.content.least,
        begins=said.content.begins,
        ends=said.content.ends,
        source=said.source.probability if said.source else 0.0,
        cue=said.cue.probability if said.cue else 0.0,
        link=min(said.link, MAX_LINK),
        n_words=min(n_words, MAX_WORDS),
        has_source=source is not None,
        is_named=source is not None and source.mention is not None,
        is_pronoun=source is not None and source.head.lower() in PRONOUNS,
        is_one_word=n_words == 1,
    )


def _with_marks(layout: ArticleLayout, start: int, end: int) -> tuple[int, int]:
    """A stretch with the marks of quotations that begin or end it."""
    for quoted in overlapping(layout.stretches, start, end):
        start = quoted.start if abs(start - quoted.start) <= MARKS_LENGTH else start
        end = quoted.end if abs(end - quoted.end) <= MARKS_LENGTH else end
    return start, end


def _words(layout: ArticleLayout, start: int, end: int) -> Sequence[Word]:
    """The words between two code points of the page."""
    first, last = layout.position_at(start), layout.position_at(end - 1)
    if first is None or last is None:
        return ()
    number = layout.words[last].stretch_no
    place = layout.quote_places[number] if layout.words[last].is_stand_in and number is not None else None
    return layout.words[first : place.end if place else last + 1]


def _is_reported(inside: Sequence[Word]) -> bool:
    """Whether enough of a stretch is outside quotation marks to be reported, and not "he said" between two quotations."""
    if inside[0].is_quoted and inside[-1].is_quoted and any(w.cue_weight > 0 and not w.is_quoted for w in inside):
        return False
    own = sum(1 for word in inside if not word.is_quoted and word.text[0].isalnum())
    return own >= MIN_OWN_WORDS or own == sum(1 for word in inside if word.text[0].isalnum()) > 0


def _is_thing(inside: Sequence[Word]) -> bool:
    """Whether a stretch is a thing of which nothing is said: it has no verb and no quoted words."""
    return all(word.tag and word.tag not in VERB_TAGS and word.tag != "MD" and not word.is_quoted for word in inside)


def _is_subject(layout: ArticleLayout, first: int, n_words: int) -> bool:
    """Whether words at position ``first`` are a subject, of which something is said ("the harbour" of "is expected to freeze")."""
    return any(layout.words[p].relation in SUBJECTS for p in range(first, first + n_words))


def _is_beside(layout: ArticleLayout, first: int, n_words: int, cue: int | None) -> bool:
    """Whether a thing at position ``first`` is near its cue, which reports things ("denied the charge", not "found the key")."""
    if cue is None or layout.lower(cue) in CLAUSAL:
        return False
    return max(first - cue, cue - first - n_words + 1) <= MAX_THING_GAP + 1


def _sign(layout: ArticleLayout, cue: range) -> int | None:
    """The word of a cue that speaks most for speech."""
    return max(cue, key=lambda p: (layout.words[p].cue_weight, -p), default=None)


def _printed(layout: ArticleLayout, cue: range) -> int | None:
    """The word that stands for a cue: a verb ("criticised" of "has also criticised"), or a noun for what is said, before others."""
    return max(cue, key=lambda p: (_telling(layout.words[p]), layout.words[p].cue_weight, -p), default=None)


def _positions(layout: ArticleLayout, start: int, end: int) -> range:
    """The positions of the words between two code points of the page."""
    first, last = layout.position_at(start), layout.position_at(end - 1)
    return range(0) if first is None or last is None else range(first, last + 1)


def _telling(word: Word) -> int:
    """How much a word says about what somebody did: a verb of its own, or a noun like "hint" of "gave a hint", most."""
    is_helping = word.relation in HELPING or word.text.lower() in COPULAS
    is_verb = word.tag in VERB_TAGS and not is_helping
    is_open = word.tag in OPEN_TAGS
    return 2 if is_verb or (is_open and word.cue_weight > MIN_NOUN) else is_open


def _candidate(layout: ArticleLayout, candidates: CandidateSpeakers, start: int, end: int) -> Candidate | None:
    """The candidate that a source is: the first in it that no longer one holds, else the one it begins, else the source itself.

    A name comes before others, but before many only one that is theirs: "the makers, Haldmark Foods", not "critics of Mary Holt".
    """
    first, last = layout.position_at(start), layout.position_at(end - 1)
    if first is None or last is None:
        return None
    inside = _outermost(candidates.between(first, last + 1))
    named = [c for c in inside if c.mention is not None]
    are_many = bool(inside) and inside[0].tag == "NNS" and inside[0].relation in SUBJECTS
    if are_many and not any(c.relation == "appos" and c.mention and c.mention.entity_type != PERSON for c in named):
        return inside[0]
    if inside:
        return min(named or inside, key=lambda c: c.position)
    if begun := next((c for c in candidates.between(last, last + MAX_CUT_OFF) if c.first <= first), None):
        return begun
    head = next((p for p in range(last, first - 1, -1) if layout.words[p].tag in HEAD_TAGS), last)
    return Candidate(
        start=start,
        end=end,
        position=head,
        first=first,
        sentence_no=layout.words[head].sentence_no,
        head=layout.words[head].text,
        tag=layout.words[head].tag or "NN",
        mention=_named(candidates.mentions, start, end),
    )


def _subject(layout: ArticleLayout, candidates: CandidateSpeakers, cue: int, start: int, end: int) -> Candidate | None:
    """The nearest subject of a cue, outside of what is said, if it can speak: its speaker where the encoder finds no source."""
    sentence, verb = layout.sentence(cue), layout.words[cue]
    first = layout.position_at(start)
    if first is None or first not in sentence.positions or layout.lower(cue) in SILENT:
        return None
    is_passive = any(layout.words[child].relation == "auxpass" for child in verb.children)
    shares = verb.relation in SHARING and (verb.tag == "VBG" or verb.relation == "conj")
    subjects = [
        c
        for c in candidates.between(sentence.first, sentence.end)
        if cue in c.verbs
        and (_relation(layout, c) == "agent" or (c.relation == "nsubj" and not is_passive))
        and (shares or cue in (layout.words[c.position].head, layout.words[layout.words[c.position].head].head))
        and not start <= c.start < end
        and can_speak(layout, c)
    ]
    return min(subjects, key=lambda c: abs(c.position - cue), default=None)


def _relation(layout: ArticleLayout, candidate: Candidate) -> str:
    """The relation of a candidate to its verb, "agent" for who follows "by"."""
    head = layout.words[layout.words[candidate.position].head]
    return "agent" if candidate.relation == "pobj" and head.relation == "agent" else candidate.relation


def _outermost(inside: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates that are not part of another, as a name in "a spokesman for Edith Calloway" is. Of equal ones, the last."""
    spans = {(c.start, c.end): c for c in inside}.values()
    return [c for c in spans if not any(o is not c and o.start <= c.start and c.end <= o.end for o in spans)]


def _named(mentions: Sequence[Mention], start: int, end: int) -> Mention | None:
    return next(iter(overlapping(mentions, start, end)), None)
