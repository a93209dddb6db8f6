"""The copy of a page that the language model reads, and the way back from its offsets to the page's.

The copy holds the page's prose only, each passage a paragraph of its own, lines joined, soft hyphens and zero-width marks
gone, odd spaces plain. ``article.text`` itself is never changed for the model's sake.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from etl.parse import PROSE_KINDS, Page

VERSION = "1"

#: What stands between two passages in the copy.
PASSAGE_BREAK = "\n\n"
#: Stretches that the model should not see as they are: dropped marks, and space of any kind but one plain space.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
ODD = re.compile(rf"(?P<invisible>[{INVISIBLE}]+)|[^\S ]\s*| \s+")


@dataclass(frozen=True, slots=True)
class Copy:
    """Folded text as runs: run *i* of the copy begins at ``copy_starts[i]`` and is the page's text from ``page_starts[i]``."""

    text: str
    copy_starts: tuple[int, ...]
    page_starts: tuple[int, ...]

    def start(self, offset: int) -> int:
        """The page's offset of the copy's code point ``offset``."""
        run = max(bisect_right(self.copy_starts, offset) - 1, 0)
        return self.page_starts[run] + offset - self.copy_starts[run]

    def end(self, offset: int) -> int:
        """The page's offset just after the code point before the copy's ``offset``."""
        return self.start(offset - 1) + 1


def fold(page: Page) -> Copy:
    """The model's copy of a page's prose."""
    pieces: list[str] = []
    copy_starts: list[int] = []
    page_starts: list[int] = []
    length = 0

    def add(piece: str, page_start: int) -> None:
        nonlocal length
        if piece:
            pieces.append(piece)
            copy_starts.append(length)
            page_starts.append(page_start)
            length += len(piece)

    for passage in page.passages:
        if passage.kind not in PROSE_KINDS:
            continue
        if pieces:
            add(PASSAGE_BREAK, passage.start - len(PASSAGE_BREAK))
        at = passage.start
        for odd in ODD.finditer(page.text, passage.start, passage.end):
            add(page.text[at : odd.start()], at)
            if odd["invisible"] is None:
                add(" ", odd.start())
            at = odd.end()
        add(page.text[at : passage.end], at)
    return Copy("".join(pieces), tuple(copy_starts) or (0,), tuple(page_starts) or (0,))
