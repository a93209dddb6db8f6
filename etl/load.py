"""Parquet to DuckDB: the file that people query, made from the snapshot's Parquet and the views.

Two ways give the same rows. *Anew* fills empty tables from every Parquet file. *Replacing* copies the last snapshot's file,
deletes the rows of Parquet files that are gone and inserts those of files that are new: cheaper while little changed, but
deleted rows leave holes, so once the rows so replaced since the last anew pass a share of all, the file is made anew.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.duck import engine, parquet
from etl.manifest import DataFile
from etl.schema import DATABASE, TABLES, Table, ddl

#: Replacing stops paying when the rows replaced since the last load anew pass this share of all rows.
REPLACED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Base:
    """The last snapshot: its directory, its Parquet files, and the rows replaced in its database so far."""

    root: Path
    files: Sequence[DataFile]
    n_replaced: int


def load(
    staging: Path, files: Sequence[DataFile], views: str, base: Base | None, spill: Path, memory_limit: str
) -> int:
    """Make the staging directory's database, the cheaper way; the rows replaced in it since it was last made anew.

    Raises:
        duckdb.Error: when a view does not fit the tables.
    """
    target = staging / DATABASE
    n_replaced = _n_replaced(files, base) if base else 0
    n_rows = sum(file.n_rows for file in files)
    if base and n_replaced <= REPLACED_SHARE * n_rows and (base.root / DATABASE).exists():
        replace(target, staging, files, base, views, spill, memory_limit)
        return n_replaced
    anew(target, staging, files, views, spill, memory_limit)
    return 0


def anew(target: Path, root: Path, files: Sequence[DataFile], views: str, spill: Path, memory_limit: str) -> None:
    """Fill a new database from every Parquet file."""
    target.unlink(missing_ok=True)
    with engine(spill, memory_limit, target) as db:
        for table in TABLES.values():
            for statement in ddl(table):
                db.execute(statement)
            _insert(db, table, [root / file.path for file in files if file.table == table.name])
        db.execute(views)


def replace(
    target: Path, root: Path, files: Sequence[DataFile], base: Base, views: str, spill: Path, memory_limit: str
) -> None:
    """Copy the last snapshot's database and bring it up to the new Parquet files."""
    shutil.copyfile(base.root / DATABASE, target)
    old, new = ({(file.table, file.path): file for file in some} for some in (base.files, files))
    with engine(spill, memory_limit, target) as db:
        for table in TABLES.values():
            gone = [base.root / path for name, path in old.keys() - new.keys() if name == table.name]
            come = [root / path for name, path in new.keys() - old.keys() if name == table.name]
            if gone:
                key = table.bucket_by
                db.execute(
                    f"DELETE FROM {table.name} WHERE {key} IN (SELECT {key} FROM {parquet(table, sorted(gone))})"
                )
            _insert(db, table, sorted(come))
        db.execute(views)


def n_rows(files: Sequence[DataFile]) -> Mapping[str, int]:
    """The rows of each table."""
    return {name: sum(file.n_rows for file in files if file.table == name) for name in TABLES}


def _insert(db: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[Path]) -> None:
    if paths:
        db.execute(f"INSERT INTO {table.name} BY NAME FROM {parquet(table, paths)}")


def _n_replaced(files: Sequence[DataFile], base: Base) -> int:
    known = {(file.table, file.path) for file in base.files}
    return base.n_replaced + sum(file.n_rows for file in files if (file.table, file.path) not in known)
