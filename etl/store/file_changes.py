"""What a run changes: for each file, whether its rows are replaced, kept or deleted, and the keys of those rows."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from etl.schema import OUR_FAULT, SHARD_TABLES, TABLES, quoted
from etl.store.duck import old_rows, parquet
from etl.store.manifest import Snapshot
from etl.store.paths import Layout

#: Empty lists of files in shards and of removed files, in the form that `find_file_changes` reads.
NOTHING_REUSED = "SELECT ''::VARCHAR AS source_uri, ''::VARCHAR AS shard WHERE false"
NOTHING_REMOVED = "SELECT ''::VARCHAR AS source_uri, false AS is_forgotten WHERE false"

#: The shard with the new rows of each file: from this run, or finished by a killed run.
FRESH_FILE = """
CREATE TABLE fresh_file AS
SELECT source_uri, shard FROM reused
UNION ALL SELECT source_uri, shard FROM shard_file WHERE list_contains($extracted::VARCHAR[], shard)
"""

#: Files of which an article would be lost by a fault of the program or the machine, not of the file.
SPOILED_FILE = """
CREATE TABLE spoiled_file AS
SELECT DISTINCT old_article.source_uri
FROM old_article
JOIN (
    SELECT DISTINCT source_uri, shard FROM shard_rejection SEMI JOIN fresh_file USING (source_uri, shard)
    WHERE list_contains($our_fault, reason)
) AS faulty USING (source_uri)
ANTI JOIN shard_article ON shard_article.article_id = old_article.article_id AND shard_article.shard = faulty.shard
"""

#: How to treat each file of this run. A file that cannot be read at present, or on which the program fails, keeps its rows and is
#: marked stale. A file with the same bytes, parser and records keeps its texts; only findings are replaced.
FILE_CHANGE = """
CREATE TABLE file_change AS
SELECT fresh.source_uri, fresh.shard, fresh.n_articles,
    old.status = 'loaded' AND spoiled.source_uri IS NOT NULL AS is_spoiled,
    coalesce(is_spoiled OR old.status = 'loaded' AND fresh.status = 'rejected' AND transient.source_uri IS NOT NULL, false)
        AS is_kept,
    coalesce(
        old.status = 'loaded' AND NOT old.is_stale AND fresh.content_sha256 = old.content_sha256 AND fresh.parser = old.parser
            AND fresh.n_articles = old.n_articles AND fresh.n_rejected = old.n_rejected,
        false
    ) AS is_same_text
FROM fresh_file
JOIN shard_file AS fresh USING (source_uri, shard)
LEFT JOIN old_file AS old USING (source_uri)
LEFT JOIN spoiled_file AS spoiled USING (source_uri)
LEFT JOIN (SELECT DISTINCT source_uri, shard FROM shard_rejection WHERE is_transient) AS transient USING (source_uri, shard)
"""

#: The articles of each file after this run, for `etl.store.losses`.
AFTERWARDS = """
CREATE VIEW afterwards AS
SELECT source_uri, 0 AS n_articles, true AS is_gone FROM removed
UNION ALL SELECT source_uri, n_articles, false FROM file_change WHERE NOT is_kept
"""

#: The keys whose rows are deleted and inserted: of texts, of findings, and of files.
KEYS = """
CREATE TABLE deleted_text AS SELECT article_id FROM old_article WHERE source_uri IN (
    SELECT source_uri FROM removed UNION ALL SELECT source_uri FROM file_change WHERE NOT is_kept AND NOT is_same_text
);
CREATE TABLE deleted_finding AS SELECT article_id FROM old_article WHERE source_uri IN (
    SELECT source_uri FROM removed UNION ALL SELECT source_uri FROM file_change WHERE NOT is_kept
);
CREATE TABLE deleted_file AS SELECT source_uri FROM removed UNION ALL SELECT source_uri FROM file_change;
CREATE TABLE inserted_finding AS
    SELECT article_id, shard, published_on, is_same_text
    FROM shard_article JOIN file_change USING (source_uri, shard) WHERE NOT is_kept;
CREATE TABLE inserted_text AS SELECT article_id, shard, published_on FROM inserted_finding WHERE NOT is_same_text;
CREATE TABLE inserted_file AS
    SELECT source_uri, shard FROM file_change UNION ALL SELECT source_uri, NULL FROM removed WHERE NOT is_forgotten;
"""

#: The new rows of the file table, in this order: files as read; files on which the program fails, marked stale, with their new
#: state, so that they are not retried before something changes; unreadable files, marked stale, with their old state; removed
#: files. Forgotten files have no row.
FILE_ROWS = """
SELECT shard_file.* FROM shard_file JOIN file_change USING (source_uri, shard) WHERE NOT is_kept
UNION ALL BY NAME
SELECT shard_file.* REPLACE ('loaded' AS status, true AS is_stale, old_file.n_articles AS n_articles)
FROM shard_file JOIN file_change USING (source_uri, shard) JOIN old_file USING (source_uri) WHERE is_spoiled
UNION ALL BY NAME
SELECT * REPLACE (true AS is_stale)
FROM old_file WHERE source_uri IN (SELECT source_uri FROM file_change WHERE is_kept AND is_spoiled IS NOT true)
UNION ALL BY NAME
SELECT * REPLACE ('removed' AS status, false AS is_stale, 0 AS n_articles, 0 AS n_rejected)
FROM old_file WHERE source_uri IN (SELECT source_uri FROM removed WHERE NOT is_forgotten)
"""


def find_file_changes(db: duckdb.DuckDBPyConnection, layout: Layout, old: Snapshot, extracted: Sequence[str]) -> None:
    """Create the tables of changes, from the ``old`` snapshot, the shards ``extracted`` and those that the plan reuses.

    Also creates the views ``old_TABLE``, ``shard_TABLE`` (with each row's shard) and ``afterwards``.
    """
    for name in ("reused", "removed"):
        db.execute(f"CREATE TABLE {name} AS FROM read_parquet({quoted(f'{layout.work}/{name}.parquet')})")
    reused = db.execute("SELECT DISTINCT shard FROM reused").fetchall()
    shards = sorted({*extracted, *(shard for (shard,) in reused)})
    for name in SHARD_TABLES:
        table = TABLES[name]
        done = parquet(table, (layout.shards / shard / f"{name}.parquet" for shard in shards), with_filename=True)
        db.execute(f"CREATE VIEW shard_{name} AS SELECT *, parse_path(filename)[-2] AS shard FROM {done}")
        db.execute(f"CREATE VIEW old_{name} AS FROM {old_rows(old, table)}")
    db.execute(FRESH_FILE, {"extracted": list(extracted)})
    db.execute(SPOILED_FILE, {"our_fault": list(OUR_FAULT)})
    db.execute(FILE_CHANGE)
    if old.manifest.is_older:  # its texts are in tables of another version
        db.execute("UPDATE file_change SET is_same_text = false")
    db.execute(KEYS)
    db.execute(AFTERWARDS)


def leave_lists(
    db: duckdb.DuckDBPyConnection, work: Path, reused: str = NOTHING_REUSED, removed: str = NOTHING_REMOVED
) -> None:
    """Write the lists of files in shards (source_uri, shard) and of removed files (source_uri, is_forgotten)."""
    for name, query in (("reused", reused), ("removed", removed)):
        db.execute(f"COPY ({query}) TO {quoted(f'{work}/{name}.parquet')} (FORMAT parquet)")
