"""DuckDB as the engine for data larger than a shard, with a memory limit, spilling to the warehouse's disk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import Template

import duckdb
import pyarrow.parquet as pq

from etl.errors import ConfigError
from etl.schema import DATABASE, Column, Table, duckdb_type, quoted
from etl.store.manifest import Snapshot

Literal = str | int | Sequence[str]

#: White space of any kind, and what separates words, each in DuckDB's regular expressions. Neither matches a single space, which
#: stays what it is: to replace each by itself would take two to three times as long.
SPACE = r"[\s\p{Z}]{2,}|[^\S ]|[\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
NO_WORD = r"[^\p{L}\p{N}]{2,}|[^\p{L}\p{N} ]"
#: The number of DuckDB's threads, by default that of the processors.
THREADS = "SELECT current_setting('threads')"
#: What a checkpoint says that cannot allocate or pin a "block of size …": its error is of another type than other queries' errors.
NO_MEMORY = "block of size"
#: The gigabytes that each of DuckDB's threads needs; its guide on tuning workloads says one to four. With less, sorts run out of
#: memory where they should use the disk: on 32 processors with two gigabytes, that of a gigabyte of texts.
GB_PER_THREAD = 1
#: Default values, by type, for not-null columns that rows of an earlier version lack; 0 for other types.
EMPTY = {
    "VARCHAR": "''",
    "BOOLEAN": "false",
    "MAP": "MAP {}",
    "DATE": "'1970-01-01'",
    "TIMESTAMPTZ": "'1970-01-01 00:00:00+00'",
}


def has_database(snapshot: Snapshot) -> bool:
    """Whether a snapshot has a database that opens. One that is lost or damaged is made again, since the Parquet has all rows."""
    path = snapshot.root / DATABASE
    if not snapshot.manifest.snapshot_id or not path.is_file():
        return False
    try:
        with (
            duckdb.connect() as db
        ):  # attached, since a reader in this process may have it open with settings of its own
            db.execute(f"ATTACH {quoted(str(path))} AS database (READ_ONLY)")
    except duckdb.IOException:
        return False
    return True


def one_line(text: str) -> str:
    """The SQL that puts a text on one line: each run of white space becomes one space."""
    return f"trim(regexp_replace({text}, '{SPACE}', ' ', 'g'))"


def folded(text: str) -> str:
    """The SQL for a text's words in lower case, joined by spaces. Ignores white space and punctuation."""
    return f"trim(regexp_replace(lower({text}), '{NO_WORD}', ' ', 'g'))"


def inlined(query: str, values: Mapping[str, Literal]) -> str:
    """A query with its ``$name`` parameters replaced by values.

    Binding parameters makes DuckDB load pandas, which takes longer than a run with nothing to do should.
    """
    return Template(query).substitute({name: literal(value) for name, value in values.items()})


def literal(value: Literal) -> str:
    """The SQL for a value."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(map(quoted, value))}]::VARCHAR[]"
    return str(value).lower()


@contextmanager
def engine(spill: Path, memory_limit: str, database: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database, or the file ``database``, that spills to ``spill`` beyond ``memory_limit`` (such as ``2GB``).

    Raises:
        ConfigError: when a query in the block needs more memory than that.
    """
    spill.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill),
        "preserve_insertion_order": True,
        # What it read of Parquet stays in the operating system's cache; its own copy grows with the warehouse.
        "enable_external_file_cache": False,
    }
    connection = duckdb.connect(str(database) if database else ":memory:", config=config)
    try:
        connection.execute(f"SET threads = {min(number(connection, THREADS), _most_threads(memory_limit))}")
        connection.execute("SET TimeZone = 'UTC'")
        with heeding_signals():
            yield connection
    except duckdb.Error as error:
        if not isinstance(error, duckdb.OutOfMemoryException) and NO_MEMORY not in str(error):
            raise
        raise ConfigError(
            f'memory_limit = "{memory_limit}" is too little for so many rows; raise it in ontherecord.toml, '
            "or build in parts, such as with --slice 100000"
        ) from None
    finally:
        connection.close()


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Raise what the handler of a signal raises while a query runs, such as Ctrl-C, in place of DuckDB's error for it."""
    try:
        yield
    except RuntimeError as error:
        if error.__cause__ and not isinstance(error.__cause__, Exception):
            raise error.__cause__ from None
        raise


def _most_threads(memory_limit: str) -> int:
    bare = memory_limit.rstrip("iB")
    size, unit = float(bare[:-1]), bare[-1]
    return max(1, int(size * 1000 ** ("KMGT".index(unit) - "KMGT".index("G")) / GB_PER_THREAD))


def moved(key: str, columns: str, come: str, gone: str) -> str:
    """The SQL for the keys whose rows are others in ``come`` than in ``gone``, each with the number of its rows in ``gone``.

    Rows are compared by their hashes, of 64 bits, because to group whole rows takes twice as long. The hashes are added up and not
    combined by XOR: DuckDB's hash of several columns is one of the others, XOR that of the last, so an article's rows that all get
    another day would cancel each other out. A null list hashes as an empty one does; no column of lists may be null.
    """
    return f"""
        SELECT {key}, count(*) FILTER (sign < 0) AS n_gone
        FROM (SELECT {key}, hash({columns}) AS row, 1 AS sign FROM {come} UNION ALL SELECT {key}, hash({columns}), -1 FROM {gone})
        GROUP BY {key} HAVING sum(sign * row::HUGEINT) != 0
    """


def old_rows(old: Snapshot, table: Table, files: Iterable[Path] | None = None) -> str:
    """A SQL relation over a snapshot's rows of a table, or those in some of its ``files``.

    In a snapshot with tables of an earlier version, missing columns are null, or a default value if they must not be null.
    """
    listed = list(old.paths().get(table.name, []) if files is None else files)
    if not old.manifest.is_older or not listed:
        return parquet(table, listed)
    has = set(pq.read_schema(listed[0]).names)
    columns = ", ".join(
        f"{c.name if c.name in has else _empty(c)}::{duckdb_type(c.type)} AS {c.name}" for c in table.columns
    )
    paths = ", ".join(quoted(str(path)) for path in listed)
    return f"(SELECT {columns} FROM read_parquet([{paths}], hive_partitioning = false, union_by_name = true))"


def number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    """The one number that a query returns."""
    row = db.execute(query).fetchone()
    return int(row[0]) if row else 0


def _empty(column: Column) -> str:
    type_ = duckdb_type(column.type)
    if column.nullable:
        return "NULL"
    if type_.endswith("[]"):
        return "[]"
    return EMPTY.get(type_.partition("(")[0], "0")


def parquet(table: Table, files: Iterable[Path | str], *, with_filename: bool = False) -> str:
    """A SQL relation over Parquet files of a table, with the file of a row on request. Without files, an empty relation."""
    listed = ", ".join(quoted(str(file)) for file in files)
    extra = {"filename": "VARCHAR"} if with_filename else {}
    if not listed:
        types = {c.name: duckdb_type(c.type) for c in table.columns} | extra
        return f"(SELECT {', '.join(f'NULL::{type_} AS {name}' for name, type_ in types.items())} WHERE false)"
    options = "".join(f", {name} = true" for name in extra)
    return f"(SELECT {', '.join((*table.names, *extra))} FROM read_parquet([{listed}], hive_partitioning = false{options}))"
