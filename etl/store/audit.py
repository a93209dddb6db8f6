"""The audit of a snapshot before it is published. Checks are queries that return the bad rows.

A check of scope *part* runs on the Parquet. A part is the files of one month and bucket, which have all rows of their articles.
While the files of the tables that a check names are those of the last snapshot, it does not run on the part again: a small run
needs only a small audit. A check of scope *snapshot* runs on all tables in the database, with those of the last snapshot as
``previous``.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby, takewhile
from operator import attrgetter
from pathlib import Path
from typing import Literal

import duckdb

from etl.errors import ConfigError
from etl.schema import DATABASE, TABLES, Table, ddl, quoted
from etl.store.duck import engine, has_database, parquet
from etl.store.manifest import DataFile, Manifest, Snapshot
from etl.text import plural

Scope = Literal["part", "snapshot"]

#: The name of the previous snapshot in checks.
PREVIOUS = "previous"
#: Bad rows shown per failed check.
SHOWN = 5
#: The part of a file.
BY_PART = attrgetter("month", "bucket")
#: The bytes of Parquet of which parts are audited together.
BATCH_BYTES = 100_000_000
#: The header line of a check of scope part.
PART_HEADER = "scope: part"
#: The tables by month, whose files make up the parts.
PARTED = tuple(table for table in TABLES.values() if table.by_month)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what it guards, the query that returns bad rows, and its scope."""

    name: str
    guards: str
    query: str
    scope: Scope = "snapshot"

    @property
    def compares(self) -> bool:
        """Whether it compares with the previous snapshot, to guard against losses."""
        return f"{PREVIOUS}." in self.query

    @property
    def key(self) -> str:
        """By what a manifest remembers that its files were checked."""
        return sha256(self.query.encode()).hexdigest()[:20]

    @property
    def parted(self) -> list[Table]:
        """The tables by month whose rows it may read: those whose name is a word of it. All, if it names none."""
        words = set(re.findall(r"\w+", self.query.lower()))
        return [table for table in PARTED if table.name in words] or list(PARTED)


@dataclass(frozen=True, slots=True)
class Finding:
    """A failed check: the number of bad rows, and the first few as text. Of one that cannot be run, none, and why."""

    check: Check
    n_bad: int
    rows: tuple[str, ...]

    @property
    def told(self) -> str:
        """The finding without its rows, for logs."""
        return f"{self.check.name}: {plural(self.n_bad, 'bad row') if self.n_bad else 'it cannot be run'}"

    def __str__(self) -> str:
        """The finding on a few lines. Not for logs, because it quotes rows."""
        guards = f" ({self.check.guards})" if self.check.guards else ""
        return "\n    ".join([self.told + guards, *self.rows])


def all_checks(*folders: Path) -> list[Check]:
    """The checks of a warehouse: those derived from the schema, and those in the folders.

    Raises:
        ConfigError: when one cannot be read.
    """
    return [*declared_checks(), *(check for folder in folders for check in read_checks(folder))]


def declared_checks() -> Iterator[Check]:
    """The checks derived from the schema: unique keys, and allowed values."""
    for table in TABLES.values():
        key = ", ".join(table.key)
        # An article_id may be duplicate across parts. Other keys of tables by month contain or hash the article_id.
        is_parted = table.by_month and table.key != ("article_id",)
        yield Check(
            f"{table.name}_key",
            f"one row a {key} in {table.name}",
            f"SELECT {key}, count(*) AS n FROM {table.name} GROUP BY ALL HAVING count(*) > 1",
            "part" if is_parted else "snapshot",
        )
        for column in table.columns:
            if column.values:
                values = ", ".join(map(quoted, column.values))
                yield Check(
                    f"{table.name}_{column.name}",
                    f"{column.name} is one of {values}",
                    f"SELECT {key}, {column.name} FROM {table.name} WHERE {column.name} NOT IN ({values})",
                    "part" if table.by_month else "snapshot",
                )


def counted_checks(n_rows: Mapping[str, int]) -> Iterator[Check]:
    """The checks that the database has as many rows as the manifest's Parquet files."""
    for name, n in n_rows.items():
        guards = f"{name} has {plural(n, 'row')} as in its Parquet files"
        yield Check(f"{name}_count", guards, f"SELECT count(*) AS n FROM {name} HAVING n != {n}")


def read_checks(folder: Path) -> Iterator[Check]:
    """The checks in a folder: SQL files whose leading ``--`` lines say what they guard and, optionally, their scope.

    Raises:
        ConfigError: when a file cannot be read.
    """
    for path in sorted(path for path in folder.glob("*.sql") if not path.name.startswith(".")):
        try:
            query = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the check {path} cannot be read: {error}") from None
        leading = takewhile(lambda line: line.startswith("--"), query.splitlines())
        header = [line.removeprefix("--").strip() for line in leading]
        guards = " ".join(line for line in header if line != PART_HEADER)
        yield Check(path.stem, guards, query, "part" if PART_HEADER in header else "snapshot")


def refuse_unknown(names: Collection[str], checks: Iterable[Check]) -> None:
    """Check that every name is that of a check.

    Raises:
        ConfigError: when one is not. The message lists the checks.
    """
    known = {check.name for check in checks}
    if unknown := sorted(set(names) - known):
        raise ConfigError(f"no check is called {', '.join(unknown)}; there are: {', '.join(sorted(known))}")


def audit_parts(
    root: Path, files: Sequence[DataFile], old: Manifest, checks: Sequence[Check], spill: Path, memory_limit: str
) -> list[Finding]:
    """The failed checks of scope part of the snapshot in ``root``, in parts that they did not check in the ``old`` one."""
    moved = {*files} ^ {*old.files}
    findings: dict[str, Finding] = {}
    views: dict[str, str] = {}
    with engine(spill, memory_limit) as db:
        for check in of_parts(checks):
            for batch in _batches(unchecked(check, files, moved if check.key in old.audited else files)):
                for table in check.parted:
                    rows = parquet(table, (root / file.path for file in batch if file.table == table.name))
                    if views.get(table.name) != rows:  # mostly, all checks read the same files
                        views[table.name] = rows
                        db.execute(f"CREATE OR REPLACE VIEW {table.name} AS FROM {rows}")
                if finding := _broken(db, check):
                    findings[check.name] = _joined(findings.get(check.name), finding)
    return list(findings.values())


def of_parts(checks: Iterable[Check]) -> list[Check]:
    """Those of some checks that have scope part."""
    return [check for check in checks if check.scope == "part"]


def unchecked(check: Check, files: Iterable[DataFile], moved: Collection[DataFile]) -> list[DataFile]:
    """Those ``files`` that a check reads in the parts of which it reads a file that ``moved``: is new, or gone."""
    names = {table.name for table in check.parted}
    parts = {BY_PART(file) for file in moved if file.table in names}
    return [file for file in files if file.table in names and BY_PART(file) in parts]


def audit_snapshot(root: Path, old: Snapshot, checks: Sequence[Check], spill: Path, memory_limit: str) -> list[Finding]:
    """The failed checks of scope snapshot for the database in ``root``, compared with the ``old`` snapshot."""
    with engine(spill, memory_limit) as db:
        if has_database(old):
            db.execute(f"ATTACH {quoted(str(old.root / DATABASE))} AS {PREVIOUS} (READ_ONLY)")
        else:
            db.execute(f"ATTACH ':memory:' AS {PREVIOUS}")
            db.execute(f"USE {PREVIOUS}")
            for table in TABLES.values():
                db.execute(";".join(ddl(table)))
        db.execute(f"ATTACH {quoted(str(root / DATABASE))} AS snapshot (READ_ONLY)")
        db.execute("USE snapshot")
        found = (_broken(db, check) for check in checks if check.scope == "snapshot")
        return [finding for finding in found if finding]


def _batches(files: Iterable[DataFile]) -> Iterator[list[DataFile]]:
    """Whole parts, in batches of a bounded size."""
    batch: list[DataFile] = []
    for _, part in groupby(sorted(files, key=BY_PART), BY_PART):
        batch += part
        if sum(file.n_bytes for file in batch) >= BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _broken(db: duckdb.DuckDBPyConnection, check: Check) -> Finding | None:
    query = check.query.strip().rstrip(";")
    try:
        bad = db.execute(f"SELECT count(*) OVER () AS n_bad, * FROM ({query}\n) LIMIT {SHOWN}")
        names = [column[0] for column in bad.description or ()][1:]
        rows = bad.fetchall()
    except duckdb.Error as error:  # a check that cannot be run must not pass
        return Finding(check, 0, (str(_in_its_own_words(db, check, error)),))
    shown = tuple(", ".join(f"{k}={v}" for k, v in zip(names, row[1:], strict=True)) for row in rows)
    return Finding(check, rows[0][0], shown) if rows else None


def _in_its_own_words(db: duckdb.DuckDBPyConnection, check: Check, error: duckdb.Error) -> duckdb.Error:
    """The error that a check's query raises by itself, so that the line numbers are those of its file."""
    try:
        db.execute(check.query)
    except duckdb.Error as own:
        return own
    return error


def _joined(one: Finding | None, other: Finding) -> Finding:
    if one is None:
        return other
    rows = tuple(dict.fromkeys(one.rows + other.rows))  # what cannot be run says so of each part
    return replace(one, n_bad=one.n_bad + other.n_bad, rows=rows[:SHOWN])
