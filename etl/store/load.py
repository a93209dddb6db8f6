"""Load the DuckDB file, which people query, from the snapshot's Parquet and the views.

There are two ways with the same result. A *full load* fills empty tables from all Parquet files. *Replacing* copies the last
snapshot's database, and replaces the rows that differ between the Parquet files that are gone and the new ones. It is faster if
little changed, but deleted rows leave holes in the file, so it is limited to a share of all rows since the last full load. Added
rows do not count: they are appended, and only the last row group of a table is written anew, so that holes stay few.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.durable import clone
from etl.schema import ARTICLE, DATABASE, TABLES, UTTERANCE, Table, ddl
from etl.store.duck import engine, has_database, moved, number, parquet
from etl.store.manifest import NOTHING, DataFile, Snapshot
from etl.store.search_index import index

#: The largest share of all rows that may be replaced or deleted since the last full load.
REPLACED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was replaced: the number of rows deleted since the last full load, and the ids of articles now, by table."""

    n_rows: int
    articles: Mapping[str, Set[str]]


def load(staging: Path, files: Sequence[DataFile], views: str, old: Snapshot, spill: Path, memory_limit: str) -> int:
    """Load the staging directory's database, in the faster way. Returns the rows deleted since its last full load.

    Raises:
        duckdb.Error: when a view does not match the tables.
    """
    target = staging / DATABASE
    if has_database(old):
        replaced = replace(target, staging, files, old, views, spill, memory_limit)
        if replaced is not None:
            index(staging, files, old, replaced.articles)
            return replaced.n_rows
    load_all(target, staging, files, views, spill, memory_limit)
    index(staging, files, NOTHING)
    return 0


def load_all(target: Path, root: Path, files: Sequence[DataFile], views: str, spill: Path, memory_limit: str) -> None:
    """Fill a new database from every Parquet file."""
    target.unlink(missing_ok=True)
    with engine(spill, memory_limit, target) as db:
        _define(db, [statement for table in TABLES.values() for statement in ddl(table)])
        for table in TABLES.values():
            _insert(db, table, [root / file.path for file in files if file.table == table.name])
        _define(db, [views])
        _settle(db)


def replace(
    target: Path, root: Path, files: Sequence[DataFile], old: Snapshot, views: str, spill: Path, memory_limit: str
) -> Replaced | None:
    """Copy the last snapshot's database and update it to the new Parquet files. None if too much changed, with nothing updated."""
    clone(old.root / DATABASE, target)
    before, after = ({(file.table, file.path) for file in some} for some in (old.manifest.files, files))
    come = {
        TABLES[table]: parquet(TABLES[table], sorted(root / path for name, path in after - before if name == table))
        for table in sorted({name for name, _ in before ^ after if name in TABLES})
    }
    with engine(spill, memory_limit, target) as db:
        n_replaced = old.manifest.n_replaced
        for table in come:
            gone = parquet(table, sorted(old.root / path for name, path in before - after if name == table.name))
            n_replaced += _find_moved(db, table, gone, come[table])
        if n_replaced > REPLACED_SHARE * sum(file.n_rows for file in files):
            return None
        for table, rows in come.items():
            key = table.bucket_by
            db.execute(f"DELETE FROM {table.name} WHERE {key} IN (SELECT {key} FROM moved_{table.name})")
            db.execute(f"INSERT INTO {table.name} BY NAME FROM {rows} SEMI JOIN moved_{table.name} USING ({key})")
        _define(db, [views])
        articles = {table.name: _moved_ids(db, table) if table in come else set() for table in (ARTICLE, UTTERANCE)}
        # While one thread writes, DuckDB's others spin: measured, to checkpoint so few rows took 1.8 times the processor time.
        db.execute("SET threads = 1")
        _settle(db)
    return Replaced(n_replaced, articles)


def _moved_ids(db: duckdb.DuckDBPyConnection, table: Table) -> Set[str]:
    return {key for (key,) in db.execute(f"SELECT {table.bucket_by} FROM moved_{table.name}").fetchall()}


def _find_moved(db: duckdb.DuckDBPyConnection, table: Table, gone: str, come: str) -> int:
    """Make ``moved_TABLE``, the keys with other rows in ``come`` than in ``gone``. Returns the number of their rows in ``gone``."""
    found = moved(table.bucket_by, ", ".join(table.names), come, gone)
    db.execute(f"CREATE TEMP TABLE moved_{table.name} AS {found}")
    return number(db, f"SELECT coalesce(sum(n_gone), 0) FROM moved_{table.name}")


def n_rows(files: Sequence[DataFile]) -> Mapping[str, int]:
    """The number of rows of each table."""
    return {name: sum(file.n_rows for file in files if file.table == name) for name in TABLES}


def _settle(db: duckdb.DuckDBPyConnection) -> None:
    """Write everything to the database file. Closing would also do so, but ignores a full disk and leaves a log file."""
    db.execute("CHECKPOINT")


def _define(db: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    # In one transaction, because each statement on its own would wait for the disk.
    db.execute(";\n".join(["BEGIN", *statements, "COMMIT"]))


def _insert(db: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[Path]) -> None:
    if paths:
        db.execute(f"INSERT INTO {table.name} BY NAME FROM {parquet(table, paths)}")
