"""Taking an article back: which rows are its, the shard without them, and the clearing of whatever else holds what it said."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from etl.durable import move
from etl.errors import OnTheRecordError
from etl.ids import hash_id
from etl.schema import SHARD_TABLES, TABLES, quoted
from etl.store.duck import engine, parquet
from etl.store.journal import Run, journal, record
from etl.store.manifest import Snapshot
from etl.store.paths import Layout
from etl.store.publish import discard
from etl.store.tombstones import DETAIL, REASON, Tombstone, fingerprints

#: A near copy shares so many sentences with the articles taken back; a sentence counts from so many letters.
NEAR_SENTENCES = 2
SENTENCE_LETTERS = 25


class NoArticleError(OnTheRecordError):
    """There is no such article to take back."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An article to take back: its id, name and title, the hashes it is known by, and how many quotes and mentions go with it."""

    article_id: str
    source_uri: str
    title: str | None
    hashes: tuple[str, ...]
    n_quotes: int
    n_mentions: int


@dataclass(frozen=True, slots=True)
class NearCopy:
    """An article that shares sentences with those taken back, without being one of them."""

    article_id: str
    source_uri: str
    title: str | None
    n_shared: int


#: The articles asked for, and those that say the same under other names.
ASKED = """
CREATE TABLE taken AS
SELECT article_id FROM article WHERE list_contains($ids, article_id) OR source_uri GLOB $pattern
"""
ALIKE = """
INSERT INTO taken SELECT article_id FROM article ANTI JOIN taken USING (article_id)
WHERE body_sha256 IN (SELECT body_sha256 FROM article SEMI JOIN taken USING (article_id))
"""
TAKEN = """
SELECT article_id, source_uri, title, text, body_sha256,
    (SELECT count(*) FROM quote WHERE quote.article_id = article.article_id),
    (SELECT count(*) FROM mention WHERE mention.article_id = article.article_id)
FROM article SEMI JOIN taken USING (article_id) ORDER BY source_uri, article_id
"""

#: Articles that share sentences with those taken, letters and digits compared only.
NEAR = f"""
WITH sentence AS (
    SELECT DISTINCT article_id, regexp_replace(lower(part), '[^\\p{{L}}\\p{{N}}]+', '', 'g') AS folded
    FROM (SELECT article_id, unnest(regexp_split_to_array(text, '[.!?\\n]+')) AS part FROM article)
    WHERE length(folded) >= {SENTENCE_LETTERS}
),
wanted AS (SELECT DISTINCT folded FROM sentence SEMI JOIN taken USING (article_id))
SELECT article_id, source_uri, title, count(*) AS n_shared
FROM sentence SEMI JOIN wanted USING (folded) ANTI JOIN taken USING (article_id) JOIN article USING (article_id)
GROUP BY ALL HAVING n_shared >= {NEAR_SENTENCES}
ORDER BY n_shared DESC, source_uri
"""

#: What is left of the files that articles are taken from. A transient rejection would have the file keep the rows it had.
LEFT = {
    **{
        name: f"SELECT * FROM old_{name} SEMI JOIN left_article USING (article_id)"
        for name in ("passage", "quote", "mention")
    },
    "article": "FROM left_article",
    "rejection": f"""
        SELECT * FROM old_rejection SEMI JOIN touched USING (source_uri) WHERE NOT is_transient
        UNION ALL BY NAME
        SELECT source_uri, record_no, {quoted(REASON)} AS reason, {quoted(DETAIL)} AS detail, false AS is_transient,
            $run_id AS run_id, $at AS rejected_at
        FROM old_article SEMI JOIN taken USING (article_id)
    """,
    "file": """
        SELECT old_file.* REPLACE (
            n_articles - n_taken AS n_articles,
            (SELECT count(*) FROM rejection WHERE rejection.source_uri = old_file.source_uri) AS n_rejected,
            CASE WHEN n_articles = n_taken THEN 'rejected' ELSE status END AS status,
            false AS is_stale,
            $run_id AS run_id
        )
        FROM old_file JOIN touched USING (source_uri)
    """,
}


def find(
    snapshot: Snapshot, ids: Sequence[str], pattern: str, spill: Path, memory_limit: str
) -> tuple[list[Taken], list[NearCopy]]:
    """The articles with one of the ``ids`` or a source_uri like ``pattern`` (``*`` and ``?`` stand for any), reprints included.

    Also the near copies that are not among them.

    Raises:
        NoArticleError: when there is none.
    """
    with engine(spill, memory_limit) as db:
        for name in ("article", "quote", "mention"):
            db.execute(f"CREATE VIEW {name} AS FROM {parquet(TABLES[name], snapshot.paths().get(name, []))}")
        db.execute(ASKED, {"ids": list(ids), "pattern": pattern})
        db.execute(ALIKE)
        rows = db.execute(TAKEN).fetchall()
        if not rows:
            raise NoArticleError(
                f"no article published has {'an id like' if ids else 'a source_uri like'} {[*ids, pattern][0]!r}"
            )
        taken = [
            Taken(identifier, uri, title, fingerprints(text, body), *counts)
            for identifier, uri, title, text, body, *counts in rows
        ]
        return taken, [NearCopy(*row) for row in db.execute(NEAR).fetchall()]


def leave_shard(layout: Layout, old: Snapshot, stones: Sequence[Tombstone], run: Run, memory_limit: str) -> None:
    """Leave a finished shard with the files that articles are taken from, without them, for assembling to take up."""
    key = hash_id("redact", run.run_id)
    folder = layout.shards / key
    folder.mkdir(parents=True)
    paths = old.paths()
    with engine(layout.spill, memory_limit) as db:
        for name in SHARD_TABLES:
            db.execute(f"CREATE VIEW old_{name} AS FROM {parquet(TABLES[name], paths.get(name, []))}")
        db.execute("CREATE TABLE taken AS SELECT unnest($ids) AS article_id", {"ids": [s.article_id for s in stones]})
        db.execute(
            "CREATE TABLE touched AS SELECT source_uri, count(*)::INTEGER AS n_taken "
            "FROM old_article SEMI JOIN taken USING (article_id) GROUP BY ALL"
        )
        db.execute(
            "CREATE VIEW left_article AS FROM old_article SEMI JOIN touched USING (source_uri) ANTI JOIN taken USING (article_id)"
        )
        for name, query in LEFT.items():
            _leave(db, name, query, folder, run.run_id, run.started_at)
        for name, query in (
            ("reused", f"SELECT source_uri, {quoted(key)} AS shard FROM touched"),
            ("removed", "SELECT source_uri FROM touched WHERE false"),
        ):
            db.execute(f"COPY ({query}) TO {quoted(f'{layout.work}/{name}.parquet')} (FORMAT parquet)")


def _leave(db: duckdb.DuckDBPyConnection, name: str, query: str, folder: Path, run_id: str, at: datetime) -> None:
    asked = {key: value for key, value in (("run_id", run_id), ("at", at)) if f"${key}" in query}
    db.execute(f"CREATE TABLE {name} AS {query}", asked)
    columns = ", ".join(TABLES[name].names)
    db.execute(f"COPY (SELECT {columns} FROM {name}) TO {quoted(f'{folder}/{name}.parquet')} (FORMAT parquet)")


def forget(layout: Layout) -> None:
    """Delete what may still hold what was taken back: the other snapshots, failed ones, and what errors quote in the journal."""
    # The snapshots last: while one of them is left, the next build knows that this is not done.
    shutil.rmtree(layout.failed, ignore_errors=True)
    for run in journal(layout.runs):
        path = layout.runs / f"{run.run_id}.jsonl"
        fresh = layout.runs / f".{run.run_id}"
        fresh.mkdir(exist_ok=True)
        record(fresh, replace(run, error=run.error and run.error.partition(":")[0]))
        move(fresh / path.name, path)
        fresh.rmdir()
    for snapshot in layout.snapshots.iterdir():
        if snapshot.resolve() != layout.published():
            discard(layout, snapshot)
