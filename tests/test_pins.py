"""What is installed from the constraints fits together, extras included."""

from tests.pins import unmet


def test_every_requirement_is_met() -> None:
    assert unmet() == []
