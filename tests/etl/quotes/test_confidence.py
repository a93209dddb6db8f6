import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.quotes.confidence import identity_probability, speaker_probability
from etl.quotes.speaker_identity import Speaker

PROBABILITIES = st.floats(0, 1)


@given(PROBABILITIES, PROBABILITIES, PROBABILITIES, st.sampled_from(["named", "pronoun", "description"]))
def test_confidence_is_a_probability_that_grows_with_its_reasons(a: float, b: float, same: float, via: str) -> None:
    speaker = Speaker("Mary Holt", "1", "person", via, a)
    assert 0 <= speaker_probability(b, speaker, same) <= 1
    assert speaker_probability(b, speaker, same) >= speaker_probability(b, speaker) - 1e-9
    assert identity_probability(Speaker("Mary Holt", "1", "person", via, 1.0)) >= identity_probability(speaker) - 1e-9


def test_a_name_is_surer_than_a_doubtful_pronoun() -> None:
    named, pronoun = Speaker("Mary Holt", "1", "person", "named"), Speaker("Mary Holt", "1", "person", "pronoun", 0.5)
    assert identity_probability(named) > 0.9 > identity_probability(pronoun)


def test_a_probability_is_the_logistic_of_the_weights_of_what_was_seen() -> None:
    weights = {"pronoun": 0.7, "pronoun_margin": 2.0, "pronoun_unresolved": -1.0}
    resolved = Speaker("Mary Holt", "1", "person", "pronoun", 0.8)
    log_odds = 0.7 + 2.0 * math.log(0.8 / 0.2)
    assert identity_probability(resolved, weights) == pytest.approx(1 / (1 + math.exp(-log_odds)))
    nobody = Speaker(None, None, "unknown", "pronoun", 0.5)
    assert identity_probability(nobody, weights) == pytest.approx(1 / (1 + math.exp(1)))


def test_other_candidates_who_are_the_same_person_make_a_speaker_surer() -> None:
    speaker = Speaker("Mary Holt", "1", "person", "named")
    sure = identity_probability(speaker)
    assert speaker_probability(0.5, speaker) == pytest.approx(0.5 * sure)
    assert speaker_probability(0.5, speaker, same_speaker=0.4) == pytest.approx(0.7 * sure)


def test_weights_may_be_given() -> None:
    assert identity_probability(Speaker(None, None, "unknown", "pronoun", 0.5), {}) == pytest.approx(0.5)
