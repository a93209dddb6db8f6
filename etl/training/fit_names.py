"""How the weights of `etl.entities.evidence` are found: ``python -m etl.training.fit_names GOLD.jsonl … > weights.csv``.

Each line of a gold file is one article: ``text``, and ``entities`` with ``start``, ``end`` and ``type``. The weights
are those of a multinomial logistic regression of a name's kind on its signs. As it depends on the present weights what
is still free when a shorter name is decided, it is run until little changes, two or three times. No step of extraction
needs this module.

With ``--held-out N`` it prints instead how right names are (exact span; person, organisation or place) by weights that were fitted
without the articles they are tried on: the articles of all files in N parts, each part tried with weights of the others.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from etl.entities.candidates import Tokens, find_acronyms
from etl.entities.evidence import KIND_OF, KINDS, NONE, Weights, weights
from etl.entities.mentions import choose_names, find_mentions, page_span
from etl.model.annotate import Annotation, Annotator
from etl.page.parse import Hints, Page, parse
from etl.schema import ENTITY_TYPES
from etl.sources.record import Record

#: What gold files call classes that the model calls otherwise.
GOLD_LABELS = {label: label for label in ENTITY_TYPES} | {
    "PER": "PERSON",
    "ORGANIZATION": "ORG",
    "LOCATION": "LOC",
    "MISC": "WORK_OF_ART",
    "Person": "PERSON",
    "Organization": "ORG",
    "Location": "LOC",
    "Facility": "FAC",
    "Product": "PRODUCT",
    "Misc": "WORK_OF_ART",
}
#: A sign that fewer names show says nothing.
MIN_NAMES = 15
#: A name counts as its places do, to this power, and no more than this many.
PLACE_POWER, MAX_PLACES = 0.7, 10
#: How strongly weights are drawn towards 0; the most steps of the fit, and the slope at which it stops.
RIDGE, MAX_STEPS, TOLERANCE = 1e-3, 2000, 1e-7
#: Added to the log odds of no name: a name missed costs more than one found in vain.
NONE_BIAS = -0.3
#: A given name before a word that alone is a person makes a person. Added by hand: the annotated articles have few such names that
#: the encoder is wrong about, short ones have many ("the mayor of Northmoor, Edith Calloway" looks like two towns).
FULL_NAME, FULL_NAME_BIAS = "person alone, given name first", 1.5
HEADING = """\
# How much each sign speaks for each kind of name, in log odds; `etl.entities.evidence` says what the signs are.
# Found by `python -m etl.training.fit_names` on hand-annotated newswire and encyclopedia articles, and rounded to one decimal.
"""

#: The kinds of which most gold files have all.
SCORED = frozenset({"person", "organisation", "place"})

#: What annotators take into a name or leave out.
AROUND = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE), re.compile(r"(?:[’']s?|[.,;:])$")

Example = tuple[dict[str, float], list[int]]
Gold = dict[tuple[int, int], str]
Annotated = tuple[Page, Annotation, Gold]


def main() -> None:
    """Print the weights for the gold files named on the command line, or how right such weights are."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("gold", nargs="+", type=Path)
    options.add_argument("--held-out", type=int, default=0, metavar="N")
    asked = options.parse_args()
    annotator = Annotator()
    sets = {path.stem: list(_annotated(path, annotator)) for path in asked.gold}
    if asked.held_out:
        sys.stdout.writelines(f"{line}\n" for line in held_out(sets, asked.held_out))
    else:
        examples = [example for articles in sets.values() for example in _examples(articles)]
        sys.stdout.write(HEADING + "\n".join(as_lines(fit(examples))) + "\n")


def held_out(sets: Mapping[str, Sequence[Annotated]], n: int) -> Iterator[str]:
    """For each set of articles, precision, recall and F1 (per cent) of names, by weights of the other parts of all sets."""
    counted = {name: Counter[str]() for name in sets}
    for part in range(n):
        rest = [[article for i, article in enumerate(articles) if i % n != part] for articles in sets.values()]
        table = fit([example for articles in rest for example in _examples(articles)])
        for name, articles in sets.items():
            for article in articles[part::n]:
                counted[name].update(_hits(*article, table))
    for name, hits in counted.items():
        precision, recall = hits["right"] / max(hits["found"], 1), hits["right"] / max(hits["gold"], 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        yield f"{name}: precision {precision:.1%}, recall {recall:.1%}, F1 {f1:.1%}"


def _hits(page: Page, annotation: Annotation, gold: Gold, table: Weights) -> dict[str, int]:
    """How many names of an article are annotated, found, and both."""
    wanted = {(_bare(page.text, *span), KIND_OF[label]) for span, label in gold.items() if label}
    mentions = find_mentions(page, annotation, table)
    found = {(_bare(page.text, m.start, m.end), KIND_OF[m.entity_type]) for m in mentions}
    wanted, found = ({each for each in some if each[1] in SCORED} for some in (wanted, found))
    return {"gold": len(wanted), "found": len(found), "right": len(wanted & found)}


def _annotated(path: Path, annotator: Annotator) -> Iterator[Annotated]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pages = [parse(Record(0, row["text"]), Hints()) for row in rows]
    golds = [{(e["start"], e["end"]): GOLD_LABELS.get(e["type"], "") for e in row["entities"]} for row in rows]
    return zip(pages, annotator(pages), golds, strict=True)


def fit(examples: Sequence[Example]) -> Weights:
    """The weights of each sign, from examples: a name's signs, and how many of its places are of each of `KINDS`."""
    seen = Counter(sign for signs, _ in examples for sign in signs)
    index = {sign: i for i, sign in enumerate(sorted(sign for sign, n in seen.items() if n >= MIN_NAMES))}
    x = np.zeros((len(examples), len(index)))
    for row, (signs, _) in enumerate(examples):
        for sign, value in signs.items():
            if sign in index:
                x[row, index[sign]] = value
    places = np.array([counts for _, counts in examples], dtype=float)
    n = places.sum(axis=1, keepdims=True)
    share = np.minimum(n, MAX_PLACES) ** PLACE_POWER
    fitted = _regress(x, places / n, (share / share.sum())[:, 0])
    fitted[index["always"], NONE] += NONE_BIAS
    if FULL_NAME in index:
        fitted[index[FULL_NAME], KINDS.index("person")] += FULL_NAME_BIAS
    rounded = fitted.round(1)
    return {
        sign: tuple((k, float(w)) for k, w in enumerate(rounded[i]) if w)
        for sign, i in index.items()
        if rounded[i].any()
    }


def as_lines(table: Weights) -> Iterator[str]:
    """The weights as lines of CSV."""
    yield ";".join(["sign", *KINDS])
    for sign, row in table.items():
        by_kind = dict(row)
        yield ";".join([sign, *(f"{by_kind[k]:g}" if k in by_kind else "" for k in range(len(KINDS)))])


def _regress(
    x: npt.NDArray[np.float64], target: npt.NDArray[np.float64], share: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Multinomial logistic regression: for each sign (column of ``x``) the weight of each kind (column of ``target``).

    scikit-learn knows whole classes only: an example that is partly of one kind is an example of each, weighted by its part.
    """
    from sklearn.linear_model import LogisticRegression

    n_kinds = target.shape[1]
    rows, kinds = np.repeat(np.arange(len(x)), n_kinds), np.tile(np.arange(n_kinds), len(x))
    parts = (target * share[:, None]).ravel()
    kept = (parts > 0) | (rows == 0)  # the first example, so that no kind is unknown
    model = LogisticRegression(C=1 / RIDGE, fit_intercept=False, max_iter=MAX_STEPS, tol=TOLERANCE)
    model.fit(x[rows[kept]], kinds[kept], sample_weight=parts[kept])
    fitted: npt.NDArray[np.float64] = model.coef_.T
    return fitted


def _examples(articles: Sequence[Annotated]) -> Iterator[Example]:
    """Each name weighed in the articles, but for groups and others where the gold file has no such classes."""
    has_groups = any(KIND_OF.get(label) in ("group", "other") for _, _, gold in articles for label in gold.values())
    for page, annotation, gold in articles:
        bare = {_bare(page.text, *span): KIND_OF[label] for span, label in gold.items() if label}
        tokens = Tokens(annotation)
        _, weighed = choose_names(annotation, tokens, find_acronyms(tokens), weights())
        for name, signs in weighed:
            spans = [page_span(page, annotation, place.start, place.end) for place in name.places]
            kinds = Counter(bare.get(_bare(page.text, *span), KINDS[NONE]) for span in spans)
            looks_group = not signs.keys().isdisjoint({"most group", "most other", "known group"})
            if has_groups or not (looks_group and kinds[KINDS[NONE]]):
                yield signs, [kinds[kind] for kind in KINDS]


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without article word, possessive and punctuation."""
    if article := AROUND[0].match(text, start, end):
        start = article.end()
    if mark := AROUND[1].search(text[start:end]):
        end = start + mark.start()
    return start, end


if __name__ == "__main__":
    main()
