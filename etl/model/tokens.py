"""Tokens: words, numbers, marks and white space, split as spaCy's English tokenizer (3.8, MIT licence) splits them.

The encoder's labels and the fitted trees count in these tokens. A text is cut at white space. From each part, marks are taken off
both ends until nothing more comes off, or an exception (``data/tokens.toml``) is left; the middle is cut at hyphens and the like.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from etl.knowledge import DATA
from etl.knowledge.word_lists import words

Split = tuple[str, ...]

#: How many parts of at most so many code points a process remembers the tokens of.
REMEMBERED, MAX_REMEMBERED = 50_000, 100
#: The space after a word, which is no token, or (group 1) a part: more white space, or anything between.
PART = re.compile(r"(?<=\S) |(\s+|\S+)")
#: Where ``tokens.toml`` splits an exception.
CUT = "·"

_LETTERS = "".join(filter(str.isalpha, map(chr, chain(range(0x530), range(0x1E00, 0x2000)))))
_LOWER, _UPPER = "".join(filter(str.islower, _LETTERS)), "".join(filter(str.isupper, _LETTERS))
_SYMBOL_BLOCKS = (range(0xA0, 0x100), range(0x2100, 0x2C00), range(0xFFFC, 0xFFFE))
#: Such as © and ★.
_SYMBOLS = "".join(c for c in map(chr, chain(*_SYMBOL_BLOCKS)) if category(c) == "So")
#: Emoji. With these in it, Python would search a class of characters one by one.
_PICTURES = "\U0001f000-\U0001faff"
_QUOTES = "'\",”“`‘´’‚„»«「」『』（）〔〕【】《》〈〉\u2329\u232a⟦⟧"
_MARKS = r"…,:;!?¿؟¡()\[\]{}<>_#*&。？！，、；：～·।،۔؛٪"
_CURRENCIES = "$£€¥฿₠-₿﷼"
_UNITS = """
km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h kmh mph hPa Pa mbar mb MB kb KB
gb GB tb TB T G M K %
"""
_AT_EITHER_END = rf"[–—{_MARKS}{_QUOTES}{_SYMBOLS}]|[{_PICTURES}]"
PREFIX = re.compile(rf"\.\.+|{_AT_EITHER_END}|[§%={_CURRENCIES}]|\+(?![0-9])|(?:US|C|A)\$")
#: Besides several full stops, which are one.
SUFFIX = re.compile(
    rf"(?:{_AT_EITHER_END}|……|['’][sS]|(?<=[0-9])(?:\+|(?:US|C|A)?[{_CURRENCIES}]|{'|'.join(_UNITS.split())})"
    rf"|\.(?:(?<=[0-9{_LOWER}%²\-+|{_MARKS}{_QUOTES}]\.)|(?<=°[FfCcKk]\.)|(?<=[{_UPPER}][{_UPPER}]\.)))\Z"
)
INFIX = re.compile(
    rf"\.\.+|[…{_SYMBOLS}]|[{_PICTURES}]|(?<=[0-9])[+\-*^](?=[0-9-])|(?<=[{_LOWER}{_QUOTES}])\.(?=[{_UPPER}{_QUOTES}])"
    rf"|(?<=[{_LETTERS}]),(?=[{_LETTERS}])|(?<=[{_LETTERS}0-9])(?:---?|——|[-–—~:<>=/])(?=[{_LETTERS}])"
    # A quotation joined to its speaker or to what interrupts it: "late.”—Quill", "our”—he coughed—“wall".
    r"|[”\"](?=[–—]|--)|(?<=[”\"])(?:--|[–—])|(?:--|[–—])(?=[“\"])|(?<=[–—-])[“\"]"
)
#: The longest suffix and what is looked at before it, in code points.
MAX_SUFFIX = 6
#: The most code points of an exception.
MAX_EXCEPTION = 12
_LABEL = "[A-Za-z0-9\u00a1-\uffff]"
#: The address of a page or a mailbox.
ADDRESS = re.compile(
    rf"(?:[\w+\-.]{{2,}}://)?(?:\S+@)?(?:{_LABEL}(?:[A-Za-z0-9\u00a1-\uffff_-]*{_LABEL})?\.)+[{_LOWER}]{{2,}}"
    r"(?::[0-9]{2,5})?(?:[/?#]\S*)?\Z"
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The n tokens of a text, in order, with their code points [start, end)."""

    text: str
    texts: Split
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.texts)

    def of(self, first: int, end: int) -> str:
        """The text from token ``first`` up to token ``end``."""
        return self.text[self.starts[first] : self.ends[end - 1]]

    def covering(self, start: int, end: int) -> tuple[int, int]:
        """The tokens [first, end) that lie, in part at least, in the code points [start, end)."""
        return int(np.searchsorted(self.ends, start, side="right")), int(np.searchsorted(self.starts, end))

    def stands_apart(self, i: int) -> bool:
        """Whether there is a space that is no token on at least one side of token ``i``."""
        end = self.ends[i]
        return self.text[end : end + 1] == " " or bool(i and self.ends[i - 1] < self.starts[i])


def tokens_of(text: str) -> Tokens:
    """The tokens of a text."""
    texts: list[str] = []
    starts: list[int] = []
    for part in PART.finditer(text):
        if part.lastindex:
            at = part.start()
            for token in _split(part.group()):
                texts.append(token)
                starts.append(at)
                at += len(token)
    begin = np.array(starts, np.int64)
    return Tokens(text, tuple(texts), begin, begin + np.fromiter(map(len, texts), np.int64, len(texts)))


def _split(part: str) -> Split:
    return _remembered(part) if len(part) <= MAX_REMEMBERED else _joined(_separated(part, _exceptions()))


@lru_cache(REMEMBERED)
def _remembered(part: str) -> Split:
    if part.isalpha() and part.isascii() and part not in _exceptions():
        return (part,)
    return _joined(_separated(part, _exceptions()))


def _separated(part: str, exceptions: Mapping[str, Split]) -> Split:
    """The tokens of a part: the marks before, the middle, the marks after."""
    before: list[str] = []
    after: list[str] = []
    first, end = 0, len(part)

    def is_exception(first: int, end: int) -> bool:
        return end - first <= MAX_EXCEPTION and part[first:end] in exceptions

    # By positions: a copy of what is left for each mark would take the square of a long row of marks.
    while not is_exception(first, end):
        n_before, n_after = _ends(part, first, end)
        if n_before and is_exception(first + n_before, end):
            n_after = 0
        elif n_after and is_exception(first, end - n_after):
            n_before = 0
        if not (n_before or n_after):
            break
        before += filter(None, [part[first : first + n_before]])
        after += filter(None, [part[end - n_after : end]])
        first, end = first + n_before, end - n_after
    middle = part[first:end]
    return (*before, *(exceptions.get(middle) or _cut(middle)), *reversed(after))


def _ends(part: str, first: int, end: int) -> tuple[int, int]:
    """How many code points the marks at both ends of ``part[first:end]`` have."""
    prefix = PREFIX.match(part, first, end)
    after_prefix = prefix.end() if prefix else first
    before_dots = end
    while before_dots > after_prefix and part[before_dots - 1] == ".":
        before_dots -= 1
    if end - before_dots > 1:
        return after_prefix - first, end - before_dots
    suffix = SUFFIX.search(part[max(after_prefix, end - MAX_SUFFIX) : end])
    return after_prefix - first, len(suffix.group()) if suffix else 0


def _cut(part: str) -> Iterator[str]:
    """The tokens of what is left without marks at its ends."""
    infixes = [] if part.isalnum() else [infix for infix in INFIX.finditer(part) if infix.start()]
    at = 0
    for infix in infixes if infixes and not ADDRESS.match(part) else ():
        yield from filter(None, [part[at : infix.start()], infix.group()])
        at = infix.end()
    yield from filter(None, [part[at:]])


def _joined(tokens: Split) -> Split:
    """Tokens, those joined that are together an exception. Of exceptions that overlap, the longest counts, then the first."""
    patterns = _patterns()
    spans = [
        (first, first + len(pattern))
        for first, token in enumerate(tokens)
        for pattern in patterns.get(token, ())
        if tokens[first : first + len(pattern)] == pattern
    ]
    if not spans:
        return tokens
    taken: dict[int, int] = {}
    seen: set[int] = set()
    for first, end in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        if seen.isdisjoint({first, end - 1}):
            taken[first] = end
        seen.update(range(first, end))
    return tuple(_with_exceptions(tokens, taken))


def _with_exceptions(tokens: Split, taken: dict[int, int]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        end = taken.get(at, at + 1)
        part = "".join(tokens[at:end])
        yield from _exceptions()[part] if at in taken else (part,)
        at = end


@cache
def _exceptions() -> dict[str, Split]:
    """The tokens of each exception, and of each abbreviated title: the full stop of "Sgt." as a token would end the sentence."""
    stored: dict[str, str] = tomllib.loads((DATA / "tokens.toml").read_text(encoding="utf-8"))
    both_cases = stored["both_cases"].split()
    listed = {*both_cases, *(each[0].upper() + each[1:] for each in both_cases)}
    listed.update(stored["as_printed"].split(), stored["emoticons"].split())
    listed.update(f"{title.capitalize()}." for title in words("abbreviated_titles"))
    listed |= {each.replace("'", "’") for each in listed}
    return {each.replace(CUT, ""): tuple(each.split(CUT)) for each in listed}


@cache
def _patterns() -> Mapping[str, Sequence[Split]]:
    """What the patterns make of the exceptions, where that is several tokens, by the first of them."""
    found: dict[str, list[Split]] = {}
    for part in _exceptions():
        separated = _separated(part, {})
        if len(separated) > 1:
            found.setdefault(separated[0], []).append(separated)
    return found
