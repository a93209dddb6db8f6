"""Text as readers are shown it."""

import pytest

from warehouse.text import continued


@pytest.mark.parametrize(
    ("following", "shown"),
    [("", ""), (".", "."), (", he said.", ", he said."), ("” he said.", "” he said."), ("he said.", " he said.")],
)
def test_no_space_parts_words_from_the_mark_behind_them(following: str, shown: str) -> None:
    assert continued(following) == shown
