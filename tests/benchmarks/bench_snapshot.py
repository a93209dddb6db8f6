"""What assembling, loading and auditing take over the bare engine, and what a run takes that changes or adds 1 % of articles.

Made-up rows, no language model: ``python -m tests.benchmarks.bench_snapshot [ARTICLES…]``.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import duckdb

import warehouse
from etl.schema import DATABASE, SEARCH, TABLES
from etl.store.assemble import assemble
from etl.store.audit import all_checks, audit_parts, audit_snapshot, of_parts
from etl.store.duck import parquet
from etl.store.file_changes import leave_lists
from etl.store.load import load, load_all, n_rows
from etl.store.manifest import NOTHING, Manifest, Snapshot
from etl.store.paths import Layout
from etl.store.search_index import index
from etl.store.utterances import VERSIONS
from tests.benchmarks import made_up
from tests.benchmarks.figures import Figure

T = TypeVar("T")
LIMIT = "2GB"


class Taken:
    """Steps and what they took, in processor seconds, DuckDB's threads included."""

    def __init__(self, group: str) -> None:
        self.figures: list[Figure] = []
        self._group = group

    def by(self, what: str, step: Callable[[], T]) -> T:
        """Do a step."""
        used = time.process_time()
        result = step()
        self.note(what, time.process_time() - used, "CPU s")
        return result

    def note(self, what: str, value: float, unit: str, asked: str = "") -> None:
        """Note a figure."""
        self.figures.append(Figure(self._group, what, value, unit, asked))

    def of(self, what: str) -> float:
        """The last figure of that name."""
        return next(figure.value for figure in reversed(self.figures) if figure.what == what)


def figures(n: int) -> Iterator[Figure]:
    """Measure with ``n`` articles."""
    taken = Taken(f"snapshots of {n:,} made-up articles, 5 quotes and 30 mentions each")
    with tempfile.TemporaryDirectory() as directory:
        layout = Layout(Path(directory))
        old = _published(taken, layout, "first", NOTHING, made_up.numbered(layout.shards, 0, n))
        taken.note("Parquet files", len(old.manifest.files), "")
        taken.note("Parquet", sum(file.n_bytes for file in old.manifest.files) / 1e6, "MB")
        for what, name in (("DuckDB file", DATABASE), ("search index", SEARCH)):
            taken.note(what, (old.root / name).stat().st_size / 1e6, "MB")
        _compare(taken, old, layout.work)
        yield from taken.figures
        for what, first, last, edition in (
            (f"{n // 100:,} changed", 0, n // 100, 2),
            (f"{n // 100:,} new", n, n + n // 100, 1),
        ):
            taken.figures.clear()
            shutil.rmtree(layout.work)
            some = made_up.numbered(layout.shards, first, last, edition=edition, newest=n)
            new = _published(taken, layout, f"with {what}", old, some)
            known = {file.path for file in old.manifest.files}
            fresh = [file for file in new.manifest.files if file.path not in known]
            taken.note(f"Parquet files written with {what}", len(fresh), "")
            taken.note(f"Parquet written with {what}", sum(file.n_bytes for file in fresh) / 1e6, "MB")
            yield from taken.figures
            shutil.rmtree(new.root)


def _published(taken: Taken, layout: Layout, what: str, old: Snapshot, shards: list[str]) -> Snapshot:
    """The snapshot of the old one's rows and those of some shards, as a publication makes it."""
    layout.work.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        leave_lists(db, layout.work)
    files = taken.by(f"assemble, {what}", lambda: assemble(layout, LIMIT, old, shards))
    if old is NOTHING:
        target = layout.staging / DATABASE
        taken.by("load, first", lambda: load_all(target, layout.staging, files, warehouse.views(), layout.spill, LIMIT))
        taken.by("search index, first", lambda: index(layout.staging, files))
    else:
        views = warehouse.views()
        taken.by(f"load and search index, {what}", lambda: load(layout.staging, files, views, old, layout.spill, LIMIT))
    checks = all_checks(warehouse.CHECKS)
    failed = taken.by(
        f"audit, {what}",
        lambda: [
            *audit_parts(layout.staging, files, old.manifest, checks, layout.spill, LIMIT),
            *audit_snapshot(layout.staging, old, checks, layout.spill, LIMIT),
        ],
    )
    assert not failed, "\n".join(map(str, failed))
    root = layout.snapshots / what.replace(" ", "-")
    root.parent.mkdir(exist_ok=True)
    layout.staging.rename(root)
    audited = tuple(check.key for check in of_parts(checks))
    return Snapshot(
        root, Manifest(snapshot_id=what, files=files, n_rows=n_rows(files), audited=audited, resolution=VERSIONS)
    )


def _compare(taken: Taken, snapshot: Snapshot, work: Path) -> None:
    """Compare with the bare engine: the same rows written to Parquet, and to tables without columns' meanings, views or checks."""
    taken.by("the engine alone: the same rows written to Parquet", lambda: _write_bare(snapshot, work / "bare.parquet"))
    taken.by("the engine alone: the same rows loaded", lambda: _load_bare(snapshot, work / "bare.duckdb"))
    over = {
        "assemble over the engine's writing": taken.of("assemble, first")
        / taken.of("the engine alone: the same rows written to Parquet"),
        "load over the engine's": taken.of("load, first") / taken.of("the engine alone: the same rows loaded"),
    }
    for what, ratio in over.items():
        taken.note(what, ratio, "×", "≤ 1.5")


def _write_bare(snapshot: Snapshot, target: Path) -> None:
    with duckdb.connect() as db:
        for name, paths in snapshot.paths().items():
            if name in TABLES:
                rows = f"FROM {parquet(TABLES[name], paths)}"
                db.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def _load_bare(snapshot: Snapshot, target: Path) -> None:
    with duckdb.connect(str(target)) as db:
        for name, paths in snapshot.paths().items():
            if name in TABLES:
                db.execute(f"CREATE TABLE {name} AS FROM {parquet(TABLES[name], paths)}")
        db.execute("CHECKPOINT")


def main(sizes: Sequence[int]) -> None:
    """Measure with some numbers of articles."""
    for n in sizes:
        for figure in figures(n):
            sys.stdout.write(f"{n:9,} {figure.what:70s} {figure.value:10,.2f} {figure.unit}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [200_000])
