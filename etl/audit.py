"""The audit of a snapshot before it is published: checks are queries that return the bad rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.schema import TABLES, quoted

#: Bad rows shown of each broken check.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what it guards, and the query whose every row is bad."""

    name: str
    guards: str
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken check: how many rows are bad, and the first few as text."""

    check: Check
    n_bad: int
    rows: tuple[str, ...]

    def __str__(self) -> str:
        """The finding on a few lines."""
        return "\n    ".join([f"{self.check.name}: {self.n_bad:,} bad rows ({self.check.guards})", *self.rows])


def declared_checks() -> Iterator[Check]:
    """The checks that follow from the declaration: unique keys, and values of those few a column may take."""
    for table in TABLES.values():
        key = ", ".join(table.key)
        yield Check(
            f"{table.name}_key",
            f"one row a {key} in {table.name}",
            f"SELECT {key}, count(*) AS n FROM {table.name} GROUP BY ALL HAVING count(*) > 1",
        )
        for column in table.columns:
            if column.values:
                values = ", ".join(map(quoted, column.values))
                yield Check(
                    f"{table.name}_{column.name}",
                    f"{column.name} is one of {values}",
                    f"SELECT {key}, {column.name} FROM {table.name} WHERE {column.name} NOT IN ({values})",
                )


def read_checks(folder: Path) -> Iterator[Check]:
    """The checks in a folder: SQL files whose leading ``--`` lines say what they guard."""
    for path in sorted(folder.glob("*.sql")):
        query = path.read_text(encoding="utf-8")
        header = [line.removeprefix("--").strip() for line in query.splitlines() if line.startswith("--")]
        yield Check(path.stem, " ".join(header), query)


def audit(database: Path, checks: Sequence[Check], n_rows: Mapping[str, int]) -> list[Finding]:
    """The checks that a database breaks; ``n_rows`` is how many rows each table must have."""
    findings = []
    counts = [
        Check(
            f"{name}_count",
            f"{name} has the {n:,} rows of its Parquet",
            f"SELECT count(*) AS n FROM {name} HAVING n != {n}",
        )
        for name, n in n_rows.items()
    ]
    with duckdb.connect(str(database), read_only=True) as db:
        for check in [*counts, *checks]:
            bad = db.execute(
                f"SELECT count(*) OVER () AS n_bad, * FROM ({check.query.strip().rstrip(';')}\n) LIMIT {SHOWN}"
            )
            names = [column[0] for column in bad.description or ()][1:]
            if rows := bad.fetchall():
                shown = tuple(", ".join(f"{k}={v}" for k, v in zip(names, row[1:], strict=True)) for row in rows)
                findings.append(Finding(check, rows[0][0], shown))
    return findings
