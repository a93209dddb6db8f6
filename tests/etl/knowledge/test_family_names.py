"""Family names."""

from etl.knowledge.family_names import is_family_name


def test_a_common_family_name_is_one_in_any_spelling() -> None:
    assert all(map(is_family_name, ["Kelly", "KELLEY", "O'Brien", "García"]))
    assert not any(map(is_family_name, ["Kviritsky", "Saundars", ""]))
