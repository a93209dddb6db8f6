"""One published article, cut into pieces by its marks, for the terminal and the browser to show."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb

from etl.errors import OnTheRecordError
from warehouse.reader import connect

Row = dict[str, object]


class NoSuchArticleError(OnTheRecordError):
    """No article, or more than one, has the id given."""


@dataclass(frozen=True, slots=True)
class Found:
    """One published article: its row, its passages, quotes and names in order, and the quote that was asked for, if one was.

    A quote's ``who`` is its speaker's name across articles, as the table ``utterance`` has it. ``corrections`` are those applied.
    """

    article: Row
    passages: list[Row]
    quotes: list[Row]
    mentions: list[Row]
    quote_id: str | None = None
    corrections: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with one set of marks.

    ``quotes`` are the numbers, from 1, of the quotes that it is in; ``ends`` are those of quotes that end with it or continue in
    the next passage.
    """

    text: str
    quotes: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    is_speaker: bool = False
    is_name: bool = False


#: The most ids listed that begin with what was given.
IDS_SHOWN = 10
ARTICLE = f"""
SELECT article_id, max(quote_id) AS quote_id
FROM (
    SELECT article_id, NULL AS quote_id FROM article WHERE starts_with(article_id, $id)
    UNION ALL SELECT article_id, quote_id FROM quote WHERE starts_with(quote_id, $id)
)
GROUP BY article_id ORDER BY article_id LIMIT {IDS_SHOWN + 1}
"""
QUOTES = """
SELECT quote.*, utterance.speaker AS who
FROM quote JOIN utterance USING (article_id, utterance_no)
WHERE article_id = $id ORDER BY quote.span_start, quote.span_end DESC, quote_id
"""
CORRECTIONS = "SELECT * FROM correction WHERE article_id = $id AND status = 'applied' ORDER BY file, line"


def find(root: Path, identifier: str) -> Found:
    """The published article whose id, or the id of one of whose quotes, is or begins with ``identifier``.

    Raises:
        NoSuchArticleError: when there is none, or more than one.
    """
    with connect(root) as db:
        try:
            return find_in(db, identifier)
        except NoSuchArticleError as error:
            hint = f'ontherecord sql --warehouse {shlex.quote(str(root))} "select article_id, title from article"'
            raise NoSuchArticleError(f"{error}; all ids are in: {hint}") from None


def find_in(db: duckdb.DuckDBPyConnection, identifier: str) -> Found:
    """`find`, in a connection that is open."""
    found = _rows(db, ARTICLE, identifier)
    if not found:
        raise NoSuchArticleError(f"no article or quote has the id {identifier!r}")
    if len(found) > 1:
        ids = [str(row["quote_id"] or row["article_id"]) for row in found[:IDS_SHOWN]] + ["…"] * (
            len(found) > IDS_SHOWN
        )
        raise NoSuchArticleError(f"more than one article or quote begins with {identifier!r}: {', '.join(ids)}")
    whole, quote_id = str(found[0]["article_id"]), found[0]["quote_id"]
    (article,) = _rows(db, "SELECT * FROM article WHERE article_id = $id", whole)
    passages = _rows(db, "SELECT * FROM passage WHERE article_id = $id ORDER BY passage_no", whole)
    mentions = _rows(db, "SELECT * FROM mention WHERE article_id = $id ORDER BY span_start, mention_id", whole)
    asked = None if quote_id is None else str(quote_id)
    return Found(article, passages, _rows(db, QUOTES, whole), mentions, asked, _rows(db, CORRECTIONS, whole))


def asked_for(found: Found) -> list[Row]:
    """The passages to show: all, or those around the quote that was asked for."""
    number = next((q["passage_no"] for q in found.quotes if q["quote_id"] == found.quote_id), None)
    return [p for p in found.passages if number is None or abs(int(str(p["passage_no"])) - int(str(number))) <= 1]


def quotes_of(found: Found, passage: Row) -> list[tuple[int, Row]]:
    """The quotes that begin in a passage, with their numbers in the article, from 1."""
    start, end = span(passage)
    return [(n, quote) for n, quote in enumerate(found.quotes, 1) if start <= span(quote)[0] < end]


def pieces(found: Found, passage: Row) -> Iterator[Piece]:
    """A passage's text, cut wherever a mark begins or ends, in order."""
    start, end = span(passage)
    # A quotation may begin in an earlier passage.
    numbered = [
        (n, quote) for n, quote in enumerate(found.quotes, 1) if span(quote)[0] < end and start < span(quote)[1]
    ]
    quotes = [(n, *span(quote)) for n, quote in numbered]
    speakers = [span(quote, "speaker") for _, quote in numbered if quote["speaker_start"] is not None]
    names = [span(mention) for mention in found.mentions if mention["via"] == "named"]
    marks = [*((a, b) for _, a, b in quotes), *speakers, *names]
    cuts = sorted({start, end, *(at for mark in marks for at in mark if start < at < end)})
    text = str(found.article["text"])
    for begin, stop in pairwise(cuts):
        here = (begin, stop)
        yield Piece(
            text[begin:stop],
            tuple(n for n, a, b in quotes if a <= begin and stop <= b),
            tuple(n for n, a, b in quotes if min(b, end) == stop),
            _within(here, speakers),
            _within(here, names),
        )


def span(row: Mapping[str, object], name: str = "span") -> tuple[int, int]:
    """A row's code points [start, end)."""
    return int(str(row[f"{name}_start"])), int(str(row[f"{name}_end"]))


def _within(piece: tuple[int, int], marks: Sequence[tuple[int, int]]) -> bool:
    return any(a <= piece[0] and piece[1] <= b for a, b in marks)


def _rows(db: duckdb.DuckDBPyConnection, query: str, identifier: str) -> list[Row]:
    rows: list[Row] = db.execute(query, {"id": identifier}).to_arrow_table().to_pylist()
    return rows
