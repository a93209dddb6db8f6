"""Confidence in a speaker: the probability that the attribution is right, given that the stretch is speech.

It combines two probabilities, each from a model fitted on annotated articles: that the right phrase was chosen as the speaker,
and that this phrase was resolved to the right person.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from etl.knowledge import DATA
from etl.knowledge.nouns import NONE
from etl.model.boosted_trees import load_trees
from etl.quotes.reported import ReportFeatures
from etl.quotes.speaker_features import FEATURES as SPEAKER_FEATURES
from etl.quotes.speaker_identity import Speaker
from etl.quotes.speakers import Choice, lead


class ChoiceFeatures(NamedTuple):
    """How clear the choice among a quotation's candidates was."""

    lead: float
    lead_over_third: float
    score: float
    speech: float
    n_candidates: float


#: The features of a chosen candidate: those of the choice, then its own.
QUOTED_FEATURES = ChoiceFeatures._fields + SPEAKER_FEATURES
SCORE, CONTINUES = map(QUOTED_FEATURES.index, ("score", "continues"))
#: The most that the best of candidates is believed if the trees hold it for no speaker (a score below 0): 39 of 135 in PolNeAR's
#: training articles are. The trees for confidence saw too few of these.
DOUBTFUL_PROBABILITY = 0.3
MAX_MARGIN = 3.0
#: The features of a report that are probabilities, and the largest log-odds of one.
PROBABILITIES = ("content", "least", "begins", "ends", "source", "cue")
MAX_ODDS = 7.0
#: The share of speakers that cannot speak which annotators too took for the speaker, of 82 in articles used for fitting.
SILENT_PROBABILITY = 0.45
#: The share of subjects of cues, where the encoder finds no source, that are the speaker: 20 of 25 read by hand.
SUBJECT_PROBABILITY = 0.8


def quoted_features(ranked: Sequence[Choice], speech_score: float) -> tuple[float, ...]:
    """The features for judging whether a quotation's best candidate is the speaker."""
    choice = ChoiceFeatures(
        lead=lead(ranked),
        lead_over_third=lead(ranked, 2),
        score=ranked[0].score,
        speech=speech_score,
        n_candidates=len(ranked),
    )
    return choice + ranked[0].option.features


def is_reported_probability(features: ReportFeatures) -> float:
    """The probability that a stretch, just as it is, is reported speech."""
    return _weighed("reported", report_signs(features))


def reported_probability(features: ReportFeatures) -> float:
    """The probability that the source of reported speech, or else the subject of its cue, is its speaker."""
    return SUBJECT_PROBABILITY if not features.has_source else _weighed("reported_confidence", report_signs(features))


def report_signs(features: ReportFeatures) -> dict[str, float]:
    """The signs of how sure a report is: the encoder's probabilities as log-odds, and the number of words as its logarithm."""
    signs = {"always": 1.0, **features._asdict()}
    for name in PROBABILITIES:
        signs[name] = max(-MAX_ODDS, min(log_odds(signs[name]), MAX_ODDS))
    signs["n_words"] = math.log(features.n_words)
    return signs


def _weighed(name: str, signs: Mapping[str, float]) -> float:
    weights = _weights(name)
    return _logistic(sum(weights.get(sign, 0.0) * value for sign, value in signs.items()))


def identity_features(speaker: Speaker) -> dict[str, float]:
    """The features for judging whether a phrase was resolved to the right speaker: the method and its margin."""
    way = speaker.via if speaker.name or speaker.via == "named" else f"{speaker.via}_unresolved"
    return {way: 1.0, f"{way}_margin": max(-MAX_MARGIN, min(log_odds(speaker.probability), MAX_MARGIN))}


@cache
def _weights(name: str) -> dict[str, float]:
    stored: dict[str, float] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return stored


def identity_probability(speaker: Speaker) -> float:
    """The probability that a correctly chosen phrase was resolved to the right speaker."""
    return _weighed("speaker_identity", identity_features(speaker))


def speaker_probability(stretch: float, speaker: Speaker, same_speaker: float = 0.0) -> float:
    """The probability that words are attributed to the right speaker.

    Either the chosen phrase is right (probability ``stretch``) and refers to that speaker, or another phrase is right and refers
    to the same speaker (``same_speaker``: the share of the other candidates that do). What cannot speak is hardly ever right.
    """
    silence = SILENT_PROBABILITY if speaker.type == NONE else 1.0
    return silence * identity_probability(speaker) * (stretch + (1 - stretch) * same_speaker)


def quoted_probabilities(rows: Sequence[Sequence[float]]) -> list[float]:
    """The probability that each quotation's best candidate is its speaker."""
    scores = load_trees("quoted_confidence").score(rows, QUOTED_FEATURES).tolist()
    return [
        min(_logistic(score), DOUBTFUL_PROBABILITY if row[SCORE] < 0 and not row[CONTINUES] else 1.0)
        for row, score in zip(rows, scores, strict=True)
    ]


def log_odds(probability: float) -> float:
    """The log-odds of a probability, within those of one in a thousand million."""
    return math.log(max(probability, 1e-9) / max(1 - probability, 1e-9))


def _logistic(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
