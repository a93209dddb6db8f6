"""Redaction: remove articles from the warehouse, and delete everything else that quotes them.

It is a transaction: the clean snapshot is built and audited, then the tombstones are written, then the snapshot is published.
Before the tombstones are written, nothing has changed. If it is killed after that, the next build finishes it first.
"""

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.durable import write_whole
from etl.errors import OnTheRecordError
from etl.ids import hash_id
from etl.schema import quoted
from etl.store.change import leave_table, open_extracted, publish_change
from etl.store.duck import engine
from etl.store.file_changes import leave_lists
from etl.store.journal import Run, journal, line
from etl.store.lock import writer_lock
from etl.store.lookup import NearCopy, Taken, buried, find, open_articles
from etl.store.manifest import Snapshot, open_snapshot, read_manifest
from etl.store.paths import Layout
from etl.store.publication import Publication, tidy
from etl.store.publish import discard
from etl.store.rollback import username
from etl.store.tombstones import DETAIL, REASON, Tombstone, load_tombstones, marks

#: The remaining rows of files with redacted articles. Transient rejections are dropped, because the file would keep its old rows.
LEFT = {
    **{
        name: f"SELECT * FROM old_{name} SEMI JOIN left_article USING (article_id)"
        for name in ("passage", "quote", "mention")
    },
    "article": "FROM left_article",
    "rejection": f"""
        SELECT * FROM (FROM old_rejection SEMI JOIN touched USING (source_uri)) AS rejected WHERE NOT is_transient
        AND NOT EXISTS (  -- of an article kept as stale, which is replaced by its redaction
            FROM old_article SEMI JOIN taken USING (article_id)
            WHERE old_article.source_uri = rejected.source_uri AND old_article.record_no = rejected.record_no
        )
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
            $run_id AS run_id
        )
        FROM old_file JOIN touched USING (source_uri)
    """,
}


def look_up(layout: Layout, ids: Sequence[str], pattern: str, memory_limit: str) -> tuple[list[Taken], list[NearCopy]]:
    """The articles that `redact` would remove, including reprints, and the near copies that it would not.

    Raises:
        NoArticleError: when there is no such article.
    """
    with TemporaryDirectory() as spill:
        return find(kept(layout), ids, pattern, Path(spill), memory_limit)


def redact(
    publication: Publication, versions: Mapping[str, str], ids: Sequence[str], pattern: str, why: str
) -> tuple[Run, list[Taken]]:
    """Redact articles. Returns the run that published the snapshot without them, and the redacted articles.

    Raises:
        NoArticleError: when there is no such article.
        AuditError: when the clean snapshot fails a check. Nothing has changed then.
    """
    layout = publication.layout
    with writer_lock(layout.lock):
        # Before a killed redaction is finished: it may be of the same articles, asked for again.
        taken, _ = look_up(layout, ids, pattern, publication.config.memory_limit)
        finish(publication, versions)
        now = datetime.now(UTC)
        run = _publish_without(publication, versions, [each.tombstone(now, username(), why) for each in taken])
        sweep(layout)
        return run, taken


def is_clean(layout: Layout) -> bool:
    """Whether all kept snapshots were made after the last redaction.

    A snapshot that cannot be read is ignored: it was added or damaged after the redaction, which deletes all others.
    """
    n_buried = len(load_tombstones(layout.tombstones))
    return not n_buried or not any(_lacks(path, n_buried) for path in layout.kept())


def _lacks(snapshot: Path, n_buried: int) -> bool:
    """Whether a snapshot was made before the last tombstone."""
    try:
        return read_manifest(snapshot).n_tombstones < n_buried
    except OnTheRecordError:
        return False


def finish(publication: Publication, versions: Mapping[str, str]) -> None:
    """Finish a redaction that was killed, if any. The caller holds the lock."""
    layout = publication.layout
    if is_clean(layout):
        return
    current = layout.published()
    if current and read_manifest(current).n_tombstones < len(load_tombstones(layout.tombstones)):
        _publish_without(publication, versions, ())
    sweep(layout)


def kept(layout: Layout) -> list[Snapshot]:
    """All kept snapshots that can be read, the published one first, failed ones last.

    Raises:
        SchemaVersionError: when the published one has tables of another version.
    """
    current = layout.published()
    found = [open_snapshot(current)]
    others = [*reversed(layout.kept()), *reversed(layout.set_aside())]
    for path in others:
        try:
            found += [open_snapshot(path)] if path.resolve() != current else []
        except (OnTheRecordError, OSError, ValueError):  # of another version, or incomplete: it can only be deleted
            continue
    return found


def sweep(layout: Layout) -> None:
    """Delete what may still quote a redacted article: other snapshots, failed ones, logs, and errors in the journal."""
    # The snapshots last: as long as one is left, the next build knows that this is not finished.
    for folder in (layout.failed, layout.logs):
        shutil.rmtree(folder, ignore_errors=True)
    cut_errors(layout)
    layout.hashed.unlink(missing_ok=True)  # it has file names
    tidy(layout, with_shards=True)
    for snapshot in layout.kept():
        if snapshot.resolve() != layout.published():
            discard(layout, snapshot)


def cut_errors(layout: Layout) -> None:
    """Reduce the errors in the journal to their types."""
    for run in journal(layout.runs):
        if run.error:
            write_whole(layout.runs / f"{run.run_id}.jsonl", line(run.with_(error=run.error.partition(":")[0])))


def leave_shard(layout: Layout, old: Snapshot, stones: Sequence[Tombstone], run: Run, memory_limit: str) -> None:
    """Write a finished shard with the files that have redacted articles, without these, as input for assembling."""
    key = hash_id("redact", run.run_id)
    folder = layout.shards / key
    folder.mkdir(parents=True)
    with engine(layout.spill, memory_limit) as db:
        open_articles(db, [old])
        taken = buried(db, [stone.article_id for stone in stones], frozenset(marks(stones)))
        for name in ("article", "passage", "quote", "mention"):
            db.execute(f"DROP VIEW {name}")
        open_extracted(db, old)
        db.execute("CREATE TABLE taken AS SELECT unnest($ids::VARCHAR[]) AS article_id", {"ids": taken})
        db.execute(
            "CREATE TABLE touched AS SELECT source_uri, count(*)::INTEGER AS n_taken "
            "FROM old_article SEMI JOIN taken USING (article_id) GROUP BY ALL"
        )
        db.execute(
            "CREATE VIEW left_article AS FROM old_article SEMI JOIN touched USING (source_uri) ANTI JOIN taken USING (article_id)"
        )
        for name, query in LEFT.items():
            asked = {k: v for k, v in (("run_id", run.run_id), ("at", run.started_at)) if f"${k}" in query}
            db.execute(f"CREATE TABLE {name} AS {query}", asked)
            leave_table(db, name, folder)
        leave_lists(db, layout.work, f"SELECT source_uri, {quoted(key)} AS shard FROM touched")


def _publish_without(publication: Publication, versions: Mapping[str, str], fresh: Sequence[Tombstone]) -> Run:
    """Publish the published snapshot without the redacted articles. ``fresh`` tombstones are written after the audit."""
    layout = publication.layout
    cut_errors(layout)  # the journal is copied into the snapshot
    stones = [*load_tombstones(layout.tombstones), *fresh]

    def leave(old: Snapshot, run: Run) -> None:
        leave_shard(layout, old, stones, run, publication.config.memory_limit)

    return publish_change(publication, versions, leave, rebuild=True, fresh=fresh)
