"""The audit of a snapshot before it is published: checks are queries that return the bad rows.

A check of scope *part* looks at rows that lie together: the files of one month and bucket hold everything of their articles.
It runs once over each part, from its Parquet, and is remembered by the hashes of the part's files, so that a small run stays
small. One of scope *snapshot* looks at all tables, in the database, with the last snapshot's beside them as ``previous``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby, takewhile
from pathlib import Path
from typing import Literal

import duckdb

from etl.errors import ConfigError
from etl.schema import DATABASE, TABLES, ddl, quoted
from etl.store.duck import engine, parquet
from etl.store.manifest import DataFile, Snapshot

Scope = Literal["part", "snapshot"]

#: The name by which a check sees the tables of the snapshot before.
PREVIOUS = "previous"
#: Bad rows shown of each broken check.
SHOWN = 5
#: Parts are audited together up to so many articles.
BATCH = 50_000
#: The header line by which a check's file says that it is content with one part.
PART_HEADER = "scope: part"
#: The tables that are kept by month: their files make up the parts.
PARTED = tuple(table for table in TABLES.values() if table.by_month)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what it guards, the query whose every row is bad, and what it has to see."""

    name: str
    guards: str
    query: str
    scope: Scope = "snapshot"

    @property
    def compares(self) -> bool:
        """Whether it compares with the snapshot before, and so guards against losses."""
        return f"{PREVIOUS}." in self.query


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken check: how many rows are bad, and the first few as text."""

    check: Check
    n_bad: int
    rows: tuple[str, ...]

    def __str__(self) -> str:
        """The finding on a few lines. It quotes rows: not for logs."""
        return "\n    ".join([f"{self.check.name}: {self.n_bad:,} bad rows ({self.check.guards})", *self.rows])


@dataclass(frozen=True, slots=True)
class Part:
    """The files of one month and bucket, and the hash under which its audit is remembered."""

    files: tuple[DataFile, ...]
    key: str


def all_checks(*folders: Path) -> list[Check]:
    """The checks of a warehouse: those that the declaration makes, and those of some folders.

    Raises:
        ConfigError: when one cannot be read.
    """
    return [*declared_checks(), *(check for folder in folders for check in read_checks(folder))]


def declared_checks() -> Iterator[Check]:
    """The checks that follow from the declaration: unique keys, and values of those few a column may take."""
    for table in TABLES.values():
        key = ", ".join(table.key)
        # A key that is an article's own may be twice in different parts; other keys by month hash their article_id.
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
        guards = f"{name} has the {n:,} rows of its Parquet"
        yield Check(f"{name}_count", guards, f"SELECT count(*) AS n FROM {name} HAVING n != {n}")


def read_checks(folder: Path) -> Iterator[Check]:
    """The checks in a folder: SQL files whose leading ``--`` lines say what they guard, and perhaps their scope.

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
    """Make sure that there is a check of each name.

    Raises:
        ConfigError: when there is none; the message lists those there are.
    """
    known = {check.name for check in checks}
    if unknown := sorted(set(names) - known):
        raise ConfigError(f"no check is called {', '.join(unknown)}; there are: {', '.join(sorted(known))}")


def parts(files: Iterable[DataFile], checks: Iterable[Check]) -> list[Part]:
    """The parts that some files make up, keyed by their content and by what the checks of a part ask of it."""
    asked = sorted(check.query for check in checks if check.scope == "part")
    kept = {table.name for table in PARTED}
    parted = sorted((file for file in files if file.table in kept), key=lambda file: (file.month, file.bucket))
    found = []
    for _, group in groupby(parted, key=lambda file: (file.month, file.bucket)):
        members = tuple(sorted(group, key=lambda file: file.table))
        identity = [*asked, *(f"{file.table} {file.sha256}" for file in members)]
        found.append(Part(members, sha256("\0".join(identity).encode()).hexdigest()[:20]))
    return found


def audit_parts(
    root: Path, some: Sequence[Part], checks: Sequence[Check], spill: Path, memory_limit: str
) -> list[Finding]:
    """The checks of scope part that some parts of the snapshot in ``root`` break."""
    asked = [check for check in checks if check.scope == "part"]
    findings: dict[str, Finding] = {}
    for batch in _batches(some):
        with engine(spill, memory_limit) as db:
            for table in PARTED:
                paths = (root / file.path for part in batch for file in part.files if file.table == table.name)
                db.execute(f"CREATE VIEW {table.name} AS FROM {parquet(table, paths)}")
            for finding in _broken(db, asked):
                findings[finding.check.name] = _joined(findings.get(finding.check.name), finding)
    return list(findings.values())


def audit_snapshot(root: Path, old: Snapshot, checks: Sequence[Check], spill: Path, memory_limit: str) -> list[Finding]:
    """The checks of scope snapshot that the database in ``root`` breaks, beside the ``old`` snapshot's."""
    with engine(spill, memory_limit) as db:
        if old.manifest.snapshot_id and (old.root / DATABASE).is_file():
            db.execute(f"ATTACH {quoted(str(old.root / DATABASE))} AS {PREVIOUS} (READ_ONLY)")
        else:
            db.execute(f"ATTACH ':memory:' AS {PREVIOUS}")
            db.execute(f"USE {PREVIOUS}")
            for table in TABLES.values():
                db.execute(";".join(ddl(table)))
        db.execute(f"ATTACH {quoted(str(root / DATABASE))} AS snapshot (READ_ONLY)")
        db.execute("USE snapshot")
        return list(_broken(db, [check for check in checks if check.scope == "snapshot"]))


def _batches(some: Sequence[Part]) -> Iterator[list[Part]]:
    batch: list[Part] = []
    n_articles = 0
    for part in some:
        batch.append(part)
        n_articles += sum(file.n_rows for file in part.files if file.table == "article")
        if n_articles >= BATCH:
            yield batch
            batch, n_articles = [], 0
    if batch:
        yield batch


def _broken(db: duckdb.DuckDBPyConnection, checks: Sequence[Check]) -> Iterator[Finding]:
    for check in checks:
        query = check.query.strip().rstrip(";")
        try:
            bad = db.execute(f"SELECT count(*) OVER () AS n_bad, * FROM ({query}\n) LIMIT {SHOWN}")
            names = [column[0] for column in bad.description or ()][1:]
            rows = bad.fetchall()
        except duckdb.Error as error:  # a check that cannot be asked guards nothing, which must not pass for a yes
            yield Finding(check, 1, (f"it cannot be run: {_in_its_own_words(db, check, error)}",))
            continue
        if rows:
            shown = tuple(", ".join(f"{k}={v}" for k, v in zip(names, row[1:], strict=True)) for row in rows)
            yield Finding(check, rows[0][0], shown)


def _in_its_own_words(db: duckdb.DuckDBPyConnection, check: Check, error: duckdb.Error) -> duckdb.Error:
    """The error that a check's query raises by itself, so that the line shown is one that its author wrote."""
    try:
        db.execute(check.query)
    except duckdb.Error as own:
        return own
    return error


def _joined(one: Finding | None, other: Finding) -> Finding:
    if one is None:
        return other
    return replace(one, n_bad=one.n_bad + other.n_bad, rows=(one.rows + other.rows)[:SHOWN])
