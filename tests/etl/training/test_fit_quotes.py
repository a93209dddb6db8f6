from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.quotes.antecedents import ReferenceFeatures
from etl.training.evaluate import GoldArticle, GoldQuote
from etl.training.fit_quotes import BY_HAND, fit_choice, fit_cues, logistic_regression, write


def test_words_that_report_weigh_more_than_words_that_also_do() -> None:
    said = GoldQuote(0, 5, "direct", cue="said", speaker_start=1)
    added = GoldQuote(0, 5, "direct", cue="added", speaker_start=9)
    article = GoldArticle("a", "“Well,” he said. She added and added and added.", (said, added))
    weights = fit_cues([article] * 6)
    assert set(weights) == {"said", "added"}
    assert weights["said"] > weights["added"]


def test_every_feature_of_a_reference_has_a_weight_by_hand() -> None:
    assert set(BY_HAND) == set(ReferenceFeatures._fields)


def test_a_choice_learns_what_tells_the_right_one() -> None:
    n = len(ReferenceFeatures._fields)
    told = ReferenceFeatures._fields.index("agrees")
    rows = np.zeros((2, n))
    rows[0, told] = 1
    learned = fit_choice([(rows, np.array([True, False]))] * 50)
    unlearned = fit_choice([(rows, np.array([False, True]))] * 50)
    assert learned[told] > BY_HAND["agrees"] > 0 > unlearned[told]


@settings(deadline=None)
@given(st.floats(0.1, 0.9))
def test_a_logistic_of_a_constant_is_its_share(share: float) -> None:
    truth = np.arange(1000) < 1000 * share
    ((weight,),) = logistic_regression().fit(np.ones((1000, 1)), truth).coef_
    assert 1 / (1 + np.exp(-weight)) == pytest.approx(truth.mean(), abs=0.01)


def test_what_is_fitted_is_written_where_it_is_told(tmp_path: Path) -> None:
    write(tmp_path, "cues", {"said": 1.5})
    assert (tmp_path / "cues.json").read_text(encoding="utf-8") == '{"said":1.5}\n'
