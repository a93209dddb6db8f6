"""Find the quotations of one article, with their cues and speakers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from etl.entities.mentions import Mention
from etl.model.annotate import Annotation
from etl.model.boosted_trees import load_trees
from etl.page.parse import Page
from etl.page.wording import TITLE_CAPITALS, is_capitalised
from etl.quotes import reported, speaker_features, speech
from etl.quotes.candidate_speakers import Candidate, CandidateSpeakers, find_candidates
from etl.quotes.confidence import (
    is_reported_probability,
    log_odds,
    quoted_features,
    quoted_probabilities,
    reported_probability,
    speaker_probability,
)
from etl.quotes.coreference import References, find_references, shares
from etl.quotes.labels import PROBABILITIES, labelled
from etl.quotes.layout import ArticleLayout, lay_out
from etl.quotes.quotation_marks import OUTER
from etl.quotes.speaker_identity import UNKNOWN, Speaker, SpeakerIdentities
from etl.quotes.speakers import Choice, options, rank
from etl.quotes.unsaid import is_unsaid
from etl.schema import PERSON

#: A quotation of fewer words that is not a question or exclamation counts as part of the reporter's sentence. So does one that
#: begins in lower case.
DIRECT_MIN_WORDS = 4
#: The least log-odds for a quoted stretch to count as speech, by its number of words: at most so many, and others. On annotated
#: articles F1 is nearly the same for all from -1.2 to 0.5. "Scare quotes" and titles are short.
MIN_SPEECH_SCORES = {3: 0.5, 7: 0.1}
MIN_LONG_SCORE = -1.0
#: The threshold for several words that are all capitalised, as in titles and nicknames.
MIN_TITLE_SCORE = 1.5
#: The threshold for a whole sentence after a colon or alone in its paragraph, however short, and for a quotation with a verb of
#: speech in a headline. In articles that were annotated, most are speech; the trees are fitted on few short ones and no headlines.
MIN_ANNOUNCED_SCORE = -4.0
#: The number of other candidates listed in an explanation.
N_RUNNERS_UP = 3


class Rule(Enum):
    """How the speaker was chosen.

    By candidate scores, by those of one paragraph of the speech, a label, the encoder's link, or as the subject of the cue.
    """

    SCORE = auto()
    CHAIN = auto()
    LABEL = auto()
    LINK = auto()
    SUBJECT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One contiguous stretch of somebody's words. Offsets are half-open code points into the page's text."""

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
    is_unsaid: bool = False


@dataclass(frozen=True, slots=True)
class Rival:
    """One candidate for the speaker of a quote: the printed text, the name and the score."""

    printed: str
    name: str | None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reasons for a quote's speaker: cue, rule, log-odds of being speech, and candidates, best first.

    ``referents``: for a pronoun or a description, whom it may refer to (None: nobody who is named), with probabilities, best
    first.
    """

    quote: Quote
    cue: str | None
    rule: Rule
    speech_score: float
    rivals: tuple[Rival, ...]
    referents: tuple[tuple[str | None, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    start: int
    end: int
    kind: str
    paragraph_no: int
    candidate: Candidate | None
    cue: int | None
    speech_score: float
    ranked: tuple[Choice, ...]
    rule: Rule
    probability: float


def find_quotes(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> tuple[list[Quote], list[Mention]]:
    """The quotations of one article in order, with speakers; and its mentions, with people under their names as speakers."""
    whys, references = _explained(page, annotation, mentions)
    named = [
        replace(m, entity_type=PERSON, name=person.name) if (person := references.named(m)) else m for m in mentions
    ]
    return [why.quote for why in whys], named


def explain(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> list[Why]:
    """The quotations of one article, in order, each with the reasons for its speaker."""
    return _explained(page, annotation, mentions)[0]


def _explained(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> tuple[list[Why], References]:
    layout = lay_out(page, annotation)
    candidates = find_candidates(layout, mentions)
    references = find_references(layout, candidates)
    identities = SpeakerIdentities(layout, candidates, references)
    drafts = [*_quoted(layout, candidates), *_reported(layout, candidates)]
    drafts.sort(key=lambda d: (d.start, -d.end))
    return list(_finish(identities, drafts)), references


def _quoted(layout: ArticleLayout, candidates: CandidateSpeakers) -> Iterator[_Draft]:
    """The quoted stretches that are speech."""
    each = options(layout, candidates)
    option_rows = [option.features for found in each for option in found]
    ranked = rank(layout, each, load_trees("speakers").score(option_rows, speaker_features.FEATURES).tolist())
    speech_rows = [speech.features(layout, n, r) for n, r in enumerate(ranked)]
    scores = load_trees("speech").score(speech_rows, speech.FEATURES).tolist()
    sure = iter(quoted_probabilities([quoted_features(r, s) for r, s in zip(ranked, scores, strict=True) if r]))
    label: Candidate | None = None
    spoken: dict[int, list[Choice]] = {}
    for number, (choices, score) in enumerate(zip(ranked, scores, strict=True)):
        probability = next(sure) if choices else 0.0
        stretch = layout.stretches[number]
        printed = labelled(layout, candidates, number)
        label = printed or (label if stretch.continues else None)
        if label is None and number - 1 in spoken and speech.is_listed(layout, number):
            choices = spoken[number - 1]
        elif label is None and (score < min_speech_score(layout, number, choices) or speech.is_title(layout, number)):
            continue
        spoken[number] = choices
        best = choices[0].option if choices else None
        yield _Draft(
            start=stretch.start,
            end=stretch.end,
            kind=_kind(layout.page.text[stretch.start : stretch.end]),
            paragraph_no=stretch.paragraph_no,
            candidate=label or (best.candidate if best else None),
            cue=None if label or best is None else best.verb,
            speech_score=score,
            ranked=() if label else tuple(choices[: N_RUNNERS_UP + 1]),
            rule=Rule.LABEL if printed else Rule.CHAIN if stretch.continues else Rule.SCORE,
            probability=PROBABILITIES[label.relation] if label else probability,
        )


def min_speech_score(layout: ArticleLayout, number: int, choices: Sequence[Choice]) -> float:
    """The least log-odds with which a stretch counts as speech. ``choices`` are its candidates, best first."""
    verb = choices[0].option.verb if choices else None
    if speech.is_announced(layout, number):
        return MIN_ANNOUNCED_SCORE
    paragraph = layout.paragraphs[layout.stretches[number].paragraph_no]
    is_in_headline = paragraph.kind == "headline"
    # Where all of a headline is capitalised, capitals are no sign of a title.
    is_capitals = is_in_headline and is_capitalised(layout.page.text[paragraph.start : paragraph.end], TITLE_CAPITALS)
    if speech.n_capitalised(layout, number) > 1 and not is_capitals:
        return MIN_TITLE_SCORE
    if is_in_headline and verb is not None and layout.words[verb].cue_weight >= 0:
        return MIN_ANNOUNCED_SCORE
    stretch = layout.stretches[number]
    n_words = len(layout.page.text[stretch.start : stretch.end].split())
    return next((least for most, least in MIN_SPEECH_SCORES.items() if n_words <= most), MIN_LONG_SCORE)


def _reported(layout: ArticleLayout, candidates: CandidateSpeakers) -> Iterator[_Draft]:
    """The clauses that report speech without quotation marks."""
    found = reported.reports(layout, candidates)
    for report, probability in reported.select(found, [is_reported_probability(r.features) for r in found]):
        yield _Draft(
            start=report.start,
            end=report.end,
            kind="indirect",
            paragraph_no=report.paragraph_no,
            candidate=report.speaker,
            cue=report.cue,
            speech_score=log_odds(probability),
            ranked=(),
            rule=Rule.LINK if report.features.has_source else Rule.SUBJECT,
            probability=reported_probability(report.features) if report.speaker else 0.0,
        )


def _finish(identities: SpeakerIdentities, drafts: Sequence[_Draft]) -> Iterator[Why]:
    """Convert drafts to quotes. Stretches with the same cue and speaker are one utterance."""
    layout = identities.layout
    utterances: dict[tuple[int, int | None], int] = {}
    n_utterances = 0
    for draft in drafts:
        speaker = identities.of(draft.candidate) if draft.candidate else UNKNOWN
        number = n_utterances
        if draft.candidate is not None:
            number = utterances.setdefault((draft.candidate.start, draft.cue), n_utterances)
        n_utterances = max(n_utterances, number + 1)
        cue = _printed(layout, draft.cue)
        rivals = tuple(_rival(identities, choice) for choice in draft.ranked)
        printed = (draft.candidate.start, draft.candidate.end) if draft.candidate else None
        quote = Quote(
            start=draft.start,
            end=draft.end,
            kind=draft.kind,
            utterance_no=number,
            passage_no=layout.paragraphs[draft.paragraph_no].passage_no,
            cue_start=cue and cue[0],
            cue_end=cue and cue[1],
            speaker_start=printed and printed[0],
            speaker_end=printed and printed[1],
            speaker_name=speaker.name,
            speaker_type=speaker.type,
            speaker_entity_id=speaker.entity_id,
            speaker_via=_via(layout, draft, speaker),
            confidence=_confidence(draft, speaker, rivals),
            is_unsaid=is_unsaid(layout, draft.cue, draft.start),
        )
        yield Why(
            quote=quote,
            cue=layout.page.text[slice(*cue)] if cue else None,
            rule=draft.rule,
            speech_score=draft.speech_score,
            rivals=rivals,
            referents=identities.references.referents(draft.candidate.position)[:N_RUNNERS_UP]
            if draft.candidate
            else (),
        )


def _confidence(draft: _Draft, speaker: Speaker, rivals: Sequence[Rival]) -> float:
    """The probability that the speaker is right."""
    if draft.candidate is None:
        return 0.0
    return round(speaker_probability(draft.probability, speaker, _same_speaker(speaker, rivals[1:])), 4)


def _via(layout: ArticleLayout, draft: _Draft, speaker: Speaker) -> str | None:
    """How the speaker was found: from the same speech, from another paragraph, from a reference or from a printed name."""
    if draft.candidate is None:
        return None
    if draft.rule is Rule.CHAIN:
        return "continuation"
    is_apart = layout.sentences[draft.candidate.sentence_no].paragraph_no != draft.paragraph_no
    return "floating" if is_apart and draft.rule is Rule.SCORE else speaker.via


def _same_speaker(speaker: Speaker, others: Sequence[Rival]) -> float:
    """The share of the other candidates that refer to the same speaker, weighted by score."""
    if speaker.name is None:
        return 0.0
    weights = shares([other.score for other in others])
    return sum(weight for weight, other in zip(weights, others, strict=True) if other.name == speaker.name)


def _rival(identities: SpeakerIdentities, choice: Choice) -> Rival:
    candidate = choice.option.candidate
    printed = identities.layout.page.text[candidate.start : candidate.end]
    return Rival(printed, identities.of(candidate).name, choice.score)


def _kind(text: str) -> str:
    inside = text.strip(OUTER)
    is_whole = (inside[:1].isupper() and len(inside.split()) >= DIRECT_MIN_WORDS) or inside[-1:] in "?!"
    return "direct" if is_whole else "partial"


def _printed(layout: ArticleLayout, position: int | None) -> tuple[int, int] | None:
    word = None if position is None else layout.words[position]
    return None if word is None or word.is_stand_in else (word.start, word.end)
