import csv

import pytest

from etl.entities.evidence import KINDS, weights
from etl.knowledge.gazetteer import Known, find_known, spellings
from etl.knowledge.word_lists import data_lines
from etl.schema import ENTITY_TYPES
from etl.text import fold_name


def known(name: str) -> Known:
    """What a name is known to be."""
    found = find_known(name)
    assert found is not None
    return found


def test_an_acronym_is_known_only_as_printed() -> None:
    assert known("WHO").name == "World Health Organization"
    assert find_known("who") is None
    assert find_known("us") is None
    assert known("U.S.").name == "United States"


def test_a_word_cut_short_is_known_only_with_its_full_stop() -> None:
    assert known("Miss.").name == "Mississippi"
    assert find_known("Miss") is None
    assert known("N.H.").name == known("New Hampshire").name


def test_a_listed_name_is_known_in_other_spellings_of_its_words() -> None:
    assert known("World Health Organisation") == known("World Health Organization")
    assert known("Labor Party").name == "Labour Party"
    assert known("Peking").name == "Beijing"


def test_a_capital_is_not_its_country() -> None:
    assert known("Moscow").name == "Moscow"


def test_peoples_are_known_in_the_plural() -> None:
    assert known("Norwegians").entity_type == "NORP"


def test_folding_drops_case_diacritics_dots_and_hyphens() -> None:
    assert fold_name("Ångström-O’Łódź St.") == "angstrom olodz st"


@pytest.mark.parametrize("file", ["countries.csv", "organisations.csv"])
def test_no_alias_of_a_data_file_is_two_entities(file: str) -> None:
    owners: dict[str, str] = {}
    for row in csv.DictReader(data_lines(file), delimiter=";"):
        assert row.get("class", "GPE") in ENTITY_TYPES
        for alias in filter(None, [row["name"], *row["aliases"].split("|")]):
            assert owners.setdefault(alias, row["name"]) == row["name"]


def test_no_spelling_is_of_two_names() -> None:
    listed = [spelling for line in data_lines("spellings.txt") for spelling in line.split()]
    assert len(listed) == len(set(listed)) == len(spellings())
    assert all(fold_name(spelling) == spelling for spelling in listed)


def test_weights_are_of_known_kinds() -> None:
    assert weights()
    assert all(0 <= kind < len(KINDS) for row in weights().values() for kind, _ in row)
