"""Names to entities: the mentions in one article, and the fullest name it gives each entity."""

import re
from collections import Counter, defaultdict
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b

from etl.annotate import Annotation
from etl import evidence
from etl.gazetteer import find_known, words
from etl.evidence import KIND_OF, Name, Place
from etl.mentions import Tokens, capitalised_spans, find_all, find_acronyms, key_of, known_spans, model_spans
from etl.names import entity_id, plain_name
from etl.parse import Page
from etl.schema import ENTITY_TYPES

VERSION = "1"

HONORIFIC = re.compile(
    r"^(?:mr|mrs|ms|miss|dr|sir|dame|lord|lady|prof|sen|rep|gov|gen|col|capt|lt|sgt)\.?\s+", re.IGNORECASE
)
POSSESSIVE = re.compile(r"[’']s?$")
ARTICLE_WORD = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """One stretch that names an entity: code points [start, end), OntoNotes class, the fullest name given, and how (``via``)."""

    start: int
    end: int
    entity_type: str
    name: str
    via: str = "named"

    @property
    def entity_id(self) -> str:
        """The entity's identity: a pure function of class and name."""
        return entity_id(self.entity_type, self.name)


def find_mentions(page: Page, annotation: Annotation) -> list[Mention]:
    """The names in one article, in order, each joined to the fullest name the article gives the same entity."""
    doc, copy = annotation.doc, annotation.copy
    spans = []
    for s, e, label in find_names(doc):
        spans.append((copy.start(doc[s].idx), copy.end(doc[e - 1].idx + len(doc[e - 1])), label))
    spans = [(s, e - (page.text[e-1] == "-"), l) for s, e, l in spans]
    full = _fullest({(label, plain_name(page.text[start:end])) for start, end, label in spans})
    return [Mention(s, e, label, full[label, plain_name(page.text[s:e])]) for s, e, label in spans]


def find_names(doc, see=None):
    tokens = Tokens(doc)
    spans = model_spans(doc, tokens, frozenset(ENTITY_TYPES))
    exact = {(s.start, s.end): s.label for s in spans}
    covered = {i: s for s in spans for i in range(s.start, s.end)}
    keys = {}
    for s, e in [*((s.start, s.end) for s in spans), *capitalised_spans(tokens), *known_spans(tokens)]:
        keys.setdefault(key_of(tokens, s, e), tuple(tokens.texts[s:e]))
    places = defaultdict(list)
    for s, e in find_all(tokens, keys):
        label = exact.get((s, e))
        over = None if label else next((covered[i].label for i in range(s, e) if i in covered), None)
        places[key_of(tokens, s, e)].append(Place(s, e, label, over))
    acr = find_acronyms(tokens)
    taken = bytearray(tokens.n)
    kinds, found = {}, []
    company = defaultdict(set)
    by_length = defaultdict(list)
    for key in places:
        by_length[len(key)].append(key)
    for length in sorted(by_length, reverse=True):
        ranked = []
        for key in by_length[length]:
            free = tuple(p for p in places[key] if not any(taken[p.start:p.end]))
            if not free:
                continue
            name = Name(keys[key], free)
            signs = set(company[key[0]]) if length == 1 else set()
            f = evidence.features(name, tokens, signs)
            sc = evidence.scores(f)
            if see is not None:
                see.append((name, f))
            best = max(range(5), key=sc.__getitem__)
            ranked.append((sc[5] - sc[best], key, name, evidence.KINDS[best]))
        for margin, key, name, kind in sorted(ranked, key=lambda r: r[:2]):
            label = fine(name, kind)
            if margin >= 0 or not label:
                continue
            for p in name.places:
                if not any(taken[p.start:p.end]):
                    found.append((p.start, p.end, label))
                    taken[p.start:p.end] = b"\1" * length
            if length > 1:
                company[key[-1]].add("ends " + kind)
                company[key[0]].add("begins " + kind)
                if " ".join(keys[key]) in acr:
                    company[acr[" ".join(keys[key])].lower()].add("acronym " + kind)
    return sorted(found)


def fine(name, kind):
    labels = [l for l, _ in Counter(p.label for p in name.places if p.label).most_common() if KIND_OF[l] == kind]
    if kind == "person":
        return "PERSON"
    if kind == "organisation":
        return "ORG"
    known = find_known(" ".join(name.words))
    if known and KIND_OF[known.entity_type] == kind:
        return known.entity_type
    if labels:
        return labels[0]
    if kind == "group":
        return "NORP"
    if kind == "place":
        return "FAC" if name.words[-1].lower() in words("facility_last") else "GPE"
    return None


def _fullest(names: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """For each (class, name) the one longer name of its class that ends in it, if there is exactly one; else itself."""
    full = {}
    for label, name in names:
        longer = [n for other, n in names if other == label == "PERSON" and n.endswith(" " + name)]
        full[label, name] = longer[0] if len(longer) == 1 else name
    return full
