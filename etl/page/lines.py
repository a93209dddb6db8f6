"""Lines and units: a hard-wrapped paragraph of several lines is one unit, and so is a single long line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LINE = re.compile(r"[^\n\r\v\f\u2028\u2029]+")
#: Line breaks that do not leave a blank line.
ONE_BREAK = frozenset(("\n", "\r\n", "\r", "\v", "\u2028"))
#: A page is hard-wrapped if at least this share of its line ends are inside sentences …
WRAPPED_SHARE = 0.15
#: … and its lines are at most this long, as on typewriters, terminals and line printers, in code points.
WRAPPED_WIDTH = 132
#: A line may be this much shorter than necessary to fit the next word, without ending its paragraph.
SLACK = 8
#: What Markdown puts around a heading or an emphasised line.
MARKDOWN = re.compile(
    r"#{1,6}\s+(?P<heading>\S.*)|(?P<mark>\*{1,3}|_{1,3})(?P<text>[^\s*_](?:[^*_]*[^\s*_])?)(?P=mark)"
)
SENTENCE_END = re.compile(r"[.!?:][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank line: stripped text, its first code point, its indent, and whether a blank line precedes it."""

    text: str
    start: int
    indent: int
    is_apart: bool

    @property
    def end(self) -> int:
        """The code point after the line."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that belong together: code points [start, end), and the text joined to one line."""

    start: int
    end: int
    text: str
    is_apart: bool = True


def lines_of(text: str) -> list[Line]:
    """The non-blank lines of a text."""
    lines: list[Line] = []
    previous_end = -1
    for match in LINE.finditer(text):
        raw = match.group()
        stripped = raw.strip()
        if stripped:
            indent = len(raw) - len(raw.lstrip())
            is_apart = previous_end < 0 or text[previous_end : match.start()] not in ONE_BREAK
            marked = MARKDOWN.fullmatch(stripped)
            inner = (marked["heading"] or marked["text"]) if marked else stripped
            start = match.start() + indent + stripped.index(inner)
            lines.append(Line(inner, start, indent, is_apart))
            previous_end = match.end()
    return lines


def units_of(lines: Sequence[Line], *, is_wrapped: bool) -> list[Unit]:
    """Join lines to paragraphs if the page is hard-wrapped; else each line is a unit."""
    if not is_wrapped or not lines:
        return [Unit(line.start, line.end, line.text, line.is_apart) for line in lines]
    width, margin = _width(lines), min(line.indent for line in lines)
    groups: list[list[Line]] = []
    base = 0
    for line in lines:
        if groups and not line.is_apart and _continues(groups[-1][-1], line, width, base, margin):
            groups[-1].append(line)
        else:
            groups.append([line])
        if line.is_apart:
            base = line.indent
        base = min(base, line.indent)
    return [Unit(g[0].start, g[-1].end, " ".join(line.text for line in g), g[0].is_apart) for g in groups]


def is_wrapped(lines: Sequence[Line]) -> bool:
    """Whether paragraphs are hard-wrapped."""
    joints = [(a, b) for a, b in pairwise(lines) if not b.is_apart]
    if not joints or _width(lines) > WRAPPED_WIDTH:
        return False
    inside = sum(runs_on(a, b) or (b.indent < a.indent and not SENTENCE_END.search(a.text)) for a, b in joints)
    return inside >= WRAPPED_SHARE * len(joints)


def _width(lines: Sequence[Line]) -> int:
    """The length that 95 % of the lines do not exceed."""
    return sorted(line.indent + len(line.text) for line in lines)[int(0.95 * len(lines))]


def _continues(above: Line, line: Line, width: int, base: int, margin: int) -> bool:
    if runs_on(above, line):
        return True
    if line.indent > base and line.indent > above.indent:
        return False
    first_word = line.text.split(maxsplit=1)[0]
    fits = above.indent + len(above.text) + 1 + len(first_word) <= width - SLACK
    return not fits and not (line.indent > margin and SENTENCE_END.search(above.text))


def runs_on(above: Line, line: Line) -> bool:
    """Whether a line continues the sentence of the line above."""
    return line.text[0].islower() and not SENTENCE_END.search(above.text)
