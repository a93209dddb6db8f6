"""The cost of a run that changes or adds one article in a hundred: time, Parquet written, loading the database in full or in part.

Made-up rows, no language model: ``python -m tests.benchmarks.bench_snapshot [ARTICLES]``.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb

import warehouse
from etl.schema import DATABASE, SHARD_TABLES, TABLES, duckdb_type
from etl.store.assemble import assemble
from etl.store.load import load_all, n_rows, replace
from etl.store.manifest import NOTHING, Manifest, Snapshot
from etl.store.paths import Layout
from etl.store.utterances import VERSIONS
from tests.benchmarks.figures import Figure

T = TypeVar("T")
LIMIT = "2GB"

#: 128 letters of 64; one article in twenty is a near copy of the one before it, with a third of its letters other ones.
SIGNATURE = """
    left(to_base64(unhex(sha256('c' || i)))[1:42], CASE WHEN i % 20 = 1 THEN 42 ELSE 0 END)
    || substring(
        array_to_string([to_base64(unhex(sha256((i - (i % 20 = 1)::INTEGER) || 's' || j)))[1:42] FOR j IN range(4)], ''),
        CASE WHEN i % 20 = 1 THEN 43 ELSE 1 END,
        CASE WHEN i % 20 = 1 THEN 86 ELSE 128 END
    )
"""
#: The made-up rows of articles ``first`` to ``last``: some three kilobytes of text, five quotes and thirty mentions each. They
#: are spread over two years; those from number ``newest`` on are of the last month.
ROWS = {
    "article": """
        SELECT left(md5('a' || i), 20) AS article_id, 's/' || i AS source_uri, 0 AS record_no, 'Title ' || i AS title,
            []::VARCHAR[] AS authors,
            DATE '2030-01-01' + (CASE WHEN i >= {newest} THEN 700 + i % 30 ELSE i % 730 END)::INTEGER AS published_on,
            's' AS outlet, 'en' AS language, []::VARCHAR[] AS sections,
            repeat(md5('t' || i || {edition}) || ' word and more words, ', 50) AS text, md5('x' || i) AS text_sha256,
            md5('b' || i || {edition}) AS body_sha256, {signature} AS signature,
            300 AS n_words, 'utf-8' AS encoding, []::VARCHAR[] AS repairs,
            'read 1' AS parser, 'run' AS run_id
        FROM range({first}, {last}) AS r (i)
    """,
    "passage": "SELECT article_id, j AS passage_no, 'paragraph' AS kind, j * 100 AS span_start, j * 100 + 99 AS span_end, "
    "published_on FROM article, range(20) AS r (j)",
    "quote": "SELECT left(md5(article_id || j), 20) AS quote_id, article_id, j AS utterance_no, 'direct' AS kind, "
    "substring(text, j * 100 + 1, 99) AS text, j * 100 AS span_start, j * 100 + 99 AS span_end, 'person' AS speaker_type, "
    "'Name ' || (hash(article_id) % 5000) AS speaker_name, left(md5('e' || hash(article_id) % 5000), 20) AS speaker_entity_id, "
    "0.9 AS confidence, j AS passage_no, published_on, 'quotes 1' AS extractor, 'run' AS run_id FROM article, range(5) AS r (j)",
    "mention": "SELECT left(md5(article_id || 'm' || j), 20) AS mention_id, article_id, substring(text, j * 30 + 1, 12) AS text, "
    "j * 30 AS span_start, j * 30 + 12 AS span_end, 'PERSON' AS entity_type, "
    "left(md5('e' || hash(article_id || j // 6) % 5000), 20) AS entity_id, "
    "'Name ' || (hash(article_id || j // 6) % 5000) AS entity_name, 'named' AS via, published_on, 'quotes 1' AS extractor, "
    "'run' AS run_id FROM article, range(30) AS r (j)",
    "file": "SELECT source_uri, 3000 AS size, TIMESTAMPTZ '2030-01-01 00:00:00Z' AS modified_at, modified_at AS changed_at, "
    "body_sha256 AS content_sha256, 'loaded' AS status, false AS is_stale, 1 AS n_articles, 0 AS n_rejected, 'read 1' AS parser, "
    "'quotes 1' AS extractor, 'run' AS run_id FROM article",
    "rejection": "SELECT source_uri, NULL AS record_no, '' AS reason, '' AS detail, false AS is_transient, '' AS run_id, "
    "now() AS rejected_at FROM article WHERE false",
}


def make_shard(layout: Layout, key: str, first: int, last: int, edition: int, newest: int) -> None:
    """Leave a finished shard of made-up rows."""
    folder = layout.shards / key
    folder.mkdir(parents=True)
    with duckdb.connect() as db:
        for name in SHARD_TABLES:
            made = ROWS[name].format(first=first, last=last, edition=edition, newest=newest, signature=SIGNATURE)
            db.execute(f"CREATE TABLE {name} AS {made}")
            has = {row[0] for row in db.execute(f"DESCRIBE {name}").fetchall()}
            columns = ", ".join(
                f"{c.name if c.name in has else 'NULL'}::{duckdb_type(c.type)} AS {c.name}"
                for c in TABLES[name].columns
            )
            db.execute(f"COPY (SELECT {columns} FROM {name}) TO '{folder}/{name}.parquet' (FORMAT parquet)")
        for name in ("reused", "removed"):
            nothing = "SELECT '' AS source_uri, '' AS shard, false AS is_forgotten WHERE false"
            db.execute(f"COPY ({nothing}) TO '{layout.work}/{name}.parquet' (FORMAT parquet)")


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

    def note(self, what: str, value: float, unit: str) -> None:
        """Note a figure."""
        self.figures.append(Figure(self._group, what, value, unit))


def figures(n: int) -> Iterator[Figure]:
    """Measure with ``n`` articles."""
    taken = Taken(f"snapshots of {n:,} made-up articles, 5 quotes and 30 mentions each")
    with tempfile.TemporaryDirectory() as directory:
        layout = Layout(Path(directory))
        make_shard(layout, "all", 0, n, 1, n)
        taken.by("the engine alone: the shards' rows copied to Parquet", lambda: copy_bare(layout))
        files = taken.by("assemble, first time", lambda: assemble(layout, LIMIT, NOTHING, ["all"]))
        first = layout.snapshots / "first"
        layout.snapshots.mkdir()
        layout.staging.rename(first)
        taken.by(
            "load, first time", lambda: load_all(first / DATABASE, first, files, warehouse.views(), layout.spill, LIMIT)
        )
        taken.note("Parquet files", len(files), "")
        taken.note("Parquet", sum(file.n_bytes for file in files) / 1e6, "MB")
        taken.note("DuckDB file", (first / DATABASE).stat().st_size / 1e6, "MB")
        yield from taken.figures
        old = Snapshot(first, Manifest(snapshot_id="first", files=files, n_rows=n_rows(files), resolution=VERSIONS))
        for what, begin, end, edition in (
            (f"{n // 100:,} changed", 0, n // 100, 2),
            (f"{n // 100:,} new", n, n + n // 100, 1),
        ):
            taken.figures.clear()
            shutil.rmtree(layout.work)
            make_shard(layout, "some", begin, end, edition, n)
            files = taken.by(f"assemble with {what}", lambda: assemble(layout, LIMIT, old, ["some"]))
            fresh = {file.path for file in files} - {file.path for file in old.manifest.files}
            taken.note(f"Parquet files written with {what}", len(fresh), "")
            taken.note(f"Parquet written with {what}", sum(f.n_bytes for f in files if f.path in fresh) / 1e6, "MB")
            place = layout.staging / DATABASE, layout.staging, files
            rest = warehouse.views(), layout.spill, LIMIT
            taken.by(f"load with {what}: copy and replace", partial(replace, *place, old, *rest))
            yield from taken.figures


def copy_bare(layout: Layout) -> None:
    """What DuckDB alone takes to read the shards and to write the same rows, sorted by nothing."""
    with duckdb.connect() as db:
        for name in SHARD_TABLES:
            rows = f"FROM read_parquet('{layout.shards}/all/{name}.parquet')"
            db.execute(f"COPY ({rows}) TO '{layout.work}/bare-{name}.parquet' (FORMAT parquet, COMPRESSION zstd)")
            db.execute(f"CREATE TABLE {name} AS {rows}")


if __name__ == "__main__":
    for figure in figures(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000):
        sys.stdout.write(f"{figure.what:60s} {figure.value:10,.2f} {figure.unit}\n")
