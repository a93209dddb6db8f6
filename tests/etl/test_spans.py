"""Finding spans among many in order is the same as looking at each."""

from itertools import pairwise
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from etl.spans import last_before, overlapping


class Stretch(NamedTuple):
    start: int
    end: int


def disjoint(cuts: set[int]) -> list[Stretch]:
    """Every other stretch between some cuts."""
    return [Stretch(start, end) for start, end in pairwise(sorted(cuts))][::2]


OFFSETS = st.integers(0, 60)
STRETCHES = st.sets(OFFSETS).map(disjoint)


@given(STRETCHES, OFFSETS, st.integers(1, 20))
def test_overlapping(stretches: list[Stretch], start: int, n: int) -> None:
    assert overlapping(stretches, start, start + n) == [s for s in stretches if s.start < start + n and start < s.end]


@given(STRETCHES, OFFSETS)
def test_last_before(stretches: list[Stretch], offset: int) -> None:
    assert last_before(stretches, offset) == max((s for s in stretches if s.end <= offset), default=None)
