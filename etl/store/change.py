"""Publish a change of rows that a person asked for: redacting articles, forgetting or renaming a source.

Checks that guard against losses (by comparing with the previous snapshot) and a user's own checks do not stop such a change;
`run.allowed` lists them. All other checks do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from etl.errors import on_record
from etl.schema import SHARD_TABLES, TABLES, quoted
from etl.store.audit import read_checks
from etl.store.corrected import extracted_in
from etl.store.journal import Run, record
from etl.store.manifest import Snapshot, open_snapshot
from etl.store.publication import Publication, begin_run, tidy
from etl.store.tombstones import Tombstone


def publish_change(
    publication: Publication,
    versions: Mapping[str, str],
    leave: Callable[[Snapshot, Run], None],
    *,
    rebuild: bool = False,
    fresh: Sequence[Tombstone] = (),
    passed: Callable[[], None] = lambda: None,
) -> Run:
    """Publish a changed copy of the published snapshot. The caller holds the lock.

    ``leave`` writes the change to the work folder as input for assembling: a shard, the list of its files and that of removed ones.
    ``passed`` is called between audit and publication.

    Raises:
        AuditError: when the new snapshot fails a check. The published one stays.
    """
    layout = publication.layout
    guards = {check.name for check in publication.checks if check.compares}
    guards |= {check.name for check in read_checks(layout.checks)}
    tidy(layout, with_shards=True)
    run = begin_run(layout, versions).with_(is_whole=False)
    try:
        old = open_snapshot(layout.published())
        leave(old, run)
        run, _ = replace(publication, allow=guards)(run, old, (), rebuild=rebuild, fresh=fresh, passed=passed)
    except Exception as error:
        record(layout.runs, run.ended("failed", on_record(error)))
        raise
    run = run.ended("published").with_(snapshot_id=run.run_id)
    record(layout.runs, run)
    tidy(layout, with_shards=True)
    return run


def open_extracted(db: duckdb.DuckDBPyConnection, old: Snapshot) -> None:
    """Create views ``old_TABLE`` of a snapshot's rows as they were extracted. Assembling corrects them again."""
    for name in SHARD_TABLES:
        db.execute(f"CREATE VIEW old_{name} AS FROM {extracted_in(old, name)}")


def leave_table(db: duckdb.DuckDBPyConnection, name: str, shard: Path) -> None:
    """Write the table of that name in ``db`` to a shard."""
    columns = ", ".join(TABLES[name].names)
    db.execute(f"COPY (SELECT {columns} FROM {name}) TO {quoted(f'{shard}/{name}.parquet')} (FORMAT parquet)")
