"""Fit what the quotes stage has learned, from annotated articles, into plain data files such as those of ``etl/knowledge/data``.

``python -m etl.training.fit_quotes --quoted GOLD --reported GOLD [--resolved GOLD] [--cues GOLD] --out DIR``, where the first file
of JSON lines holds quoted stretches; the second all reported speech of those of its articles that the encoder was not fitted on;
the third, some of the first's articles, resolved speakers (``speaker_canonical``); and the fourth reported speech, for the weights
of cue words. None of them may hold an article that results are reported on.
None of their text is kept: the files hold single words with weights, and trees over numbers. Needs the ``train`` extra; using
what it wrote does not.
"""

import argparse
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.entities.mentions import find_mentions
from etl.knowledge.cue_words import weights
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.quotes import antecedents, confidence, coreference, reported, speaker_features, speakers, speech
from etl.quotes.candidate_speakers import CandidateSpeakers, find_candidates
from etl.quotes.layout import ArticleLayout, lay_out
from etl.quotes.people import People, find_people
from etl.quotes.speaker_identity import SpeakerIdentities
from etl.sources.record import Record
from etl.training.evaluate import (
    GoldArticle,
    GoldQuote,
    Reliability,
    is_mention_right,
    match,
    read_gold,
    reliability,
    same_name,
)

N_FOLDS = 4
#: How strongly the weights of a logistic regression are drawn towards 0; the slope at which its fit stops, and the most steps.
RIDGE, TOLERANCE, MAX_STEPS = 0.5, 1e-8, 2000
#: Rounds of resolving every reference with the weights fitted in the round before.
PASSES = 4
#: What one would say by hand speaks for a person; the fitted weights of `etl.quotes.coreference` are drawn towards it, which
#: tells where the articles have few examples (descriptions).
BY_HAND = {
    "contradicts": 1.5, "agrees": 1.0, "sentences_ago": -0.7, "same_sentence": 0.6, "is_reported": -3.6, "same_paragraph": 0.8,
    "is_quoted": -2.0, "is_in_own_words": -0.5, "was_subject": 0.8, "was_speaking": 0.6, "is_latest_subject": 0.7,
    "is_latest_speaker": 0.4, "opened_paragraph": 0.4, "has_asked": -1.0,
    "was_asked": 1.0, "has_role": 5.0, "words_shared": 1.0, "nobody": 1.0,
    "nobody_introduced": 6.0,
}  # fmt: skip
#: A word is kept as a cue if it was part of so many cues, in so many articles; CUE_PRIOR tempers the odds of rare ones.
MIN_CUES, MIN_ARTICLES, CUE_PRIOR = 4, 3, 3.0
WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
COMMON = {
    "num_leaves": 20,
    "max_depth": 6,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "seed": 1,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}
RANKER = {**COMMON, "objective": "lambdarank", "learning_rate": 0.04}
CLASSIFIER = {**COMMON, "objective": "binary", "learning_rate": 0.08}
#: Shallow, so that a confidence cannot hang on a handful of articles.
CALIBRATOR = {
    **COMMON,
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 6,
    "max_depth": 3,
    "min_data_in_leaf": 100,
}
ROUNDS = {"speakers": 300, "speech": 80, "quoted_confidence": 60}

Rows = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(slots=True)
class Article:
    """One annotated article laid out, and the gold quote that each of its quoted stretches is."""

    gold: GoldArticle
    layout: ArticleLayout
    candidates: CandidateSpeakers
    gold_of: dict[int, GoldQuote]


@dataclass(slots=True)
class _Examples:
    """Signs, whether what they speak for is right, and the fold of the article they are from."""

    rows: list[dict[str, float]] = field(default_factory=list)
    labels: list[bool] = field(default_factory=list)
    folds: list[int] = field(default_factory=list)

    def add(self, signs: dict[str, float], is_right: bool, article_no: int) -> None:
        self.rows.append(signs)
        self.labels.append(is_right)
        self.folds.append(article_no % N_FOLDS)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("quoted", "reported", "resolved", "cues"):
        parser.add_argument(f"--{name}", type=Path, required=name in ("quoted", "reported"))
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the fitted files are written")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    golds = [read_gold(path) if path else [] for path in (options.quoted, options.reported, options.resolved)]
    if options.cues:
        write(options.out, "cues", fit_cues(read_gold(options.cues)))
    cues = read(options.out, "cues") if options.cues else weights()
    for line in fit(options.out, *lay_out_all(golds, Annotator(), cues)):
        sys.stdout.write(f"{line}\n")


def fit(out: Path, quoted: Sequence[Article], reports: Sequence[Article], resolved: Sequence[Article]) -> Iterable[str]:
    """Fit everything but the cue words and write it; the lines say how well it does on articles the fit did not see."""
    yield from _fit_quoted(out, quoted, frozenset(a.gold.text for a in reports))
    yield from _fit_reported(out, reports)
    if resolved:
        yield from _fit_references(out, resolved)
        weights = antecedents.ReferenceFeatures(**read(out, "coreference"))
        yield from _fit_identities(out, resolved, weights)


def _fit_quoted(out: Path, quoted: Sequence[Article], unseen: frozenset[str]) -> Iterable[str]:
    """Fit what finds quoted speech: the speakers, what is speech at all, and how sure the speaker is.

    How sure it is, is fitted on ``unseen`` texts only: of those it was fitted on, the encoder is surer than of others.
    """
    every = [speakers.options(a.layout, a.candidates) for a in quoted]
    known = [(a, e) for a, e in zip(quoted, every, strict=True)]
    ranked = _out_of_fold_ranks(known)
    write_trees(out, "speakers", fit_ranker(known), speaker_features.FEATURES)
    yield f"speaker stretch right: {np.mean([r for _, r in _judged(quoted, ranked)]):.3f} of quotes"

    rows = [speech.features(a.layout, n, r) for a, rs in zip(quoted, ranked, strict=True) for n, r in enumerate(rs)]
    labels = [n in a.gold_of for a in quoted for n in range(len(a.layout.stretches))]
    folds = [i % N_FOLDS for i, a in enumerate(quoted) for _ in a.layout.stretches]
    spoken = out_of_fold(rows, labels, folds, "speech", CLASSIFIER)
    write_trees(out, "speech", fit_trees(rows, labels, "speech", CLASSIFIER), speech.FEATURES)
    yield f"speech: {_best_f1(spoken, labels)}"

    at, sure_rows, sure_labels, sure_folds = 0, [], [], []
    for i, (article, choices) in enumerate(zip(quoted, ranked, strict=True)):
        for n, ranks in enumerate(choices):
            gold = article.gold_of.get(n)
            if ranks and gold is not None and gold.speaker and article.gold.text in unseen:
                sure_rows.append(confidence.quoted_features(ranks, spoken[at]))
                sure_labels.append(_is_right(article, ranks, gold))
                sure_folds.append(i % N_FOLDS)
            at += 1
    yield from _calibrate(out, "quoted_confidence", confidence.QUOTED_FEATURES, sure_rows, sure_labels, sure_folds)


def _fit_reported(out: Path, reports: Sequence[Article]) -> Iterable[str]:
    """Fit which stretches are reported speech, and how sure the speaker is."""
    spans, speakers_of = _Examples(), _Examples()
    for i, article in enumerate(reports):
        found = reported.reports(article.layout, article.candidates)
        for one, gold in zip(found, _matches(article, found), strict=True):
            signs = confidence.report_signs(one.features)
            spans.add(signs, gold is not None, i)
            if gold is not None and gold.speaker and one.speaker is not None and one.features.has_source:
                c = one.speaker
                printed = article.layout.page.text[c.start : c.end]
                speakers_of.add(signs, is_mention_right(c.start, c.end, printed, gold), i)
    yield from _fit_logistic(out, "reported", spans)
    yield from _fit_logistic(out, "reported_confidence", speakers_of)


def lay_out_all(
    files: Sequence[Sequence[GoldArticle]], annotator: Annotator, cues: Mapping[str, float]
) -> list[list[Article]]:
    """The annotated articles of several files laid out as the quotes stage lays them out, each text once."""
    texts = list(dict.fromkeys(gold.text for golds in files for gold in golds))
    pages = [parse(Record(0, text), Hints()) for text in texts]
    laid_out: dict[str, tuple[ArticleLayout, CandidateSpeakers]] = {}
    for text, page, annotation in zip(texts, pages, annotator(pages), strict=True):
        layout = lay_out(page, annotation, cues)
        laid_out[text] = layout, find_candidates(layout, find_mentions(page, annotation))
    return [[aligned(gold, *laid_out[gold.text]) for gold in golds] for golds in files]


def aligned(gold: GoldArticle, layout: ArticleLayout, candidates: CandidateSpeakers) -> Article:
    """An article with its quoted stretches held against gold."""
    pairs = match(gold.text, [(q.start, q.end) for q in gold.quotes], [(s.start, s.end) for s in layout.stretches])
    return Article(gold, layout, candidates, {found: gold.quotes[g] for g, found in pairs.items()})


def fit_cues(golds: Sequence[GoldArticle]) -> dict[str, float]:
    """For each word of a cue: log(times it was in one / times it was not)."""
    in_cues: Counter[str] = Counter()
    articles: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    for gold in golds:
        everywhere.update(WORD.findall(gold.text.lower()))
        distinct = {(q.cue, q.speaker_start) for q in gold.quotes if q.cue}
        words = [set(WORD.findall(cue.lower())) for cue, _ in distinct if cue]
        in_cues.update(w for each in words for w in each)
        articles.update({w for each in words for w in each})
    return {
        w: round(math.log((n + 0.5) / (max(everywhere[w] - n, 0) + CUE_PRIOR)), 2)
        for w, n in sorted(in_cues.items())
        if n >= MIN_CUES and articles[w] >= MIN_ARTICLES
    }


def fit_ranker(known: Sequence[tuple[Article, list[list[speakers.Option]]]]) -> Any:  # noqa: ANN401
    """Trees that put a quotation's speaker first among the candidates."""
    import lightgbm

    rows: list[Sequence[float]] = []
    labels: list[bool] = []
    sizes: list[int] = []
    for article, each in known:
        for number, gold in article.gold_of.items():
            if each[number] and gold.speaker_start is not None:
                rows += [o.features for o in each[number]]
                labels += [_overlaps(o.candidate.start, o.candidate.end, gold) for o in each[number]]
                sizes.append(len(each[number]))
    data = lightgbm.Dataset(np.array(rows, dtype=float), np.array(labels, dtype=int), group=sizes)
    return lightgbm.train(RANKER, data, ROUNDS["speakers"])


def fit_trees(rows: Sequence[Sequence[float]], labels: Sequence[bool], name: str, settings: dict[str, Any]) -> Any:  # noqa: ANN401
    """Trees that tell true rows from false ones."""
    import lightgbm

    return lightgbm.train(
        settings, lightgbm.Dataset(np.array(rows, dtype=float), np.array(labels, dtype=int)), ROUNDS[name]
    )


def out_of_fold(
    rows: Sequence[Sequence[float]], labels: Sequence[bool], folds: Sequence[int], name: str, settings: dict[str, Any]
) -> list[float]:
    """The log-odds of each row by trees fitted on the other folds."""
    table, truth, fold = np.array(rows, dtype=float), np.array(labels), np.array(folds)
    scores: NDArray[np.float64] = np.zeros(len(table))
    for k in range(N_FOLDS):
        model = fit_trees(table[fold != k], truth[fold != k], name, settings)
        scores[fold == k] = model.predict(table[fold == k], raw_score=True)
    return [float(s) for s in scores]


def write_trees(out: Path, name: str, model: Any, names: Sequence[str]) -> None:  # noqa: ANN401
    """Keep fitted trees as `etl.model.boosted_trees` reads them."""
    fitted = [_nodes(t["tree_structure"]) for t in model.dump_model()["tree_info"]]
    write(out, name, {"names": list(names), "trees": fitted})


def write(out: Path, name: str, value: object) -> None:
    """Keep a value as JSON, the same bytes for the same value."""
    (out / f"{name}.json").write_text(
        json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )


def read(out: Path, name: str) -> Any:  # noqa: ANN401
    """What `write` kept."""
    return json.loads((out / f"{name}.json").read_text(encoding="utf-8"))


def _nodes(root: dict[str, Any]) -> list[list[float]]:
    nodes: list[list[float]] = []

    def add(node: dict[str, Any]) -> int:
        number = len(nodes)
        nodes.append([])
        if "split_feature" in node:
            left, right = add(node["left_child"]), add(node["right_child"])
            nodes[number] = [node["split_feature"], float(f"{node['threshold']:.6g}"), left, right]
        else:
            nodes[number] = [round(node["leaf_value"], 4)]
        return number

    add(root)
    return nodes


def _out_of_fold_ranks(
    known: Sequence[tuple[Article, list[list[speakers.Option]]]],
) -> list[list[list[speakers.Choice]]]:
    ranked: list[list[list[speakers.Choice]]] = [[] for _ in known]
    for k in range(N_FOLDS):
        model = fit_ranker([pair for i, pair in enumerate(known) if i % N_FOLDS != k])
        for i, (article, each) in enumerate(known):
            if i % N_FOLDS == k:
                rows = np.array([o.features for found in each for o in found], dtype=float)
                scores = model.predict(rows, raw_score=True).tolist() if len(rows) else []
                ranked[i] = speakers.rank(article.layout, each, scores)
    return ranked


def _overlaps(start: int, end: int, gold: GoldQuote) -> bool:
    return (
        gold.speaker_start is not None
        and gold.speaker_end is not None
        and gold.speaker_start < end
        and start < gold.speaker_end
    )


def _is_right(article: Article, ranked: Sequence[speakers.Choice], gold: GoldQuote) -> bool:
    c = ranked[0].option.candidate
    return is_mention_right(c.start, c.end, article.layout.page.text[c.start : c.end], gold)


def _judged(
    articles: Sequence[Article], ranked: Sequence[Sequence[Sequence[speakers.Choice]]]
) -> Iterable[tuple[GoldQuote, bool]]:
    for article, each in zip(articles, ranked, strict=True):
        for number, gold in article.gold_of.items():
            if gold.speaker:
                yield gold, bool(each[number]) and _is_right(article, each[number], gold)


def _matches(article: Article, found: Sequence[reported.Report]) -> list[GoldQuote | None]:
    """For each candidate the gold quote, other than a direct one, that it is."""
    golds = [q for q in article.gold.quotes if q.kind != "direct"]
    spans = [(q.start, q.end) for q in golds]
    matched: list[GoldQuote | None] = []
    for one in found:
        near = [(i, s) for i, s in enumerate(spans) if s[0] < one.end and one.start < s[1]]
        pairs = match(article.gold.text, [s for _, s in near], [(one.start, one.end)])
        matched.append(golds[near[next(iter(pairs))][0]] if pairs else None)
    return matched


def _calibrate(
    out: Path,
    name: str,
    names: Sequence[str],
    rows: Sequence[Sequence[float]],
    labels: Sequence[bool],
    folds: Sequence[int],
) -> Iterable[str]:
    scored = out_of_fold(rows, labels, folds, name, CALIBRATOR)
    write_trees(out, name, fit_trees(rows, labels, name, CALIBRATOR), names)
    yield f"{name}, articles the fit did not see:"
    yield from table(reliability([(1 / (1 + math.exp(-s)), bool(r)) for s, r in zip(scored, labels, strict=True)]))


def table(sure: Reliability) -> Iterable[str]:
    """A reliability table in lines."""
    yield from (
        f"  from {low:.2f}: {n:5} quotes, mean {mean:.3f}, right {right:.3f}" for low, n, mean, right in sure.bins
    )
    yield f"  at 0.9 or more: {sure.share_sure:.1%}, right {sure.right_of_sure:.1%}"
    yield f"  Brier {sure.brier:.4f}, base rate {sure.base_brier:.4f}"


def _fit_references(out: Path, articles: Sequence[Article]) -> Iterable[str]:
    """What speaks for a person when a pronoun or description is resolved: the weights under which gold's person wins."""
    known = [(article, find_people(article.layout, article.candidates)) for article in articles]
    weights = np.array([BY_HAND[name] for name in antecedents.ReferenceFeatures._fields])
    for _ in range(PASSES):  # whom a reference stands for is evidence on those that follow
        groups = [list(_weighed(article, people, weights.tolist())) for article, people in known]
        weights = fit_choice([group for here in groups for group in here])
    write(
        out,
        "coreference",
        {n: round(float(w), 3) for n, w in zip(antecedents.ReferenceFeatures._fields, weights, strict=True)},
    )
    held = [
        bool(
            truth[(rows @ fit_choice([g for i, here in enumerate(groups) if i % N_FOLDS != k for g in here])).argmax()]
        )
        for k in range(N_FOLDS)
        for i, here in enumerate(groups)
        if i % N_FOLDS == k
        for rows, truth in here
    ]
    yield f"pronouns and descriptions, {len(held)} in articles the fit did not see: {np.mean(held):.3f} resolved rightly"


def _weighed(article: Article, people: People, weights: Sequence[float]) -> Iterable[tuple[Rows, Truth]]:
    """For each speaker of gold that is a reference, the features of whom it may stand for, and who of them is right."""
    layout, candidates = article.layout, article.candidates
    starts = {word.start: p for p, word in enumerate(layout.words) if not word.is_stand_in}
    heads = {c.start: c.position for c in candidates.in_order}
    found = coreference.resolve(layout, candidates, people, weights)
    for start, gold in {q.speaker_start: q for q in article.gold.quotes if q.name and not q.is_doubtful}.items():
        position = heads.get(start or 0, starts.get(start or 0))
        if gold.name is None or position is None or position not in found:
            continue
        weighed = found[position]
        names = [None if w.person is None else people.persons[w.person].name for w in weighed]
        truth = [n is not None and same_name(n, gold.name) for n in names]
        if sum(truth) > 1:  # of several with one surname those who bear the whole name, if any does
            whole = [
                t and set(gold.name.casefold().split()) <= set((n or "").casefold().split())
                for t, n in zip(truth, names, strict=True)
            ]
            truth = whole if any(whole) else truth
        if gold.name == gold.speaker:
            truth = [n is None for n in names]
        if any(truth):
            yield np.array([w.features for w in weighed], dtype=float), np.array(truth)


def fit_choice(groups: Sequence[tuple[Rows, Truth]]) -> Rows:
    """The weights under which, by softmax, the right one of each group's rows is likeliest, drawn to BY_HAND."""
    by_hand = np.array([BY_HAND[name] for name in antecedents.ReferenceFeatures._fields])
    weights = by_hand
    for _ in range(30):
        gradient, curvature = by_hand - weights, np.eye(len(weights))
        for rows, truth in groups:
            p = np.exp(rows @ weights - (rows @ weights).max())
            p /= p.sum()
            wanted = p * truth / (p * truth).sum()
            mean = rows.T @ p
            gradient += rows.T @ (wanted - p)
            curvature += (rows * p[:, None]).T @ rows - np.outer(mean, mean)
        weights = weights + np.clip(np.linalg.solve(curvature, gradient), -1, 1)
    return weights


def _fit_identities(out: Path, articles: Sequence[Article], fitted: antecedents.ReferenceFeatures) -> Iterable[str]:
    """How often a stretch rightly taken for the speaker is also resolved rightly, by the way and how sure it is."""
    examples = _Examples()
    for i, article in enumerate(articles):
        layout, candidates = article.layout, article.candidates
        identities = SpeakerIdentities(layout, candidates, coreference.find_references(layout, candidates, fitted))
        for gold in article.gold_of.values():
            speaker = next((c for c in candidates.in_order if _overlaps(c.start, c.end, gold)), None)
            if speaker is not None and gold.name and not gold.is_doubtful:
                identity = identities.of(speaker)
                name = identity.name or layout.page.text[speaker.start : speaker.end]
                examples.add(confidence.identity_features(identity), same_name(name, gold.name), i)
    yield from _fit_logistic(out, "speaker_identity", examples)


def _fit_logistic(out: Path, name: str, examples: _Examples) -> Iterable[str]:
    """Fit and write the weights of signs; the lines say how well calibrated they are on articles the fit did not see."""
    from sklearn.model_selection import PredefinedSplit, cross_val_predict

    rows, labels, folds = examples.rows, examples.labels, examples.folds
    names = sorted({n for row in rows for n in row})
    matrix = np.array([[row.get(n, 0.0) for n in names] for row in rows])
    held = cross_val_predict(logistic_regression(), matrix, labels, cv=PredefinedSplit(folds), method="predict_proba")
    weights = logistic_regression().fit(matrix, labels).coef_[0]
    write(out, name, {n: round(float(w), 3) for n, w in zip(names, weights, strict=True)})
    yield f"{name}, {len(rows)} quotes of articles the fit did not see:"
    yield from table(reliability(list(zip(held[:, 1].tolist(), labels, strict=True))))


def logistic_regression() -> Any:  # noqa: ANN401
    """Logistic regression through the origin, its weights drawn towards 0 by `RIDGE`."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1 / RIDGE, fit_intercept=False, tol=TOLERANCE, max_iter=MAX_STEPS)


def _best_f1(scores: Sequence[float], labels: Sequence[bool]) -> str:
    truth, scored = np.array(labels), np.array(scores)

    def best(s: float) -> float:
        return float(2 * (truth & (scored >= s)).sum() / ((scored >= s).sum() + truth.sum()))

    least = max(np.linspace(-2, 2, 41).tolist(), key=best)
    return f"best F1 {best(least):.3f} at log-odds {least:.1f}"


if __name__ == "__main__":
    main()
