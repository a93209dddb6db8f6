"""Find quoted stretches: decide which quotation marks open, which close, and pair them.

Whether a stretch is speech, and whose, is decided in `etl.quotes.find` and `etl.quotes.speakers`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from etl.page.parse import PROSE_KINDS, Page, Passage
from etl.spans import overlapping

#: Quotation marks. Marks of one family pair with each other. Two single marks, grave accents or single guillemets count as one.
MARK = re.compile(r"''(?!')|``|‹‹|››|[“”„\"＂″«»‹›「」『』]|[‘’'‚`]")
#: What is stripped from both ends of a stretch to leave its words.
OUTER = "\"＂″“”„«»‹›「」『』'‘’` "
DOUBLE = frozenset({"''", "``", "“", "”", "„", '"', "＂", "″"})
#: Pairs of marks, each a family. The shape of a mark tells whether it opens only where there is space on both sides.
PAIRS = (("«", "»"), ("‹‹", "››"), ("‹", "›"), ("「", "」"), ("『", "』"))
ONLY_OPENS = frozenset({"``", "„"})
SENTENCE_END = frozenset(".!?")
#: Characters other than space that may come before an opening mark, and after a closing one.
BEFORE_OPEN = frozenset("([{-–—/:;,…\"“‘'`„«»>|*")
AFTER_CLOSE = frozenset(")]}/:;,.!?")
#: Apostrophes for omitted letters at the start of a word: '90s, 'em, rock 'n' roll.
ELISION = re.compile(r"['’‘](?:\d0s?\b|\d\ds?\b|(?:em|til|tis|twas|cause|bout|round|n|cos|neath)\b)", re.IGNORECASE)
#: A line end inside a sentence. If most lines end so, the text is wrapped and its line ends are not breaks.
MID_SENTENCE = re.compile(r"[^\s.!?:;\"”’')\]…][^\S\n]*\n")
LINE_BREAK = re.compile(r"[^\S\n]*\n\s*")
WRAPPED_SHARE = 0.5
#: An article quotes in single marks if its outermost double-marked stretches are fewer than this share of the single-marked ones.
SINGLE_STYLE_SHARE = 0.75
#: Marks that can mean inches after a number.
INCHES = frozenset({'"', "''", "″"})
#: Punctuation before a closing mark without an opening one, and punctuation before a mark that opens speech.
ENDS_SPEECH = frozenset(",.!?…")
INTRODUCING = frozenset(",:")
#: Letters after which a mark can be a plural possessive ("the boys' fault") or a closing mark.
PLURAL_ENDS = frozenset("sxzSXZ")
#: Words with their last letters omitted: an' all, o' the, goin'.
CLIPPED = re.compile(r"(?:\b(?:an|o|th|wi|ol|t|i)|[a-z]{2}in)['’] ", re.IGNORECASE)
#: The most letters of such a word that are looked at.
MAX_CLIPPED = 4
#: An unclosed stretch continues to the next mark that can only close, if it is within this many paragraphs.
MAX_PARAGRAPHS_OPEN = 4


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of prose between breaks: code points [start, end), and the passage it belongs to."""

    start: int
    end: int
    passage_no: int
    kind: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quoted stretch including its marks: code points [start, end).

    ``continues``: it continues the previous stretch, which was not closed. ``is_closed``: its own closing mark was found.
    ``is_minor``: in single marks where the article mainly uses double ones, or the reverse.
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
    #: It closes only if no other mark does: it may be an apostrophe or an inch mark.
    is_weak: bool = False


def paragraphs(page: Page) -> list[Paragraph]:
    """The page's prose split at blank lines. Headlines are also split at line ends, unless the lines are wrapped."""
    return [
        Paragraph(start, end, number, passage.kind)
        for number, passage in enumerate(page.passages)
        if passage.kind in PROSE_KINDS
        for start, end in _parts(page.text, passage)
    ]


def stretches(text: str, paragraphs: Sequence[Paragraph]) -> list[Stretch]:
    """The outermost quoted stretches of some paragraphs, in order."""
    marks = [list(_marks(text, p.start, p.end)) for p in paragraphs]
    single = [[m for m in ms if m.family == "single"] for ms in marks]
    main = _paired(text, paragraphs, [[m for m in ms if m.family != "single"] for ms in marks])
    minor = _closed_only(_paired(text, paragraphs, single))
    if _outermost(main, minor) < SINGLE_STYLE_SHARE * _outermost(minor, main):
        main, minor = _closed_or_reopened(_paired(text, paragraphs, single)), _closed_only(main)
    outer = main + [replace(s, is_minor=True) for s in minor if not overlapping(main, s.start, s.end)]
    return sorted(outer, key=lambda s: s.start)


def _outermost(some: Sequence[Stretch], others: Sequence[Stretch]) -> int:
    """The number of stretches that are not inside any of the others."""
    return sum(not _is_within(s, others) for s in some)


def _is_within(stretch: Stretch, others: Sequence[Stretch]) -> bool:
    at = bisect_left(others, stretch.end, key=lambda s: s.start) - 1
    return at >= 0 and others[at].start < stretch.start and stretch.end < others[at].end


def _closed_only(found: Sequence[Stretch]) -> list[Stretch]:
    """The closed stretches. The marks may be apostrophes or inner marks, so unclosed ones are dropped and none continues."""
    return [replace(s, continues=False) for s in found if s.is_closed]


def _closed_or_reopened(found: Sequence[Stretch]) -> list[Stretch]:
    """Single-marked stretches that are closed or continued. The others begin with an apostrophe and are dropped."""
    following = [s.continues for s in found[1:]] + [False]
    return [s for s, goes_on in zip(found, following, strict=True) if s.is_closed or goes_on]


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
        elif pair := next((pair for pair in PAIRS if mark in pair), None):
            yield _Mark(at, after, pair[0], *_pair_roles(mark == pair[0], left, right))
        else:
            begins_word = right.isalnum() or ELISION.match(text, after)
            opens = (left.isspace() or left in BEFORE_OPEN) and bool(begins_word) and not ELISION.match(text, at)
            closes = mark in "'’" and not left.isspace() and not right.isalnum()
            yield _Mark(at, after, "single", opens, closes, is_weak=right.isspace() and _may_be_apostrophe(text, at))


def _may_be_apostrophe(text: str, at: int) -> bool:
    """Whether a single mark before a space may stand for letters: of a plural possessive, or the last ones of a word."""
    return text[at - 1] in PLURAL_ENDS or CLIPPED.search(text, max(at - MAX_CLIPPED, 0), at + 2) is not None


def _double_roles(mark: str, left: str, right: str) -> tuple[bool, bool]:
    """Whether a double mark can open, and can close. Space on one side decides; otherwise both are possible."""
    if mark in ONLY_OPENS:
        return True, False
    if left.isspace() == right.isspace():
        may_open = left.isspace() or left in BEFORE_OPEN or (left in SENTENCE_END and right.isalnum()) or left.isalpha()
        return may_open and mark != "”" and right not in AFTER_CLOSE, True
    return left.isspace(), right.isspace()


def _pair_roles(is_first: bool, left: str, right: str) -> tuple[bool, bool]:
    """The same for a mark of a pair. Guillemets open either way (»so«), but with space inside they are read as in « so »."""
    if left.isspace() and (right.isspace() or right in AFTER_CLOSE):
        return is_first, not is_first
    return not right.isspace(), not left.isspace()


@dataclass(slots=True)
class _Pairing:
    """Pairs the marks of one family, paragraph by paragraph."""

    text: str
    found: list[Stretch] = field(default_factory=list)
    left_open: bool = False
    #: Paragraphs without a mark since the one with an unclosed stretch.
    unmarked: list[tuple[int, Paragraph]] = field(default_factory=list)

    @property
    def awaits_next(self) -> bool:
        """Whether the previous paragraph has an unclosed stretch."""
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
        """Handle a first mark that can only close: it ends an unclosed stretch, or its opening mark is missing."""
        if not mark.closes or mark.family != "double":
            return
        if self.left_open and len(self.unmarked) < MAX_PARAGRAPHS_OPEN:
            self.found += [Stretch(p.start, p.end, n, is_closed=False, continues=True) for n, p in self.unmarked]
            self.found.append(Stretch(paragraph.start, mark.end, number, continues=True))
        elif self.text[mark.start - 1] in ENDS_SPEECH and mark.start > paragraph.start:
            self.found.append(Stretch(paragraph.start, mark.end, number))

    def _is_stray(self, opened: _Mark, mark: _Mark, rest: Sequence[_Mark], paragraph: Paragraph) -> bool:
        """Whether the opening mark is superfluous and a later one opens the stretch ("“He said, “I will.”")."""
        introduces = self.text[: mark.start].rstrip()[-1:] in INTRODUCING
        is_introduced = self.text[paragraph.start : opened.start].rstrip()[-1:] in INTRODUCING
        is_last = len(rest) == 1 and rest[0].end == paragraph.end
        return mark.opens and introduces and not is_introduced and is_last


def _closes_later(rest: Sequence[_Mark]) -> bool:
    """Whether a definite closing mark comes before the next opening one."""
    return next((m.closes for m in rest if m.opens or (m.closes and not m.is_weak)), False)


def _paired(text: str, paragraphs: Sequence[Paragraph], marks: Sequence[Sequence[_Mark]]) -> list[Stretch]:
    """Pair marks of one family. A stretch unclosed at a paragraph's end continues if the next paragraph begins with a mark."""
    pairing = _Pairing(text)
    for number, (paragraph, here) in enumerate(zip(paragraphs, marks, strict=True)):
        if paragraph.kind == "paragraph" or not pairing.awaits_next:  # else a caption or heading inside a speech
            pairing.read(number, paragraph, here)
    return pairing.found
