"""Features of the candidates for the speaker of a quotation, which the trees of ``speakers.json`` weigh: one number each."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from etl.knowledge.cue_words import UNSEEN
from etl.knowledge.nouns import BODIES, DOCUMENTS, PERSON_NOUNS
from etl.knowledge.word_lists import words
from etl.model.heads import NAME_TAGS
from etl.quotes.candidate_speakers import SUBJECTS, Candidate, CandidateSpeakers, last_word
from etl.quotes.layout import FAR, ArticleLayout, QuotePlace
from etl.quotes.quotation_marks import OUTER
from etl.quotes.reporters import THINGS

#: The least weight of a verb that counts as a cue.
MIN_CUE_WEIGHT = -0.5
#: Relations of a candidate to the verb that reports its words.
CUED_RELATIONS = SUBJECTS | {"pobj"}
#: Cap on the number of times named.
MANY = 12
#: The number for each distinguished relation. All others share one.
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
FIRST_SECOND = frozenset({"i", "we", "you", "me", "us", "my", "our", "your"})
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
DASHES = frozenset({"—", "–", "―", "-", "--"})
MARKS = {**dict.fromkeys(DASHES, 1), ":": 2, ",": 3, "(": 4, ".": 5, "'s": 6, "’s": 6}
MAIN = frozenset({"ROOT", "conj", "parataxis"})


class QuoteFeatures(NamedTuple):
    """The features of a quotation and its place in the text."""

    words: float
    is_stood_in: float
    starts_capital: float
    last_mark: float
    before: float
    before_weight: float
    before_tag: float
    after: float
    after_tag: float
    after_weight: float
    is_paragraph: float
    is_first_in_paragraph: float
    is_first_in_sentence: float
    is_last_in_paragraph: float
    root_relation: float
    n_quotes_in_paragraph: float
    n_quotes_in_sentence: float
    continues: float
    is_minor: float
    is_heading: float
    sentence_max_weight: float
    head_weight: float


class OwnFeatures(NamedTuple):
    """The features of a candidate by itself, the same for all quotations."""

    relation: float
    is_subject: float
    is_he_she: float
    is_they: float
    is_thing: float
    is_first_second: float
    is_who: float
    name_type: float
    is_proper: float
    is_plural: float
    is_last_of_sentence: float
    mark_before: float
    mark_after: float
    follows_quote: float
    noun_kind: float
    is_owned: float
    times_named: float
    times_speaking: float
    source: float


class PairFeatures(NamedTuple):
    """The features of a candidate in relation to a quotation."""

    paragraphs_apart: float
    sentences_apart: float
    is_after: float
    distance: float
    verb_weight: float
    verb_distance: float
    verb_is_after: float
    verb_in_sentence: float
    verb_governs: float
    arcs_to_verb: float
    quotes_between: float
    quotes_between_verb: float
    link: float


class RankFeatures(NamedTuple):
    """The features of a candidate compared with a quotation's other candidates."""

    rank_before: float
    rank_after: float
    rank_cued: float
    is_best_cued_in_sentence: float
    gap_to_verb: float
    has_verb_in_sentence_with_quote_before: float
    governors_below: float
    verb_is_main: float
    verb_is_before: float


CANDIDATE_FEATURES = OwnFeatures._fields + PairFeatures._fields + RankFeatures._fields
#: The features of an option: the quotation's, then the candidate's.
FEATURES = QuoteFeatures._fields + CANDIDATE_FEATURES


def own_features(layout: ArticleLayout, candidates: CandidateSpeakers, c: Candidate) -> OwnFeatures:
    """The features of a candidate by itself."""
    head = c.head.lower()
    mark_before, mark_after, follows_quote = _surroundings(layout, c)
    surname = last_word(c.mention.name) if c.mention else None
    return OwnFeatures(
        relation=RELATIONS.get(c.relation, 0),
        is_subject=c.relation in SUBJECTS,
        is_he_she=head in ("he", "she"),
        is_they=head in ("they", "them"),
        is_thing=head in THINGS,
        is_first_second=head in FIRST_SECOND,
        is_who=head in ("who", "whom"),
        name_type=TYPES.get(c.mention.entity_type, 5) if c.mention else 0,
        is_proper=c.tag in NAME_TAGS,
        is_plural=c.tag in ("NNS", "NNPS"),
        is_last_of_sentence=layout.sentences[c.sentence_no].end - c.position <= 2,
        mark_before=mark_before,
        mark_after=mark_after,
        follows_quote=follows_quote,
        noun_kind=_kind_of_noun(c),
        is_owned=layout.words[c.first].tag == "PRP$" and c.first < c.position,
        times_named=min(candidates.times_named[surname], MANY) if surname else 0,
        times_speaking=min(candidates.times_speaking[surname], MANY) if surname else 0,
        source=layout.linked.source(c),
    )


def quote_features(layout: ArticleLayout, number: int) -> QuoteFeatures:
    """The features of a quotation and its place in the text."""
    stretch, place = layout.stretches[number], layout.quote_places[number]
    if place is None:
        return QuoteFeatures(*(0.0,) * len(QuoteFeatures._fields))
    text = layout.page.text
    paragraph = layout.paragraphs[stretch.paragraph_no]
    inside = text[stretch.start : stretch.end].strip(OUTER)
    before = layout.words[place.first - 1].text if _in_sentence(layout, place.first - 1, place) else ""
    after = layout.words[place.end].text if _in_sentence(layout, place.end, place) else ""
    around = layout.sentence_words(place.sentence_no)
    root = layout.words[_root(layout, place)]
    outside = [word.cue_weight for word in around if not word.is_quoted]
    first = bisect_left(layout.stretches, stretch.paragraph_no, key=lambda s: s.paragraph_no)
    n_siblings = bisect_right(layout.stretches, stretch.paragraph_no, key=lambda s: s.paragraph_no) - first
    return QuoteFeatures(
        words=min(inside.count(" ") + 1, 40),
        is_stood_in=stretch.end - stretch.start > 0 and layout.words[place.first].is_stand_in,
        starts_capital=inside[:1].isupper(),
        last_mark=ENDS.get(inside[-1:], 0),
        before=BEFORE.get(before.lower(), 10 if before else 0),
        before_weight=layout.words[place.first - 1].cue_weight if before else UNSEEN,
        before_tag=TAGS.get(layout.words[place.first - 1].tag, 9) if before else 0,
        after=ENDS.get(after, 9 if after else 0),
        after_tag=TAGS.get(layout.words[place.end].tag, 9) if after else 0,
        after_weight=layout.words[place.end].cue_weight if after else UNSEEN,
        is_paragraph=stretch.start - paragraph.start <= 1 and paragraph.end - stretch.end <= 1,
        is_first_in_paragraph=stretch.start == paragraph.start,
        is_first_in_sentence=place.first == layout.sentences[place.sentence_no].first,
        is_last_in_paragraph=paragraph.end - stretch.end <= 1,
        root_relation=RELATIONS.get(root.relation, 0) if root.relation != "ccomp" else 11,
        n_quotes_in_paragraph=min(n_siblings, 6),
        n_quotes_in_sentence=min(len({word.stretch_no for word in around}), 6),
        continues=stretch.continues,
        is_minor=stretch.is_minor,
        is_heading=paragraph.kind != "paragraph",
        sentence_max_weight=max(outside, default=UNSEEN),
        head_weight=layout.words[root.head].cue_weight,
    )


def _in_sentence(layout: ArticleLayout, position: int, place: QuotePlace) -> bool:
    return 0 <= position < len(layout.words) and layout.words[position].sentence_no == place.sentence_no


def _root(layout: ArticleLayout, place: QuotePlace) -> int:
    """The word of a quotation that is attached to the rest of the sentence."""
    for at in range(place.first, place.end):
        head = layout.words[at].head
        if (head < place.first or head >= place.end or head == at) and layout.words[at].relation != "punct":
            return at
    return place.first


def ancestors(layout: ArticleLayout, place: QuotePlace) -> dict[int, int]:
    """The ancestors of a quotation in its tree, with the number of arcs to each."""
    at, arcs, chain = _root(layout, place), 0, {}
    while at not in chain:
        chain[at] = arcs
        at, arcs = layout.words[at].head, arcs + 1
    return chain


def best_verb(
    layout: ArticleLayout, c: Candidate, place: QuotePlace, chain: dict[int, int]
) -> tuple[int | None, float]:
    """The candidate's verb that most likely reports the quotation: a strong cue, nearby, above it in the tree."""
    best, best_score = None, -1e9
    for verb in c.verbs:
        score = layout.words[verb].cue_weight - 0.15 * place.distance(verb) + (2.0 if verb in chain else 0.0)
        if score > best_score:
            best, best_score = verb, score
    return best, best_score


def _arcs(layout: ArticleLayout, verb: int, chain: dict[int, int]) -> int:
    at = verb
    for arcs in range(12):
        if at in chain:
            return min(arcs + chain[at], 12)
        head = layout.words[at].head
        if head == at:
            break
        at = head
    return 13


def _quotes_between(layout: ArticleLayout, position: int, place: QuotePlace) -> int:
    low, high = (position, place.first) if position < place.first else (place.end, position)
    high = min(high, low + FAR)
    return min(layout.n_quotes_among(low, high), 5) if low < high else 0


def pair_features(
    layout: ArticleLayout,
    c: Candidate,
    verb: int | None,
    place: QuotePlace,
    here: int,
    chain: dict[int, int],
    link: float,
) -> PairFeatures:
    """The features of a candidate in relation to a quotation, in paragraph ``here``, whose words its ``verb`` may report."""
    in_sentence = verb is not None and layout.words[verb].sentence_no == place.sentence_no
    return PairFeatures(
        paragraphs_apart=layout.sentences[c.sentence_no].paragraph_no - here,
        sentences_apart=max(min(c.sentence_no - place.sentence_no, 8), -8),
        is_after=c.position >= place.end,
        distance=place.distance(c.position),
        verb_weight=UNSEEN - 1 if verb is None else layout.words[verb].cue_weight,
        verb_distance=FAR if verb is None else place.distance(verb),
        verb_is_after=verb is not None and verb >= place.end,
        verb_in_sentence=in_sentence,
        verb_governs=verb in chain,
        arcs_to_verb=_arcs(layout, verb, chain) if verb is not None and in_sentence else 14,
        quotes_between=_quotes_between(layout, c.position, place),
        quotes_between_verb=6 if verb is None else _quotes_between(layout, verb, place),
        link=link,
    )


@cache
def _for_people() -> frozenset[str]:
    return PERSON_NOUNS | words("roles")


def _kind_of_noun(c: Candidate) -> int:
    """What a common noun refers to: 1 a person, 2 a body, 3 a document, 4 unknown; 0 if there is no common noun."""
    if c.mention is not None or not c.tag.startswith("NN"):
        return 0
    noun = c.head.casefold()
    if not {noun, noun.removesuffix("s")}.isdisjoint(_for_people()):
        return 1
    if noun in BODIES:
        return 2
    return 3 if noun in DOCUMENTS or noun.removesuffix("s") in DOCUMENTS else 4


def rank_features(
    layout: ArticleLayout,
    near: Sequence[Candidate],
    verbs: Sequence[tuple[int | None, float]],
    place: QuotePlace,
    chain: dict[int, int],
) -> list[RankFeatures]:
    """The features of each candidate compared with the others."""
    before = [c.position for c in near if c.position < place.first]
    after = [c.position for c in near if c.position >= place.end]
    cued = [
        (v is not None and c.relation in CUED_RELATIONS and layout.words[v].cue_weight >= MIN_CUE_WEIGHT)
        for c, (v, _) in zip(near, verbs, strict=True)
    ]
    cued_positions = [c.position for c, is_cued in zip(near, cued, strict=True) if is_cued]
    n_cued_before = bisect_left(cued_positions, place.first)
    top = max((s for c, (_, s) in zip(near, verbs, strict=True) if c.sentence_no == place.sentence_no), default=-1e9)
    ranks: list[RankFeatures] = []
    first_quoted = {
        n: _first_quoted(layout, n) for n in {layout.words[v].sentence_no for v, _ in verbs if v is not None}
    }
    subject_arcs = {chain[v] for c in near if c.relation in SUBJECTS for v in c.verbs if v in chain}
    for c, (verb, score), is_cued in zip(near, verbs, cued, strict=True):
        is_before = c.position < place.first
        nearer = (
            n_cued_before - bisect_right(cued_positions, c.position)
            if is_before
            else bisect_left(cued_positions, c.position) - n_cued_before
        )
        ranks.append(
            RankFeatures(
                rank_before=min(len(before) - bisect_right(before, c.position), 9) if is_before else 10,
                rank_after=10 if is_before else min(bisect_left(after, c.position), 9),
                rank_cued=min(nearer, 6) if is_cued else 7 + min(nearer, 3),
                is_best_cued_in_sentence=score >= top and c.sentence_no == place.sentence_no,
                gap_to_verb=min(abs(c.position - verb), 30) if verb is not None else 31,
                has_verb_in_sentence_with_quote_before=verb is not None
                and first_quoted[layout.words[verb].sentence_no] < verb,
                governors_below=sum(arcs < chain[verb] for arcs in subject_arcs) if verb in chain else 9,
                verb_is_main=verb is not None and layout.words[verb].relation in MAIN,
                verb_is_before=verb is not None and verb < c.position,
            )
        )
    return ranks


def _first_quoted(layout: ArticleLayout, sentence_no: int) -> int:
    """The position of a sentence's first quoted word, or the end of the sentence."""
    first, end, *_ = layout.sentences[sentence_no]
    if layout.is_quoted(first):
        return first
    return min([end, *layout.quote_starts[(at := bisect_left(layout.quote_starts, first)) : at + 1]])


def _surroundings(layout: ArticleLayout, c: Candidate) -> tuple[float, float, float]:
    """The punctuation before and after a candidate's phrase, and whether a quotation ends just before it."""
    sentence = layout.sentences[c.sentence_no]
    first, last = c.first - 1, c.position + 1
    before = layout.words[first].text if first >= sentence.first else ""
    after = layout.words[last].text if last < sentence.end else ""
    ahead = first - 1 if before in DASHES else first
    follows = ahead >= 0 and layout.is_quoted(ahead)
    return MARKS.get(before, 9 if before else 0), MARKS.get(after, 9 if after else 0), follows
