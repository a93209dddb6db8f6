"""Where the names of one article may stand: the model's entities, cut to shape, and every other place the same words stand.

Everything here is in tokens of the model's copy of the page, [start, end). What a name is, if it is one, `etl.evidence` says.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from etl.gazetteer import find_known, fold_name, given_names, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

#: The classes of pipelines trained on other data than OntoNotes, in its terms; what is in neither is no name here.
LABELS = {
    "PER": "PERSON",
    "LOCATION": "LOC",
    "ORGANIZATION": "ORG",
    "MISC": "WORK_OF_ART",
    "FACILITY": "FAC",
    "GSP": "GPE",
}
POSSESSIVE = frozenset({"'s", "’s", "'", "’", "'S", "’S"})
ARTICLE_WORDS = frozenset({"the", "a", "an"})
SENTENCE_END = frozenset({".", "!", "?", ":", "...", "…", ";"})
MARKS = frozenset("\"“”‘’'`«»„()[]{}*-–—_,") | {"``", "''", "--"}
#: A passage with a larger share of capitalised words is a heading: capitals mean nothing in it.
HEADING_SHARE = 0.6
ABBREVIATED = re.compile(r"(?:[A-Z]\.)*[A-Z]|Inc|Corp|Co|Ltd|Jr|Sr|Bros|Cos|Calif|Conn|Mass|Fla|Ariz|Mich|Minn|Wis|Tenn|Okla|Colo")
#: Longer names are taken for lists that lost their commas.
MAX_TOKENS = 12


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch that may be a name: tokens [start, end), and the class the model gave exactly this stretch, if any."""

    start: int
    end: int
    label: str | None = None


class Tokens:
    """The words of one article's copy, with what the page's layout and capitals say of each."""

    def __init__(self, doc: "Doc") -> None:
        """Read the tokens off a spaCy doc."""
        self.texts: list[str] = [token.text for token in doc]
        self.lower: list[str] = [text.lower() for text in self.texts]
        self.n = len(self.texts)
        self.is_break = [text.isspace() and "\n" in text for text in self.texts]
        self.is_capital = [text[0].isupper() for text in self.texts]
        self.opens = self._opens()
        self.in_heading = self._in_heading()

    def _opens(self) -> list[bool]:
        """Whether each token opens a sentence, where a capital means little."""
        opens, fresh = [], True
        for i, text in enumerate(self.texts):
            opens.append(fresh)
            if self.is_break[i] or text in SENTENCE_END:
                fresh = True
            elif text not in MARKS and not text.isspace():
                fresh = False
        return opens

    def _in_heading(self) -> list[bool]:
        flags = [False] * self.n
        breaks = [i for i, is_break in enumerate(self.is_break) if is_break]
        for start, end in pairwise([-1, *breaks, self.n]):
            long = [i for i in range(start + 1, end) if len(self.texts[i]) > 3 and self.texts[i][0].isalpha()]
            if sum(self.is_capital[i] for i in long) > HEADING_SHARE * len(long):
                flags[start + 1 : end] = [True] * (end - start - 1)
        return flags

    @cached_property
    def printed_small(self) -> frozenset[str]:
        """The words that the article prints without a capital somewhere."""
        return frozenset(text for text in self.texts if text.islower())

    def text(self, start: int, end: int) -> str:
        """Tokens [start, end) joined by single spaces."""
        return " ".join(self.texts[start:end])


def model_spans(doc: "Doc", tokens: Tokens, labels: frozenset[str]) -> list[Span]:
    """The model's entities of the given classes, cut to the names in them, in order."""
    spans = []
    for ent in doc.ents:
        label = LABELS.get(ent.label_, ent.label_)
        if label in labels:
            spans += [Span(s, e, label) for s, e in _cut(tokens, ent.start, ent.end, label) if s < e]
    return spans


def _cut(tokens: Tokens, start: int, end: int, label: str) -> Iterator[tuple[int, int]]:
    """The names in a stretch: parted at passages' ends, lone brackets, and what joins two names, each without its trimmings."""
    begin = start
    for i in range(start, end):
        if _parts(tokens, begin, i, end, label):
            yield _trim(tokens, begin, i, label)
            begin = i + 1
    yield _trim(tokens, begin, end, label)


def _parts(tokens: Tokens, start: int, i: int, end: int, label: str) -> bool:
    text = tokens.texts[i]
    if tokens.is_break[i]:
        return True
    if text == "(":
        return True
    if text in POSSESSIVE and start < i < end - 1:
        return find_known(tokens.text(start, i)) is not None
    if text in ("and", "/", "&") and label in ("PERSON", "GPE", "LOC"):
        return find_known(tokens.text(start, end)) is None
    return False


def _trim(tokens: Tokens, start: int, end: int, label: str) -> tuple[int, int]:
    texts, lower = tokens.texts, tokens.lower
    while start < end and (lower[start] in ARTICLE_WORDS or not texts[start][0].isalnum()):
        start += 1
    while start < end and (texts[end - 1] in POSSESSIVE or not texts[end - 1][-1].isalnum() and not _abbreviates(texts[end - 1])):
        end -= 1
    if label == "PERSON":
        while start < end - 1 and _stands_before(tokens, start):
            start += 1
    while start < end and not tokens.is_capital[start] and not texts[start][0].isdigit() and "-" not in texts[start]:
        if lower[start] in words("particles") and label == "PERSON":
            break
        start += 1
    if label == "PERSON" and start + 1 < end < tokens.n - 1 and texts[end] == "-" and lower[start] in given_names() and len(texts[end + 1]) <= 6 and texts[end + 1].islower():
        end += 2
    if start < end < tokens.n and texts[end] == "." and ABBREVIATED.fullmatch(texts[end - 1]) and len(texts[end - 1]) > 1:
        end += 1
    return start, end


def _abbreviates(text: str) -> bool:
    return text.endswith(".") and ABBREVIATED.fullmatch(text[:-1]) is not None


def _stands_before(tokens: Tokens, i: int) -> bool:
    word = tokens.lower[i].rstrip(".")
    if word in words("honorifics") or word in words("ranks") or word in words("roles"):
        return fold_name(word) not in given_names() or word in words("honorifics")
    known = find_known(tokens.texts[i])
    return known is not None and known.entity_type == "NORP" and word not in given_names()


def capitalised_spans(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words in running text, with and without the titles before them, and joined by "of" or "for"."""
    runs = list(_runs(tokens))
    for start, end in runs:
        yield start, end
        trimmed = _trim(tokens, start, end, "PERSON")
        if trimmed != (start, end) and trimmed[0] < trimmed[1]:
            yield trimmed
    for first, second in pairwise(runs):
        gap = tokens.lower[first[1] : second[0]]
        if gap in JOINTS and second[1] - first[0] <= MAX_TOKENS:
            yield first[0], second[1]


#: What may stand between two runs of capitals that are one name.
JOINTS = (["of"], ["of", "the"], ["for"], ["for", "the"], ["and"], ["&"])


def _runs(tokens: Tokens) -> Iterator[tuple[int, int]]:
    i = 0
    while i < tokens.n:
        if not _may_begin(tokens, i):
            i += 1
            continue
        end = i + 1
        while end < tokens.n and end - i < MAX_TOKENS:
            if tokens.is_capital[end]:
                end += 1
            elif tokens.lower[end] in words("particles") and end + 1 < tokens.n and tokens.is_capital[end + 1]:
                end += 2
            else:
                break
        yield i, end
        i = end


def _may_begin(tokens: Tokens, i: int) -> bool:
    if not tokens.is_capital[i] or tokens.in_heading[i] or len(tokens.texts[i]) < 2:
        return False
    if not tokens.opens[i]:
        return tokens.lower[i] not in FUNCTION_WORDS
    return tokens.lower[i] not in tokens.printed_small and fold_name(tokens.texts[i]) in given_names()


#: Words that open sentences and titles, and are printed with capitals elsewhere too.
FUNCTION_WORDS = frozenset(
    "i the a an and but or if in on at to for of by with from as is are was were be it he she they we you his her its our their "
    "this that these those there here what when where who why how not no yes so all some many most more one two three "
    "i'm i've i'd i'll monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december mr mrs ms dr gmt est edt am pm".split()
)


def find_all(tokens: Tokens, names: Iterable[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Every stretch that prints one of the names, words in lower case, with its capitals; overlaps too."""
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in names:
        by_first[name[0]].append(name)
    for i, word in enumerate(tokens.lower):
        for name in by_first.get(word, ()):
            end = i + len(name)
            if tuple(tokens.lower[i:end]) == name and _is_capitalised(tokens, i, end):
                yield i, end


def _is_capitalised(tokens: Tokens, start: int, end: int) -> bool:
    return tokens.is_capital[start] or any(tokens.is_capital[start + 1 : end]) or not tokens.texts[start][0].isalpha()


def key_of(tokens: Tokens, start: int, end: int) -> tuple[str, ...]:
    """What two stretches of the same name share."""
    return tuple(tokens.lower[start:end])


def known_spans(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Stretches that print a name of the data files, the longest from each capitalised word."""
    for i in range(tokens.n):
        if tokens.is_capital[i]:
            for end in range(min(i + KNOWN_MAX_TOKENS, tokens.n), i, -1):
                if tokens.texts[end - 1][0].isalnum() and find_known(tokens.text(i, end)):
                    yield i, end
                    break


KNOWN_MAX_TOKENS = 5


def find_acronyms(tokens: Tokens) -> dict[str, str]:
    """The acronyms the article explains in brackets, by the words they are short for."""
    found = {}
    for i in range(2, tokens.n - 1):
        if tokens.texts[i - 1] != "(" or not tokens.texts[i].isupper() or len(tokens.texts[i]) < 2:
            continue
        start = _initials_begin(tokens, i - 1, tokens.texts[i])
        if start is not None:
            found[tokens.text(start, i - 1)] = tokens.texts[i]
    return found


def _initials_begin(tokens: Tokens, end: int, acronym: str) -> int | None:
    """Where the words before token ``end`` begin whose initials spell the acronym, small joining words left out at will."""
    at = len(acronym) - 1
    for start in range(end - 1, max(end - 2 * len(acronym) - 2, -1), -1):
        if tokens.is_break[start]:
            return None
        if tokens.texts[start][0].upper() == acronym[at] and (tokens.is_capital[start] or tokens.lower[start] not in words("connectors")):
            at -= 1
            if at < 0:
                return start if tokens.is_capital[start] else None
        elif tokens.lower[start] not in words("connectors"):
            return None
    return None
