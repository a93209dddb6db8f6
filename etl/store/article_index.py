"""The full-text index of whole articles, in the same SQLite file as the index of utterances (`etl.store.search_index`).

It is a contentless FTS5 table, which stores no text: 0.8 times the size of the texts instead of 2.1. To delete a row, FTS5 needs
its words again; they are read from the row's old Parquet file. A search reads the texts it found from the warehouse.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.compute import is_in

#: Words are compared by their stems, ignoring case and diacritics.
TOKENIZER = "porter unicode61 remove_diacritics 2"
#: The columns that are indexed, and the columns of ``article_row``, which are stored for filtering and display.
SEARCHED = ("title", "text")
STORED = ("article_id", "title", "published_on", "outlet", "url", "source_uri", "record_key", "body_sha256", "n_words")
#: Rows read from Parquet at a time.
FETCH = 2_000

DDL = f"""
CREATE VIRTUAL TABLE article USING fts5({", ".join(SEARCHED)}, content = '', tokenize = '{TOKENIZER}');
CREATE TABLE article_row (row INTEGER PRIMARY KEY, {", ".join(STORED)});
CREATE INDEX row_of_article ON article_row (article_id);
"""
DELETE = "INSERT INTO article (article, rowid, title, text) VALUES ('delete', ?, ?, ?)"
ADD = "INSERT INTO article (rowid, title, text) VALUES (?, ?, ?)"
ADD_ROW = f"INSERT INTO article_row VALUES ({', '.join('?' * (len(STORED) + 1))})"


def update(db: sqlite3.Connection, dropped: Iterable[Path], added: Iterable[Path], moved: Set[str] | None) -> None:
    """Delete the articles ``moved`` (None: all) of the ``dropped`` Parquet files, and index those of the ``added`` ones."""
    for article_id, *words in rows_of(dropped, ("article_id", *SEARCHED), moved):
        for row in db.execute("SELECT row FROM article_row WHERE article_id = ?", (article_id,)).fetchall():
            db.execute(DELETE, (*row, *words))
            db.execute("DELETE FROM article_row WHERE row = ?", row)
    (last,) = db.execute("SELECT coalesce(max(row), 0) FROM article_row").fetchone()
    for row, values in enumerate(rows_of(added, (*SEARCHED, *STORED), moved), last + 1):
        db.execute(ADD, (row, *values[: len(SEARCHED)]))
        db.execute(ADD_ROW, (row, *values[len(SEARCHED) :]))


def rows_of(paths: Iterable[Path], names: Sequence[str], moved: Set[str] | None) -> Iterator[tuple[Any, ...]]:
    """The rows of Parquet files, in order, for the articles ``moved`` (None: all). Dates are in ISO 8601."""
    wanted = None if moved is None else pa.array(sorted(moved), pa.string())
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(FETCH, columns=sorted({*names, "article_id"})):
                some = batch if wanted is None else batch.filter(is_in(batch.column("article_id"), wanted))
                columns = [some.column(name).to_pylist() for name in names]
                for values in zip(*columns, strict=True):
                    yield tuple(value.isoformat() if isinstance(value, date) else value for value in values)
