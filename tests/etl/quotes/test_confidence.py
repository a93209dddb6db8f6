import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.quotes.confidence import (
    DOUBTFUL_PROBABILITY,
    MAX_ODDS,
    QUOTED_FEATURES,
    identity_probability,
    is_reported_probability,
    quoted_probabilities,
    report_signs,
    reported_probability,
    speaker_probability,
)
from etl.quotes.reported import ReportFeatures
from etl.quotes.speaker_identity import Speaker

PROBABILITIES = st.floats(0, 1)


@given(PROBABILITIES, PROBABILITIES, PROBABILITIES, st.sampled_from(["named", "pronoun", "description"]))
def test_confidence_is_a_probability_that_grows_with_its_reasons(a: float, b: float, same: float, via: str) -> None:
    speaker = Speaker("Mary Holt", "1", "person", via, a)
    assert 0 <= speaker_probability(b, speaker, same) <= 1
    assert speaker_probability(b, speaker, same) >= speaker_probability(b, speaker) - 1e-9
    assert identity_probability(Speaker("Mary Holt", "1", "person", via, 1.0)) >= identity_probability(speaker) - 1e-9


def test_who_the_trees_hold_for_no_speaker_is_doubtful() -> None:
    def row(**features: float) -> list[float]:
        return [features.get(name, 0.0) for name in QUOTED_FEATURES]

    clear = {"lead": 9.0, "lead_over_third": 9.0, "speech": 5.0, "n_candidates": 1.0}
    rows = [row(score=5.0, **clear), row(score=-0.1, **clear), row(score=-0.1, continues=1.0, **clear)]
    likely, unlikely, continued = quoted_probabilities(rows)
    assert min(likely, continued) > DOUBTFUL_PROBABILITY >= unlikely


def test_a_name_is_surer_than_a_doubtful_pronoun() -> None:
    named, pronoun = Speaker("Mary Holt", "1", "person", "named"), Speaker("Mary Holt", "1", "person", "pronoun", 0.5)
    assert identity_probability(named) > 0.9 > identity_probability(pronoun)


def test_a_probability_is_the_logistic_of_the_weights_of_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {"pronoun": 0.7, "pronoun_margin": 2.0, "pronoun_unresolved": -1.0}
    monkeypatch.setattr("etl.quotes.confidence._weights", {"speaker_identity": weights}.__getitem__)
    resolved = Speaker("Mary Holt", "1", "person", "pronoun", 0.8)
    log_odds = 0.7 + 2.0 * math.log(0.8 / 0.2)
    assert identity_probability(resolved) == pytest.approx(1 / (1 + math.exp(-log_odds)))
    nobody = Speaker(None, None, "unknown", "pronoun", 0.5)
    assert identity_probability(nobody) == pytest.approx(1 / (1 + math.exp(1)))


def test_other_candidates_who_are_the_same_person_make_a_speaker_surer() -> None:
    speaker = Speaker("Mary Holt", "1", "person", "named")
    sure = identity_probability(speaker)
    assert speaker_probability(0.5, speaker) == pytest.approx(0.5 * sure)
    assert speaker_probability(0.5, speaker, same_speaker=0.4) == pytest.approx(0.7 * sure)


def report(**signs: float) -> ReportFeatures:
    """A report that the encoder is as sure of as of its opposite, but for some features."""
    half = dict.fromkeys(("content", "least", "begins", "ends", "source", "cue"), 0.5)
    rest = dict.fromkeys(ReportFeatures._fields, 0.0) | half | {"n_words": 1.0}
    return ReportFeatures(**(rest | signs))


@given(st.fixed_dictionaries(dict.fromkeys(("content", "least", "begins", "ends", "source", "cue"), PROBABILITIES)))
def test_how_sure_a_report_is_is_a_probability(signs: dict[str, float]) -> None:
    assert 0 <= is_reported_probability(report(**signs)) <= 1
    assert 0 <= reported_probability(report(**signs)) <= 1
    assert all(math.isfinite(sign) for sign in report_signs(report(**signs)).values())


def test_a_report_that_the_encoder_is_sure_of_is_surer() -> None:
    sure, unsure = (
        report(content=p, least=p, begins=p, ends=p, link=8 * p, n_words=9.0, has_source=1.0) for p in (0.99, 0.4)
    )
    assert is_reported_probability(sure) > is_reported_probability(unsure)
    assert reported_probability(sure) > reported_probability(unsure)


def test_the_signs_of_a_report_are_log_odds_and_a_logarithm() -> None:
    signs = report_signs(report(content=0.8, ends=1.0, link=3.0, n_words=20.0))
    assert signs["content"] == pytest.approx(math.log(4))
    assert (signs["ends"], signs["link"], signs["always"]) == (MAX_ODDS, 3.0, 1.0)
    assert signs["n_words"] == pytest.approx(math.log(20))
