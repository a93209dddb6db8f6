"""DuckDB as the engine for whatever is wider than a shard: bounded memory, spilling to the warehouse's own disk."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from etl.schema import Table, duckdb_type, quoted


@contextmanager
def engine(spill: Path, memory_limit: str, database: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database (or the file ``database``) that spills to ``spill`` beyond ``memory_limit`` (like ``2GB``)."""
    spill.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill),
        "preserve_insertion_order": True,
    }
    connection = duckdb.connect(str(database) if database else ":memory:", config=config)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def parquet(table: Table, files: Iterable[Path], *, with_filename: bool = False) -> str:
    """A SQL relation over some of a table's Parquet files; an empty one of the same columns where there are none."""
    listed = ", ".join(quoted(str(file)) for file in files)
    if not listed:
        columns = ", ".join(f"NULL::{duckdb_type(c.type)} AS {c.name}" for c in table.columns)
        return f"(SELECT {columns}{', NULL::VARCHAR AS filename' if with_filename else ''} WHERE false)"
    columns = ", ".join(table.names) + (", filename" if with_filename else "")
    return f"(SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false, filename = {with_filename}))"
