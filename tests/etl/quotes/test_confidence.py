import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.quotes.confidence import speaker_probability, voice_probability
from etl.quotes.speaker_identity import Voice

PROBABILITIES = st.floats(0, 1)


@given(PROBABILITIES, PROBABILITIES, PROBABILITIES, st.sampled_from(["named", "pronoun", "description"]))
def test_confidence_is_a_probability_that_grows_with_its_reasons(a: float, b: float, same: float, via: str) -> None:
    voice = Voice("Mary Holt", "1", "person", via, a)
    assert 0 <= speaker_probability(b, voice, same) <= 1
    assert speaker_probability(b, voice, same) >= speaker_probability(b, voice) - 1e-9
    assert voice_probability(Voice("Mary Holt", "1", "person", via, 1.0)) >= voice_probability(voice) - 1e-9


def test_a_name_is_surer_than_a_doubtful_pronoun() -> None:
    named, pronoun = Voice("Mary Holt", "1", "person", "named"), Voice("Mary Holt", "1", "person", "pronoun", 0.5)
    assert voice_probability(named) > 0.9 > voice_probability(pronoun)


def test_a_probability_is_the_logistic_of_the_weights_of_what_was_seen() -> None:
    weights = {"pronoun": 0.7, "pronoun_margin": 2.0, "pronoun_unresolved": -1.0}
    resolved = Voice("Mary Holt", "1", "person", "pronoun", 0.8)
    log_odds = 0.7 + 2.0 * math.log(0.8 / 0.2)
    assert voice_probability(resolved, weights) == pytest.approx(1 / (1 + math.exp(-log_odds)))
    nobody = Voice(None, None, "unknown", "pronoun", 0.5)
    assert voice_probability(nobody, weights) == pytest.approx(1 / (1 + math.exp(1)))


def test_other_candidates_who_are_the_same_person_make_a_speaker_surer() -> None:
    voice = Voice("Mary Holt", "1", "person", "named")
    sure = voice_probability(voice)
    assert speaker_probability(0.5, voice) == pytest.approx(0.5 * sure)
    assert speaker_probability(0.5, voice, same_voice=0.4) == pytest.approx(0.7 * sure)


def test_weights_may_be_given() -> None:
    assert voice_probability(Voice(None, None, "unknown", "pronoun", 0.5), {}) == pytest.approx(0.5)
