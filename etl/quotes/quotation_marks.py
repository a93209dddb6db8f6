"""Quotation marks to quoted stretches: which marks open, which close, and what stands between them.

Nothing here asks whether a stretch is speech or whose; that is `etl.quotes.find` and `etl.quotes.speakers`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from etl.page.parse import PROSE_KINDS, Page, Passage

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
#: An article whose outermost double-marked stretches are fewer than this share of its single-marked ones quotes in single marks.
SINGLE_STYLE_SHARE = 0.75
#: Marks that after a figure may be inches.
INCHES = frozenset({'"', "''"})
#: What stands before a closing mark whose opening mark is missing, and before one that opens what somebody says.
ENDS_SPEECH = frozenset(",.!?…")
INTRODUCING = frozenset(",:")
#: Letters after which a mark may be a plural's possessive ("the boys' fault") as well as a closing mark.
PLURAL_ENDS = frozenset("sxzSXZ")
#: A stretch left open goes on until a mark that can only close, if one stands within so many paragraphs.
MAX_PARAGRAPHS_OPEN = 4


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

    ``continues``: it goes on with the stretch before, which was left open. ``is_closed``: its own closing mark was found.
    ``is_minor``: in single marks where the article quotes in double ones, or in double where it quotes in single.
    """

    start: int
    end: int
    paragraph_no: int
    is_closed: bool = True
    continues: bool = False
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    family: str
    opens: bool
    closes: bool
    #: It closes unless another mark does: it may be an apostrophe, or stand for inches.
    is_weak: bool = False


def paragraphs(page: Page) -> list[Paragraph]:
    """The page's prose cut at blank lines; a headline at its line ends too, unless its lines are wrapped."""
    return [
        Paragraph(start, end, number, passage.kind)
        for number, passage in enumerate(page.passages)
        if passage.kind in PROSE_KINDS
        for start, end in _parts(page.text, passage)
    ]


def stretches(text: str, paragraphs: Sequence[Paragraph]) -> list[Stretch]:
    """The quoted stretches of some paragraphs, in order, outermost only."""
    marks = [list(_marks(text, p.start, p.end)) for p in paragraphs]
    single = [[m for m in ms if m.family == "single"] for ms in marks]
    main = _paired(text, paragraphs, [[m for m in ms if m.family != "single"] for ms in marks])
    minor = _closed_only(_paired(text, paragraphs, single))
    if _outermost(main, minor) < SINGLE_STYLE_SHARE * _outermost(minor, main):
        main, minor = _closed_or_reopened(_paired(text, paragraphs, single)), _closed_only(main)
    outer = main + [replace(s, is_minor=True) for s in minor if not _overlaps(s, main)]
    return sorted(outer, key=lambda s: s.start)


def _outermost(some: Sequence[Stretch], others: Sequence[Stretch]) -> int:
    """How many of some stretches lie within none of the others."""
    return sum(not _is_within(s, others) for s in some)


def _is_within(stretch: Stretch, others: Sequence[Stretch]) -> bool:
    at = bisect_left(others, stretch.end, key=lambda s: s.start) - 1
    return at >= 0 and others[at].start < stretch.start and stretch.end < others[at].end


def _closed_only(found: Sequence[Stretch]) -> list[Stretch]:
    """Stretches of marks that may be apostrophes or inner marks: one left open is no quotation, and none goes on."""
    return [replace(s, continues=False) for s in found if s.is_closed]


def _closed_or_reopened(found: Sequence[Stretch]) -> list[Stretch]:
    """Single-marked stretches without those left open that no later paragraph continues: their marks are apostrophes."""
    following = [s.continues for s in found[1:]] + [False]
    return [s for s, goes_on in zip(found, following, strict=True) if s.is_closed or goes_on]


def _overlaps(stretch: Stretch, others: Sequence[Stretch]) -> bool:
    """Whether a stretch overlaps one of others, which are in order and do not overlap each other."""
    at = bisect_left(others, stretch.end, key=lambda s: s.start) - 1
    return at >= 0 and others[at].end > stretch.start


def _parts(text: str, passage: Passage) -> Iterator[tuple[int, int]]:
    start, end = passage.start, passage.end
    breaks = list(LINE_BREAK.finditer(text, start, end))
    is_wrapped = len(breaks) > 1 and len(MID_SENTENCE.findall(text, start, end)) > WRAPPED_SHARE * len(breaks)
    if passage.kind != "headline" or is_wrapped:
        breaks = [found for found in breaks if found.group().count("\n") > 1]
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
            opens, closes = _double_roles(mark, left, right)
            yield _Mark(at, after, "double", opens, closes, is_weak=mark in INCHES and left.isdigit())
        elif mark in GUILLEMETS:
            yield _Mark(at, after, "guillemet", *_guillemet_roles(mark, left, right))
        else:
            opens = (left.isspace() or left in BEFORE_OPEN) and right.isalnum() and not ELISION.match(text, at)
            closes = mark in "'’" and not left.isspace() and not right.isalnum()
            yield _Mark(at, after, "single", opens, closes, is_weak=left in PLURAL_ENDS and right.isspace())


def _double_roles(mark: str, left: str, right: str) -> tuple[bool, bool]:
    """Whether a double mark can open, and can close, a stretch. Space tells; without, or on both sides, either may be."""
    if mark in ONLY_OPENS:
        return True, False
    if left.isspace() == right.isspace():
        may_open = left.isspace() or left in BEFORE_OPEN or (left in SENTENCE_END and right.isalnum()) or left.isalpha()
        return may_open and mark != "”" and right not in AFTER_CLOSE, True
    return left.isspace(), right.isspace()


def _guillemet_roles(mark: str, left: str, right: str) -> tuple[bool, bool]:
    """The same for a guillemet: either way round, but «so» where space stands on both sides."""
    if left.isspace() and right.isspace():
        return mark == "«", mark == "»"
    return not right.isspace(), not left.isspace()


@dataclass(slots=True)
class _Pairing:
    """Stretches between marks of one family, found paragraph by paragraph."""

    text: str
    found: list[Stretch] = field(default_factory=list)
    left_open: bool = False
    #: Paragraphs without a mark since the one in which a stretch was left open.
    unmarked: list[tuple[int, Paragraph]] = field(default_factory=list)

    @property
    def awaits_next(self) -> bool:
        """Whether the paragraph before left a stretch open."""
        return self.left_open and not self.unmarked

    def read(self, number: int, paragraph: Paragraph, marks: Sequence[_Mark]) -> None:
        """Pair the marks of the next paragraph."""
        opened: _Mark | None = None
        continues = self.awaits_next and bool(marks) and marks[0].opens and marks[0].start == paragraph.start
        for i, mark in enumerate(marks):
            if opened is None:
                opened = mark if mark.opens else None
                if opened is None and i == 0:
                    self._close_first(number, paragraph, mark)
            elif mark.closes and mark.family == opened.family:
                if not (mark.is_weak and _closes_later(marks[i + 1 :])):
                    self.found.append(Stretch(opened.start, mark.end, number, continues=continues))
                    opened, continues = None, False
            elif self._is_stray(opened, mark, marks[i + 1 :], paragraph):
                opened = mark
        if opened is not None:
            self.found.append(Stretch(opened.start, paragraph.end, number, is_closed=False, continues=continues))
        if opened is not None or marks:
            self.left_open, self.unmarked = opened is not None, []
        elif self.left_open:
            self.unmarked.append((number, paragraph))

    def _close_first(self, number: int, paragraph: Paragraph, mark: _Mark) -> None:
        """A paragraph's first mark only closes: it ends what was left open before, or its opening mark is missing."""
        if not mark.closes or mark.family != "double":
            return
        if self.left_open and len(self.unmarked) < MAX_PARAGRAPHS_OPEN:
            self.found += [Stretch(p.start, p.end, n, is_closed=False, continues=True) for n, p in self.unmarked]
            self.found.append(Stretch(paragraph.start, mark.end, number, continues=True))
        elif self.text[mark.start - 1] in ENDS_SPEECH and mark.start > paragraph.start:
            self.found.append(Stretch(paragraph.start, mark.end, number))

    def _is_stray(self, opened: _Mark, mark: _Mark, rest: Sequence[_Mark], paragraph: Paragraph) -> bool:
        """Whether the stretch's own mark was one too many, and another opens it ("“He said, “I will.”")."""
        introduces = self.text[: mark.start].rstrip()[-1:] in INTRODUCING
        is_introduced = self.text[paragraph.start : opened.start].rstrip()[-1:] in INTRODUCING
        is_last = len(rest) == 1 and rest[0].end == paragraph.end
        return mark.opens and introduces and not is_introduced and is_last


def _closes_later(rest: Sequence[_Mark]) -> bool:
    """Whether a mark that surely closes stands before the next that opens."""
    return next((m.closes for m in rest if m.opens or not m.is_weak), False)


def _paired(text: str, paragraphs: Sequence[Paragraph], marks: Sequence[Sequence[_Mark]]) -> list[Stretch]:
    """Stretches between marks of one family. One left open at a paragraph's end goes on if the next paragraph re-opens."""
    pairing = _Pairing(text)
    for number, (paragraph, here) in enumerate(zip(paragraphs, marks, strict=True)):
        if paragraph.kind == "paragraph" or not pairing.awaits_next:  # else a caption or heading in the midst of speech
            pairing.read(number, paragraph, here)
    return pairing.found
