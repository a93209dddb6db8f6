"""Quotations and whose words they are: spans, cues and speakers of one article."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl import indirect, speech
from etl.annotate import Annotation
from etl.entities import Mention
from etl.parse import Page
from etl.people import People, find_people
from etl.script import Candidate, Script, lay_out
from etl.speakers import Option, labelled, options
from etl.trees import load_trees
from etl.voices import UNKNOWN, voice_of

VERSION = "2"

#: A quotation of fewer words that asks and exclaims nothing is part of somebody else's sentence, and so is one that begins small.
DIRECT_MIN_WORDS = 4
#: Log-odds from which a quoted stretch counts as speech, and a clause as reported: what maximises F1 on annotated articles.
MIN_SPEECH_SCORE = -0.1
MIN_REPORT_SCORE = -1.0
#: The score of a candidate that is not there.
NO_SCORE = -9.0
#: Candidates told of in an explanation.
N_RUNNERS_UP = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """One contiguous stretch of somebody's words; offsets are code points into the page's text, half open."""

    start: int
    end: int
    kind: str
    utterance_no: int
    passage_no: int
    cue_start: int | None = None
    cue_end: int | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None
    speaker_name: str | None = None
    speaker_type: str = "unknown"
    speaker_entity_id: str | None = None
    speaker_via: str | None = None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Rival:
    """One candidate for the speaker of a quote: as printed, by name, and the score it got."""

    printed: str
    name: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Why:
    """Why one quote has the speaker it has: the cue, the rule that chose, log-odds of being speech, and the candidates, best first."""

    quote: Quote
    cue: str | None
    rule: str
    speech_score: float
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    option: Option
    score: float


@dataclass(frozen=True, slots=True)
class _Draft:
    start: int
    end: int
    kind: str
    paragraph_no: int
    speaker: Candidate | None
    cue: int | None
    speech_score: float
    ranked: tuple[_Choice, ...]
    rule: str


def find_quotes(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> list[Quote]:
    """The quotations of one article, in order, each with its speaker."""
    return [why.quote for why in explain(page, annotation, mentions)]


def explain(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> list[Why]:
    """The quotations of one article, in order, each with the reasons for its speaker."""
    script = lay_out(page, annotation, mentions)
    people = find_people(script)
    drafts = [*_quoted(script), *_reported(script)]
    return list(_finish(script, people, sorted(drafts, key=lambda d: (d.start, -d.end))))


def _quoted(script: Script) -> Iterator[_Draft]:
    """The stretches in quotation marks that are speech."""
    ranked = _choose(script)
    for number, (choices, score) in enumerate(zip(ranked, _speech_scores(script, ranked), strict=True)):
        stretch = script.stretches[number]
        label = labelled(script, number)
        if score < MIN_SPEECH_SCORE and label is None:
            continue
        best = choices[0].option if choices else None
        yield _Draft(
            stretch.start,
            stretch.end,
            _kind(script.page.text[stretch.start : stretch.end]),
            stretch.paragraph_no,
            label or (best.candidate if best else None),
            None if label or best is None else best.verb,
            score,
            tuple(choices[: N_RUNNERS_UP + 1]),
            "label" if label else "chain" if stretch.continues else "score",
        )


def _reported(script: Script) -> Iterator[_Draft]:
    """The clauses that report speech without marks."""
    found = indirect.reports(script)
    scores = load_trees("indirect").score([r.features for r in found]).tolist() if found else []
    for report, score in indirect.select(found, scores, MIN_REPORT_SCORE):
        paragraph_no = script.sentences[script.sentence_of[report.cue]].paragraph_no
        yield _Draft(report.start, report.end, "indirect", paragraph_no, report.speaker, report.cue, score, (), "syntax")


def _choose(script: Script) -> list[list[_Choice]]:
    """For each stretch its candidates, best first. Paragraphs of one speech have one speaker, the one least in doubt."""
    each = [options(script, n) for n in range(len(script.stretches))]
    rows = [o.features for found in each for o in found]
    scores = load_trees("speakers").score(rows).tolist() if rows else []
    ranked, at = [], 0
    for found in each:
        here = [_Choice(o, s) for o, s in zip(found, scores[at : at + len(found)], strict=True)]
        ranked.append(sorted(here, key=lambda c: -c.score))
        at += len(found)
    for chain in _chains(script):
        surest = max((ranked[n] for n in chain), key=_margin)
        for n in chain:
            ranked[n] = surest
    return ranked


def _chains(script: Script) -> list[list[int]]:
    """The stretches of each speech that goes on over several paragraphs."""
    chains: list[list[int]] = []
    for number, stretch in enumerate(script.stretches):
        if stretch.continues and number:
            if not chains or chains[-1][-1] != number - 1:
                chains.append([number - 1])
            chains[-1].append(number)
    return chains


def _margin(ranked: Sequence[_Choice]) -> float:
    """By how much the best candidate leads."""
    return ranked[0].score - (ranked[1].score if len(ranked) > 1 else NO_SCORE) if ranked else NO_SCORE


def _speech_scores(script: Script, ranked: Sequence[Sequence[_Choice]]) -> list[float]:
    """The log-odds that each stretch is speech."""
    rows = []
    for number, choices in enumerate(ranked):
        scores = [c.score for c in choices[:2]] + [NO_SCORE] * 2
        rows.append(speech.features(script, number, choices[0].option if choices else None, scores[0], scores[1]))
    scored: list[float] = load_trees("speech").score(rows).tolist() if rows else []
    return scored


def _finish(script: Script, people: People, drafts: Sequence[_Draft]) -> Iterator[Why]:
    """Drafts as quotes. Stretches with one cue and one speaker are one utterance."""
    utterances: dict[tuple[int, int | None], int] = {}
    n_utterances = 0
    for draft in drafts:
        voice = voice_of(script, people, draft.speaker) if draft.speaker else UNKNOWN
        number = n_utterances
        if draft.speaker is not None:
            number = utterances.setdefault((draft.speaker.start, draft.cue), n_utterances)
        n_utterances = max(n_utterances, number + 1)
        cue = _printed(script, draft.cue)
        quote = Quote(
            draft.start,
            draft.end,
            draft.kind,
            number,
            script.paragraphs[draft.paragraph_no].passage_no,
            *(cue or (None, None)),
            draft.speaker.start if draft.speaker else None,
            draft.speaker.end if draft.speaker else None,
            voice.name,
            voice.type,
            voice.entity_id,
            voice.via if draft.speaker else None,
            0.5,
        )
        rivals = tuple(_rival(script, people, c) for c in draft.ranked)
        yield Why(quote, script.page.text[slice(*cue)] if cue else None, draft.rule, draft.speech_score, rivals)


def _rival(script: Script, people: People, choice: _Choice) -> Rival:
    candidate = choice.option.candidate
    printed = script.page.text[candidate.start : candidate.end]
    return Rival(printed, voice_of(script, people, candidate).name, choice.score)


def _kind(text: str) -> str:
    inside = text.strip("\"“”„«»'‘’` ")
    is_whole = inside[:1].isupper() and len(inside.split()) >= DIRECT_MIN_WORDS or inside[-1:] in "?!"
    return "direct" if is_whole else "partial"


def _printed(script: Script, position: int | None) -> tuple[int, int] | None:
    if position is None or script.sources[position] < 0:
        return None
    source = script.sources[position]
    return script.words.starts[source], script.words.ends[source]
