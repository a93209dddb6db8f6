"""Quotations and whose words they are: spans, cues and speakers of one article."""

from collections.abc import Sequence
from dataclasses import dataclass

from etl.annotate import Annotation
from etl.entities import Mention
from etl.parse import Page
from etl.people import People, find_people
from etl.script import Script, lay_out
from etl.speakers import Option, options
from etl import speech
from etl.trees import load_trees
from etl.voices import Voice, voice_of

VERSION = "2"

#: A quotation of fewer words that does not stand as a sentence is part of somebody else's sentence.
PARTIAL_MAX_WORDS = 4
#: Log-odds from which a quoted stretch counts as speech: what maximises F1 on annotated articles.
MIN_SPEECH_SCORE = -0.2
#: The score of a candidate that is not there.
NO_SCORE = -9.0


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
class _Choice:
    option: Option
    score: float


def find_quotes(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> list[Quote]:
    """The quotations of one article, in order, each with its speaker."""
    script = lay_out(page, annotation, mentions)
    people = find_people(script)
    choices = _choose(script)
    spoken = _spoken(script, choices)
    return _quotes(script, people, [c if is_speech else None for c, is_speech in zip(choices, spoken, strict=True)])


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


def _spoken(script: Script, choices: Sequence[Sequence[_Choice]]) -> list[bool]:
    """Whether each stretch is speech."""
    rows = []
    for number, ranked in enumerate(choices):
        scores = [c.score for c in ranked[:2]] + [NO_SCORE] * 2
        rows.append(speech.features(script, number, ranked[0].option if ranked else None, scores[0], scores[1]))
    return [s >= MIN_SPEECH_SCORE for s in load_trees("speech").score(rows).tolist()] if rows else []


def _quotes(script: Script, people: People, choices: Sequence[Sequence[_Choice] | None]) -> list[Quote]:
    found: list[Quote] = []
    previous: tuple[int, int | None] | None = None
    utterance_no = -1
    for stretch, ranked in zip(script.stretches, choices, strict=True):
        if ranked is None:
            continue
        best = ranked[0].option if ranked else None
        kind = _kind(script.page.text[stretch.start : stretch.end])
        key = (best.candidate.start, best.verb) if best else None
        if key is None or key != previous:
            utterance_no += 1
        previous = key
        passage_no = script.paragraphs[stretch.paragraph_no].passage_no
        if best is None:
            found.append(Quote(stretch.start, stretch.end, kind, utterance_no, passage_no))
            continue
        voice = voice_of(script, people, best.candidate)
        cue = _printed(script, best.verb)
        found.append(
            Quote(
                stretch.start,
                stretch.end,
                kind,
                utterance_no,
                passage_no,
                *(cue or (None, None)),
                best.candidate.start,
                best.candidate.end,
                voice.name,
                voice.type,
                voice.entity_id,
                voice.via,
                0.5,
            )
        )
    return found


def _kind(text: str) -> str:
    inside = text.strip("\"“”„«»'‘’` ")
    is_whole = inside[:1].isupper() and len(inside.split()) >= PARTIAL_MAX_WORDS or inside[-1:] in "?!"
    return "direct" if is_whole else "partial"


def _printed(script: Script, position: int | None) -> tuple[int, int] | None:
    if position is None or script.sources[position] < 0:
        return None
    source = script.sources[position]
    return script.words.starts[source], script.words.ends[source]
