"""What a name is: evidence from the model, the words in and around the name, and the data files, weighed over the whole article.

One name is one class in one article. The weights, log odds by kind, are data: ``etl/data/weights.csv``, with how they were
found.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from etl.gazetteer import find_known, fold_name, given_names, words
from etl.mentions import ABBREVIATED, FUNCTION_WORDS, POSSESSIVE, Tokens

#: The kinds of name that the weights tell apart, and no name at all.
KINDS = ("person", "organisation", "place", "group", "other", "none")
#: The kind of each class.
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
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence of a name: tokens [start, end), the class the model gave it, and that of another entity it overlaps."""

    start: int
    end: int
    label: str | None = None
    overlapped: str | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an article: its words as first printed, and where it stands."""

    words: tuple[str, ...]
    places: tuple[Place, ...]


def features(name: Name, tokens: Tokens, company: Sequence[str]) -> dict[str, float]:
    """Evidence about one name; each value is between 0 and 1."""
    n = len(name.places)
    found: dict[str, float] = {"always": 1.0}
    kinds = Counter(KIND_OF[place.label] for place in name.places if place.label)
    for kind, count in kinds.items():
        found[f"model {kind}"] = count / n
    found[f"most {kinds.most_common(1)[0][0]}" if kinds else "model never"] = 1.0
    for kind, count in Counter(KIND_OF[place.overlapped] for place in name.places if place.overlapped).items():
        found[f"overlaps {kind}"] = count / n
    found.update(dict.fromkeys(_shape(name), 1.0))
    around = Counter(sign for place in name.places for sign in set(_around(tokens, place.start, place.end)))
    for sign, count in around.items():
        found[sign] = count / n
        if n > 1 and sign not in ("heading", "opens"):
            found["any " + sign] = 1.0
    found.update(dict.fromkeys(company, 1.0))
    if len(name.words) == 1 and name.words[0].lower() in tokens.printed_small:
        found["printed small"] = 1.0
    if n > 1:
        found["repeated"] = 1.0
    return found


def _shape(name: Name) -> list[str]:
    texts = name.words
    folded = [fold_name(t) for t in texts]
    first, last = folded[0] if folded else "", folded[-1] if folded else ""
    signs = [f"words {min(len(texts), 4)}"]
    known = find_known(" ".join(texts))
    if known:
        signs.append(f"known {KIND_OF[known.entity_type]}")
    elif len(texts) > 1:
        head = find_known(texts[0])
        if head:
            signs.append(f"first known {KIND_OF[head.entity_type]}")
        tail = find_known(texts[-1])
        if tail:
            signs.append(f"last known {KIND_OF[tail.entity_type]}")
    if first in given_names():
        signs.append("given name, one word" if len(texts) == 1 else "given name first")
    elif any(t in given_names() for t in folded[1:]):
        signs.append("given name later")
    if len(texts) > 1:
        signs += [f"last {kind}" for kind in ("org", "place", "facility", "other") if last in words(kind + "_last")]
        signs += [f"first {kind}" for kind in ("org", "place") if first in words(kind + "_first")]
        if any(f in words("particles") for f in folded[:-1]):
            signs.append("particle")
        if any(len(t) == 2 and t[1] == "." or len(t) == 1 and t.isupper() for t in texts):
            signs.append("initial")
        if "of" in texts or "for" in texts:
            signs.append("of inside")
            head = folded[max(min((i for i, t in enumerate(texts) if t in ("of", "for")), default=0) - 1, 0)]
            signs += [f"head {kind}" for kind in ("org", "place", "facility", "other") if head in words(kind + "_last")]
            if head in words("org_first"):
                signs.append("head org first")
        if "and" in texts or "&" in texts:
            signs.append("and inside")
        if any(t in POSSESSIVE for t in texts):
            signs.append("possessive inside")
        if any(t[0].islower() and f not in words("connectors") for t, f in zip(texts, folded, strict=True)):
            signs.append("small word inside")
        if last in words("legal_forms"):
            signs.append("legal form")
        if first in FUNCTION_WORDS:
            signs.append("function word first")
        if first in words("honorifics") or first in words("ranks"):
            signs.append("title first")
        if last in FUNCTION_WORDS or last in words("connectors"):
            signs.append("function word last")
    else:
        if last in words("generic"):
            signs.append("generic")
        if first in FUNCTION_WORDS:
            signs.append("function word")
        if last in words("org_last"):
            signs.append("org word alone")
        if last in words("roles") or last in words("honorifics"):
            signs.append("role alone")
        bare = texts[0].replace(".", "")
        if bare.isupper() and bare.isalpha():
            signs.append(f"capitals {min(len(bare), 6)}")
        elif len(bare) <= 3:
            signs.append("short")
        if any(c.isupper() for c in bare[1:]) and not bare.isupper():
            signs.append("inner capital")
    if any(any(c.isdigit() for c in t) for t in texts):
        signs.append("digit")
    if "-" in "".join(texts):
        signs.append("hyphen")
    if len(texts) > 1 and all(t.isupper() for t in texts if t.isalpha()):
        signs.append("all capitals")
    if not any(t[0].isupper() for t in texts):
        signs.append("no capital")
    if last.endswith(("ism", "ology", "ing", "ness")):
        signs.append("abstract ending")
    if last.endswith(("ese", "ian", "ians", "ish", "ists", "ist")):
        signs.append("people ending")
    if last.endswith(("stan", "ville", "burg", "land", "ton", "pur", "abad", "shire", "bad", "ia", "grad", "berg", "ford", "port")):
        signs.append("place ending")
    if last.endswith(("ov", "ova", "ev", "eva", "enko", "sky", "ski", "ska", "vic", "vich", "ic", "yan", "dze", "son", "sson", "ez", "zadeh", "oglu", "ini", "elli", "etti", "ein", "mann")):
        signs.append("family ending")
    return signs


def _around(tokens: Tokens, start: int, end: int) -> list[str]:
    """Signs in the words next to one occurrence."""
    lower, n = tokens.lower, tokens.n
    before = lower[start - 1] if start else "\n"
    before2 = lower[start - 2] if start > 1 else "\n"
    after = lower[end] if end < n else "\n"
    after2 = lower[end + 1] if end + 1 < n else "\n"
    signs = []
    if tokens.in_heading[start]:
        signs.append("heading")
    elif tokens.opens[start]:
        signs.append("opens")
    title = before.rstrip(".")
    if title in words("honorifics"):
        signs.append("after honorific")
    elif title in words("ranks"):
        signs.append("after rank")
    elif title in words("roles"):
        signs.append("after role")
    if before == "," and before2 in words("roles"):
        signs.append("after role, comma")
    if after in words("speech"):
        signs.append("before speech")
    if before in words("speech"):
        signs.append("after speech")
    if after in words("person_after") or after == "," and after2 in words("person_after"):
        signs.append("before who")
    if after == "," and after2.isdigit() and len(after2) == 2:
        signs.append("before age")
    if after == "," and after2 in ARTICLES_AND_A:
        signs.append("before comma, article")
    if before == "the":
        signs.append("after the")
    elif before in ("a", "an"):
        signs.append("after a")
    if before in words("place_before"):
        signs.append(f"after {before}" if before == "in" else "after place word")
    elif before == "the" and before2 in words("place_before"):
        signs.append("after place word, the")
    elif before in ("of", "at", "from", "to", "by", "with", "for", "on", "and", "against"):
        signs.append(f"after {before}")
    if before == "of" and before2 in words("place_nouns"):
        signs.append("after place noun of")
    if before == "of" and before2 in words("org_before") or before in words("org_before"):
        signs.append("after org word")
    if after in words("org_after"):
        signs.append("before org word")
    if after in POSSESSIVE:
        signs.append("possessive")
        if after2 in words("org_after"):
            signs.append("possessive, org word")
    if after == "," and end + 1 < n and tokens.is_capital[end + 1]:
        known = find_known(tokens.texts[end + 1])
        signs.append("before comma, place" if known and known.entity_type == "GPE" else "before comma, capital")
    if before == "," and start > 1 and tokens.is_capital[start - 2]:
        signs.append("after capital, comma")
    if after.startswith("-") and any(after.startswith(w) for w in words("place_after")):
        signs.append("before -based")
    if after in words("place_nouns"):
        signs.append("before place noun")
    if after == "(" and after2.isalpha() and tokens.texts[end + 1].isupper():
        signs.append("before acronym")
    if before == "(" and after == ")":
        signs.append("in brackets")
    if after == "and" and end + 1 < n and tokens.is_capital[end + 1]:
        signs.append("before and, capital")
    if before in ("\"", "“", "‘", "``", "'", "`"):
        signs.append("after quotation mark")
    if after in ("\"", "”", "’", "''", "'"):
        signs.append("before quotation mark")
    if start and tokens.is_capital[start - 1] and not tokens.opens[start - 1] and before not in ("i",):
        signs.append("after capital")
    if end < n and tokens.is_capital[end]:
        signs.append("before capital")
    if after in ("is", "was", "has", "had", "would", "will", "did", "does", "could", "may", "also"):
        signs.append("before verb")
    if after in ("are", "were", "have"):
        signs.append("before plural verb")
    if after.endswith("ed") and len(after) > 4:
        signs.append("before -ed")
    if after in ("he", "she") or after == "," and after2 in ("he", "she"):
        signs.append("before he")
    if before == "\n" or before.isspace():
        signs.append("begins passage")
    if after in ("people", "community", "communities", "men", "women", "man", "woman", "language", "leader", "origin"):
        signs.append("before people")
    return signs


ARTICLES_AND_A = frozenset({"a", "an", "the"})


@cache
def weights() -> dict[str, tuple[float, ...]]:
    """The weight of each sign for each of `KINDS`."""
    lines = (files("etl") / "data" / "weights.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter=";")
    return {row["sign"]: tuple(float(row[kind] or 0) for kind in KINDS) for row in rows}


def scores(found: Mapping[str, float]) -> Sequence[float]:
    """The sum of the evidence for each of `KINDS`."""
    totals = [0.0] * len(KINDS)
    table = weights()
    for sign, value in found.items():
        for k, weight in enumerate(table.get(sign, ())):
            totals[k] += value * weight
    return totals
