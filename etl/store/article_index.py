"""The full-text index of whole articles, in the same SQLite file as that of utterances (`etl.store.search_index`).

It holds no text: FTS5 needs the words of a row again to delete it, which are in the Parquet file that the row came from, and
whoever searches reads the few texts that are found from the warehouse. So it is 0.8 times as large as the texts, instead of 2.1.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

import pyarrow.parquet as pq

#: Words are compared by their stems, ignoring case and diacritics.
TOKENIZER = "porter unicode61 remove_diacritics 2"
#: Columns whose words are searched, and those of `article_row`, which are stored for filtering and display.
SEARCHED = ("title", "text")
STORED = ("article_id", "title", "published_on", "outlet", "url", "source_uri", "record_key", "body_sha256", "n_words")
#: Rows read from Parquet at a time.
FETCH = 2_000

DDL = f"""
CREATE VIRTUAL TABLE article USING fts5({", ".join(SEARCHED)}, content = '', tokenize = '{TOKENIZER}');
CREATE TABLE article_row (row INTEGER PRIMARY KEY, {", ".join(STORED)});
CREATE TABLE article_part (path TEXT PRIMARY KEY, first_row INTEGER, last_row INTEGER);
"""
FORGET = "INSERT INTO article (article, rowid, title, text) VALUES ('delete', ?, ?, ?)"
ADD = "INSERT INTO article (rowid, title, text) VALUES (?, ?, ?)"
ADD_ROW = f"INSERT INTO article_row VALUES ({', '.join('?' * (len(STORED) + 1))})"


def bring_up_to_date(db: sqlite3.Connection, staging: Path, old: Path, paths: Set[str]) -> None:
    """Index the articles of the Parquet files ``paths`` in ``staging``, and forget those of other files, which are in ``old``."""
    known = {path: (first, last) for path, first, last in db.execute("SELECT * FROM article_part")}
    for path in sorted(known.keys() - paths):
        for row, values in enumerate(_rows(old / path, SEARCHED), known[path][0]):
            db.execute(FORGET, (row, *values))
        db.execute("DELETE FROM article_row WHERE row BETWEEN ? AND ?", known[path])
        db.execute("DELETE FROM article_part WHERE path = ?", (path,))
    (last,) = db.execute("SELECT coalesce(max(last_row), 0) FROM article_part").fetchone()
    for path in sorted(paths - known.keys()):
        first = last + 1
        for last, values in enumerate(_rows(staging / path, (*SEARCHED, *STORED)), first):
            db.execute(ADD, (last, *values[: len(SEARCHED)]))
            db.execute(ADD_ROW, (last, *values[len(SEARCHED) :]))
        db.execute("INSERT INTO article_part VALUES (?, ?, ?)", (path, first, last))


def _rows(path: Path, names: Iterable[str]) -> Iterator[tuple[object, ...]]:
    """The rows of a Parquet file in order: days in ISO 8601, and no words where nothing is printed."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(FETCH, columns=sorted(set(names))):
            columns = [batch.column(name).to_pylist() for name in names]
            for values in zip(*columns, strict=True):
                yield tuple(value.isoformat() if hasattr(value, "isoformat") else value for value in values)
