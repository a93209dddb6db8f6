"""Choose the speaker of each quotation: find its candidates and rank them by the trees' scores."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from etl.model.attributions import Attribution
from etl.quotes.candidate_speakers import SUBJECTS, Candidate, CandidateSpeakers
from etl.quotes.layout import ArticleLayout, QuotePlace
from etl.quotes.linked import MAX_LINK, NO_LINK, shared_length
from etl.quotes.reporters import who_is_reported
from etl.quotes.speaker_features import (
    OwnFeatures,
    ancestors,
    best_verb,
    own_features,
    pair_features,
    quote_features,
    rank_features,
)
from etl.quotes.voices import is_time
from etl.schema import PERSON
from etl.spans import Stretched

#: The number of paragraphs before and after a quotation's own to search for its speaker.
PARAGRAPHS_BEFORE = 2
PARAGRAPHS_AFTER = 1
#: The number of candidates considered on each side of a quotation: more than prose has in that many paragraphs.
N_NEAR = 60
#: Relations of a noun in the description of another.
DESCRIBING = frozenset({"pobj", "poss", "appos", "dobj", "dative"})
#: Relations to a noun of a verb that describes it, so that nobody named with it is who the noun stands for.
CLAUSES = frozenset({"relcl", "acl"})
#: The tag of a relative pronoun, which stands for that noun.
RELATIVE = "WP"
#: The lead of a candidate without rivals.
MAX_LEAD = 9.0


class Option(NamedTuple):
    """A candidate for a quotation: the candidate, the verb that would report the words, and the features."""

    candidate: Candidate
    verb: int | None
    features: tuple[float, ...]


class Choice(NamedTuple):
    """A candidate for a quotation and its score. Scores are comparable only within a quotation."""

    option: Option
    score: float


def rank(layout: ArticleLayout, each: Sequence[Sequence[Option]], scores: Sequence[float]) -> list[list[Choice]]:
    """The candidates of each stretch, best first and times last. ``scores``: those of all options in one flat sequence.

    All paragraphs of a speech get the same speaker: the one of the paragraph where the choice is clearest.
    """
    ranked, at = [], 0
    for found in each:
        here = [Choice(o, s) for o, s in zip(found, scores[at : at + len(found)], strict=True)]
        ranked.append(sorted(here, key=lambda c: (is_time(c.option.candidate), -c.score)))
        at += len(found)
    for chain in _chains(layout):
        surest = max((ranked[n] for n in chain), key=lead)
        for n in chain:
            ranked[n] = surest
    return ranked


def lead(ranked: Sequence[Choice], over: int = 1) -> float:
    """The score difference between the best candidate and the one ``over`` places below."""
    if not ranked:
        return 0.0
    return ranked[0].score - ranked[over].score if len(ranked) > over else MAX_LEAD


def _chains(layout: ArticleLayout) -> list[list[int]]:
    """The stretches of each speech that spans several paragraphs."""
    chains: list[list[int]] = []
    for number, stretch in enumerate(layout.stretches):
        if stretch.continues and number:
            if not chains or chains[-1][-1] != number - 1:
                chains.append([number - 1])
            chains[-1].append(number)
    return chains


def options(layout: ArticleLayout, candidates: CandidateSpeakers) -> list[list[Option]]:
    """The candidates for each quotation of an article, each with its features."""
    if not layout.stretches:
        return []
    each = [(c, own_features(layout, candidates, c)) for c in candidates.in_order]
    reported: dict[Candidate, Candidate] = {}
    return [
        [] if place is None else _options(layout, each[candidates.around(place.first, N_NEAR)], number, place, reported)
        for number, place in enumerate(layout.quote_places)
    ]


def _options(
    layout: ArticleLayout,
    around: Iterable[tuple[Candidate, OwnFeatures]],
    number: int,
    place: QuotePlace,
    reported: dict[Candidate, Candidate],
) -> list[Option]:
    here = layout.sentences[place.sentence_no].paragraph_no
    found = [
        (c, own)
        for c, own in around
        if -PARAGRAPHS_BEFORE <= (apart := layout.sentences[c.sentence_no].paragraph_no - here) <= PARAGRAPHS_AFTER
        and (apart == 0 or c.relation in SUBJECTS or c.mention is not None)
        and not (apart > 0 and _announces(layout, c))
    ]
    near = [c for c, _ in found]
    chain = ancestors(layout, place)
    verbs = [best_verb(layout, c, place, chain) for c in near]
    shared = quote_features(layout, number)
    ranks = rank_features(layout, near, verbs, place, chain)
    said = _said_by(layout, found, verbs, number, place, reported)
    return [
        Option(c, v, shared + own._replace(source=source) + pair_features(layout, c, v, place, here, chain, link) + r)
        for (c, own), (source, link), (v, _), r in zip(found, said, verbs, ranks, strict=True)
    ]


def _said_by(
    layout: ArticleLayout,
    found: Sequence[tuple[Candidate, OwnFeatures]],
    verbs: Sequence[tuple[int | None, float]],
    number: int,
    place: QuotePlace,
    reported: dict[Candidate, Candidate],
) -> list[tuple[float, float]]:
    """What the encoder says of each candidate: the probability that it is a source, and the lead of the quotation's link to it.

    Where others report that somebody said it ("Holt said, according to the Gazette"), the encoder links it to these, as PolNeAR
    does. There the subject of the verb of speech beside it takes their place, and for the quotations that follow: ``reported``
    maps who reports to whom they report, as far as known.
    """
    near = [c for c, _ in found]
    leads = _leads(layout, layout.linked.by_stretch.get(number, ()), near)
    if max(leads, default=NO_LINK) > NO_LINK:
        linked = max(range(len(near)), key=leads.__getitem__)
        teller = who_is_reported(layout, near, linked, leads[linked], verbs[linked][0], place)
        if teller is None and near[linked].sentence_no < place.sentence_no and reported.get(near[linked]) in near:
            teller = near.index(reported[near[linked]])
        if teller is not None and leads[teller] == NO_LINK:
            reported[near[linked]] = near[teller]
            return [(1.0, MAX_LINK) if n == teller else (0.0, NO_LINK) for n in range(len(near))]
    return [(own.source, lead) for (_, own), lead in zip(found, leads, strict=True)]


def _leads(layout: ArticleLayout, links: Iterable[Attribution], near: Sequence[Candidate]) -> list[float]:
    """The lead of the surest link to each candidate (log-odds), `NO_LINK` for none."""
    leads = [NO_LINK] * len(near)
    for source, link in ((said.source, said.link) for said in links if said.source):
        for n in _heads(layout, source, near):
            leads[n] = max(leads[n], min(link, MAX_LINK))
    return leads


def _heads(layout: ArticleLayout, source: Stretched, near: Sequence[Candidate]) -> Sequence[int]:
    """The candidates that a source is: none that describes another in it, and a person beside others.

    So the source "Bitcoin expert Simon Taylor" is no organisation, and "the lawyer for Mary Holt and John Reed" neither of them.
    """
    inside = [n for n, c in enumerate(near) if shared_length(source, c) > 0]
    heads = [n for n in inside if not _describes(layout, near[n].position, source)] or inside
    whole = [n for n in heads if not any(n != m and _is_in(near[n], near[m]) for m in heads)]
    return [n for n in whole if (name := near[n].mention) and name.entity_type == PERSON] or heads


def _describes(layout: ArticleLayout, position: int, source: Stretched) -> bool:
    """Whether a word, or the first of those it is joined to, depends on another noun of a source, or a verb that describes it."""
    word = layout.words[position]
    while word.relation == "conj":
        word = layout.words[word.head]
    head = layout.words[word.head]
    is_in_clause = head.relation in CLAUSES and word.tag != RELATIVE
    return source.start <= head.start < source.end and (word.relation in DESCRIBING or is_in_clause)


def _is_in(a: Stretched, b: Stretched) -> bool:
    return b.start <= a.start and a.end <= b.end


def _announces(layout: ArticleLayout, c: Candidate) -> bool:
    """Whether a candidate's words follow a colon ("Holt said: “…”"). If so, the words before it are somebody else's."""
    end = layout.sentences[c.sentence_no].end
    return any(v + 2 < end and layout.words[v + 1].text == ":" and layout.is_quoted(v + 2) for v in c.verbs)
