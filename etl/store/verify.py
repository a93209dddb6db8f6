"""Verify that a published snapshot still matches its manifest and passes its checks."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from etl.schema import DATABASE, TABLES, Table, quoted
from etl.store.assemble import file_sha256
from etl.store.audit import Check, audit_parts, audit_snapshot, counted_checks
from etl.store.duck import engine, parquet
from etl.store.manifest import NOTHING, Snapshot


def verify(snapshot: Snapshot, checks: Sequence[Check], spill: Path, memory_limit: str, *, full: bool) -> Iterator[str]:
    """The problems of a snapshot, one at a time: changed files, and failed checks of scope snapshot.

    ``full`` also runs the checks of scope part again, and compares the database with the Parquet row by row.
    """
    damaged = list(_damaged(snapshot))
    yield from damaged
    asked = [*checks, *counted_checks(snapshot.manifest.n_rows)]
    try:
        # A damaged file cannot be read.
        if full and not damaged:
            files = snapshot.manifest.files
            yield from map(str, audit_parts(snapshot.root, files, NOTHING.manifest, asked, spill, memory_limit))
            yield from _different(snapshot, spill, memory_limit)
        yield from map(str, audit_snapshot(snapshot.root, NOTHING, asked, spill, memory_limit))
    except duckdb.Error as error:
        yield f"{snapshot.root / DATABASE} cannot be read: {error}"


def _damaged(snapshot: Snapshot) -> Iterator[str]:
    listed = {snapshot.root / file.path for file in snapshot.manifest.files}
    for path in sorted(set(snapshot.root.glob("**/*.parquet")) - listed):
        yield f"{path} does not belong to this snapshot"
    for file in snapshot.manifest.files:
        path = snapshot.root / file.path
        if not path.exists():
            yield f"{path} is missing"
        elif file_sha256(path) != file.sha256:
            yield f"{path} has changed since it was published"


def _different(snapshot: Snapshot, spill: Path, memory_limit: str) -> Iterator[str]:
    with engine(spill, memory_limit) as db:
        db.execute(f"ATTACH {quoted(str(snapshot.root / DATABASE))} AS published (READ_ONLY)")
        for table in TABLES.values():
            paths = snapshot.paths().get(table.name, [])
            if _digest(db, table, f"published.{table.name}") != _digest(db, table, parquet(table, paths)):
                yield f"{snapshot.root / DATABASE}: its table {table.name} differs from the Parquet"


def _digest(db: duckdb.DuckDBPyConnection, table: Table, relation: str) -> object:
    """An order-independent checksum of all rows."""
    columns = ", ".join(table.names)
    return db.execute(
        f"SELECT count(*), sum(hash(row)::HUGEINT) FROM (SELECT {columns} FROM {relation}) AS row"
    ).fetchone()
