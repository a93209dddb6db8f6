"""The full-text index of utterances and articles: an SQLite file with FTS5 tables, made from the Parquet files of these tables.

The rowid of an utterance is the first of its article plus its ``utterance_no``. As with the DuckDB file, the last snapshot's index
is copied and the articles that changed are replaced if they are few; otherwise, it is built from scratch.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType

from etl.durable import clone
from etl.schema import ARTICLE, SEARCH, UTTERANCE
from etl.store import article_index
from etl.store.article_index import TOKENIZER, rows_of
from etl.store.manifest import NOTHING, DataFile, Snapshot

#: Columns whose words are searched, and those that are stored for filtering and display.
SEARCHED = ("text", "speaker", "title")
CARRIED = (
    *("utterance_id", "article_id", "utterance_no", "form", "about", "context_before", "context_after", "cue"),
    *("confidence", "published_on", "outlet", "url", "source_uri", "is_reprint", "is_unsaid"),
)
COLUMNS = (*SEARCHED, *CARRIED)
NO_CHANGE: Mapping[str, Set[str]] = MappingProxyType({UTTERANCE.name: frozenset(), ARTICLE.name: frozenset()})
#: The version of these tables, in the file's ``user_version``.
LAYOUT = 2

DDL = f"""
CREATE VIRTUAL TABLE utterance USING fts5(
    {", ".join(SEARCHED)}, {", ".join(f"{name} UNINDEXED" for name in CARRIED)}, tokenize = '{TOKENIZER}'
);
CREATE TABLE spoken (article_id TEXT, first_row INTEGER, last_row INTEGER);
CREATE INDEX row_of_utterance ON spoken (article_id);
PRAGMA user_version = {LAYOUT};
"""


def index(
    staging: Path, files: Sequence[DataFile], old: Snapshot = NOTHING, moved: Mapping[str, Set[str]] = NO_CHANGE
) -> None:
    """Make the index of a snapshot's utterances and articles, from that of the ``old`` snapshot if it has one that is sound.

    ``moved`` are the ids of the articles with another row than in the old snapshot, by table.
    """
    has_old = bool(old.manifest.snapshot_id) and is_ours(old.root / SEARCH)
    try:
        _make(staging, files, old, moved if has_old else None)
    except sqlite3.DatabaseError:
        if not has_old:
            raise
        _make(staging, files, old, None)


def _make(staging: Path, files: Sequence[DataFile], old: Snapshot, moved: Mapping[str, Set[str]] | None) -> None:
    """Make the index from the old snapshot's, replacing the articles ``moved``; from scratch if that is None."""
    target, is_anew = staging / SEARCH, moved is None
    target.unlink(missing_ok=True)
    if not is_anew:
        clone(old.root / SEARCH, target)
    before = set() if is_anew else {file.path for file in old.manifest.files}
    after = {file.path for file in files}
    with closing(sqlite3.connect(target)) as db, db:
        # No journal is needed, because the file is new and is flushed before publication.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        if is_anew:
            db.executescript(DDL + article_index.DDL)
        for table, update in ((UTTERANCE, _update), (ARTICLE, article_index.update)):
            dropped = sorted(old.root / f.path for f in old.manifest.of(table.name) if f.path in before - after)
            added = sorted(staging / f.path for f in files if f.table == table.name and f.path not in before)
            update(db, dropped, added, None if moved is None else moved[table.name])
        if is_anew:
            db.execute("INSERT INTO utterance (utterance) VALUES ('optimize')")
            db.execute("INSERT INTO article (article) VALUES ('optimize')")


def is_ours(path: Path) -> bool:
    """Whether there is an index with the tables of this version, and not some other file."""
    if not path.is_file():
        return False
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        try:
            return bool(db.execute("PRAGMA user_version").fetchone() == (LAYOUT,))
        except sqlite3.DatabaseError:
            return False


def _update(db: sqlite3.Connection, dropped: Iterable[Path], added: Iterable[Path], moved: Set[str] | None) -> None:
    """Delete the utterances of the articles ``moved``, and index theirs (None: all) in the ``added`` Parquet files."""
    for article_id in sorted(moved or ()):
        for rows in db.execute("SELECT first_row, last_row FROM spoken WHERE article_id = ?", (article_id,)).fetchall():
            db.execute("DELETE FROM utterance WHERE rowid BETWEEN ? AND ?", rows)
        db.execute("DELETE FROM spoken WHERE article_id = ?", (article_id,))
    (last,) = db.execute("SELECT coalesce(max(last_row), 0) FROM spoken").fetchone()
    add = f"INSERT INTO utterance (rowid, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"
    of_article = itemgetter(COLUMNS.index("article_id"))
    for article_id, some in groupby(rows_of(added, COLUMNS, moved), of_article):
        first = last + 1
        for row in some:
            last = first + row[COLUMNS.index("utterance_no")]
            db.execute(add, (last, *row))
        db.execute("INSERT INTO spoken VALUES (?, ?, ?)", (article_id, first, last))
