"""Finds candidate names in one article, and all occurrences of each.

Candidates are the model's entities with corrected boundaries, names in the data files, and runs of capitalised words.
Positions are token offsets [start, end) in the model's copy of the page. `etl.entities.evidence` decides which
candidates are names, and of which kind.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from etl.entities.name_keys import is_office, is_postnominal, is_title, n_title_words
from etl.knowledge.gazetteer import begins_known, find_known, is_people
from etl.knowledge.given_names import is_given_name, may_be_given_name
from etl.knowledge.word_lists import words
from etl.model.annotate import Annotation
from etl.schema import PERSON

POSSESSIVE = frozenset({"'s", "’s", "'", "’", "'S", "’S"})
#: The space before a possessive that is a token of its own.
POSSESSIVE_SPACE = re.compile(r" (?=[’'][sS]\b)")
ARTICLE_WORDS = frozenset({"the", "a", "an"})
SENTENCE_END = frozenset({".", "!", "?", ":", "...", "…", ";"})
MARKS = frozenset("\"“”‘’'`«»„()[]{}*-–—_,") | {"``", "''", "--"}
DOUBLE_MARKS = frozenset('"“”') | {"``", "''"}
DASHES = frozenset("-–—") | {"--"}
#: The model sometimes merges two entities. They are split at these words, unless the data files list the whole name.
PARTING = frozenset({"and", "/", "&"})
PARTED_CLASSES = frozenset({PERSON, "GPE", "LOC"})
TICKER = re.compile(r"[A-Z]{1,6}(?:\.[A-Z]{1,3})?")
#: Words that can join two runs of capitalised words into one name.
JOINTS = (["of"], ["of", "the"], ["for"], ["for", "the"], ["and"], ["&"])
#: A passage with a larger share of capitalised words is a heading, where capitals are not evidence of a name.
#: Words of fewer than HEADING_MIN_LETTERS letters are not counted.
HEADING_SHARE = 0.6
HEADING_MIN_LETTERS = 4
#: Abbreviations whose full stop belongs to the name.
ABBREVIATED = re.compile(
    r"(?:[A-Z]\.)*[A-Z]|Inc|Corp|Co|Cos|Ltd|Bros|Jr|Sr|Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Mass|Mich"
    r"|Minn|Miss|Mo|Mont|Neb|Nev|Okla|Ore|Pa|Tenn|Tex|Va|Vt|Wash|Wis|Wyo",
    re.ASCII,
)
#: Longer spans are lists without commas. Longer acronyms are words in capitals for emphasis.
MAX_TOKENS = 16
MAX_ACRONYM_LETTERS = 12
#: Maximum length of a name in the data files.
KNOWN_MAX_TOKENS = 5
#: Names of parties in the data files, which stand before their members' names as peoples do.
PARTY_ENDINGS = ("Party", "Democrats")
#: Minimum number of words in a full name.
FULL_NAME_WORDS = 2
#: What joins an office to what it is for: "Minister for Rivers".
OFFICE_JOINTS = frozenset({"for", "of"})
#: Minimum occurrences of a name alone, for adjacent words to be treated as not part of it.
OFTEN = 2
#: Maximum number of words before a title that belong to it.
MAX_BEFORE_TITLE = 4
NICKNAME_MARKS = DOUBLE_MARKS | frozenset("'‘’")
#: Maximum number of words in a quoted nickname between a given name and a surname.
MAX_NICKNAME = 3
#: A particle tied to a name: "d'Amico", "l'Heureux".
TIED = re.compile(r"(?:dall|dell|d|l|m|n)['’](?=\w)")
#: Initials before a surname, one by one or in one word ("W.H.").
INITIALS = re.compile(r"[A-Z]|(?:[A-Z]\.)+")
#: Maximum length of the second half of a hyphenated given name ("Suk-yeol").
SECOND_HALF_MAX_LETTERS = 6

Key = tuple[str, ...]


def joined(parts: Iterable[str]) -> str:
    """The words of a name, with spaces between them but not before a possessive."""
    return POSSESSIVE_SPACE.sub("", " ".join(parts))


class Place(NamedTuple):
    """One occurrence of a name: tokens [start, end), the model's class, and the class of an entity it overlaps."""

    start: int
    end: int
    label: str | None = None
    overlapped: str | None = None


class Name(NamedTuple):
    """One candidate name: its words as first printed, and its occurrences in text order."""

    words: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def text(self) -> str:
        """The words, joined as in print."""
        return joined(self.words)


class Tokens:
    """The tokens of one article, with layout and capitalisation features."""

    def __init__(self, annotation: Annotation) -> None:
        """Compute the features from an article's annotation."""
        self.texts, self.seen = annotation.tokens.texts, annotation.seen
        self.lower: list[str] = [text.lower() for text in self.texts]
        self.n = len(self.texts)
        self.is_break = ["\n" in text and text.isspace() for text in self.texts]
        self.is_capital = [has_capital(text) for text in self.texts]
        self.capitals = [i for i, is_capital in enumerate(self.is_capital) if is_capital]
        self.is_dash = [text in DASHES and annotation.tokens.stands_apart(i) for i, text in enumerate(self.texts)]
        self.opens = self._opens()
        self.in_heading = self._in_heading()

    @cached_property
    def printed_small(self) -> frozenset[str]:
        """The words that occur in lower case in the article."""
        return frozenset(text for text in self.texts if text.islower())

    def text(self, start: int, end: int) -> str:
        """Tokens [start, end), joined as in print."""
        return joined(self.texts[start:end])

    def key(self, start: int, end: int) -> Key:
        """The lower-cased tokens [start, end), which identify a name regardless of case."""
        return tuple(self.lower[start:end])

    def word(self, i: int) -> str:
        """The token in lower case, or a line feed if ``i`` is out of range."""
        return self.lower[i] if 0 <= i < self.n else "\n"

    def capital(self, i: int) -> bool:
        """Whether the token exists and begins with a capital."""
        return 0 <= i < self.n and self.is_capital[i]

    def _opens(self) -> list[bool]:
        """Whether each token begins a sentence, where a capital is weak evidence of a name."""
        opens, fresh = [], True
        for i, text in enumerate(self.texts):
            opens.append(fresh)
            if self.is_break[i] or text in SENTENCE_END:
                fresh = True
            elif fresh:
                fresh = text in MARKS or text.isspace()
        return opens

    def _in_heading(self) -> list[bool]:
        flags = [False] * self.n
        breaks = [i for i, is_break in enumerate(self.is_break) if is_break]
        for before, end in pairwise([-1, *breaks, self.n]):
            passage = range(before + 1, end)
            long = [i for i in passage if len(self.texts[i]) >= HEADING_MIN_LETTERS and self.texts[i][0].isalpha()]
            if sum(self.is_capital[i] for i in long) > HEADING_SHARE * len(long):
                flags[before + 1 : end] = [True] * len(passage)
        return flags


def has_capital(text: str) -> bool:
    """Whether a token begins with a capital, perhaps behind a particle tied to it ("d'Amico")."""
    tied = TIED.match(text)
    return text[tied.end() if tied else 0].isupper()


def find_candidates(annotation: Annotation, tokens: Tokens) -> dict[Key, Name]:
    """All candidate names by key: the model's entities, names in the data files, and runs of capitalised words."""
    labels = {(start, end): label for start, end, label in _model_spans(annotation, tokens)}
    covering = {i: label for (start, end), label in labels.items() for i in range(start, end)}
    printed: dict[Key, tuple[str, ...]] = {}
    for start, end in [*labels, *_capitalised(tokens), *_known(tokens)]:
        if (
            tokens.lower[start].rstrip(".") in words("courtesy")
            or (end - start > 1 and is_office(tokens.text(start, end)))
            or _is_legal_form(tokens, start, end)
            or _is_ticker(tokens, start, end)
        ):
            continue
        printed.setdefault(tokens.key(start, end), tuple(tokens.texts[start:end]))
    places: dict[Key, list[Place]] = defaultdict(list)
    for start, end in _find_all(tokens, printed):
        label = labels.get((start, end))
        overlapped = None if label else next((covering[i] for i in range(start, end) if i in covering), None)
        places[tokens.key(start, end)].append(Place(start, end, label, overlapped))
    names = {key: Name(printed[key], tuple(found)) for key, found in places.items()}
    return {key: name for key, name in names.items() if not _is_glued(key, name, names, tokens)}


def _is_legal_form(tokens: Tokens, start: int, end: int) -> bool:
    """Whether tokens are nothing but a company's legal form ("Co Inc"). One word in capitals may be an acronym (SAS)."""
    is_acronym = end - start == 1 and tokens.texts[start].isupper()
    return not is_acronym and all(word.rstrip(".") in words("legal_forms") for word in tokens.lower[start:end])


def _is_ticker(tokens: Tokens, start: int, end: int) -> bool:
    """Whether a token is a ticker between angle brackets: <QLL>, <QLL.N>."""
    is_bracketed = (tokens.word(start - 1), tokens.word(end)) == ("<", ">")
    return is_bracketed and end == start + 1 and TICKER.fullmatch(tokens.texts[start]) is not None


def _is_glued(key: Key, name: Name, names: Mapping[Key, Name], tokens: Tokens) -> bool:
    """Whether a candidate is a person's name plus words capitalised only by their position ("Certainly Ivo Tallis").

    Such a candidate occurs only in headings or only at the start of sentences, and the person's name occurs alone
    elsewhere.
    """
    if len(key) <= FULL_NAME_WORDS or not {place.label for place in name.places} <= {None, PERSON}:
        return False
    parts: list[Key] = []
    if may_be_given_name(key[1]) and not may_be_given_name(key[0]) and key[1:] in names:
        return len(names[key[1:]].places) > len(name.places)
    if all(tokens.in_heading[place.start] for place in name.places):
        parts += [key[:i] for i in range(FULL_NAME_WORDS, len(key)) if key[i] not in MARKS]
    if all(tokens.opens[place.start] for place in name.places) and not is_given_name(key[0]):
        parts.append(key[1:])
    return any(_times_alone(names[part], tokens) >= OFTEN for part in parts if part in names)


def _times_alone(name: Name, tokens: Tokens) -> int:
    """How often the model labels exactly this name as a person outside headings."""
    return sum(place.label == PERSON and not tokens.in_heading[place.start] for place in name.places)


def find_acronyms(tokens: Tokens) -> dict[Key, str]:
    """Acronyms that the article defines in brackets, keyed by the name before the bracket."""
    found: dict[Key, str] = {}
    for i in range(2, tokens.n):
        acronym = tokens.texts[i]
        if tokens.texts[i - 1] == "(" and 1 < len(acronym) <= MAX_ACRONYM_LETTERS and acronym.isupper():
            start = _spelled_from(tokens, i - 1, acronym)
            if start is not None:
                found[tokens.key(start, i - 1)] = acronym
    return found


def _spelled_from(tokens: Tokens, end: int, acronym: str) -> int | None:
    """The start of the words before token ``end`` whose initials spell the acronym. Connectors may be skipped."""
    rest = acronym
    for i in range(end - 1, max(end - 2 * len(acronym) - 2, -1), -1):
        joins = tokens.lower[i] in words("connectors")
        if tokens.texts[i][0].upper() == rest[-1] and (tokens.is_capital[i] or not joins):
            rest = rest[:-1]
            if not rest:
                return i if tokens.is_capital[i] else None
        elif not joins:
            return None
    return None


def _model_spans(annotation: Annotation, tokens: Tokens) -> list[tuple[int, int, str]]:
    """The model's entities, split and trimmed to the names in them. The names of a firm's partners are one name."""
    spans: list[tuple[int, int, str]] = []
    for span in sorted(_names_in_entities(annotation, tokens)):
        if spans and _are_partners(tokens, spans[-1], span):
            spans[-1] = (spans[-1][0], span[1], "ORG")
        else:
            spans.append(span)
    return [_with_company(tokens, span) for span in spans]


def _with_company(tokens: Tokens, span: tuple[int, int, str]) -> tuple[int, int, str]:
    """A partner's name with the end of the firm's that the model missed: "Quill and Co Ltd"."""
    start, end, label = span
    last = end + 1
    while tokens.capital(last) and tokens.word(last).rstrip(".") in words("firm_endings"):
        last += 1
    is_firm = label in (PERSON, "ORG") and tokens.word(end) in PARTING and last > end + 1
    return (start, last, "ORG") if is_firm else span


def _are_partners(tokens: Tokens, before: tuple[int, int, str], after: tuple[int, int, str]) -> bool:
    """Whether two names are one firm's: "Quill & Dorn", "Mara Quill and Co", "Quill, Dorn and Co"."""
    (first, end, label), (start, last, next_label) = before, after
    joint, is_heading = tokens.texts[end], tokens.in_heading[first]
    if start != end + 1 or is_heading or not {label, next_label} <= {PERSON, "ORG"}:
        return False
    is_ending = all(word.rstrip(".") in words("firm_endings") for word in tokens.lower[start:last])
    is_ended = tokens.word(last) in PARTING and tokens.word(last + 1).rstrip(".") in words("firm_endings")
    are_family_names = end - first == last - start == 1
    is_joined = (joint == "&" and label == next_label == PERSON) or (joint == "," and is_ended)
    return (joint in PARTING and is_ending) or (is_joined and are_family_names)


def _names_in_entities(annotation: Annotation, tokens: Tokens) -> Iterator[tuple[int, int, str]]:
    for first, last, label in annotation.names:
        for start, end in _parted(tokens, first, last, label):
            start, end = _trimmed(tokens, start, end, label)
            if start < end <= start + MAX_TOKENS:
                yield start, end, label


def _parted(tokens: Tokens, start: int, end: int, label: str) -> Iterator[tuple[int, int]]:
    """Split a span at passage ends, brackets, and words or marks between two names."""
    parting = PARTING if label in PARTED_CLASSES and not find_known(tokens.text(start, end)) else frozenset()
    n_marks = sum(text in DOUBLE_MARKS for text in tokens.texts[start:end])
    begin = start
    for i in range(start, end):
        text = tokens.texts[i]
        owner = text in POSSESSIVE and i < end - 1 and find_known(tokens.text(begin, i))
        is_label = text == ":" and label == PERSON
        is_apart = tokens.is_break[i] or tokens.is_dash[i] or text == "(" or (text in DOUBLE_MARKS and n_marks == 1)
        if is_apart or text in parting or owner or is_label:
            yield begin, i
            begin = i + 1
    yield begin, end


def _trimmed(tokens: Tokens, start: int, end: int, label: str) -> tuple[int, int]:
    """Trim a span to the name, and extend it over an abbreviation's full stop or the second half of a given name."""
    texts, lower = tokens.texts, tokens.lower
    while start < end and (
        lower[start] in ARTICLE_WORDS or not texts[start][0].isalnum() or lower[start].rstrip(".") in words("courtesy")
    ):
        start += 1
    while start < end and (
        texts[end - 1] in POSSESSIVE or not (texts[end - 1][-1].isalnum() or _is_abbreviated(texts[end - 1]))
    ):
        end -= 1
    if label == PERSON:
        start = person_start(tokens, start, end)
        while end - start > 1 and is_postnominal(texts[end - 1]):
            end -= 1
    while start < end and texts[start].islower() and "-" not in texts[start]:
        if label == PERSON and lower[start] in words("particles"):
            break
        start += 1
    if (
        start + 1 < end
        and tokens.word(end) == "-"
        and not tokens.is_dash[end]
        and is_given_name(lower[start])
        and _is_second_half(tokens.word(end + 1))
    ):
        end += 2
    if start < end and tokens.word(end) == "." and len(texts[end - 1]) > 1 and ABBREVIATED.fullmatch(texts[end - 1]):
        end += 1
    return start, end


def _is_abbreviated(text: str) -> bool:
    return text.endswith(".") and ABBREVIATED.fullmatch(text[:-1]) is not None


def _is_second_half(word: str) -> bool:
    return word.isalpha() and len(word) <= SECOND_HALF_MAX_LETTERS and word not in words("hyphenated")


def person_start(tokens: Tokens, start: int, end: int) -> int:
    """The start of the person's name in tokens [start, end), after titles and their modifiers ("Ohio Gov.").

    Of "Minister for Rivers Jan Tallis", "Rivers" is the office's.
    """
    if n := n_title_words(tokens.texts[start:end]):
        return person_start(tokens, start + n, end)
    is_of_office = start > 1 and tokens.lower[start - 1] in OFFICE_JOINTS and is_title(tokens.texts[start - 2])
    if is_of_office and end - start > FULL_NAME_WORDS and is_given_name(tokens.lower[start + 1]):
        return start if is_given_name(tokens.lower[start]) else start + 1
    for i in range(start, min(end - 1, start + MAX_BEFORE_TITLE)):
        is_peoples = _is_people_or_party(tokens.texts[i]) and is_title(tokens.texts[i + 1])
        if (is_given_name(tokens.lower[i]) and not is_peoples) or tokens.word(i + 1) in words("generations"):
            break
        is_outlet = tokens.lower[i] in words("org_last") and is_given_name(tokens.lower[i + 1])
        if is_title(tokens.texts[i]) or _is_people_or_party(tokens.text(start, i + 1)) or is_outlet:
            return person_start(tokens, i + 1, end)
    return start


def grown_start(tokens: Tokens, start: int) -> int:
    """Extend a person's name at token ``start`` back over initials, and over a given name before it or them."""
    at = start - 1
    while INITIALS.fullmatch(tokens.texts[at] if at >= 0 else ""):
        at -= 1
    if _may_be_given(tokens, at) and tokens.lower[at] not in tokens.printed_small:
        is_place = may_be_given_name(tokens.texts[start]) and find_known(tokens.texts[at])
        return start if is_place else at
    is_time = tokens.word(at)[-1:].isdigit()  # 9 A.M.
    are_initials = tokens.texts[at + 1].endswith(".") and not is_time and not find_known(tokens.texts[at + 1])
    return at + 1 if are_initials and not (tokens.capital(at) and not is_title(tokens.texts[at])) else start


def grown_end(tokens: Tokens, end: int) -> int:
    """Extend a person's name that ends before token ``end`` over the letters after it ("Ken Holm QC")."""
    while end < tokens.n and is_postnominal(tokens.texts[end]):
        end += 1
    return end


def find_nicknamed(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Names of people with a quoted nickname between given name and surname: Hester “Hooks” Quill."""
    for opening in range(1, tokens.n):
        if tokens.texts[opening] in NICKNAME_MARKS and _may_be_given(tokens, opening - 1):
            closing = opening + 1
            while closing < opening + 1 + MAX_NICKNAME and tokens.capital(closing):
                closing += 1
            if opening + 1 < closing and tokens.word(closing) in NICKNAME_MARKS and tokens.capital(closing + 1):
                end = closing + 2
                while tokens.word(end) == "-" and tokens.capital(end + 1):
                    end += 2
                yield opening - 1, end


def _may_be_given(tokens: Tokens, i: int) -> bool:
    return tokens.capital(i) and may_be_given_name(tokens.texts[i]) and not is_title(tokens.texts[i])


def _is_people_or_party(text: str) -> bool:
    known = find_known(text)
    return is_people(text) or (known is not None and known.name.endswith(PARTY_ENDINGS))


def _capitalised(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words outside headings, with and without titles, and pairs of runs joined by `JOINTS`."""
    runs = list(_runs(tokens))
    for start, end in runs:
        yield start, end
        trimmed = _trimmed(tokens, start, end, PERSON)
        if trimmed != (start, end) and trimmed[0] < trimmed[1]:
            yield trimmed
    for (start, first_end), (second, end) in pairwise(runs):
        if tokens.lower[first_end:second] in JOINTS and end - start <= MAX_TOKENS:
            yield start, end


def _runs(tokens: Tokens) -> Iterator[tuple[int, int]]:
    end = 0
    for i in tokens.capitals:
        if i >= end and _may_begin(tokens, i):
            end = i
            while end < min(tokens.n, i + MAX_TOKENS) and (reach := _run_on(tokens, end)):
                if end > i and is_postnominal(tokens.texts[end]):
                    break
                end += reach
            yield i, end


def _run_on(tokens: Tokens, i: int) -> int:
    """The number of tokens by which a run continues at token ``i``."""
    if tokens.is_capital[i]:
        return 1
    return 2 if tokens.lower[i] in words("particles") and tokens.capital(i + 1) else 0


def _may_begin(tokens: Tokens, i: int) -> bool:
    """Whether a run may begin at token ``i``, which has a capital."""
    if tokens.in_heading[i] or len(tokens.texts[i]) == 1:
        return False
    if tokens.lower[i] in words("function"):
        return False
    if tokens.opens[i]:
        is_name_like = is_given_name(tokens.lower[i]) or tokens.capital(i + 1)
        return is_name_like and tokens.lower[i] not in tokens.printed_small
    return True


def _known(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Spans that match a name in the data files: the longest from each capitalised word."""
    for i in tokens.capitals:
        longest = KNOWN_MAX_TOKENS if begins_known(tokens.texts[i]) else 1
        for end in range(min(i + longest, tokens.n), i, -1):
            if tokens.texts[end - 1][0].isalnum() and find_known(tokens.text(i, end)):
                yield i, end
                break


def _find_all(tokens: Tokens, keys: Iterable[Key]) -> Iterator[tuple[int, int]]:
    """All occurrences of the names that contain a capital, including overlapping ones."""
    wanted = frozenset(keys)
    lengths: dict[str, list[int]] = defaultdict(list)
    for first, length in sorted({(key[0], len(key)) for key in wanted}):
        lengths[first].append(length)
    for i, word in enumerate(tokens.lower):
        for length in lengths.get(word, ()):
            end = i + length
            if (
                end <= tokens.n
                and tokens.key(i, end) in wanted
                and (any(tokens.is_capital[i:end]) or not word[0].isalpha())
            ):
                yield i, end
