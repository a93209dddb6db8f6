"""Evaluates quotes against annotated articles: scores by quote kind and attribution method, calibration, and errors.

Annotated articles are JSON lines: ``{"doc_id", "text", "quotes": [{"start", "end", "type", "speaker_text",
"speaker_start", "speaker_end", "speaker_canonical"}]}``. Offsets are in code points, half open. ``speaker_text`` is the
speaker as printed. ``speaker_canonical`` is the name it refers to; alternatives are separated by ";".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from etl.extract.article import extract
from etl.json_lines import read_json_lines
from etl.knowledge.pronouns import PRONOUNS
from etl.knowledge.word_lists import words as word_list
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.quotes.find import Quote
from etl.sources.record import Record
from etl.spans import MIN_OVERLAP, overlap, strip_edges

TITLES = frozenset(w for name in ("honorifics", "ranks", "roles") for title in word_list(name) for w in title.split())
UNSCORED = word_list("unscored_name_words") | word_list("generations")
#: What a line of annotated articles is like.
SHAPE = '{"doc_id": …, "text": …, "quotes": [{"start": …, "end": …, "type": …}]}'
#: The letters of a quote that are shown of an error.
MAX_BRIEF = 70
#: The confidence from which on a speaker counts as sure.
SURE = 0.9
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """One annotated quote: code points [start, end), kind, and the speaker as printed and by canonical name."""

    start: int
    end: int
    kind: str
    speaker: str | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None
    name: str | None = None
    is_doubtful: bool = False
    cue: str | None = None


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """One annotated article."""

    doc_id: str
    text: str
    quotes: tuple[GoldQuote, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One found quote compared with gold. ``gold`` is None if the span is wrong.

    ``is_speaker_right`` is None if gold gives no speaker.
    """

    doc_id: str
    quote: Quote
    gold: GoldQuote | None
    is_speaker_right: bool | None


@dataclass(slots=True)
class Figures:
    """Evaluation results. ``judgements`` are the found quotes. ``missed`` are the annotated quotes not found."""

    judgements: list[Judgement] = field(default_factory=list)
    missed: list[tuple[str, GoldQuote]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


def read_gold(path: Path) -> list[GoldArticle]:
    """Read annotated articles from a file.

    Raises:
        OnTheRecordError: if it cannot be read, or a line does not have the format in the module docstring.
    """
    return list(read_json_lines(path, _gold_article, SHAPE))


def _gold_article(row: dict[str, Any]) -> GoldArticle:
    return GoldArticle(row["doc_id"], row["text"], tuple(map(_gold_quote, row["quotes"])))


def _gold_quote(row: dict[str, Any]) -> GoldQuote:
    return GoldQuote(
        int(row["start"]),
        int(row["end"]),
        row["type"],
        row.get("speaker_text") or None,
        row.get("speaker_start"),
        row.get("speaker_end"),
        row.get("speaker_canonical"),
        bool(row.get("suspect")),
        row.get("cue"),
    )


def measure(path: Path, kinds: frozenset[str] | None, model: str) -> Figures:
    """Run the extraction on the annotated articles of a file, and evaluate the quotes.

    Raises:
        OnTheRecordError: if the file cannot be read, or a line does not have the format in the module docstring.
    """
    golds = read_gold(path)
    annotator = Annotator(model)
    # One article at a time, because annotations are large.
    pages = (parse(Record(0, gold.text), Hints(gold.doc_id)) for gold in golds)
    return evaluate(golds, (next(extract([page], annotator)).quotes for page in pages), kinds)


def evaluate(
    golds: Iterable[GoldArticle], found: Iterable[Sequence[Quote]], kinds: frozenset[str] | None = None
) -> Figures:
    """Compare found quotes with gold. Both are in the same article order. ``kinds`` limits both to these kinds.

    A found quote that covers an annotated quote of another kind is excluded: it counts as neither right nor wrong.
    """
    figures = Figures()
    for article, quotes in zip(golds, found, strict=True):
        figures.texts[article.doc_id] = article.text
        wanted = [q for q in article.quotes if kinds is None or q.kind in kinds]
        others = [q for q in article.quotes if kinds is not None and q.kind not in kinds]
        kept = [q for q in quotes if kinds is None or q.kind in kinds]
        pairs = match(article.text, [(q.start, q.end) for q in wanted], [(q.start, q.end) for q in kept])
        gold_of = {f: g for g, f in pairs.items()}
        for number, quote in enumerate(kept):
            if number in gold_of:
                gold = wanted[gold_of[number]]
                figures.judgements.append(
                    Judgement(article.doc_id, quote, gold, is_speaker_right(article.text, quote, gold))
                )
            elif not any(_covers(article.text, o, quote) for o in others):
                figures.judgements.append(Judgement(article.doc_id, quote, None, None))
        figures.missed += [(article.doc_id, q) for i, q in enumerate(wanted) if i not in pairs]
    return figures


def match(text: str, gold: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Match gold spans to found spans one to one, best overlap first. Maps gold index to found index."""
    plain_gold = [strip_edges(text, *g) for g in gold]
    plain_found = [strip_edges(text, *f) for f in found]
    pairs = [
        (overlap(g, f), i, j)
        for i, g in enumerate(plain_gold)
        for j, f in enumerate(plain_found)
        if g[0] < f[1] and f[0] < g[1]
    ]
    matched: dict[int, int] = {}
    used: set[int] = set()
    for share, i, j in sorted(pairs, reverse=True):
        if share >= MIN_OVERLAP and i not in matched and j not in used:
            matched[i] = j
            used.add(j)
    return matched


def is_speaker_right(text: str, quote: Quote, gold: GoldQuote) -> bool | None:
    """Whether a quote's speaker matches gold, by last name if gold has a name, otherwise by span.

    None if gold has no speaker or is doubtful.
    """
    if gold.is_doubtful or not (gold.speaker or gold.name):
        return None
    printed = None if quote.speaker_start is None else text[quote.speaker_start : quote.speaker_end]
    if gold.name:
        return same_name(quote.speaker_name or printed, gold.name)
    return is_mention_right(quote.speaker_start, quote.speaker_end, printed, gold)


def is_mention_right(start: int | None, end: int | None, printed: str | None, gold: GoldQuote) -> bool:
    """Whether a speaker span overlaps the gold speaker, or shares a name with it."""
    spans = (start, end, gold.speaker_start, gold.speaker_end)
    first, last, gold_first, gold_last = (-1 if offset is None else offset for offset in spans)
    if min(last, gold_last) > max(first, gold_first) and None not in spans:
        return True
    wanted = set(_names(gold.speaker or "")) - PRONOUNS
    return bool(wanted & set(_names(printed or "")))


def same_name(found: str | None, gold: str) -> bool:
    """Whether two names match by last word. Ignores honorifics and text after a comma."""
    if not found:
        return False
    words = _names(found)
    for one in gold.split(";"):
        wanted = _names(one)
        if not wanted or not words or (set(words) <= PRONOUNS) != (set(wanted) <= PRONOUNS):
            continue
        if wanted[-1] in words or (len(words) == 1 and words[0] in wanted):
            return True
    return False


def _names(name: str) -> list[str]:
    head = re.split(r",|\(| – | — | of the | who | which ", name)[0]
    words = re.findall(r"[^\W_]+", re.sub(r"['’]s\b", "", head.lower()))
    named = [w for w in words if w not in UNSCORED and len(w) > 1]
    # A title ends some names ("Stephen King"); before the last word it is one.
    return [w for w in named[:-1] if w not in TITLES] + named[-1:] or words


def _covers(text: str, gold: GoldQuote, quote: Quote) -> bool:
    a, b = strip_edges(text, gold.start, gold.end), strip_edges(text, quote.start, quote.end)
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return overlap(a, b) >= 0.5 or shared >= MIN_OVERLAP * (b[1] - b[0])


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts, and scores in per cent.

    ``both_f1`` is the F1 of quotes with correct span and speaker. ``speaker`` is the accuracy on correct spans.
    """

    n_gold: int
    n_found: int
    precision: float
    recall: float
    span_f1: float
    both_f1: float
    speaker: float
    pronoun: float


def scores(figures: Figures) -> Scores:
    """The scores over all quotes."""
    hits = [j for j in figures.judgements if j.gold is not None]
    judged = [j for j in hits if j.is_speaker_right is not None]
    pronouns = [j for j in judged if j.gold and j.gold.name and _is_pronoun(j.gold.speaker)]
    n_gold, n_found = len(hits) + len(figures.missed), len(figures.judgements)
    n_both = sum(j.is_speaker_right is not False for j in hits)
    return Scores(
        n_gold,
        n_found,
        _percent(len(hits), n_found),
        _percent(len(hits), n_gold),
        _percent(2 * len(hits), n_gold + n_found),
        _percent(2 * n_both, n_gold + n_found),
        _percent(sum(bool(j.is_speaker_right) for j in judged), len(judged)),
        _percent(sum(bool(j.is_speaker_right) for j in pronouns), len(pronouns)),
    )


def _is_pronoun(text: str | None) -> bool:
    return bool(text) and set(_names(text or "")) <= PRONOUNS


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def by_kind(figures: Figures) -> dict[str, tuple[int, float, float]]:
    """For each gold kind: number of quotes, per cent found, and per cent of these with the right speaker."""
    kinds = sorted({j.gold.kind for j in figures.judgements if j.gold} | {q.kind for _, q in figures.missed})
    table = {}
    for kind in kinds:
        hits = [j for j in figures.judgements if j.gold and j.gold.kind == kind]
        judged = [j for j in hits if j.is_speaker_right is not None]
        n = len(hits) + sum(q.kind == kind for _, q in figures.missed)
        table[kind] = n, _percent(len(hits), n), _percent(sum(bool(j.is_speaker_right) for j in judged), len(judged))
    return table


def by_via(figures: Figures) -> dict[str, tuple[int, float]]:
    """For each attribution method: number of correct spans, and per cent of these with the right speaker."""
    judged = [j for j in figures.judgements if j.is_speaker_right is not None]
    table = {}
    for via in sorted({j.quote.speaker_via or "none" for j in judged}):
        here = [j.is_speaker_right for j in judged if (j.quote.speaker_via or "none") == via]
        table[via] = len(here), _percent(sum(map(bool, here)), len(here))
    return table


@dataclass(frozen=True, slots=True)
class Reliability:
    """Calibration of the confidence, overall and by bin.

    Each bin has its lower bound, number of quotes, mean confidence and share right.
    """

    bins: tuple[tuple[float, int, float, float], ...]
    share_sure: float
    right_of_sure: float
    brier: float
    base_brier: float


def reliability(pairs: Sequence[tuple[float, bool]]) -> Reliability:
    """The reliability of (confidence, is right) pairs.

    ``base_brier`` is the Brier score of always predicting the overall share.
    """
    n = max(len(pairs), 1)
    rate = sum(right for _, right in pairs) / n
    bins = []
    for low, high in pairwise(BINS):
        here = [(c, r) for c, r in pairs if low <= c < high or (high == BINS[-1] and c == high)]
        if here:
            bins.append((low, len(here), sum(c for c, _ in here) / len(here), sum(r for _, r in here) / len(here)))
    confident = [r for c, r in pairs if c >= SURE]
    return Reliability(
        tuple(bins),
        len(confident) / n,
        sum(confident) / max(len(confident), 1),
        sum((c - r) ** 2 for c, r in pairs) / n,
        rate * (1 - rate),
    )


def confidences(figures: Figures) -> list[tuple[float, bool]]:
    """The confidence of each quote with a gold speaker, and whether the speaker was right."""
    return [(j.quote.confidence, j.is_speaker_right) for j in figures.judgements if j.is_speaker_right is not None]


#: Error types: found but not annotated, annotated but not found, found with a wrong speaker.
ERRORS = ("extra", "missed", "speaker")


def errors(figures: Figures, sort: str) -> Iterable[str]:
    """The errors of one type in `ERRORS`, one line each."""
    if sort == "missed":
        for doc_id, q in figures.missed:
            yield f"missed   {doc_id} | {_brief(figures.texts[doc_id], q.start, q.end)}"
    for j in figures.judgements:
        text = figures.texts[j.doc_id]
        words = _brief(text, j.quote.start, j.quote.end)
        if sort == "extra" and j.gold is None:
            yield f"extra    {j.doc_id} | {words}"
        if sort == "speaker" and j.gold is not None and j.is_speaker_right is False:
            printed = None if j.quote.speaker_start is None else text[j.quote.speaker_start : j.quote.speaker_end]
            gold = f"{j.gold.speaker} / {j.gold.name}"
            yield f"speaker  {j.doc_id} | {words} | annotated {gold} | found {printed} / {j.quote.speaker_name}"


def _brief(text: str, start: int, end: int) -> str:
    words = " ".join(text[start:end].split())
    return words if len(words) <= MAX_BRIEF else f"{words[: MAX_BRIEF - 1]}…"
