"""The normalised copy of a page that the language model reads, and the mapping from its offsets to the page's.

The copy contains only the page's prose, one paragraph per passage. Lines are joined and words hyphenated at line ends are
made whole. Soft hyphens and zero-width characters are removed, and unusual spaces become plain ones. Passages in capitals
take the spelling that the rest of the page uses for their words. ``article.text`` itself is never changed.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from etl.knowledge.cue_words import weights
from etl.knowledge.gazetteer import is_name_word
from etl.knowledge.given_names import male_log_odds, may_be_given_name
from etl.knowledge.nouns import BODIES, DOCUMENTS, PERSON_NOUNS
from etl.knowledge.word_lists import words
from etl.page.parse import PROSE_KINDS, Page

#: The separator between two passages in the copy.
PASSAGE_BREAK = "\n\n"
#: Characters that are removed: soft hyphens and zero-width characters. `ODD` also matches irregular spaces.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
ODD = re.compile(
    rf"(?P<invisible>[{INVISIBLE}]+)|(?P<cut>(?<=[^\W\d_])-[^\S\n]*\r?\n[^\S\n]*(?=[^\W\d_]))|[^\S ]\s*| \s+"
)
#: The longest half of a word hyphenated at a line end, in code points.
MAX_HALF = 40
FIRST_HALF, SECOND_HALF = re.compile(r"[^\W\d_]+\Z"), re.compile(r"[^\W\d_]+")
#: Words after a suspended hyphen ("two- and three-year").
OPEN_HYPHEN = frozenset({"and", "or", "to"})

#: Curly apostrophes in names that the model knows only with a straight one (D’Arcy).
CURLY_IN_NAME = re.compile(r"(?<=\b[DLMOdl])[’‘ʼ](?=[A-Z])")
WORD = re.compile(r"[^\W\d_]+")
#: The text allowed between the words of one name, or within one of them.
NAME_GAPS = frozenset({" ", ". "})
NAME_MARKS = frozenset("-'’")
#: Words next to a verb of speech, without an article before them: a name, or people in general.
SPEAKING = re.compile(
    r"(?:\A|[\"“”'’.,;:\n]\s*)(?P<before>[A-Z'’-]{3,}) (?:SAID|SAYS|ADDED|TOLD)\b|\bSAID (?P<after>[A-Z'’-]{3,})(?=[.,;])"
)
#: The article "A" in a sentence in capitals, as opposed to an initial.
ARTICLE = re.compile(r"(?<=[a-z,] )A(?= [a-z])")
POSSESSIVE = re.compile(r"(?<=[^\W\d_]['’])S\b")
#: A passage is in capitals if it has at least this many capitals, and lower-case letters are at most this share of them.
SHOUTED_MIN_LETTERS = 8
SHOUTED_MAX_SMALL = 0.1


@dataclass(frozen=True, slots=True)
class Copy:
    """Normalised text as runs: run *i* begins at ``copy_starts[i]`` in the copy and at ``page_starts[i]`` on the page."""

    text: str
    copy_starts: tuple[int, ...]
    page_starts: tuple[int, ...]

    def start(self, offset: int) -> int:
        """The page offset of the copy's code point ``offset``."""
        run = max(bisect_right(self.copy_starts, offset) - 1, 0)
        return self.page_starts[run] + offset - self.copy_starts[run]

    def end(self, offset: int) -> int:
        """The page offset just after the code point that precedes the copy's ``offset``."""
        return self.start(offset - 1) + 1


def copy_for_model(page: Page) -> Copy:
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

    text = CURLY_IN_NAME.sub("'", truecase(page))
    for passage in page.passages:
        if passage.kind not in PROSE_KINDS:
            continue
        if pieces:
            add(PASSAGE_BREAK, passage.start - len(PASSAGE_BREAK))
        at = passage.start
        for odd in ODD.finditer(text, passage.start, passage.end):
            add(text[at : odd.start()], at)
            add(_plain(text, odd), odd.start())
            at = odd.end()
        add(text[at : passage.end], at)
    return Copy("".join(pieces), tuple(copy_starts) or (0,), tuple(page_starts) or (0,))


def _plain(text: str, odd: re.Match[str]) -> str:
    """The replacement for an irregular stretch: nothing if it is invisible or splits a word at a line end, else a space."""
    if odd["cut"] is None:
        return "" if odd["invisible"] else " "
    first, second = (
        FIRST_HALF.search(text, max(odd.start() - MAX_HALF, 0), odd.start()),
        SECOND_HALF.match(text, odd.end()),
    )
    if first is None or second is None or second.group() in OPEN_HYPHEN:
        return "- "
    return "-" if second.group()[0].isupper() or f"{first.group()}-{second.group()}" in text else ""


def truecase(page: Page) -> str:
    """The page's text with its passages in capitals spelled like the rest of the page. The length does not change."""
    shouted = [p for p in page.passages if p.kind in PROSE_KINDS and is_shouted(page.of(p))]
    if not shouted:
        return page.text
    spellings = _spellings(page)
    pieces, at = [], 0
    for passage in shouted:
        pieces.append(page.text[at : passage.start])
        spelled = WORD.sub(lambda word: _spelled(word.group(), spellings), page.of(passage))
        spelled = ARTICLE.sub("a", spelled)
        pieces.append(POSSESSIVE.sub("s", spelled))
        at = passage.end
    return "".join([*pieces, page.text[at:]])


def is_shouted(text: str) -> bool:
    """Whether a passage is printed in capitals: several words with hardly any lower-case letters."""
    n_small = sum(map(str.islower, text))
    n_capital = sum(map(str.isupper, text))
    return n_capital >= SHOUTED_MIN_LETTERS and n_small <= SHOUTED_MAX_SMALL * n_capital and " " in text.strip()


def _spellings(page: Page) -> dict[str, str]:
    """The page's most frequent spelling of each word outside passages in capitals, keyed by the lower-case word.

    Words that occur only in capitals are spelled as names where they are names.
    """
    prose = [page.of(passage) for passage in page.passages if passage.kind in PROSE_KINDS]
    shouted = [text for text in prose if is_shouted(text)]
    names = {*chain.from_iterable(map(_names_in_capitals, shouted)), *chain.from_iterable(map(_speakers, shouted))}
    names |= {name for text in shouted for name in _given_before(text, names)}
    found = {name.lower(): name.capitalize() for name in names}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text in prose:
        for word in WORD.findall(text) if not is_shouted(text) else ():
            counts[word.lower()][word] += 1
    return found | {word: min(forms, key=lambda form: (-forms[form], form)) for word, forms in counts.items()}


def _names_in_capitals(text: str) -> Iterator[str]:
    """The words of a passage in capitals that a preceding given name or title marks as names."""
    named = False
    for before, word in pairwise(WORD.finditer(text)):
        named = named or _is_first_name(before.group()) or before.group().lower() in words("abbreviated_titles")
        gap = text[before.end() : word.start()]
        is_part = gap in NAME_MARKS and (named or len(before.group()) == 1)
        is_initial = len(word.group()) == 1 and gap not in NAME_MARKS
        named = named and (gap in NAME_GAPS or is_part) and (is_initial or not _is_common(word.group()))
        if (named and not is_initial) or (is_part and not _is_common(word.group())):
            yield word.group()
            named = text[word.end() : word.end() + 1] in NAME_MARKS


def _speakers(text: str) -> Iterator[str]:
    """The words of a passage in capitals whose position marks them as names: "TOBIN SAID"."""
    for found in SPEAKING.finditer(text):
        for word in WORD.findall(found["before"] or found["after"]):
            is_people = word.endswith("S") or word.lower() in PERSON_NOUNS | BODIES | DOCUMENTS
            if len(word) > 1 and not is_people and not _is_common(word):
                yield word


def _given_before(text: str, names: Collection[str]) -> Iterator[str]:
    """The given names directly before names."""
    for before, word in pairwise(WORD.finditer(text)):
        is_beside = text[before.end() : word.start()] == " "
        if (
            is_beside
            and word.group() in names
            and male_log_odds(before.group()) is not None
            and not _is_common(before.group())
        ):
            yield before.group()


def _is_first_name(word: str) -> bool:
    return may_be_given_name(word) and not _is_common(word) and word.lower() not in words("common_given")


def _is_common(word: str) -> bool:
    """Whether a word is usually not a name: a verb of speech ("said", also a given name) or a function word."""
    return word.lower() in weights() or word.lower() in words("function")


def _spelled(word: str, spellings: Mapping[str, str]) -> str:
    if len(word) == 1:
        return word
    known = spellings.get(word.lower())
    is_known = is_name_word(word) and word.lower() not in words("common_given")
    is_name = not _is_common(word) and (is_known or word.lower() in words("abbreviated_titles"))
    spelled = known or (word.capitalize() if is_name else word.lower())
    return spelled if len(spelled) == len(word) else word
