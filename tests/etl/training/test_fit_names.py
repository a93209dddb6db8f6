from etl.entities.evidence import KINDS, NONE
from etl.training.fit_names import as_lines, fit


def test_a_sign_of_one_kind_speaks_for_it() -> None:
    person, none = [0] * len(KINDS), [0] * len(KINDS)
    person[0], none[NONE] = 2, 1
    table = fit([({"always": 1.0, "titled": 1.0}, person), ({"always": 1.0}, none)] * 20)
    titled = dict(table["titled"])
    assert titled[0] > 0 > titled[NONE]
    assert next(iter(as_lines(table))) == "sign;person;organisation;place;group;other;none"
