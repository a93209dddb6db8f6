from etl.knowledge.given_names import is_given_name, male_log_odds, may_be_given_name
from etl.knowledge.word_lists import data_rows, words
from etl.text import fold_name


def test_given_names_are_known_however_they_are_printed() -> None:
    assert is_given_name("José")
    assert is_given_name("MARIA")
    assert not is_given_name("Parliament")


def test_a_rare_name_may_be_one_unless_it_is_another_word() -> None:
    assert not is_given_name("Adaline")
    assert may_be_given_name("Adaline")
    assert not is_given_name("Forest")
    assert not may_be_given_name("Forest")


def test_a_name_says_man_or_woman_if_the_census_lists_it() -> None:
    assert (male_log_odds("Aaron") or 0) > 0 > (male_log_odds("Abigail") or 0)
    assert male_log_odds("Robin") == male_log_odds("Michele") == 0
    assert male_log_odds("Parliament") is None


def test_women_whom_the_census_does_not_list_and_marks_and_double_names_are_known() -> None:
    assert (male_log_odds("Saskia") or 0) < 0
    assert male_log_odds("André") == male_log_odds("Andre") == male_log_odds("André-Paul")
    assert male_log_odds("Min-jun") is None


def test_names_listed_by_hand_are_folded_and_not_in_the_census() -> None:
    counted = {row["name"] for row in data_rows("given_names.csv") if row["male_log_odds"]}
    women = words("given_to_women")
    assert [name for name in women if fold_name(name) != name or name in counted] == []


def test_each_name_has_one_row_and_is_folded() -> None:
    names = [row["name"] for row in data_rows("given_names.csv")]
    assert names == sorted(set(names))
    assert [name for name in names if fold_name(name) != name] == []
