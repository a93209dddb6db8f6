"""One article as a person reads it: its passages, with quotations, speakers and cues marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from etl.errors import OnTheRecordError
from warehouse.reader import connect
from warehouse.text import printable

#: How each kind of passage is set; others as they are.
PASSAGE_STYLES = {
    "headline": "bold",
    "subtitle": "italic",
    "sub-heading": "bold",
    "caption": "italic",
    "boilerplate": "dim",
    "trailer": "dim",
}
QUOTE_STYLES = {"direct": "green", "partial": "green", "indirect": "cyan"}
SPEAKER_STYLE = "underline"

Row = dict[str, object]


class NoSuchArticleError(OnTheRecordError):
    """No article, or more than one, goes by the id given."""


@dataclass(frozen=True, slots=True)
class Found:
    """One published article: its row, and its passages and quotes in order."""

    article: Row
    passages: list[Row]
    quotes: list[Row]


def find(root: Path, article_id: str) -> Found:
    """The published article whose id is, or begins with, ``article_id``.

    Raises:
        NoSuchArticleError: when there is none, or more than one.
    """
    with connect(root) as db:
        found = _rows(db, "SELECT * FROM article WHERE starts_with(article_id, ?) LIMIT 2", article_id)
        if len(found) != 1:
            what = "more than one article begins with" if found else "no article has the id"
            raise NoSuchArticleError(
                f'{what} {article_id!r}; ids are in: ontherecord sql "select article_id, title from article"'
            )
        (article,) = found
        whole = article["article_id"]
        passages = _rows(db, "SELECT * FROM passage WHERE article_id = ? ORDER BY passage_no", whole)
        quotes = _rows(db, "SELECT * FROM quote WHERE article_id = ? ORDER BY span_start, quote_id", whole)
    return Found(article, passages, quotes)


def render(found: Found, reasons: Mapping[str, Sequence[str]] | None = None) -> Group:
    """An article for a terminal; below each quote the reasons given for it, by ``quote_id``."""
    text = str(found.article["text"])
    parts = (part for passage in found.passages for part in _passage(text, passage, found.quotes, reasons or {}))
    return Group(_head(found.article), *parts)


def _rows(db: duckdb.DuckDBPyConnection, query: str, value: object) -> list[Row]:
    rows: list[Row] = db.execute(query, [value]).to_arrow_table().to_pylist()
    return rows


def _head(article: Row) -> Text:
    facts = [
        article["published_on"] or "undated",
        article["dateline_place"],
        article["publisher"],
        article["source_uri"],
    ]
    return Text(
        printable(" · ".join(str(fact) for fact in facts if fact)) + f"\narticle {article['article_id']}\n", style="dim"
    )


def _passage(
    text: str, passage: Row, quotes: list[Row], reasons: Mapping[str, Sequence[str]]
) -> Iterator[Text | Padding]:
    """A passage with its marks, and below it whose words they are."""
    start, end = _span(passage, "span")
    numbered = [(n, quote) for n, quote in enumerate(quotes, 1) if start <= _span(quote, "span")[0] < end]
    marks = [(*_span(quote, "span"), QUOTE_STYLES[str(quote["kind"])]) for _, quote in numbered]
    marks += [(*_span(quote, "speaker"), SPEAKER_STYLE) for _, quote in numbered if quote["speaker_start"] is not None]
    shown = Text(style=PASSAGE_STYLES.get(str(passage["kind"]), ""))
    cuts = sorted({start, end, *(at for begin, stop, _ in marks for at in (begin, stop) if start < at < end)})
    ends = {min(_span(quote, "span")[1], end): n for n, quote in numbered}
    for begin, stop in pairwise(cuts):
        style = " ".join(style for first, last, style in marks if first <= begin and stop <= last)
        shown.append(printable(text[begin:stop]), style=style)
        if stop in ends:
            shown.append(f"[{ends[stop]}]", style="bold yellow")
    yield shown
    for number, quote in numbered:
        yield Padding(_attribution(number, quote), (0, 0, 0, 4))
        for reason in reasons.get(str(quote["quote_id"]), ()):
            yield Padding(Text(printable(reason), style="dim"), (0, 0, 0, 8))
    yield Text()


def _attribution(number: int, quote: Row) -> Text:
    who = quote["speaker_name"] or quote["speaker"] or "nobody named"
    how = [quote["kind"], quote["speaker_type"], quote["speaker_via"], quote["cue"]]
    line = Text(f"[{number}] ", style="bold yellow")
    line.append(printable(str(who)), style="bold")
    line.append(
        f"  {printable(', '.join(str(part) for part in how if part))}, confidence {quote['confidence']:.2f}",
        style="dim",
    )
    return line


def _span(row: Row, name: str) -> tuple[int, int]:
    return int(str(row[f"{name}_start"])), int(str(row[f"{name}_end"]))
