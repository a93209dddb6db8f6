"""Load the DuckDB file, which people query, from the snapshot's Parquet and the views.

There are two ways with the same result. A *full load* fills empty tables from all Parquet files. *Replacing* copies the last
snapshot's database, deletes the rows of Parquet files that no longer exist and inserts those of new files. It is faster if little
changed, but deleted rows leave holes in the file, so it is limited to a share of all rows since the last full load.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from etl.schema import DATABASE, TABLES, Table, ddl
from etl.store.duck import engine, parquet
from etl.store.manifest import NOTHING, DataFile, Snapshot
from etl.store.search_index import index

#: The largest share of all rows that may be replaced since the last full load.
REPLACED_SHARE = 0.2


def load(staging: Path, files: Sequence[DataFile], views: str, old: Snapshot, spill: Path, memory_limit: str) -> int:
    """Load the staging directory's database, in the faster way. Returns the number of rows replaced since its last full load.

    Raises:
        duckdb.Error: when a view does not match the tables.
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
    """Copy the last snapshot's database and update it to the new Parquet files."""
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


def _n_replaced(files: Sequence[DataFile], old: Snapshot) -> int:
    known = {(file.table, file.path) for file in old.manifest.files}
    return old.manifest.n_replaced + sum(file.n_rows for file in files if (file.table, file.path) not in known)
