"""Readers of a warehouse that is published meanwhile, each a process: ``python -m tests.trust.readers KIND WAREHOUSE SEEN``.

The file SEEN gets the number of snapshots seen so far; a reader ends when it is deleted.

Every publication rewrites all articles and has them say its number, so that whatever is read of one snapshot names one number
and one run.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.dataset as ds

from etl.schema import CURRENT, DATABASE
from tests.trust.scale import IS_SOAK
from warehouse.reader import connect, snapshot

#: What an article and a quote say of the publication they are of.
NUMBER = r"wall number (\d+)"
ASKED = f"""
SELECT DISTINCT regexp_extract(text, '{NUMBER}', 1) AS number, run_id FROM article
UNION SELECT DISTINCT regexp_extract(text, '{NUMBER}', 1), run_id FROM quote
UNION SELECT DISTINCT regexp_extract(article.text, '{NUMBER}', 1), mention.run_id FROM mention JOIN article USING (article_id)
UNION SELECT DISTINCT regexp_extract(text, '{NUMBER}', 1), (SELECT max(run_id) FROM run) FROM quote
"""
TABLES = ("article", "quote")

#: The writer goes first; and in the tests, readers leave it some of the machine.
NICENESS = 15
PAUSE = 0.0 if IS_SOAK else 0.2

#: The numbers and runs that one read finds; more than one of either is a mixture.
Found = set[tuple[str, str]]


def in_duckdb(root: Path) -> Found:
    with connect(root) as db:
        return set(db.execute(ASKED).fetchall())


def in_duckdb_through_current(root: Path) -> Found:
    with duckdb.connect(str(root / CURRENT / DATABASE), read_only=True) as db:
        return set(db.execute(ASKED).fetchall())


def in_pandas(top: Path) -> Found:
    return {row for name in TABLES for row in _numbers(pd.read_parquet(top / name, columns=["text", "run_id"]))}


def in_pyarrow(top: Path) -> Found:
    tables = (ds.dataset(top / name, partitioning="hive").to_table(columns=["text", "run_id"]) for name in TABLES)
    return {row for table in tables for row in _numbers(table.to_pandas())}


def by_command(root: Path) -> Found:
    command = [str(Path(sys.executable).with_name("ontherecord")), "path", "--warehouse", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return in_pandas(Path(done.stdout.strip()))


class LongLived:
    """One connection for several reads, which all have to find the same; then another."""

    READS = 5

    def __call__(self, root: Path) -> Found:
        with connect(root) as db:
            found: Found = set()
            for _ in range(self.READS):
                found |= set(db.execute(ASKED).fetchall())
            return found


def _numbers(rows: pd.DataFrame) -> Found:
    return set(zip(rows["text"].str.extract(NUMBER)[0], rows["run_id"], strict=True))


#: Those that resolve ``current`` first, and those that glob through it, table by table.
RESOLVED: dict[str, Callable[[Path], Found]] = {
    "duckdb": in_duckdb,
    "duckdb again": in_duckdb,
    "duckdb through current": in_duckdb_through_current,
    "duckdb, long-lived": LongLived(),
    "pandas": lambda root: in_pandas(snapshot(root)),
    "pyarrow": lambda root: in_pyarrow(snapshot(root)),
    "ontherecord path": by_command,
}
RAW: dict[str, Callable[[Path], Found]] = {
    "pandas through current": lambda root: in_pandas(root / CURRENT),
    "pyarrow through current": lambda root: in_pyarrow(root / CURRENT),
}


def main(kind: str, root: Path, tally: Path) -> None:
    """Read without pause until ``tally`` is deleted; print the results as JSON."""
    os.nice(NICENESS)
    n_reads = n_missing = n_between = 0
    wrong: list[str] = []
    seen: list[str] = []
    while tally.exists():
        time.sleep(PAUSE)
        n_reads += 1
        began = time.monotonic()
        try:
            found = (RESOLVED | RAW)[kind](root)
        except FileNotFoundError as error:
            if kind in RAW:
                n_missing += 1
            else:
                wrong.append(repr(error))
            continue
        except Exception as error:  # any other is a failed read, which is what is counted here
            wrong.append(repr(error))
            continue
        runs = {run for _, run in found}
        if len(found) == 1:
            seen.append(max(runs))
            with contextlib.suppress(FileNotFoundError), tally.open("r+", encoding="utf-8") as file:
                file.write(str(len(set(seen))))
        elif kind in RAW and len(runs) <= len(TABLES):
            n_between += 1  # one table of one snapshot, the next of another
        else:
            wrong.append(f"{found} within {time.monotonic() - began:.2f} s")
    if seen != sorted(seen):
        wrong.append("a later read found an earlier snapshot")
    said = {"kind": kind, "n_reads": n_reads, "n_missing": n_missing, "n_between": n_between, "wrong": wrong}
    sys.stdout.write(json.dumps(said | {"n_snapshots": len(set(seen))}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
