"""Quotation marks to quoted stretches: which marks open, which close, and what stands between them.

Nothing here asks whether a stretch is speech or whose; that is `etl.quotes.find` and `etl.quotes.speakers`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.page.parse import PROSE_KINDS, Page

#: Marks of one family pair with each other. Doubled singles and doubled grave accents are double marks typed by other means.
MARK = re.compile(r"''(?!')|``|[“”„«»\"]|[‘’'‚`]")
DOUBLE = frozenset({"''", "``", "“", "”", "„", '"'})
GUILLEMETS = frozenset("«»")
ONLY_OPENS = frozenset({"``", "„"})
SENTENCE_END = frozenset(".!?")
#: What may stand before an opening mark, and after a closing one, besides space.
BEFORE_OPEN = frozenset("([{-–—/:;,…\"“‘'`„«»>|*")
AFTER_CLOSE = frozenset(")]}/:;,.!?")
#: Marks that stand for letters left out at the start of a word: '90s, 'em, rock 'n' roll.
ELISION = re.compile(r"['’‘](?:\d0s?\b|\d\ds?\b|(?:em|til|tis|twas|cause|bout|round|n|cos|neath)\b)", re.IGNORECASE)
#: Line ends that do not end a sentence; text most of whose lines end so is wrapped, and its line ends separate nothing.
MID_SENTENCE = re.compile(r"[^\s.!?:;\"”’')\]…][^\S\n]*\n")
LINE_BREAK = re.compile(r"[^\S\n]*\n\s*")
WRAPPED_SHARE = 0.5
#: An article whose double-marked stretches are fewer than this share of its single-marked ones quotes in single marks.
SINGLE_STYLE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of prose between breaks, code points [start, end), and the passage it lies in."""

    start: int
    end: int
    passage_no: int
    kind: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quoted stretch with its marks, code points [start, end).

    ``continues``: the paragraph re-opens the stretch before, which was left open. ``is_closed``: its own closing mark was found.
    """

    start: int
    end: int
    paragraph_no: int
    is_closed: bool = True
    continues: bool = False
    is_single: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    family: str
    opens: bool
    closes: bool


def paragraphs(page: Page) -> list[Paragraph]:
    """The page's prose cut at line breaks, unless a passage's lines are wrapped: then the passage is one paragraph."""
    return [
        Paragraph(start, end, number, passage.kind)
        for number, passage in enumerate(page.passages)
        if passage.kind in PROSE_KINDS
        for start, end in _lines(page.text, passage.start, passage.end)
    ]


def stretches(text: str, paragraphs: Sequence[Paragraph]) -> list[Stretch]:
    """The quoted stretches of some paragraphs, in order, outermost only."""
    marks = [list(_marks(text, p.start, p.end)) for p in paragraphs]
    doubles = _paired(text, paragraphs, [[m for m in ms if m.family != "single"] for ms in marks])
    singles = _paired(text, paragraphs, [[m for m in ms if m.family == "single"] for ms in marks], is_single=True)
    if len(doubles) < SINGLE_STYLE_SHARE * len(singles):
        doubles, singles = singles, doubles
    outer = doubles + [s for s in singles if not _overlaps(s, doubles)]
    return sorted(outer, key=lambda s: s.start)


def _overlaps(stretch: Stretch, others: Sequence[Stretch]) -> bool:
    """Whether a stretch overlaps one of others, which are in order and do not overlap each other."""
    at = bisect_left(others, stretch.end, key=lambda s: s.start) - 1
    return at >= 0 and others[at].end > stretch.start


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    breaks = list(LINE_BREAK.finditer(text, start, end))
    if len(breaks) > 1 and len(MID_SENTENCE.findall(text, start, end)) > WRAPPED_SHARE * len(breaks):
        breaks = []
    for found in breaks:
        yield start, found.start()
        start = found.end()
    yield start, end


def _marks(text: str, start: int, end: int) -> Iterator[_Mark]:
    for found in MARK.finditer(text, start, end):
        mark, at, after = found.group(), found.start(), found.end()
        left = text[at - 1] if at > start else " "
        right = text[after] if after < end else " "
        if mark in DOUBLE:
            yield _Mark(at, after, "double", *_double_roles(mark, left, right))
        elif mark in GUILLEMETS:
            yield _Mark(at, after, "guillemet", not right.isspace(), not left.isspace())
        else:
            opens = (left.isspace() or left in BEFORE_OPEN) and right.isalnum() and not ELISION.match(text, at)
            yield _Mark(at, after, "single", opens, mark in "'’" and not left.isspace() and not right.isalnum())


def _double_roles(mark: str, left: str, right: str) -> tuple[bool, bool]:
    """Whether a double mark can open, and can close, a stretch. Space tells; without, or on both sides, either may be."""
    if mark in ONLY_OPENS:
        return True, False
    if left.isspace() == right.isspace():
        may_open = left.isspace() or left in BEFORE_OPEN or (left in SENTENCE_END and right.isalnum()) or left.isalpha()
        return may_open and mark != "”" and right not in AFTER_CLOSE, True
    return left.isspace(), right.isspace()


def _paired(
    text: str, paragraphs: Sequence[Paragraph], marks: Sequence[Sequence[_Mark]], *, is_single: bool = False
) -> list[Stretch]:
    """Stretches between marks of one family. One left open at a paragraph's end goes on if the next paragraph re-opens."""
    found: list[Stretch] = []
    left_open = False
    for number, (paragraph, here) in enumerate(zip(paragraphs, marks, strict=True)):
        if paragraph.kind != "paragraph" and left_open:
            continue  # a caption or heading in the midst of speech
        opened: _Mark | None = None
        continues = left_open and bool(here) and here[0].opens and here[0].start == paragraph.start
        for mark in here:
            if opened is None:
                opened = mark if mark.opens else None
            elif mark.closes and mark.family == opened.family:
                is_next = bool(found) and found[-1].paragraph_no == number
                found.append(
                    Stretch(opened.start, mark.end, number, continues=continues and not is_next, is_single=is_single)
                )
                opened = None
        left_open = opened is not None
        if opened is not None and not is_single:
            found.append(
                Stretch(opened.start, paragraph.end, number, is_closed=False, continues=continues and opened is here[0])
            )
        elif is_single:
            left_open = False
    return found
