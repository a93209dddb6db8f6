"""How sure a speaker is: the probability that the words are theirs, given that the stretch is speech.

Two questions, each answered by numbers fitted on annotated articles: was the right stretch of text taken for the speaker, and does
that stretch stand for the person it was taken to stand for.
"""

import json
import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from etl.knowledge import DATA
from etl.model.boosted_trees import load_trees
from etl.quotes.reported import Report
from etl.quotes.speaker_identity import Speaker
from etl.quotes.speakers import FEATURES as SPEAKER_FEATURES
from etl.quotes.speakers import Choice, lead


class ChoiceFeatures(NamedTuple):
    """How clear the choice among the candidates for a quotation was."""

    lead: float
    lead_over_third: float
    score: float
    speech: float
    n_candidates: float


#: The features of a chosen candidate: of the choice, then its own.
QUOTED_FEATURES = ChoiceFeatures._fields + SPEAKER_FEATURES
#: The features of a report that tell whether its cue's subject is the speaker; the score of the report comes first.
SUBJECT_FEATURES = ("subject", "subject_tag", "subject_distance", "kind", "weight", "is_passive", "relation")
REPORTED_FEATURES = ("score", *SUBJECT_FEATURES)
#: The names of the features that the trees of each kind weigh.
FEATURES = {"quoted": QUOTED_FEATURES, "reported": REPORTED_FEATURES}
MAX_MARGIN = 3.0


def quoted_features(ranked: Sequence[Choice], speech_score: float) -> tuple[float, ...]:
    """What tells whether the best candidate for a quotation is the speaker."""
    choice = ChoiceFeatures(
        lead=lead(ranked),
        lead_over_third=lead(ranked, 2),
        score=ranked[0].score,
        speech=speech_score,
        n_candidates=len(ranked),
    )
    return choice + ranked[0].option.features


def reported_features(report: Report, score: float) -> tuple[float, ...]:
    """What tells whether the subject of a reporting verb is the speaker."""
    return score, *(getattr(report.features, name) for name in SUBJECT_FEATURES)


def identity_features(speaker: Speaker) -> dict[str, float]:
    """What tells whether a stretch stands for the speaker it was taken for: how it was reached, and by what margin."""
    way = speaker.via if speaker.name or speaker.via == "named" else f"{speaker.via}_unresolved"
    return {way: 1.0, f"{way}_margin": max(-MAX_MARGIN, min(_log_odds(speaker.probability), MAX_MARGIN))}


@cache
def _identity_weights() -> dict[str, float]:
    stored: dict[str, float] = json.loads((DATA / "speaker_identity.json").read_text(encoding="utf-8"))
    return stored


def identity_probability(speaker: Speaker, weights: dict[str, float] | None = None) -> float:
    """The probability that a rightly chosen stretch stands for the speaker it was taken for."""
    weights = _identity_weights() if weights is None else weights
    return _logistic(sum(weights.get(name, 0.0) * value for name, value in identity_features(speaker).items()))


def speaker_probability(stretch: float, speaker: Speaker, same_speaker: float = 0.0) -> float:
    """The probability that words are of the speaker they were given to.

    Either the right stretch was taken for the speaker (``stretch``) and stands for that speaker, or another was the right one and
    stands for the same speaker (``same_speaker``: the share of those in the running that do).
    """
    return identity_probability(speaker) * (stretch + (1 - stretch) * same_speaker)


def mention_probabilities(kind: str, rows: Sequence[Sequence[float]]) -> list[float]:
    """The probability that each chosen stretch is the speaker; ``kind`` is "quoted" or "reported"."""
    return [_logistic(score) for score in load_trees(f"{kind}_confidence").score(rows, FEATURES[kind]).tolist()]


def _log_odds(probability: float) -> float:
    return math.log(max(probability, 1e-9) / max(1 - probability, 1e-9))


def _logistic(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
