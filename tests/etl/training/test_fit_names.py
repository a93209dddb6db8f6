import math

import pytest

from etl.entities.evidence import KINDS, NONE
from etl.training.fit_names import NONE_BIAS, as_lines, fit

PERSON = KINDS.index("person")


def test_weights_are_the_log_odds_that_the_examples_show() -> None:
    """Of names with the sign three in four are persons, of the others one in four; both kinds have one sign more."""
    person, none = [0] * len(KINDS), [0] * len(KINDS)
    person[PERSON], none[NONE] = 1, 1
    titled, plain = {"always": 1.0, "titled": 1.0}, {"always": 1.0}
    table = fit(
        [(titled, person), (titled, person), (titled, person), (titled, none)] * 500
        + [(plain, person), (plain, none), (plain, none), (plain, none)] * 500
    )
    always, sign = dict(table["always"]), dict(table["titled"])
    of_plain = always.get(PERSON, 0.0) - (always.get(NONE, 0.0) - NONE_BIAS)
    assert of_plain == pytest.approx(math.log(1 / 3), abs=0.2)
    assert of_plain + sign[PERSON] - sign[NONE] == pytest.approx(math.log(3), abs=0.2)


def test_weights_are_written_as_they_are_read() -> None:
    assert list(as_lines({"titled": ((PERSON, 1.5), (NONE, -2.0))})) == [
        "sign;person;organisation;place;group;other;none",
        "titled;1.5;;;;;-2",
    ]
