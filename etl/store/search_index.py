"""The full-text index of utterances and articles: an SQLite file with FTS5 tables, made from the Parquet files of these tables.

The rows of one Parquet file have consecutive rowids, so that those of a removed file are deleted by range. As with the DuckDB file,
the last snapshot's index is copied and updated if little changed, and built from scratch otherwise.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq

from etl.schema import ARTICLE, SEARCH, UTTERANCE
from etl.store import article_index
from etl.store.article_index import TOKENIZER
from etl.store.manifest import NOTHING, DataFile, Snapshot

#: Columns whose words are searched, and those that are stored for filtering and display.
SEARCHED = ("text", "speaker", "title")
CARRIED = (
    *(
        "utterance_id",
        "article_id",
        "utterance_no",
        "form",
        "about",
        "context_before",
        "context_after",
        "cue",
        "confidence",
    ),
    *("published_on", "outlet", "url", "source_uri", "is_reprint"),
)
COLUMNS = (*SEARCHED, *CARRIED)
#: Rows read from Parquet at a time.
FETCH = 20_000

DDL = f"""
CREATE VIRTUAL TABLE utterance USING fts5(
    {", ".join(SEARCHED)}, {", ".join(f"{name} UNINDEXED" for name in CARRIED)}, tokenize = '{TOKENIZER}'
);
CREATE TABLE part (path TEXT PRIMARY KEY, first_row INTEGER, last_row INTEGER);
"""


def index(staging: Path, files: Sequence[DataFile], old: Snapshot = NOTHING) -> None:
    """Make the index of a snapshot's utterances and articles, from that of the ``old`` snapshot if there is one."""
    target = staging / SEARCH
    target.unlink(missing_ok=True)
    is_anew = not (old.manifest.snapshot_id and (old.root / SEARCH).is_file())
    if not is_anew:
        shutil.copyfile(old.root / SEARCH, target)
    with closing(sqlite3.connect(target)) as db, db:
        # No journal is needed, because the file is new and is flushed before publication.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        if is_anew:
            db.executescript(DDL + article_index.DDL)
        utterances, articles = ({f.path for f in files if f.table == table.name} for table in (UTTERANCE, ARTICLE))
        _bring_up_to_date(db, staging, utterances)
        article_index.bring_up_to_date(db, staging, old.root, articles)
        if is_anew:
            db.execute("INSERT INTO utterance (utterance) VALUES ('optimize')")
            db.execute("INSERT INTO article (article) VALUES ('optimize')")


def _bring_up_to_date(db: sqlite3.Connection, staging: Path, paths: set[str]) -> None:
    known = {path: (first, last) for path, first, last in db.execute("SELECT * FROM part")}
    for path in sorted(known.keys() - paths):
        db.execute("DELETE FROM utterance WHERE rowid BETWEEN ? AND ?", known[path])
        db.execute("DELETE FROM part WHERE path = ?", (path,))
    (last,) = db.execute("SELECT coalesce(max(last_row), 0) FROM part").fetchone()
    names, marks = ", ".join(("rowid", *COLUMNS)), ", ".join("?" * (len(COLUMNS) + 1))
    for path in sorted(paths - known.keys()):
        first = last + 1
        for row in _rows(staging / path):
            last += 1
            db.execute(f"INSERT INTO utterance ({names}) VALUES ({marks})", (last, *row))
        db.execute("INSERT INTO part VALUES (?, ?, ?)", (path, first, last))


def _rows(path: Path) -> Iterator[Iterable[object]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(FETCH, columns=list(COLUMNS)):
            days = batch.schema.get_field_index("published_on")
            columns = [batch.column(name).to_pylist() for name in COLUMNS]
            columns[COLUMNS.index("published_on")] = [day and day.isoformat() for day in batch.column(days).to_pylist()]
            yield from zip(*columns, strict=True)
