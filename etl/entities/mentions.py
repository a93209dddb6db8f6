"""Finds the mentions in one article, and the fullest name that the article gives each entity."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from etl.entities.aliases import fullest_names
from etl.entities.candidates import (
    DASHES,
    FULL_NAME_WORDS,
    INITIALS,
    PARTING,
    POSSESSIVE,
    Key,
    Name,
    Place,
    Tokens,
    find_acronyms,
    find_candidates,
    find_nicknamed,
    grown_end,
    grown_start,
    person_start,
)
from etl.entities.evidence import KIND_OF, KINDS, QUOTATION_MARKS, Weights, kind_and_odds, signs_of, weights
from etl.entities.name_keys import entity_id, plain_name
from etl.knowledge.gazetteer import find_known
from etl.knowledge.pronouns import HE_SHE
from etl.knowledge.word_lists import words
from etl.model.annotate import Annotation
from etl.page.parse import Page
from etl.spans import overlapping

#: The class of a kind if neither the data files nor the model give one. Names of other kinds are then dropped.
DEFAULT_CLASS = {"person": "PERSON", "organisation": "ORG", "place": "GPE", "group": "NORP"}
#: How articles introduce the person whom one word then names: in a longer name, or by what stands before it.
INTRODUCED = frozenset(
    {"ends person", "begins person", "short for person", "after honorific", "after rank", "after role", "before age"}
)
IN_LONGER = frozenset({"ends person", "begins person"})
#: A ticker in brackets behind a company's name: <QLL>, (QLL.N), (NYSE: QLL).
TICKER = re.compile(r"<\S{1,8}>|\([A-Z]{1,5}\.[A-Z]{1,2}\)|\((?:NYSE|NASDAQ|Nasdaq|AMEX|LSE|TSX|ASX):")
TICKER_MAX_TOKENS = 5
#: Longer words in capitals are shouted names.
ACRONYM_MAX_LETTERS = 4
#: Marks between a quoted word and the quotation mark that closes it.
ENDING = frozenset(",.!?")
#: The most letters of a word in capitals that may be initials ("JFK").
MAX_INITIALS = 4
#: The least mean probability of a kind that the encoder is sure of.
SURE = 0.5
#: The mean probability of an organisation beyond which one word may be one, although it looks more like a person, and how many
#: tokens after it may tell by "he" or "she" that it is not.
DOUBTFUL, WAKE = 0.25, 25
#: The mean probability beyond which the last word of a name, where it stands alone, is of a kind.
LIKELY = 0.3


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention of an entity: code points [start, end), class, fullest name, and how it is mentioned (``via``)."""

    start: int
    end: int
    entity_type: str
    name: str
    via: str = "named"

    @property
    def entity_id(self) -> str:
        """The entity's identifier, computed from class and name only."""
        return entity_id(self.entity_type, self.name)

    def renamed(self, name: str) -> "Mention":
        """The same mention under another name."""
        return self if name == self.name else replace(self, name=name)


#: Candidate names with their remaining occurrences and their signs.
Weighed = list[tuple[Name, dict[str, float]]]


def find_mentions(page: Page, annotation: Annotation, table: Weights | None = None) -> list[Mention]:
    """The mentions in one article in text order, each with the fullest name of its entity.

    ``table`` has the weights of signs. The default is the weights that ship with the package.
    """
    tokens = Tokens(annotation)
    acronyms = find_acronyms(tokens)
    spans, _ = choose_names(annotation, tokens, acronyms, weights() if table is None else table)
    mentions = []
    for start, end, entity_type in sorted(spans):
        first, last = page_span(page, annotation, start, end)
        printed = page.text[first:last]
        whole = annotation.tokens.of(start, end) if "\n" in printed else printed
        mentions.append(Mention(first, last, entity_type, plain_name(entity_type, whole)))
    explained = {plain_name("ORG", " ".join(key)): acronym for key, acronym in acronyms.items()}
    full = fullest_names(Counter((m.entity_type, m.name) for m in mentions), explained)
    return [m.renamed(_quiet(m.entity_type, full[m.entity_type, m.name])) for m in mentions]


def _quiet(entity_type: str, name: str) -> str:
    """Convert a person's name from all capitals to title case, but for short ones, which may be initials. Others are unchanged."""
    is_shouted = name.isupper() and (" " in name or len(name) > MAX_INITIALS)
    return name.title() if entity_type == "PERSON" and is_shouted else name


def page_span(page: Page, annotation: Annotation, start: int, end: int) -> tuple[int, int]:
    """The code points in the page of tokens [start, end), without a trailing dash."""
    tokens, copy = annotation.tokens, annotation.copy
    first, last = copy.start(int(tokens.starts[start])), copy.end(int(tokens.ends[end - 1]))
    return first, last - (last - first > 1 and page.text[last - 1] in DASHES)


def choose_names(
    annotation: Annotation, tokens: Tokens, acronyms: dict[Key, str], table: Weights
) -> tuple[list[tuple[int, int, str]], Weighed]:
    """Choose non-overlapping names. Returns (start, end, class) in tokens, and all candidates that were considered.

    Longer names are decided first. Their tokens are no longer available to shorter names, but their kind is evidence
    for the kind of shorter names.
    """
    spans: list[tuple[int, int, str]] = []
    weighed: Weighed = []
    taken = bytearray(tokens.n)
    company: dict[str, set[str]] = defaultdict(set)
    for start, end in find_nicknamed(tokens):
        taken[start:end] = b"\1" * (end - start)
        company[tokens.lower[end - 1]].add("ends person")
        spans.append((start, end, "PERSON"))
    by_length: dict[int, list[Name]] = defaultdict(list)
    candidates = find_candidates(annotation, tokens)
    for key, name in candidates.items():
        by_length[len(key)].append(name)
        if len(key) > 1 and (kind := _kind_alone(candidates.get(key[-1:]), name, tokens)):
            company[" ".join(key)].add(f"alone {kind}")
    for length in sorted(by_length, reverse=True):
        here = _weigh(by_length[length], taken, tokens, company)
        weighed += here
        for name, kind in _decide(here, tokens, table):
            if entity_type := _class_of(name, kind):
                spans += [(start, end, entity_type) for start, end in _claim(name, kind, tokens, taken)]
                _introduce(name, kind, acronyms, company)
    return spans, weighed


def _claim(name: Name, kind: str, tokens: Tokens, taken: bytearray) -> Iterator[tuple[int, int]]:
    """The tokens of each free occurrence of a chosen name, with what belongs to the name. Marks them as taken."""
    for place in _with_mark(name, tokens) if kind == "organisation" else name.places:
        if any(taken[place.start : place.end]):
            continue
        start, end = place.start, place.end
        if kind == "person":
            start, end = person_start(tokens, start, end), grown_end(tokens, end)
            grown = grown_start(tokens, start) if start == place.start else start
            start = start if any(taken[grown:start]) else grown
        first = min(start, place.start)
        taken[first:end] = b"\1" * (end - first)
        yield start, end


def _kind_alone(last_word: Name | None, name: Name, tokens: Tokens) -> str | None:
    """The kind that the encoder sees in the last word of a name where it stands alone, if it is sure enough of it."""
    inside = {place.end for place in name.places}
    alone = [place.start for place in last_word.places if place.end not in inside] if last_word else []
    if not alone:
        return None
    seen = tokens.seen[alone].mean(axis=0)
    return KINDS[int(seen.argmax())] if seen.max() > LIKELY else None


def _weigh(names: Iterable[Name], taken: bytearray, tokens: Tokens, company: dict[str, set[str]]) -> Weighed:
    """Candidates with at least one free occurrence, limited to those occurrences, with their signs."""
    weighed = []
    for name in names:
        free = tuple(place for place in name.places if not any(taken[place.start : place.end]))
        if free:
            name = Name(name.words, free)
            key = tokens.key(free[0].start, free[0].end)
            signs = signs_of(name, tokens, company.get(" ".join(key), ()))
            weighed.append((name, signs))
    return weighed


def _decide(weighed: Weighed, tokens: Tokens, table: Weights) -> list[tuple[Name, str]]:
    """The candidates that are names, with their kind, in order of decreasing odds."""
    decided = []
    for name, signs in weighed:
        best, odds = kind_and_odds(signs, table)
        is_firm = _is_firm(name, signs)
        kind = "organisation" if is_firm else KINDS[best]
        if is_firm or (odds > 0 and not (kind == "person" and _is_nobody(name, signs, tokens))):
            key = tokens.key(name.places[0].start, name.places[0].end)
            decided.append((-odds, key, name, _told_kind(name, signs, tokens, kind)))
    return [(name, kind) for _, _, name, kind in sorted(decided, key=lambda d: d[:2])]


def _is_firm(name: Name, signs: Mapping[str, float]) -> bool:
    """Whether a name of partners ("Quill & Dorn", "Quill and Co") is listed or most often labelled an organisation."""
    if PARTING.isdisjoint(name.words):
        return False
    is_joined = "&" in name.words or name.words[-1].lower().rstrip(".") in words("firm_endings")
    return "known organisation" in signs or (is_joined and signs.get("model organisation", 0) > SURE)


def _is_nobody(name: Name, signs: Mapping[str, float], tokens: Tokens) -> bool:
    """Whether a name cannot be one person's: two are joined, or it is a word that is only ever printed alone in quotation marks.

    Nor are initials, unless a longer name begins or ends with them ("Thomas K.").
    """
    if len(name.words) > 1:
        return not PARTING.isdisjoint(name.words)
    is_initials = INITIALS.fullmatch(name.words[0]) is not None and IN_LONGER.isdisjoint(signs)
    return is_initials or all(_is_quoted_alone(tokens, place) for place in name.places)


def _is_quoted_alone(tokens: Tokens, place: Place) -> bool:
    """Whether quotation marks enclose an occurrence, and maybe a comma or full stop after it ("Ahoy,")."""
    end = place.end + (tokens.word(place.end) in ENDING)
    return tokens.word(place.start - 1) in QUOTATION_MARKS and tokens.word(end) in QUOTATION_MARKS


def _told_kind(name: Name, signs: Mapping[str, float], tokens: Tokens, kind: str) -> str:
    """The kind of a name that is surer than by its weights: by the article or the data files.

    The data files tell a place of several words or in capitals, an abbreviated one, and a people from its land. Parties and
    persons have names of peoples too (Mark Cuban).
    """
    known = find_known(name.text)
    if known is None and any(_is_before_ticker(tokens, place.end) for place in name.places):
        return "organisation"
    if kind == "person" and _is_body(name, signs, tokens):
        return "organisation"
    if kind == "organisation" and _is_in_office(name, tokens):
        return "person"
    if known is None:
        return kind
    is_people = known.entity_type == "NORP" and kind == "place"
    is_acronym = name.text.isupper() and len(name.text) <= ACRONYM_MAX_LETTERS
    is_place = known.entity_type == "GPE" and (len(name.words) > 1 or is_acronym)
    return KIND_OF[known.entity_type] if is_people or is_place or name.text.endswith(".") else kind


def _is_body(name: Name, signs: Mapping[str, float], tokens: Tokens) -> bool:
    """Whether one word that looks like a person is an organisation: it introduces nobody, and the article shows that it is one.

    It follows a noun for organisations ("the firm Sorrel"), begins a longer name of one, or ends in a possessive. Or the encoder
    is in doubt, and nothing around the word shows that it is a person.
    """
    if len(name.words) > 1 or not INTRODUCED.isdisjoint(signs):
        return False
    follows = any(tokens.word(place.start - 1) in words("bodies_before_names") for place in name.places)
    return (
        follows
        or "begins organisation" in signs
        or _ends_in_mark(name, tokens)
        or (
            signs.get("seen organisation", 0) > DOUBTFUL
            and "given name alone" not in signs
            and not any(_is_somebody(tokens, place) for place in name.places)
        )
    )


def _is_somebody(tokens: Tokens, place: Place) -> bool:
    """Whether what is around a name is a person's: a given name, "administration", a club in brackets, "he" or "she" soon after."""
    is_before_one_in_brackets = tokens.word(place.end) == "(" and tokens.word(place.end + 2) == ")"
    if is_before_one_in_brackets or tokens.word(place.end) in words("led_by_persons"):
        return True
    following = takewhile(lambda i: not tokens.is_break[i], range(place.end, min(place.end + WAKE, tokens.n)))
    return grown_start(tokens, place.start) < place.start or any(tokens.lower[i] in HE_SHE for i in following)


def _with_mark(name: Name, tokens: Tokens) -> tuple[Place, ...]:
    """The occurrences of an organisation, with the possessive that is part of its name ("Quill's")."""
    return (
        tuple(place._replace(end=place.end + 1) for place in name.places)
        if _ends_in_mark(name, tokens)
        else name.places
    )


def _ends_in_mark(name: Name, tokens: Tokens) -> bool:
    """Whether a possessive is part of a name: it follows all occurrences, one of them without a noun behind it ("Quill's said")."""
    ends = [place.end for place in name.places]
    is_marked = all(tokens.word(end) in POSSESSIVE and len(tokens.word(end)) > 1 for end in ends)
    return is_marked and any(tokens.word(end + 1) in words("speech") | words("verb") for end in ends)


def _is_before_ticker(tokens: Tokens, end: int) -> bool:
    return (
        tokens.word(end) in ("<", "(")
        and TICKER.match("".join(tokens.texts[end : end + TICKER_MAX_TOKENS])) is not None
    )


def _is_in_office(name: Name, tokens: Tokens) -> bool:
    """Whether one word is most often the person who leads an administration ("the Quill administration")."""
    n_led = sum(tokens.word(place.end) in words("led_by_persons") for place in name.places)
    return 2 * n_led > len(name.places) and len(name.words) == 1 and find_known(name.text) is None


def _introduce(name: Name, kind: str, acronyms: dict[Key, str], company: dict[str, set[str]]) -> None:
    """Record a longer name's kind as evidence for its short forms."""
    key = tuple(word.lower() for word in name.words)
    if len(key) > 1:
        company[key[-1]].add(f"ends {kind}")
        company[key[0]].add(f"begins {kind}")
    if kind == "person" and len(key) > FULL_NAME_WORDS:
        company[" ".join(key[1:])].add("ends person")
    if key in acronyms:
        company[acronyms[key].lower()].add(f"short for {kind}")


def _class_of(name: Name, kind: str) -> str | None:
    """The class of a name: from the data files, else the model's most frequent class of this kind, else a default."""
    known = find_known(name.text)
    if known and KIND_OF[known.entity_type] == kind:
        return known.entity_type
    labels = Counter(p.label for p in name.places if p.label and KIND_OF[p.label] == kind)
    if labels:
        return min(labels, key=lambda label: (-labels[label], label))
    if kind == "place" and name.words[-1].lower() in words("facility_last"):
        return "FAC"
    return DEFAULT_CLASS.get(kind)


def mentions_of_speakers(mentions: Sequence[Mention], speakers: Iterable[tuple[int, int, str, str]]) -> list[Mention]:
    """The mentions in text order, plus the pronouns and descriptions that were resolved as speakers.

    ``speakers`` are (start, end, ``entity_id``, ``via``). A speaker is ignored if it overlaps a mention, or if its
    entity has no mention.
    """
    named = {m.entity_id: m for m in reversed(mentions)}
    added: dict[tuple[int, int], Mention] = {}
    for start, end, who, via in speakers:
        if who in named and not overlapping(mentions, start, end):
            added[start, end] = Mention(start, end, named[who].entity_type, named[who].name, via)
    return sorted([*mentions, *added.values()], key=lambda m: (m.start, m.end))
