"""Classifies candidate names by kind, from the model's labels, the words of the name and the surrounding words.

A name has one kind throughout an article. Each sign (feature) has a weight for each kind, and the weights sum to log
odds. The weights are in ``etl/knowledge/data/weights.csv``, which also describes how they were estimated.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from etl.entities.candidates import ARTICLE_WORDS, POSSESSIVE, SENTENCE_END, Name, Place, Tokens, has_capital
from etl.entities.name_keys import is_title
from etl.knowledge.gazetteer import find_known
from etl.knowledge.given_names import is_given_name, may_be_given_name
from etl.knowledge.word_lists import data_rows, words
from etl.text import CACHED, fold_name

#: The kinds that the weights distinguish. The last means that the candidate is not a name.
KINDS = ("person", "organisation", "place", "group", "other", "none")
NONE = len(KINDS) - 1
#: Non-zero weights of each sign: (index into `KINDS`, log odds).
Weights = Mapping[str, tuple[tuple[int, float], ...]]
KIND_OF = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "group",
    "LANGUAGE": "group",
    "EVENT": "other",
    "LAW": "other",
    "PRODUCT": "other",
    "WORK_OF_ART": "other",
}
LAST_WORDS = ("org", "place", "facility", "other")
FIRST_WORDS = ("org", "place")
ENDINGS = ("abstract", "people", "place", "family")
QUOTATION_MARKS = frozenset("\"“”‘’`'") | {"``", "''"}
#: Counts are capped at these values. Higher counts add no information.
MAX_WORDS, MAX_CAPITALS, SHORT_LETTERS = 4, 6, 3
#: Maximum number of words searched for a role.
MAX_ROLE_WORDS = 6
#: Number of digits in the ages of people in the news.
AGE_DIGITS = 2


def kind_and_odds(signs: Mapping[str, float], table: Weights) -> tuple[int, float]:
    """The most likely kind (an index into `KINDS`), and its log odds against "none"."""
    totals = [0.0] * len(KINDS)
    for sign, value in signs.items():
        for k, weight in table.get(sign, ()):
            totals[k] += value * weight
    best = max(range(NONE), key=totals.__getitem__)
    return best, totals[best] - totals[NONE]


@cache
def weights() -> Weights:
    """Load the weights that ship with the package."""
    rows = data_rows("weights.csv")
    return {row["sign"]: tuple((k, float(row[kind])) for k, kind in enumerate(KINDS) if row[kind]) for row in rows}


def signs_of(name: Name, tokens: Tokens, company: Iterable[str]) -> dict[str, float]:
    """The signs of one name, each with the share of occurrences that show it (0 to 1).

    ``company`` has the signs that other names in the article give this one. Their value is 1.
    """
    n = len(name.places)
    model = _counted(KIND_OF[place.label] for place in name.places if place.label)
    overlapped = _counted(KIND_OF[place.overlapped] for place in name.places if place.overlapped)
    around = _counted(sign for place in name.places for sign in set(_around(tokens, place)))
    signs = {"always": 1.0, f"most {max(model, key=model.__getitem__)}" if model else "model never": 1.0}
    signs |= {f"model {kind}": count / n for kind, count in model.items()}
    signs |= {f"overlaps {kind}": count / n for kind, count in overlapped.items()}
    seen = _mean([_mean(tokens.seen[place.start : place.end]) for place in name.places])
    signs |= {f"seen {kind}": round(p, 3) for kind, p in zip(KINDS, seen.tolist(), strict=False)}
    signs |= {sign: count / n for sign, count in around.items()}
    if n > 1:
        signs |= {"repeated": 1.0} | {f"any {sign}": 1.0 for sign in around}
    if len(name.words) == 1 and name.words[0].lower() in tokens.printed_small:
        signs["printed small"] = 1.0
    signs |= dict.fromkeys([*_own(name.words), *company], 1.0)
    if "alone person" in signs and "given name first" in signs:
        signs["person alone, given name first"] = 1.0
    # Sorted, because floating-point sums depend on order and the order of string sets varies between processes.
    return dict(sorted(signs.items()))


def _counted(found: Iterable[str]) -> dict[str, int]:
    """How often each comes up. These are few, for which a `Counter` takes several times as long."""
    counts: dict[str, int] = {}
    for each in found:
        counts[each] = counts.get(each, 0) + 1
    return counts


def _mean(rows: Sequence[NDArray[np.float32]] | NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of some rows. There are few, most often one, for which `numpy.mean` takes up to ten times as long."""
    return rows[0] if len(rows) == 1 else reduce(add, rows) / np.float32(len(rows))


@lru_cache(maxsize=CACHED)
def _own(printed: tuple[str, ...]) -> tuple[str, ...]:
    """Signs from the words of a name."""
    return tuple(_signs_of_words(printed))


def _signs_of_words(printed: tuple[str, ...]) -> Iterator[str]:
    folded = [fold_name(word) for word in printed]
    text = " ".join(printed)
    yield f"words {min(len(folded), MAX_WORDS)}"
    if known := find_known(text):
        yield f"known {KIND_OF[known.entity_type]}"
    yield from (_one_word if len(folded) == 1 else _several_words)(printed, folded)
    yield from (f"ending {e}" for e in ENDINGS if folded[-1].endswith(_any_of(f"ending_{e}")))
    if any(c.isdigit() for c in text):
        yield "digit"
    if "-" in text:
        yield "hyphen"
    if not any(word[0].isupper() for word in printed):
        yield "no capital"


@cache
def _any_of(words_of: str) -> tuple[str, ...]:
    """A word list in the form that `str.startswith` takes."""
    return tuple(words(words_of))


def _one_word(printed: Sequence[str], folded: Sequence[str]) -> Iterator[str]:
    word, bare = folded[0], printed[0].replace(".", "")
    if is_given_name(word):
        yield "given name alone"
    for sign, words_of in (("generic", "generic"), ("function word", "function"), ("org word alone", "org_last")):
        if word in words(words_of):
            yield sign
    if word in words("roles") or word in words("honorifics"):
        yield "role alone"
    if bare.isupper() and bare.isalpha():
        yield f"capitals {min(len(bare), MAX_CAPITALS)}"
    else:
        if len(bare) <= SHORT_LETTERS:
            yield "short"
        if any(c.isupper() for c in bare[1:]):
            yield "inner capital"


def _several_words(printed: Sequence[str], folded: Sequence[str]) -> Iterator[str]:
    first, last = folded[0], folded[-1]
    for end, word in (("first", printed[0]), ("last", printed[-1])):
        if known := find_known(word):
            yield f"{end} known {KIND_OF[known.entity_type]}"
    if may_be_given_name(first):
        yield "given name first"
    elif any(map(is_given_name, folded[1:])):
        yield "given name later"
    yield from (f"last {kind}" for kind in LAST_WORDS if last in words(f"{kind}_last"))
    yield from (f"first {kind}" for kind in FIRST_WORDS if first in words(f"{kind}_first"))
    if last in words("legal_forms"):
        yield "legal form"
    if first in words("function"):
        yield "function word first"
    if last in words("function") or last in words("connectors"):
        yield "function word last"
    if first in words("honorifics") or not words("ranks").isdisjoint([first, " ".join(folded[:2])]):
        yield "title first"
    yield from _inside(printed, folded)


def _inside(printed: Sequence[str], folded: Sequence[str]) -> Iterator[str]:
    if any(word in words("particles") for word in folded[:-1]):
        yield "particle"
    if any(len(word.rstrip(".")) == 1 and word[0].isupper() for word in printed):
        yield "initial"
    if "and" in printed or "&" in printed:
        yield "and inside"
    if any(word in POSSESSIVE for word in printed):
        yield "possessive inside"
    small = (f for p, f in zip(printed, folded, strict=True) if p[0].islower() and not has_capital(p))
    if any(word not in words("connectors") for word in small):
        yield "small word inside"
    if all(word.isupper() for word in printed if word.isalpha()):
        yield "all capitals"
    of = next((i for i, word in enumerate(printed) if word in ("of", "for")), None)
    if of:
        head = folded[of - 1]
        yield "of inside"
        yield from (f"head {kind}" for kind in LAST_WORDS if head in words(f"{kind}_last"))
        if head in words("org_first"):
            yield "head org first"


def _around(tokens: Tokens, place: Place) -> Iterator[str]:
    """Signs from the words around one occurrence."""
    if tokens.in_heading[place.start]:
        yield "in heading"
    elif tokens.opens[place.start]:
        yield "opens sentence"
    yield from _before(tokens, place.start)
    yield from _after(tokens, place.end)
    if tokens.word(place.start - 1) == "(" and tokens.word(place.end) == ")":
        yield "in brackets"


def _before(tokens: Tokens, start: int) -> Iterator[str]:
    word, word2 = tokens.word(start - 1), tokens.word(start - 2)
    title = word.rstrip(".")
    for sign, words_of in (("honorific", "honorifics"), ("rank", "ranks"), ("role", "roles"), ("speech", "speech")):
        if title in words(words_of):
            yield f"after {sign}"
    if word == "," and word2 in words("roles"):
        yield "after role, comma"
    if word == "the":
        yield "after the"
        if word2 in words("place_before"):
            yield "after place word, the"
    elif word in ARTICLE_WORDS:
        yield "after a"
    elif word == "in" or word in words("preposition"):
        yield f"after {word}"
    elif word in words("place_before"):
        yield "after place word"
    if word == "of" and word2 in words("place_nouns"):
        yield "after place noun of"
    if word in words("org_before") or (word == "of" and word2 in words("org_before")):
        yield "after org word"
    if word == "," and tokens.capital(start - 2):
        yield "after capital, comma"
    if word in QUOTATION_MARKS:
        yield "after quotation mark"
    if tokens.capital(start - 1) and not tokens.opens[start - 1] and not is_title(tokens.texts[start - 1]):
        yield "after capital"
    if word.isspace():
        yield "begins passage"


def _after(tokens: Tokens, end: int) -> Iterator[str]:
    word, word2 = tokens.word(end), tokens.word(end + 1)
    follows = word2 if word == "," else word
    for sign in ("speech", "verb", "plural_verb", "people_noun", "place_nouns", "org_after"):
        if word in words(sign):
            yield f"before {sign}"
    if follows in words("person_after"):
        yield "before who"
    if follows in ("he", "she"):
        yield "before he"
    if word == ",":
        yield from _after_comma(tokens, end + 1)
    if word in POSSESSIVE:
        yield "possessive"
        if word2 in words("org_after"):
            yield "possessive, org word"
    if word.startswith(_any_of("place_after")):
        yield "before -based"
    if word == "(" and word2.isalpha() and tokens.texts[end + 1].isupper():
        yield "before acronym"
    if word == "and" and tokens.capital(end + 1):
        yield "before and, capital"
    if word in QUOTATION_MARKS:
        yield "before quotation mark"
    if tokens.capital(end):
        yield "before capital"
    if word.endswith("ed"):
        yield "before -ed"


def _after_comma(tokens: Tokens, i: int) -> Iterator[str]:
    word = tokens.word(i)
    if word.isdigit() and len(word) == AGE_DIGITS:
        yield "before age"
    if word in ARTICLE_WORDS:
        yield "before comma, article"
    if _is_role(tokens, i):
        yield "before comma, role"
    if tokens.capital(i):
        known = find_known(tokens.texts[i])
        yield "before comma, place" if known and known.entity_type == "GPE" else "before comma, capital"


def _is_role(tokens: Tokens, i: int) -> bool:
    """Whether a role follows from token ``i``, before any comma or sentence end ("the harbour's chief engineer")."""
    for word in tokens.lower[i : i + MAX_ROLE_WORDS]:
        if word in words("roles"):
            return True
        if word in SENTENCE_END or word == ",":
            break
    return False
