"""Spans of a text: code points [start, end). Compared as people compare them: marks and white space at the edges do not count."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Protocol, TypeVar

#: What a quotation may begin or end with besides its words.
EDGE = " \t\r\n\u00a0\"“”„«»‘’‚‹›'`´.,;:!?…—–-()[]"
#: Two spans are of the same words if their intersection over union, without their edges, is at least this.
MIN_OVERLAP = 0.8

Span = tuple[int, int]

_start, _end = attrgetter("start"), attrgetter("end")


class Stretched(Protocol):
    """What has a span, such as a mention or a quoted stretch."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""


S = TypeVar("S", bound=Stretched)


def strip_edges(text: str, start: int, end: int) -> Span:
    """Trim quotation marks, punctuation and whitespace from the edges of a span."""
    while start < end and text[start] in EDGE:
        start += 1
    while end > start and text[end - 1] in EDGE:
        end -= 1
    return start, end


def overlap(a: Span, b: Span) -> float:
    """Intersection over union of two spans."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return 0.0 if shared <= 0 else shared / (max(a[1], b[1]) - min(a[0], b[0]))


def overlapping(disjoint: Sequence[S], start: int, end: int) -> Sequence[S]:
    """Those of some disjoint things in order that overlap a span."""
    return disjoint[bisect_right(disjoint, start, key=_end) : bisect_left(disjoint, end, key=_start)]


def holding(disjoint: Sequence[S], offset: int) -> S | None:
    """The one of some disjoint things in order that a code point is in."""
    return next(iter(overlapping(disjoint, offset, offset + 1)), None)


def last_before(disjoint: Sequence[S], offset: int) -> S | None:
    """The last of some disjoint things in order that ends at a code point or before it."""
    at = bisect_right(disjoint, offset, key=_end)
    return disjoint[at - 1] if at else None
