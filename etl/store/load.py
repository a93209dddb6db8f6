"""Parquet to DuckDB: the file that people query, made from the snapshot's Parquet and the views.

Two ways give the same rows. A full load fills empty tables from every Parquet file. *Replacing* copies the last snapshot's file,
deletes the rows of Parquet files that are gone and inserts those of files that are new: cheaper while little changed, but
deleted rows leave holes, so once the rows replaced since the last full load pass a share of all, it is loaded in full again.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from etl.schema import DATABASE, TABLES, Table, ddl
from etl.store.duck import engine, parquet
from etl.store.manifest import NOTHING, DataFile, Snapshot
from etl.store.search_index import index

#: Replacing stops paying when the rows replaced since the last full load pass this share of all rows.
REPLACED_SHARE = 0.2


def load(staging: Path, files: Sequence[DataFile], views: str, old: Snapshot, spill: Path, memory_limit: str) -> int:
    """Make the staging directory's database, the cheaper way; the rows replaced in it since its last full load.

    Raises:
        duckdb.Error: when a view does not fit the tables.
    """
    target = staging / DATABASE
    n_replaced = _n_replaced(files, old)
    if (
        old.manifest.snapshot_id
        and (old.root / DATABASE).is_file()
        and n_replaced <= REPLACED_SHARE * sum(file.n_rows for file in files)
    ):
        replace(target, staging, files, old, views, spill, memory_limit)
        index(staging, files, old)
        return n_replaced
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
) -> None:
    """Copy the last snapshot's database and bring it up to the new Parquet files."""
    shutil.copyfile(old.root / DATABASE, target)
    before, after = ({(file.table, file.path) for file in some} for some in (old.manifest.files, files))
    with engine(spill, memory_limit, target) as db:
        for table in TABLES.values():
            gone = [old.root / path for name, path in before - after if name == table.name]
            come = [root / path for name, path in after - before if name == table.name]
            if gone:
                key = table.bucket_by
                db.execute(
                    f"DELETE FROM {table.name} WHERE {key} IN (SELECT {key} FROM {parquet(table, sorted(gone))})"
                )
            _insert(db, table, sorted(come))
        _define(db, [views])
        _settle(db)


def n_rows(files: Sequence[DataFile]) -> Mapping[str, int]:
    """The rows of each table."""
    return {name: sum(file.n_rows for file in files if file.table == name) for name in TABLES}


def _settle(db: duckdb.DuckDBPyConnection) -> None:
    """Write everything to the file itself. Closing does so too, but says nothing where the disk is full, and leaves a log."""
    db.execute("CHECKPOINT")


def _define(db: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    # One by one, each statement waits for the disk: that was most of a small build's load.
    db.execute(";\n".join(["BEGIN", *statements, "COMMIT"]))


def _insert(db: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[Path]) -> None:
    if paths:
        db.execute(f"INSERT INTO {table.name} BY NAME FROM {parquet(table, paths)}")


def _n_replaced(files: Sequence[DataFile], old: Snapshot) -> int:
    known = {(file.table, file.path) for file in old.manifest.files}
    return old.manifest.n_replaced + sum(file.n_rows for file in files if (file.table, file.path) not in known)
