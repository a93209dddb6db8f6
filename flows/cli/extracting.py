"""Run the stages on single articles, without a warehouse."""

import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from etl.choices import DEFAULT_MODEL
from etl.errors import OnTheRecordError
from flows.cli.options import Model, path_of
from flows.cli.printing import Rows, print_rows, say

if TYPE_CHECKING:
    from etl.training.evaluate import Figures


def extract(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of news text.", parser=path_of)] = None,
    jsonl: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file of JSON lines, each with doc_id and text."),
    ] = None,
    model: Model = DEFAULT_MODEL,
    year: Annotated[int | None, typer.Option(min=1400, max=2999, help="The year of dates without one.")] = None,
) -> None:
    """Extract quotes and names from files and print them as JSON lines, without a warehouse.

    For a file or record that cannot be used, a line has the reason, and the exit code is 1.
    """
    from etl.extract.documents import from_files, from_jsonl

    documents = [from_files(files or [], model, year)]
    if jsonl:
        documents.append(from_jsonl(jsonl, model, year))
    if not files and not jsonl:
        raise typer.BadParameter("name some files, or a file of JSON lines with --jsonl")
    n_rejected = 0
    for some in documents:
        for document in some:
            n_rejected += "rejected" in document
            sys.stdout.write(json.dumps(document, default=str, ensure_ascii=False) + "\n")
    if n_rejected:
        raise OnTheRecordError(f'{n_rejected:,} could not be used; the lines with "rejected" say which and why')


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="Annotated articles, as JSON lines.", show_default=False),
    ],
    kinds: Annotated[str, typer.Option(help="Only quotes of these kinds, as in: direct,partial")] = "",
    errors: Annotated[int, typer.Option(min=0, help="List up to this many errors of each type.")] = 0,
    model: Model = DEFAULT_MODEL,
) -> None:
    """Measure the quality of quotes and speakers on articles that you have annotated, without a warehouse."""
    from etl.training.evaluate import ERRORS, measure, scores
    from etl.training.evaluate import errors as errors_of

    only = frozenset(kind.strip() for kind in kinds.split(",") if kind.strip())
    figures = measure(gold, only or None, model)
    if not scores(figures).n_gold:
        raise OnTheRecordError(
            f"{gold} has no quotes{f' of the kinds {kinds}' if only else ''}, so nothing is measured"
        )
    _print_figures(figures)
    for sort in ERRORS if errors else ():
        for line in islice(errors_of(figures, sort), errors):
            say(line)


def _print_figures(figures: "Figures") -> None:
    from etl.training.evaluate import by_kind, by_via, confidences, reliability, scores

    s = scores(figures)
    print_rows(
        Rows(
            (
                "annotated",
                "found",
                "precision",
                "recall",
                "span F1",
                "both F1",
                "speaker",
                "pronoun",
            ),
            [(s.n_gold, s.n_found, s.precision, s.recall, s.span_f1, s.both_f1, s.speaker, s.pronoun)],
        ),
        title="per cent of quotes (both: span and speaker; pronoun: speakers printed as such)",
    )
    kinds = [(kind, *row) for kind, row in by_kind(figures).items()]
    print_rows(Rows(("kind", "annotated", "found", "speaker right"), kinds), title="\nby annotated kind")
    ways = [(via, *row) for via, row in by_via(figures).items()]
    print_rows(Rows(("via", "spans right", "speaker right"), ways), title="\nby the way the speaker was found")
    sure = reliability(confidences(figures))
    bins = [(low, n, round(mean, 3), round(right, 3)) for low, n, mean, right in sure.bins]
    print_rows(Rows(("confidence from", "quotes", "mean confidence", "share right"), bins), title="\nreliability")
    say(
        f"\nconfidence 0.9 or more: {sure.share_sure:.1%} of quotes, {sure.right_of_sure:.1%} of them right; "
        f"Brier score {sure.brier:.4f}, of the base rate {sure.base_brier:.4f}"
    )
