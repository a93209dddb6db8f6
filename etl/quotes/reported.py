"""Reported speech without quotation marks: find what somebody is said to have said, thought or found."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from etl.knowledge.word_lists import words
from etl.quotes.candidate_speakers import SUBJECTS, VERB_TAGS, Candidate, CandidateSpeakers
from etl.quotes.layout import ArticleLayout, Sentence, Word
from etl.quotes.speech import is_title
from etl.quotes.voices import can_speak

#: The least weight of a word that is tried as a cue.
MIN_WEIGHT = -1.6
CUE_TAGS = VERB_TAGS | {"NN", "NNS"}
#: Relations of a reporting verb's dependents that are not what it reports.
ASIDE = frozenset(
    {
        "nsubj",
        "nsubjpass",
        "aux",
        "auxpass",
        "neg",
        "advmod",
        "npadvmod",
        "punct",
        "cc",
        "conj",
        "mark",
        "dative",
        "agent",
        "advcl",
        "parataxis",
        "expl",
        "csubj",
    }
)
KINDS = {
    "clause": 1,
    "infinitive": 2,
    "object": 3,
    "about": 4,
    "according": 5,
    "main": 6,
    "rest": 7,
    "short": 9,
}
LONG_KINDS = frozenset({"clause", "infinitive", "rest", "according", "object", "about"})
#: The number of code points for the marks and punctuation at either end of a quotation.
MARKS_LENGTH = 3
#: For a verb that may report the rest of its sentence: its relations, those of the words in its own clause, and how
#: many of these there may be.
REPORTING_RELATIONS = frozenset({"parataxis", "ROOT", "ccomp", "advcl", "conj"})
REPORTING_PARTS = frozenset({"nsubj", "aux", "advmod", "npadvmod", "neg"})
MAX_REPORTING_CLAUSE = 12
#: Relations of additions at the end of a clause.
ADDED = frozenset({"advcl", "cc", "relcl", "acl", "npadvmod", "prep"})
#: The least number of unquoted words in a reported clause that contains quoted words.
MIN_OWN_WORDS = 2
CUTS = frozenset({",", "—", "–", "-", "--", ";"})
#: Verbs that report only with a clause or two objects. With a single object they do not report ("found the key").
SAY_WITH_CLAUSE = words("say_with_clause")
#: Verbs that report only with a clause.
SAY_ONLY_CLAUSE = words("say_only_clause")
COMPLEMENTS = frozenset({"oprd", "ccomp", "xcomp", "acomp", "attr", "dative"})
TOPICAL = frozenset({"for", "about", "to", "upon", "out"})
#: Prepositions that introduce the time, place or addressee of speech, not its content.
WHEN_AND_WHERE = re.compile(r"(?:at|before|during|after|inside|outside|near|with|via|through|from)\Z", re.IGNORECASE)
#: Tags of the first word of an addressee, time or place of speech ("in an interview: …", "on: …"), except with verbs of addressing.
LEADING_TAGS = frozenset({"IN", "RP", "RB", "TO"})
ADDRESSING = frozenset("tell tells told telling remind reminds reminded reminding".split())
#: Separators between the addressee and the reported clause.
JOINTS = frozenset({":", "that"})
FINITE_TAGS = frozenset({"VBD", "VBZ", "VBP", "VB", "MD"})
#: Lower-case words and marks inside a name.
NAME_WORDS = words("particles") | {"-"}
RELATIONS = {
    "ROOT": 1,
    "conj": 2,
    "relcl": 3,
    "advcl": 4,
    "ccomp": 5,
    "xcomp": 6,
    "acl": 7,
    "parataxis": 8,
    "pcomp": 9,
    "pobj": 10,
    "prep": 11,
}
TAGS = {"VBD": 1, "VBZ": 2, "VBP": 3, "VBG": 4, "VBN": 5, "VB": 6, "NN": 7, "NNS": 7}
SUBJECT_KINDS = {"PERSON": 1, "ORG": 2, "GPE": 3, "NORP": 4}
PRONOUN_KINDS = {
    "he": 1,
    "she": 1,
    "they": 2,
    "it": 3,
    "i": 4,
    "we": 4,
    "you": 5,
    "who": 6,
    "which": 7,
    "that": 7,
    "there": 8,
}

#: Relations of a speaker that is no subject: "according to the mayor", "in the mayor's view".
OBLIQUE = frozenset({"pobj", "poss"})

#: The kind, first and last position of a stretch that may be reported speech.
Span = tuple[str, int, int]


class ReportFeatures(NamedTuple):
    """The features for judging whether a cue reports a stretch."""

    kind: float
    weight: float
    tag: float
    relation: float
    length: float
    has_that: float
    starts_with_to: float
    is_before: float
    distance: float
    quoted_share: float
    subject: float
    subject_tag: float
    subject_distance: float
    is_negated: float
    has_modal: float
    n_alternatives: float
    is_heading: float
    reaches_end: float
    has_object: float
    has_colon: float
    first_tag: float
    span_has_subject: float
    span_has_verb: float
    sentence_length: float
    is_passive: float
    share_of_sentence: float
    object_weight: float


@dataclass(frozen=True, slots=True)
class Report:
    """A stretch that may be reported speech: code points [start, end), the cue's position, and the speaker, if any."""

    start: int
    end: int
    cue: int
    sentence_no: int
    speaker: Candidate | None
    features: ReportFeatures


def reports(layout: ArticleLayout, candidates: CandidateSpeakers) -> list[Report]:
    """All stretches of an article that may be reported speech."""
    speaking: dict[int, Candidate] = {}
    for candidate in candidates.in_order:
        for verb in candidate.verbs:
            if candidate.relation in SUBJECTS or (candidate.relation in OBLIQUE and can_speak(layout, candidate)):
                old = speaking.get(verb)
                if old is None or abs(candidate.position - verb) < abs(old.position - verb):
                    speaking[verb] = candidate
    person_ends = frozenset(m.end for m in candidates.mentions if m.entity_type == "PERSON")
    return [
        report
        for sentence in layout.sentences
        if sentence.is_parsed
        for report in _in_sentence(layout, sentence, speaking)
        if not _is_nothing_said(layout, report, person_ends)
    ]


def _in_sentence(layout: ArticleLayout, sentence: Sentence, speaking: dict[int, Candidate]) -> Iterator[Report]:
    cues = [p for p in sentence.positions if _is_cue(layout.words[p])]
    edges = _edges(layout.words, sentence) if cues else {}
    for cue in cues:
        whole = list(dict.fromkeys(_spans(layout, sentence, cue, edges)))
        spans = list(dict.fromkeys([*whole, *_shortened(layout, whole, edges)]))
        for span in spans:
            report = _report(layout, sentence, span, cue, speaking.get(cue), len(spans))
            if report is not None:
                yield report


def _is_nothing_said(layout: ArticleLayout, report: Report, person_ends: frozenset[int]) -> bool:
    """Whether a stretch cannot be reported speech: a person, a thing found or called, or the time or place of speech."""
    inside = _inside(layout, report)
    quoted = {word.stretch_no for word in inside if word.stretch_no is not None}
    if not inside or not all(is_title(layout, number) for number in quoted):
        return False
    if inside[-1].end in person_ends and all(w.text[0].isupper() or w.text.lower() in NAME_WORDS for w in inside):
        return True
    cue = layout.words[report.cue]
    parts = [layout.words[c] for c in cue.children]
    if cue.text.lower() in SAY_ONLY_CLAUSE and not any(_is_clause(layout, w) for w in parts):
        return True
    if (
        report.cue < (layout.position_at(report.start) or 0)
        and inside[0].text.lower() == "as"
        and inside[0].relation == "mark"
    ):
        return True
    if any((w.tag in VERB_TAGS | {"MD"} and w.relation != "conj") or w.tag.startswith("W") for w in inside):
        return False
    is_complete = any(w.relation in COMPLEMENTS or w.text.lower() in TOPICAL for w in parts)
    is_thing = cue.text.lower() in SAY_WITH_CLAUSE and (bool(quoted) or not is_complete)
    before = layout.words[layout.position_at(inside[0].start) or 0]
    return is_thing or WHEN_AND_WHERE.match(before.text) is not None


def without_addressee(layout: ArticleLayout, report: Report) -> Report | None:
    """A report without its addressee: "told the council [that …]". None if only a quotation after a colon is left."""
    inside = _inside(layout, report)
    at = next((n for n, word in enumerate(inside) if word.text in JOINTS and not word.is_quoted), 0)
    lead, rest = inside[:at], inside[at + 1 :]
    is_before = layout.words[report.cue].start < report.start
    if not is_before or not lead or any(word.is_quoted or word.tag in FINITE_TAGS for word in lead[:-1]):
        return report
    is_told = layout.lower(report.cue) in ADDRESSING
    if inside[at].text == ":":
        is_only_quoted = all(word.is_quoted or word.relation == "punct" for word in rest)
        return None if is_only_quoted and (is_told or lead[0].tag in LEADING_TAGS) else report
    is_clause = bool(rest) and rest[0].tag not in FINITE_TAGS
    return replace(report, start=inside[at].start) if is_told and is_clause else report


def _inside(layout: ArticleLayout, report: Report) -> list[Word]:
    words = [layout.words[p] for p in layout.sentences[report.sentence_no].positions]
    return [word for word in words if report.start <= word.start < report.end]


def _is_clause(layout: ArticleLayout, part: Word) -> bool:
    """Whether a verb's dependent is a clause with a finite verb, unlike in "saw the pilot walk off"."""
    is_finite = part.tag not in ("VB", "VBG") or any(layout.words[c].tag in ("MD", "TO") for c in part.children)
    return part.relation in ("ccomp", "xcomp") and is_finite


def _is_cue(word: Word) -> bool:
    is_tried = word.cue_weight >= MIN_WEIGHT and not word.is_quoted
    return is_tried and (word.tag in CUE_TAGS or word.text.lower() == "according")


def _edges(words: Sequence[Word], sentence: Sentence) -> dict[int, tuple[int, int]]:
    """The first and last position of the subtree of each word of a sentence, by the word's position."""
    lows = {p: p for p in sentence.positions}
    highs = dict(lows)
    for p in sentence.positions:
        at = words[p].head
        while not lows[at] <= p <= highs[at]:  # if a word's subtree extends this far, so do its governors'
            if p < lows[at]:
                lows[at] = p
            else:
                highs[at] = p
            at = words[at].head
    return {p: (lows[p], highs[p]) for p in sentence.positions}


def _spans(layout: ArticleLayout, sentence: Sentence, cue: int, edges: Mapping[int, tuple[int, int]]) -> Iterator[Span]:
    """The stretches that a cue may report."""
    words, children = layout.words, layout.words[cue].children
    if layout.lower(cue) == "according":
        yield from _around(sentence, edges[cue])
        return
    for c in children:
        relation, (first, last) = words[c].relation, edges[c]
        if relation == "ccomp":
            yield "clause", first, min(last, cue - 1) if c < cue else last
        elif c < cue:
            continue
        elif relation in ("xcomp", "acl"):
            yield "infinitive", first, last
        elif relation in ("dobj", "attr", "oprd"):
            yield "object", first, last
        elif relation == "prep" and layout.lower(c) != "by":
            yield "about", first + 1, last
            yield "about", first, last
    after = [c for c in children if c > cue and words[c].relation not in ASIDE]
    if after:
        yield "rest", max(min(edges[c][0] for c in after), cue + 1), max(edges[c][1] for c in after)
    if words[cue].relation in REPORTING_RELATIONS and words[cue].tag in VERB_TAGS:
        own = [c for c in children if words[c].relation in REPORTING_PARTS]
        low = min([cue, *(edges[c][0] for c in own)])
        high = max([cue, *(edges[c][1] for c in own)])
        if high - low < MAX_REPORTING_CLAUSE:
            yield from _around(sentence, (low, high))


def _shortened(layout: ArticleLayout, whole: Sequence[Span], edges: Mapping[int, tuple[int, int]]) -> Iterator[Span]:
    """The same stretches without a final clause after a comma, which is often the reporter's own."""
    for kind, first, last in whole:
        if kind not in LONG_KINDS:
            continue
        for p in range(first + 3, last):
            word = layout.words[p]
            joins = word.relation in ADDED and word.head < p
            begin = edges[p][0] if word.relation != "cc" else p
            if joins and first + 1 < begin < last and layout.words[begin - 1].text in CUTS:
                yield "short", first, begin - 2
            elif joins and word.relation == "advcl" and edges[p][1] == last and begin > first + 1:
                yield "short", first, begin - 1


def _around(sentence: Sentence, inner: tuple[int, int]) -> Iterator[Span]:
    """The parts of the sentence before and after a reporting clause that interrupts or follows it."""
    if inner[0] > sentence.first + 2:
        yield "main", sentence.first, inner[0] - 1
    if inner[1] < sentence.end - 3:
        yield "according", inner[1] + 1, sentence.end - 1


def _report(
    layout: ArticleLayout, sentence: Sentence, span: Span, cue: int, speaker: Candidate | None, n_alternatives: int
) -> Report | None:
    words = layout.words
    kind, first, last = span
    while first < last and _is_plain_mark(words[first]):
        first += 1
    while last > first and _is_plain_mark(words[last]):
        last -= 1
    inside = words[first : last + 1]
    n_quoted = sum([word.stretch_no is not None for word in inside])
    if not inside or (n_quoted and len(inside) - n_quoted < MIN_OWN_WORDS) or first <= cue <= last:
        return None
    if speaker is not None and first <= speaker.position <= last:
        speaker = None
    start, end = _offsets(layout, first, last)
    if start >= end:
        return None
    children = [words[c] for c in words[cue].children]
    siblings = {child.relation for child in children}
    end_of_sentence = sentence.end - 1
    while end_of_sentence > last and words[end_of_sentence].relation == "punct":
        end_of_sentence -= 1
    distance = first - cue if first > cue else last - cue
    size = sentence.end - sentence.first
    return Report(
        start,
        end,
        cue,
        words[cue].sentence_no,
        speaker,
        ReportFeatures(
            kind=KINDS[kind],
            weight=words[cue].cue_weight,
            tag=TAGS.get(words[cue].tag, 9),
            relation=RELATIONS.get(words[cue].relation, 0),
            length=min(len(inside), 50),
            has_that=inside[0].text.lower() == "that",
            starts_with_to=inside[0].text.lower() == "to",
            is_before=last < cue,
            distance=max(min(distance, 15), -15),
            quoted_share=n_quoted / len(inside),
            subject=(
                0
                if speaker is None
                else PRONOUN_KINDS.get(
                    speaker.head.lower(),
                    10 + SUBJECT_KINDS.get(speaker.mention.entity_type, 5) if speaker.mention else 9,
                )
            ),
            subject_tag=0 if speaker is None else TAGS.get(speaker.tag, 8),
            subject_distance=20 if speaker is None else min(abs(speaker.position - cue), 19),
            is_negated="neg" in siblings,
            has_modal=any(child.tag == "MD" for child in children),
            n_alternatives=min(n_alternatives, 8),
            is_heading=layout.paragraphs[sentence.paragraph_no].kind != "paragraph",
            reaches_end=last == end_of_sentence,
            has_object="dobj" in siblings,
            has_colon=cue + 1 < sentence.end and words[cue + 1].text == ":",
            first_tag=TAGS.get(inside[0].tag, 8),
            span_has_subject=not SUBJECTS.isdisjoint([word.relation for word in inside]),
            span_has_verb=not VERB_TAGS.isdisjoint([word.tag for word in inside]),
            sentence_length=min(size, 60),
            is_passive="auxpass" in siblings,
            share_of_sentence=len(inside) / size,
            object_weight=max([word.cue_weight for word in inside]),
        ),
    )


def _is_plain_mark(word: Word) -> bool:
    return word.relation == "punct" and not word.is_quoted


def _offsets(layout: ArticleLayout, first: int, last: int) -> tuple[int, int]:
    """The code points [start, end) of some words, including the marks of a quotation at either end."""
    start, end = layout.words[first].start, layout.words[last].end
    for position in (first, last):
        if (number := layout.words[position].stretch_no) is not None:
            stretch = layout.stretches[number]
            if 0 <= start - stretch.start <= MARKS_LENGTH:
                start = stretch.start
            if 0 <= stretch.end - end <= MARKS_LENGTH:
                end = stretch.end
    return start, end


def select(found: Sequence[Report], scores: Sequence[float], min_score: float) -> list[tuple[Report, float]]:
    """The reports that score high enough. Of those that overlap too much, or overlap and share a cue, only the best is kept."""
    chosen: dict[int, list[tuple[Report, float]]] = defaultdict(list)
    for report, score in sorted(zip(found, scores, strict=True), key=lambda x: (-x[1], x[0].start, x[0].end)):
        here = chosen[report.sentence_no]
        if score >= min_score and not any(_clash(report, other) for other, _ in here):
            here.append((report, score))
    return sorted((one for here in chosen.values() for one in here), key=lambda x: (x[0].start, x[0].end))


def _clash(a: Report, b: Report) -> bool:
    shared = min(a.end, b.end) - max(a.start, b.start)
    return shared > 0 and (a.cue == b.cue or shared > MAX_OVERLAP * (max(a.end, b.end) - min(a.start, b.start)))


#: The most that two reports may overlap, as a share of both together: one may be reported within the other.
MAX_OVERLAP = 0.5
