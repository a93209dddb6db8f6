import pytest

from etl.entities.spelling import spell_one_name


@pytest.mark.parametrize(
    ("name", "other", "is_one"),
    [
        ("mara tallis", "mara tallis", True),
        ("mara marrack", "mara marack", True),
        ("yosef marrack", "yusif marrack", True),
        ("mara holt", "mara hult", False),  # too short
        ("david kelly", "david kelley", False),  # two common family names
        ("marie tallis", "maria tallis", False),  # two given names
        ("mara bren tallis", "mara tallis", False),
    ],
)
def test_names_that_sound_alike_are_one_unless_both_are_common(name: str, other: str, is_one: bool) -> None:
    assert spell_one_name(name.split(), other.split()) is is_one
