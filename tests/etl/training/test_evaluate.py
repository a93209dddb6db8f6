"""When a found speaker counts as the annotated one."""

import pytest

from etl.training.evaluate import same_name


@pytest.mark.parametrize(
    ("found", "gold", "is_same"),
    [
        ("Odile Marrack", "Marrack", True),
        ("Mayor Odile Marrack", "Odile Marrack, mayor of Skerrow", True),
        ("Col Tobias Fenwright Jr", "Tobias Fenwright", True),
        ("Leopold King", "King", True),
        ("King Anselm", "Leopold King", False),
        ("the Prime Minister", "the Prime Minister", True),
        ("the Mayor", "the President", False),
        ("she", "Odile Marrack", False),
        ("Halvard Quill", "Bridie Tolland; Quill", True),
        (None, "Quill", False),
    ],
)
def test_names_match_by_last_name_without_titles(found: str | None, gold: str, is_same: bool) -> None:
    assert same_name(found, gold) is is_same
