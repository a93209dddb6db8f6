"""How right the quotes are on annotated articles, for a terminal: what `ontherecord evaluate` prints."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from etl.errors import OnTheRecordError
from etl.extract.article import extract
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.sources.record import Record
from etl.training.evaluate import (
    ERRORS,
    Figures,
    by_kind,
    by_via,
    confidences,
    errors,
    evaluate,
    read_gold,
    reliability,
    scores,
)
from warehouse.text import printable


def evaluation(path: Path, kinds: frozenset[str] | None, n_errors: int, model: str) -> Group:
    """The figures on the annotated articles of a file, with up to ``n_errors`` errors of each sort.

    Raises:
        OnTheRecordError: when the file is not as `etl.training.evaluate` describes it; the message names the line.
    """
    try:
        golds = read_gold(path)
    except (OSError, ValueError) as error:
        raise OnTheRecordError(str(error)) from None
    annotator = Annotator(model)
    # One article at a time: the model's documents are large.
    pages = (parse(Record(0, gold.text), Hints(gold.doc_id)) for gold in golds)
    found = (next(extract([page], annotator)).quotes for page in pages)
    figures = evaluate(golds, found, kinds)
    return Group(*_tables(figures), *_listed(figures, n_errors))


def _tables(figures: Figures) -> Iterable[Table | Text]:
    s = scores(figures)
    yield _table(
        "per cent of quotes",
        ("annotated", "found", "precision", "recall", "span F1", "span and speaker F1", "speaker right", "of pronouns"),
        [(s.n_gold, s.n_found, s.precision, s.recall, s.span_f1, s.both_f1, s.speaker, s.pronoun)],
    )
    yield _table(
        "by annotated kind",
        ("kind", "annotated", "found", "speaker right"),
        [(k, *v) for k, v in by_kind(figures).items()],
    )
    yield _table(
        "by the way to the speaker",
        ("via", "spans right", "speaker right"),
        [(k, *v) for k, v in by_via(figures).items()],
    )
    sure = reliability(confidences(figures))
    yield _table(
        "reliability",
        ("confidence from", "quotes", "mean confidence", "share right"),
        [(f"{low:.2f}", n, f"{mean:.3f}", f"{right:.3f}") for low, n, mean, right in sure.bins],
    )
    yield Text(
        f"confidence 0.9 or more: {sure.share_sure:.1%} of quotes, {sure.right_of_sure:.1%} of them right; "
        f"Brier score {sure.brier:.4f}, of the base rate {sure.base_brier:.4f}"
    )


def _table(title: str, names: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, justify="left" if name in ("kind", "via") else "right")
    for row in rows:
        table.add_row(*map(str, row))
    return table


def _listed(figures: Figures, n_errors: int) -> Iterable[Text]:
    for sort in ERRORS if n_errors else ():
        yield from (Text(printable(line)) for line in islice(errors(figures, sort), n_errors))
