"""Whose words: the candidates for each quotation, described in numbers, and the trees that choose among them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from etl.entities.mentions import Mention
from etl.knowledge import gazetteer
from etl.knowledge.cue_words import UNSEEN
from etl.knowledge.nouns import BODIES, DOCUMENTS, PERSON_NOUNS
from etl.quotes.layout import MIN_CUE_WEIGHT, SUBJECTS, Candidate, Place, Script, last_word

#: Paragraphs before and after a quotation's own in which its speaker is looked for.
PARAGRAPHS_BEFORE = 2
PARAGRAPHS_AFTER = 1
#: Candidates looked at on each side of a quotation: more than prose has in so many paragraphs.
N_NEAR = 60
#: The lead of a candidate without rivals.
MAX_LEAD = 9.0
#: Distances in positions are cut off here, and counts of namings there.
FAR = 60
MANY = 12
#: Relations told apart, as numbers; the rest are one.
RELATIONS = {
    "nsubj": 1,
    "nsubjpass": 2,
    "agent": 3,
    "pobj": 4,
    "poss": 5,
    "appos": 6,
    "ROOT": 7,
    "dobj": 8,
    "dep": 9,
    "": 10,
}
HE_SHE = frozenset({"he", "she"})
FIRST_SECOND = frozenset({"i", "we", "you", "me", "us", "my", "our", "your"})
THINGS = frozenset({"it", "this", "that", "these", "those", "there", "which", "what", "its"})
TYPES = {"PERSON": 1, "ORG": 2, "GPE": 3, "NORP": 4}
BEFORE = {
    ":": 1,
    ",": 2,
    "that": 3,
    ".": 4,
    "—": 5,
    "-": 5,
    "–": 5,
    "--": 5,
    "(": 6,
    "as": 7,
    "the": 8,
    "a": 8,
    "of": 9,
}
TAGS = {"VBD": 1, "VBZ": 1, "VBP": 1, "VBG": 2, "VBN": 3, "VB": 4, "NN": 5, "NNS": 5, "NNP": 6, "PRP": 7, "IN": 8}
ENDS = {",": 1, ".": 2, "?": 3, "!": 3, "—": 4, "…": 2, ";": 1, ":": 1}

#: A transcript's label at the start of what is quoted: a name in capitals and a colon.
LABEL = re.compile(r"[\"“'‘]{1,2}\s?([A-Z][A-Z.’'-]+(?: [A-Z][A-Z.’'-]+){0,3}):\s")
DASHES = frozenset({"—", "–", "―", "-", "--"})
MARKS = {**dict.fromkeys(DASHES, 1), ":": 2, ",": 3, "(": 4, ".": 5, "'s": 6, "’s": 6}
MAIN = frozenset({"ROOT", "conj", "parataxis"})

QUOTE_FEATURES = (
    "words",
    "is_stood_in",
    "starts_capital",
    "last_mark",
    "before",
    "before_weight",
    "before_tag",
    "after",
    "after_tag",
    "after_weight",
    "is_paragraph",
    "is_first_in_paragraph",
    "is_first_in_sentence",
    "is_last_in_paragraph",
    "root_relation",
    "n_quotes_in_paragraph",
    "n_quotes_in_sentence",
    "continues",
    "is_single",
    "is_heading",
    "sentence_max_weight",
    "head_weight",
)
PAIR_FEATURES = (
    "paragraphs_apart",
    "sentences_apart",
    "is_after",
    "distance",
    "relation",
    "is_subject",
    "verb_weight",
    "verb_distance",
    "verb_is_after",
    "verb_in_sentence",
    "verb_governs",
    "arcs_to_verb",
    "quotes_between",
    "quotes_between_verb",
    "is_he_she",
    "is_they",
    "is_thing",
    "is_first_second",
    "is_who",
    "name_type",
    "is_proper",
    "is_plural",
    "rank_before",
    "rank_after",
    "rank_cued",
    "is_best_cued_in_sentence",
    "gap_to_verb",
    "is_last_of_sentence",
    "has_verb_in_sentence_with_quote_before",
    "governors_below",
    "verb_is_main",
    "verb_is_before",
    "mark_before",
    "mark_after",
    "follows_quote",
    "noun_kind",
    "is_owned",
    "times_named",
    "times_speaking",
)
NAMES = QUOTE_FEATURES + PAIR_FEATURES


@dataclass(frozen=True, slots=True)
class Option:
    """One candidate for one quotation: which, the verb that would report the words, and its features."""

    candidate: Candidate
    verb: int | None
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate for one quotation and the score it got; scores compare within a quotation only."""

    option: Option
    score: float


def rank(script: Script, each: Sequence[Sequence[Option]], scores: Sequence[float]) -> list[list[Choice]]:
    """For each stretch its candidates, best first, given their scores in a row.

    Paragraphs of one speech have one speaker: the one chosen where the choice is least in doubt.
    """
    ranked, at = [], 0
    for found in each:
        here = [Choice(o, s) for o, s in zip(found, scores[at : at + len(found)], strict=True)]
        ranked.append(sorted(here, key=lambda c: -c.score))
        at += len(found)
    for chain in _chains(script):
        surest = max((ranked[n] for n in chain), key=lead)
        for n in chain:
            ranked[n] = surest
    return ranked


def lead(ranked: Sequence[Choice], over: int = 1) -> float:
    """By how much the best candidate leads the next, or the one ``over`` places below."""
    if not ranked:
        return 0.0
    return ranked[0].score - ranked[over].score if len(ranked) > over else MAX_LEAD


def _chains(script: Script) -> list[list[int]]:
    """The stretches of each speech that goes on over several paragraphs."""
    chains: list[list[int]] = []
    for number, stretch in enumerate(script.stretches):
        if stretch.continues and number:
            if not chains or chains[-1][-1] != number - 1:
                chains.append([number - 1])
            chains[-1].append(number)
    return chains


def options(script: Script, number: int) -> list[Option]:
    """The candidates for quotation ``number``, each with its features."""
    place = script.places[number]
    if place is None:
        return []
    here = script.sentences[place.sentence_no].paragraph_no
    near = [
        c
        for c in script.candidates_near(place.first, N_NEAR)
        if -PARAGRAPHS_BEFORE <= (apart := script.sentences[c.sentence_no].paragraph_no - here) <= PARAGRAPHS_AFTER
        and (apart == 0 or c.relation in SUBJECTS or c.mention is not None)
    ]
    chain = _chain(script, place)
    verbs = [_best_verb(script, c, place, chain) for c in near]
    shared = quote_features(script, number)
    ranks = _ranks(script, near, verbs, place, chain)
    return [
        Option(c, v[0], shared + _pair(script, c, v, place, here, chain) + r)
        for c, v, r in zip(near, verbs, ranks, strict=True)
    ]


def labelled(script: Script, number: int) -> Candidate | None:
    """The speaker that a transcript prints within the marks ("SMITH: I agree"), if any."""
    stretch, place = script.stretches[number], script.places[number]
    label = LABEL.match(script.page.text, stretch.start, stretch.end)
    if label is None or place is None:
        return None
    name = label[1]
    surname = name.split()[-1].casefold()
    mention = next((m for m in script.mentions if m.name.casefold().split()[-1:] == [surname]), None)
    start, end = label.span(1)
    named = Mention(start, end, "PERSON", mention.name if mention else name.title())
    return Candidate(start, end, place.first, place.first, place.sentence_no, name, "NNP", "label", (), named)


def quote_features(script: Script, number: int) -> tuple[float, ...]:
    """What a quotation looks like by itself and where it stands."""
    stretch, place = script.stretches[number], script.places[number]
    if place is None:
        return (0.0,) * len(QUOTE_FEATURES)
    text = script.page.text
    paragraph = script.paragraphs[stretch.paragraph_no]
    inside = text[stretch.start : stretch.end].strip("\"“”„«»'‘’` ")
    before = script.flat[place.first - 1] if _in_sentence(script, place.first - 1, place) else ""
    after = script.flat[place.last] if _in_sentence(script, place.last, place) else ""
    base = script.bases[place.sentence_no]
    size = len(script.sentences[place.sentence_no].words)
    root = _root(script, place)
    outside = [script.weights[i] for i in range(base, base + size) if script.stretch_at[i] < 0]
    first = bisect_left(script.stretches, stretch.paragraph_no, key=lambda s: s.paragraph_no)
    n_siblings = bisect_right(script.stretches, stretch.paragraph_no, key=lambda s: s.paragraph_no) - first
    return (
        min(inside.count(" ") + 1, 40),
        stretch.end - stretch.start > 0 and script.sources[place.first] < 0,
        inside[:1].isupper(),
        ENDS.get(inside[-1:], 0),
        BEFORE.get(before.lower(), 10 if before else 0),
        script.weights[place.first - 1] if before else UNSEEN,
        TAGS.get(script.tag(place.first - 1), 9) if before else 0,
        ENDS.get(after, 9 if after else 0),
        TAGS.get(script.tag(place.last), 9) if after else 0,
        script.weights[place.last] if after else UNSEEN,
        stretch.start - paragraph.start <= 1 and paragraph.end - stretch.end <= 1,
        stretch.start == paragraph.start,
        place.first == base,
        paragraph.end - stretch.end <= 1,
        RELATIONS.get(script.relation(root), 0) if script.relation(root) != "ccomp" else 11,
        min(n_siblings, 6),
        min(len(set(script.stretch_at[base : base + size])), 6),
        stretch.continues,
        stretch.is_single,
        paragraph.kind != "paragraph",
        max(outside, default=UNSEEN),
        script.weights[script.head(root)],
    )


def _in_sentence(script: Script, position: int, place: Place) -> bool:
    return 0 <= position < len(script.flat) and script.sentence_of[position] == place.sentence_no


def _root(script: Script, place: Place) -> int:
    """The word of a quotation that the rest of the sentence sees."""
    for at in range(place.first, place.last):
        head = script.head(at)
        if (head < place.first or head >= place.last or head == at) and script.relation(at) != "punct":
            return at
    return place.first


def _chain(script: Script, place: Place) -> dict[int, int]:
    """The words above a quotation in its tree, with the number of arcs up to each."""
    at, arcs, chain = _root(script, place), 0, {}
    while at not in chain:
        chain[at] = arcs
        at, arcs = script.head(at), arcs + 1
    return chain


def _distance(position: int, place: Place) -> int:
    return place.first - position if position < place.first else position - place.last + 1


def _best_verb(script: Script, c: Candidate, place: Place, chain: dict[int, int]) -> tuple[int | None, float]:
    """The verb of a candidate that most likely reports the quotation: a strong cue, near, above it in the tree."""
    best, best_score = None, -1e9
    for verb in c.verbs:
        score = script.weights[verb] - 0.15 * min(_distance(verb, place), FAR) + (2.0 if verb in chain else 0.0)
        if score > best_score:
            best, best_score = verb, score
    return best, best_score


def _arcs(script: Script, verb: int, chain: dict[int, int]) -> int:
    at = verb
    for arcs in range(12):
        if at in chain:
            return min(arcs + chain[at], 12)
        head = script.head(at)
        if head == at:
            break
        at = head
    return 13


def _quotes_between(script: Script, position: int, place: Place) -> int:
    low, high = (position, place.first) if position < place.first else (place.last, position)
    high = min(high, low + FAR)
    if low >= high:
        return 0
    return min(script.stretches_begun[high - 1] - script.stretches_begun[low] + (script.stretch_at[low] >= 0), 5)


def _pair(
    script: Script, c: Candidate, best: tuple[int | None, float], place: Place, here: int, chain: dict[int, int]
) -> tuple[float, ...]:
    verb = best[0]
    head = c.head.lower()
    in_sentence = verb is not None and script.sentence_of[verb] == place.sentence_no
    return (
        script.sentences[c.sentence_no].paragraph_no - here,
        max(min(c.sentence_no - place.sentence_no, 8), -8),
        c.position >= place.last,
        min(_distance(c.position, place), FAR),
        RELATIONS.get(c.relation, 0),
        c.relation in SUBJECTS,
        UNSEEN - 1 if verb is None else script.weights[verb],
        FAR if verb is None else min(_distance(verb, place), FAR),
        verb is not None and verb >= place.last,
        in_sentence,
        verb in chain,
        _arcs(script, verb, chain) if verb is not None and in_sentence else 14,
        _quotes_between(script, c.position, place),
        6 if verb is None else _quotes_between(script, verb, place),
        head in HE_SHE,
        head in ("they", "them"),
        head in THINGS,
        head in FIRST_SECOND,
        head in ("who", "whom"),
        TYPES.get(c.mention.entity_type, 5) if c.mention else 0,
        c.tag in ("NNP", "NNPS"),
        c.tag in ("NNS", "NNPS"),
    )


@cache
def _for_people() -> frozenset[str]:
    return PERSON_NOUNS | gazetteer.words("roles")


def _kind_of_noun(c: Candidate) -> int:
    """What a noun that is no name says of what it stands for: 1 a person, 2 a body, 3 a document, 4 nothing; 0 without a noun."""
    if c.mention is not None or not c.tag.startswith("NN"):
        return 0
    noun = c.head.casefold()
    if not {noun, noun.removesuffix("s")}.isdisjoint(_for_people()):
        return 1
    if noun in BODIES:
        return 2
    return 3 if noun in DOCUMENTS or noun.removesuffix("s") in DOCUMENTS else 4


def _ranks(
    script: Script,
    near: Sequence[Candidate],
    verbs: Sequence[tuple[int | None, float]],
    place: Place,
    chain: dict[int, int],
) -> list[tuple[float, ...]]:
    """How each candidate stands among the others."""
    before = [c.position for c in near if c.position < place.first]
    after = [c.position for c in near if c.position >= place.last]
    cued = [
        (v is not None and c.relation in SUBJECTS | {"pobj"} and script.weights[v] >= MIN_CUE_WEIGHT)
        for c, (v, _) in zip(near, verbs, strict=True)
    ]
    cued_positions = [c.position for c, is_cued in zip(near, cued, strict=True) if is_cued]
    n_cued_before = bisect_left(cued_positions, place.first)
    top = max((s for c, (_, s) in zip(near, verbs, strict=True) if c.sentence_no == place.sentence_no), default=-1e9)
    ranks: list[tuple[float, ...]] = []
    first_quoted = {n: _first_quoted(script, n) for n in {script.sentence_of[v] for v, _ in verbs if v is not None}}
    subject_arcs = {chain[v] for c in near if c.relation in SUBJECTS for v in c.verbs if v in chain}
    for c, (verb, score), is_cued in zip(near, verbs, cued, strict=True):
        is_before = c.position < place.first
        nearer = (
            n_cued_before - bisect_right(cued_positions, c.position)
            if is_before
            else bisect_left(cued_positions, c.position) - n_cued_before
        )
        own_end = script.bases[c.sentence_no] + len(script.sentences[c.sentence_no].words)
        ranks.append(
            (
                min(len(before) - bisect_right(before, c.position), 9) if is_before else 10,
                10 if is_before else min(bisect_left(after, c.position), 9),
                min(nearer, 6) if is_cued else 7 + min(nearer, 3),
                score >= top and c.sentence_no == place.sentence_no,
                min(abs(c.position - verb), 30) if verb is not None else 31,
                own_end - c.position <= 2,
                verb is not None and first_quoted[script.sentence_of[verb]] < verb,
                sum(arcs < chain[verb] for arcs in subject_arcs) if verb in chain else 9,
                verb is not None and script.relation(verb) in MAIN,
                verb is not None and verb < c.position,
                *_surroundings(script, c),
                _kind_of_noun(c),
                script.tag(c.first) == "PRP$" and c.first < c.position,
                *_renown(script, c),
            )
        )
    return ranks


def _first_quoted(script: Script, sentence_no: int) -> int:
    """The position of a sentence's first quoted word, or the end of the sentence."""
    base = script.bases[sentence_no]
    end = base + len(script.sentences[sentence_no].words)
    return next((p for p in range(base, end) if script.stretch_at[p] >= 0), end)


def _renown(script: Script, c: Candidate) -> tuple[int, int]:
    """How often the article names a candidate, and how often as one who speaks."""
    if c.mention is None:
        return 0, 0
    surname = last_word(c.mention.name)
    return min(script.times_named[surname], MANY), min(script.times_speaking[surname], MANY)


def _surroundings(script: Script, c: Candidate) -> tuple[float, float, float]:
    """The mark before and after a candidate's phrase, and whether a quotation ends just before it."""
    base = script.bases[c.sentence_no]
    end = base + len(script.sentences[c.sentence_no].words)
    first, last = c.first - 1, c.position + 1
    before = script.flat[first] if first >= base else ""
    after = script.flat[last] if last < end else ""
    ahead = first - 1 if before in DASHES else first
    follows = ahead >= 0 and script.stretch_at[ahead] >= 0
    return MARKS.get(before, 9 if before else 0), MARKS.get(after, 9 if after else 0), follows
