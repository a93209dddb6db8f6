from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.entities.aliases import fullest_names


def fullest(*named: tuple[str, str], acronyms: dict[str, str] | None = None) -> dict[tuple[str, str], str]:
    return fullest_names(dict.fromkeys(named, 1), acronyms or {})


def test_a_family_name_is_the_one_person_named_in_full() -> None:
    assert fullest(("PERSON", "Ivo Tallis"), ("PERSON", "Tallis"))["PERSON", "Tallis"] == "Ivo Tallis"


def test_a_family_name_with_a_particle_is_the_person_named_in_full() -> None:
    names = fullest(("PERSON", "Anna van Dorn"), ("PERSON", "van Dorn"), ("PERSON", "Dorn"))
    assert set(names.values()) == {"Anna van Dorn"}


def test_a_family_name_may_begin_with_a_capital_article() -> None:
    assert (
        fullest_names({("PERSON", "Samir Al Holt"): 1, ("PERSON", "Al Holt"): 1}, {})["PERSON", "Al Holt"]
        == "Samir Al Holt"
    )


def test_a_family_name_that_two_people_share_is_neither() -> None:
    names = fullest(("PERSON", "Ivo Tallis"), ("PERSON", "Mara Tallis"), ("PERSON", "Tallis"))
    assert names["PERSON", "Tallis"] == "Tallis"


def test_a_name_without_its_middle_name_is_the_longer_one_and_so_is_what_is_short_for_it() -> None:
    names = fullest(("PERSON", "Ivo Bren Tallis"), ("PERSON", "Ivo Tallis"), ("PERSON", "Tallis"))
    assert set(names.values()) == {"Ivo Bren Tallis"}


def test_the_first_of_two_family_names_is_the_person_alone() -> None:
    assert fullest(("PERSON", "Ivo Tallis Varga"), ("PERSON", "Tallis"))["PERSON", "Tallis"] == "Ivo Tallis Varga"
    others = (("PERSON", "Mara Tallis"), ("PERSON", "Oren Tallis"))
    assert fullest(("PERSON", "Ivo Tallis Varga"), ("PERSON", "Tallis"), *others)["PERSON", "Tallis"] == "Tallis"
    assert fullest(("PERSON", "Anna Maria Tallis"), ("PERSON", "Maria"))["PERSON", "Maria"] == "Maria"


def test_a_family_name_that_is_misspelt_alone_is_the_one_persons() -> None:
    assert fullest(("PERSON", "Ivo Marrack"), ("PERSON", "Marack"))["PERSON", "Marack"] == "Ivo Marrack"
    assert fullest(("PERSON", "Ivo Eldridge"), ("PERSON", "Eldrige"))["PERSON", "Eldrige"] == "Ivo Eldridge"
    assert fullest(("PERSON", "Ivo Kelley"), ("PERSON", "Kelly"))["PERSON", "Kelly"] == "Kelly"
    two = (("PERSON", "Ivo Marrack"), ("PERSON", "Mara Marracks"), ("PERSON", "Oren Mareck"))
    assert fullest(*two, ("PERSON", "Marrek"))["PERSON", "Marrek"] == "Marrek"


def test_names_of_many_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    n, dice, compared = 1_000, Random(3), list[object]()
    monkeypatch.setattr("etl.entities.aliases.spell_one_name", lambda *names: compared.append(names))

    def word() -> str:
        return "".join(dice.choices("bdfgklmnprstv", k=8)).capitalize()

    fullest(*(("PERSON", name) for _ in range(n) for name in (f"{word()} {word()}", word())))
    assert len(compared) < n


def test_initials_and_a_family_name_are_the_one_person_with_them() -> None:
    assert set(fullest(("PERSON", "Ivo Bren Tallis"), ("PERSON", "I.B. Tallis"), ("PERSON", "I Tallis")).values()) == {
        "Ivo Bren Tallis"
    }
    brothers = (("PERSON", "Ivo Tallis"), ("PERSON", "Ian Tallis"))
    assert fullest(*brothers, ("PERSON", "I Tallis"))["PERSON", "I Tallis"] == "I Tallis"


def test_a_family_name_is_no_place_of_that_name() -> None:
    assert fullest(("PERSON", "Ivo Tallis"), ("GPE", "Tallis"))["GPE", "Tallis"] == "Tallis"


def test_an_explained_acronym_is_its_organisation() -> None:
    names = fullest(("ORG", "Harbour Pilots"), ("ORG", "HARPI"), acronyms={"Harbour Pilots": "HARPI"})
    assert names["ORG", "HARPI"] == "Harbour Pilots"


def test_initials_spell_an_organisation_if_only_one() -> None:
    one = ("ORG", "Marlowe Harbour Board")
    assert fullest(one, ("ORG", "MHB"))["ORG", "MHB"] == "Marlowe Harbour Board"
    assert fullest(one, ("ORG", "Mills and Houses Bank"), ("ORG", "MHB"))["ORG", "MHB"] == "MHB"
    bank = ("ORG", "Bank of Norvane")
    assert fullest(bank, ("ORG", "BoN"), ("ORG", "BON"))["ORG", "BoN"] == "Bank of Norvane"


def test_a_company_without_its_last_words_is_the_company() -> None:
    assert fullest(("ORG", "Sorrel Mining Group Inc"), ("ORG", "Sorrel Mining"))["ORG", "Sorrel Mining"] == (
        "Sorrel Mining Group Inc"
    )
    assert fullest(("ORG", "Sorrel Media"), ("ORG", "Sorrel"))["ORG", "Sorrel"] == "Sorrel Media"
    assert fullest(("ORG", "Quill and Co"), ("ORG", "Quill"))["ORG", "Quill"] == "Quill and Co"
    # One with a legal form of its own is a parent.
    assert fullest(("ORG", "Sorrel Solar Inc"), ("ORG", "Sorrel Corp"))["ORG", "Sorrel Corp"] == "Sorrel Corp"


def test_a_team_without_its_place_is_the_one_with_it() -> None:
    assert fullest(("ORG", "Chicago Gulls"), ("ORG", "Gulls"))["ORG", "Gulls"] == "Chicago Gulls"
    two = (("ORG", "Chicago Gulls"), ("ORG", "Boston Gulls"))
    assert fullest(*two, ("ORG", "Gulls"))["ORG", "Gulls"] == "Gulls"
    assert fullest(("ORG", "Chicago Court"), ("ORG", "Court"))["ORG", "Court"] == "Court"


def test_known_aliases_join_and_parts_of_an_organisation_stay_apart() -> None:
    names = fullest(("ORG", "U.N."), ("ORG", "United Nations"), ("ORG", "United Nations Security Council"))
    assert names["ORG", "U.N."] == "United Nations"
    assert names["ORG", "United Nations"] == "United Nations"
    assert fullest(("ORG", "ISIS"), ("ORG", "Islamic State"))["ORG", "ISIS"] == "Islamic State"


def test_a_kind_of_organisation_alone_is_the_one_named_in_full() -> None:
    names = fullest(("ORG", "Brightwater Foundation"), ("ORG", "Foundation"))
    assert names["ORG", "Foundation"] == "Brightwater Foundation"


def test_capitals_give_way_to_an_ordinary_spelling() -> None:
    assert set(fullest(("PERSON", "IVO TALLIS"), ("PERSON", "Ivo Tallis")).values()) == {"Ivo Tallis"}


WORDS = st.sampled_from(["Ivo", "Mara", "Tallis", "van", "Dorn", "MHB", "Marlowe", "Harbour", "Board", "UN"])
NAMES = st.tuples(st.sampled_from(["PERSON", "ORG", "GPE"]), st.lists(WORDS, min_size=1, max_size=4).map(" ".join))


@given(st.lists(NAMES, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_matter_and_each_gets_one_of_its_class(
    named: list[tuple[str, str]], random: Random
) -> None:
    shuffled = list(named)
    random.shuffle(shuffled)
    names = fullest(*named)
    assert names == fullest(*shuffled)
    assert all((entity_type, full) in names for (entity_type, _), full in names.items())


def test_the_first_word_of_one_company_alone_is_that_company() -> None:
    names = fullest(("ORG", "Sorrel Mining Corp"), ("ORG", "Sorrel"), ("ORG", "Sorrel Museum"))
    assert names["ORG", "Sorrel"] == "Sorrel Mining Corp"
    for other in ("Sorrel Ferries Ltd", "Sorrel Mining Norway Corp", "Sorrel Museum"):
        first = "Sorrel Mining Corp" if other.endswith("Ltd") else other
        assert fullest(("ORG", first), ("ORG", other), ("ORG", "Sorrel"))["ORG", "Sorrel"] == "Sorrel"
    assert fullest(("ORG", "National Mining Corp"), ("ORG", "National"))["ORG", "National"] == "National"
