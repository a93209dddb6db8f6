"""Write the Parquet files of the next snapshot. Files without a changed row are shared with the last snapshot.

In tables by month, the rows of an article are in the file of its month and of a bucket, which is given by its day and then by the
leading digits of its id. The number of buckets of a month is a power of two that bounds the size of its files. So a changed article
rewrites one bounded file per table, the new articles of a day rewrite the files of that day and not those of the month, and the
layout of the files depends only on their rows.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etl.corrections.file import NO_CORRECTIONS, Corrections
from etl.entities.authority import Row
from etl.entities.resolve import CANONICAL, list_decisions, resolve, resolve_exceptions
from etl.schema import (
    ARTICLE,
    ARTICLE_GROUP,
    CORRECTION,
    ENTITY,
    ENTITY_AMBIGUOUS,
    ENTITY_DECISION,
    ENTITY_EXCEPTION,
    MENTION,
    QUOTATION,
    QUOTATION_COPY,
    QUOTE,
    TABLES,
    UTTERANCE,
    Table,
    checked,
    quoted,
)
from etl.store import names
from etl.store.corrected import KEPT, OF_ONE, correct
from etl.store.duck import engine, moved, number, old_rows, parquet
from etl.store.file_changes import FILE_ROWS, find_file_changes
from etl.store.losses import refuse_losses
from etl.store.manifest import NOTHING, DataFile, Snapshot
from etl.store.names import NAME_SUM
from etl.store.paths import Layout
from etl.store.quotations import find_quotations
from etl.store.stories import group_articles
from etl.store.utterances import (
    Place,
    batches,
    can_keep,
    files_of,
    find_changed,
    find_recounted,
    place_of,
    utterance_rows,
)

#: The most articles per file (tables by month), and the most rows per file (other tables).
ARTICLES_PER_FILE = 4096
ROWS_PER_FILE = 65_536
#: Rows fetched from DuckDB at a time.
FETCH = 20_000
#: The most articles that are sorted at a time. DuckDB sorts many rows on disk, but needs memory for nearly all of them if they are
#: of kilobytes each: 3 KB in 300,000 rows did not go into 800 MB. 30 million mentions go into 2 GB.
SORTED = 131_072
#: Rows that DuckDB buffers per thread and writes together when it splits more articles than that.
SPLIT_ROWS = 16_384
#: The month of articles without a date, and of tables that are not by month.
UNDATED = "undated"
NO_MONTH = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Tables whose rows are replaced together by ``key``.

    ``deleted`` and ``inserted`` are the relations of keys to delete and to insert. ``whole`` is the table with a row for every key,
    which determines the number of buckets of a month. ``per_file`` is the most rows of it per file.
    """

    tables: tuple[str, ...]
    whole: str
    key: str
    deleted: str
    inserted: str
    month: str
    per_file: int


#: The SQL for the month of a row, for its day of the month (from 0) and for the number of days that its month is cut by.
MONTH = f"coalesce(strftime(published_on, '%Y-%m'), '{UNDATED}')"
DAY = "coalesce(day(published_on) - 1, 0)"
DAYS = "if(published_on IS NULL, 1, 31)"
#: The SQL for a bucket: the leading 16 bits of a hash, after the ``day`` of so many ``days``, scaled to the number of buckets.
BUCKET = "((({day}) * 65536 + ('0x' || left({hash}, 4))::BIGINT) * n_buckets // (65536 * {days}))"

#: If only the model changed, texts are kept and only findings are replaced. Every file keeps a row.
GROUPS = (
    Group(("article", "passage"), "article", "article_id", "deleted_text", "inserted_text", MONTH, ARTICLES_PER_FILE),
    Group(
        ("quote", "mention"), "article", "article_id", "deleted_finding", "inserted_finding", MONTH, ARTICLES_PER_FILE
    ),
    Group(("file", "rejection"), "file", "source_uri", "deleted_file", "inserted_file", f"'{NO_MONTH}'", ROWS_PER_FILE),
)

#: The names, each with its entity.
ENTITY_ROWS = f"SELECT * FROM name JOIN {CANONICAL} USING (entity_id)"


def assemble(
    layout: Layout,
    memory_limit: str,
    old: Snapshot,
    extracted: Sequence[str],
    authority: Sequence[Row] = (),
    corrections: Corrections = NO_CORRECTIONS,
    *,
    guards_losses: bool = False,
) -> tuple[DataFile, ...]:
    """Write the staging directory's Parquet from the ``old`` snapshot, the shards ``extracted`` and those that the plan reuses.

    Rows are corrected, and names resolved across all articles, using the rows of the ``authority`` files. Returns all files of
    the new snapshot except those of the ``run`` table.

    Raises:
        SourceError: when ``guards_losses`` is set and a source lost too much.
    """
    shutil.rmtree(layout.staging, ignore_errors=True)
    layout.staging.mkdir(parents=True)
    files: list[DataFile] = []
    with engine(layout.spill, memory_limit) as db:
        find_file_changes(db, layout, old, extracted)
        if guards_losses:
            refuse_losses(db, "old_file")
        correct(db, old, corrections)
        for group in GROUPS:
            files += _rewrite(db, group, old, layout.staging)
        for name in ("article", "quote", "mention"):
            paths = (layout.staging / file.path for file in files if file.table == name)
            db.execute(f"CREATE VIEW {name} AS FROM {parquet(TABLES[name], paths)}")
        group_articles(db)
        kept = old if can_keep(old) else NOTHING
        find_recounted(db, files, kept, MONTH)
        sums = list(_write_name_sums(db, files, kept, layout.staging))
        db.execute(f"CREATE VIEW name_sum AS FROM {parquet(NAME_SUM, (layout.staging / file.path for file in sums))}")
        names.list_names(db, sum(file.n_rows for file in sums))
        resolve(db, "name", authority, corrections.named)
        resolve_exceptions(db, "article", "mention", authority)
        list_decisions(db, authority)
        db.execute(f"CREATE TABLE entity AS {ENTITY_ROWS}")
        for table in (ARTICLE_GROUP, ENTITY, ENTITY_EXCEPTION, ENTITY_DECISION, ENTITY_AMBIGUOUS, CORRECTION, *KEPT):
            files += write_whole(db, table, old, layout.staging)
        utterances = list(_write_utterances(db, files, kept, layout.staging))
        files += [*sums, *utterances, *_write_quotations(db, utterances, kept, layout.staging)]
    return tuple(files)


def write_whole(db: duckdb.DuckDBPyConnection, table: Table, old: Snapshot, staging: Path) -> list[DataFile]:
    """Write all rows of the table of that name in ``db``. A file equal to one of the old snapshot is shared with it."""
    n_rows = number(db, f"SELECT count(*) FROM {table.name}")
    n_buckets = buckets(n_rows, ROWS_PER_FILE)
    bucket = BUCKET.format(day=0, days=1, hash=table.hash_sql)
    rows = f"SELECT *, 0 AS month_no, {bucket} AS bucket FROM (SELECT *, {n_buckets} AS n_buckets FROM {table.name})"
    return list(_share_known(_write(db, table, rows, {0: (NO_MONTH, n_buckets)}, staging), old, staging))


def buckets(n: int, per_file: int) -> int:
    """The number of buckets: the least power of two so that ``n`` rows fit into files of ``per_file``."""
    return 1 << max(0, (max(n, 1) - 1) // per_file).bit_length()


def share(source: Path, target: Path) -> None:
    """Make ``target`` a hard link to ``source``, or a copy if the file system has no hard links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _rewrite(db: duckdb.DuckDBPyConnection, group: Group, old: Snapshot, staging: Path) -> Iterator[DataFile]:
    """Share the files of a group's tables without a replaced row, and write the others."""
    spread = _spread(db, group)
    touched = _touched(db, group)
    can_share = can_keep(old)

    def is_shared(file: DataFile) -> bool:
        is_same_cut = can_share and spread.get(file.month) == file.n_buckets
        return is_same_cut and (file.month, file.bucket) not in touched

    n_kept = sum(file.n_rows for file in old.manifest.of(group.whole) if not is_shared(file))
    n_keys = n_kept + number(db, f"SELECT count(*) FROM {group.inserted}")
    n_parts = -(-n_keys // SORTED)
    for name in group.tables:
        table = TABLES[name]
        files = old.manifest.of(name)
        yield from _shared(filter(is_shared, files), old, staging)
        before = old_rows(old, table, [old.root / file.path for file in files if not is_shared(file)])
        kept = f"SELECT * FROM {before} ANTI JOIN {group.deleted} USING ({group.key})"
        rows = f"""
            SELECT rows.*, month_no, {_bucket(table)} AS bucket
            FROM ({kept} UNION ALL BY NAME {_incoming(group, table)}) AS rows JOIN spread ON spread.month = {group.month}
        """
        months = {number: (month, spread[month]) for number, month in enumerate(sorted(spread))}
        yield from _write(db, table, rows, months, staging, n_parts if table is ARTICLE else 1)


def _write_name_sums(
    db: duckdb.DuckDBPyConnection, files: Sequence[DataFile], old: Snapshot, staging: Path
) -> Iterator[DataFile]:
    """Share the sums of names of files in which no article is counted otherwise, and write the others."""
    kept, stale = _kept_and_stale(db, NAME_SUM, [*files_of(files, QUOTE), *files_of(files, MENTION)], old, "recounted")
    yield from _shared(kept, old, staging)
    for batch in batches(files, stale):
        months = _months(batch)
        mention, quote = (
            _placed(f"FROM {parquet(table, (staging / file.path for file in files_of(batch, table)))}", months)
            for table in (MENTION, QUOTE)
        )
        yield from _write(db, NAME_SUM, names.sums(mention, quote), months, staging)


def _write_utterances(
    db: duckdb.DuckDBPyConnection, files: Sequence[DataFile], old: Snapshot, staging: Path
) -> Iterator[DataFile]:
    """Share the files of utterances without a changed article. In the others, make the rows of changed articles only."""
    find_changed(db, old)
    kept, stale = _kept_and_stale(db, UTTERANCE, files_of(files, QUOTE), old, "changed")
    yield from _shared(kept, old, staging)
    before = {place_of(file): old.root / file.path for file in old.manifest.of(UTTERANCE.name)}
    for batch in batches(files, stale):
        unchanged = [before[place] for place in sorted(set(map(place_of, batch)) & before.keys())]
        yield from _write_beside(db, UTTERANCE, utterance_rows(db, staging, batch, unchanged), batch, staging)


def _kept_and_stale(
    db: duckdb.DuckDBPyConnection, table: Table, inputs: Sequence[DataFile], old: Snapshot, changed: str
) -> tuple[list[DataFile], set[Place]]:
    """The old files of a table in places where no article is or was in ``changed``, and all other places of ``inputs``."""
    now = f"{changed}_now"
    db.execute(
        f"CREATE TABLE {now} AS SELECT article_id, published_on FROM article SEMI JOIN {changed} USING (article_id)"
    )
    findings = next(group for group in GROUPS if QUOTE.name in group.tables)
    group = replace(findings, tables=(table.name,), deleted=changed, inserted=now)
    _spread(db, group)
    touched = _touched(db, group)
    places = set(map(place_of, inputs))
    kept = [
        file
        for file in old.manifest.of(table.name)
        if place_of(file) in places and (file.month, file.bucket) not in touched
    ]
    return kept, places - set(map(place_of, kept))


def _shared(files: Iterable[DataFile], old: Snapshot, staging: Path) -> Iterator[DataFile]:
    """Some files of the old snapshot, shared with it."""
    for file in files:
        share(old.root / file.path, staging / file.path)
        yield file


def _write_quotations(
    db: duckdb.DuckDBPyConnection, utterances: Sequence[DataFile], old: Snapshot, staging: Path
) -> Iterator[DataFile]:
    """Find the quotations and their copies. Share the files in which they are as they were, and write the others."""
    db.execute(f"CREATE VIEW utterance AS FROM {parquet(UTTERANCE, (staging / file.path for file in utterances))}")
    find_quotations(db)
    for table in (QUOTATION, QUOTATION_COPY):
        changed = f"moved_{table.name}"
        before = parquet(table, old.paths().get(table.name, []))
        db.execute(f"CREATE TABLE {changed} AS {moved('article_id', ', '.join(table.names), table.name, before)}")
        kept, stale = _kept_and_stale(db, table, utterances, old, changed)
        yield from _shared(kept, old, staging)
        beside = [file for file in utterances if place_of(file) in stale]
        yield from _write_beside(db, table, f"FROM {table.name}", beside, staging)


def _write_beside(
    db: duckdb.DuckDBPyConnection, table: Table, rows: str, files: Sequence[DataFile], staging: Path
) -> Iterator[DataFile]:
    """Write those of a query's rows whose articles are in the places of some ``files``, cut as these are."""
    if months := _months(files):
        number = {month: no for no, (month, _) in months.items()}
        places = ", ".join(f"({number[file.month]}, {file.bucket})" for file in files)
        there = f"SEMI JOIN (VALUES {places}) AS place (month_no, bucket) USING (month_no, bucket)"
        yield from _write(db, table, f"FROM ({_placed(rows, months)}) {there}", months, staging)


def _months(files: Iterable[DataFile]) -> dict[int, tuple[str, int]]:
    """The months of some files by number, each with its number of buckets."""
    return dict(enumerate(sorted({(file.month, file.n_buckets) for file in files})))


def _placed(rows: str, months: Mapping[int, tuple[str, int]]) -> str:
    """The SQL for rows of articles with their ``month_no`` and ``bucket``."""
    numbered = ", ".join(f"({quoted(month)}, {number}, {n})" for number, (month, n) in months.items())
    return f"""
        SELECT rows.*, month_no, {_bucket(ARTICLE)} AS bucket
        FROM ({rows}) AS rows JOIN (VALUES {numbered}) AS spread (month, month_no, n_buckets) ON spread.month = {MONTH}
    """


def _share_known(files: Iterable[DataFile], old: Snapshot, staging: Path) -> Iterator[DataFile]:
    """Share those of some written files that the old snapshot has too."""
    known = {(file.path, file.sha256) for file in old.manifest.files}
    for file in files:
        if (file.path, file.sha256) in known:
            share(old.root / file.path, staging / file.path)
        yield file


def _incoming(group: Group, table: Table) -> str:
    if table.name == "file":
        return FILE_ROWS
    columns = ", ".join(table.names)
    source = "incoming" if table in OF_ONE else "shard"
    return f"SELECT {columns} FROM {source}_{table.name} SEMI JOIN {group.inserted} USING ({group.key}, shard)"


def _spread(db: duckdb.DuckDBPyConnection, group: Group) -> dict[str, int]:
    """The number of buckets of each month of the new snapshot. Also creates it as the table ``spread``, with months numbered.

    A month is cut as if each of its days had as many rows as the one with most, so that a month that fills up is not cut again.
    """
    day, days = _days(TABLES[group.whole])
    counts = db.execute(
        f"""
        SELECT month, max(n * days)
        FROM (
            SELECT {group.month} AS month, {day} AS day, {days} AS days, count(*) AS n
            FROM (
                SELECT {_key_columns(group)} FROM old_{group.whole} ANTI JOIN {group.deleted} USING ({group.key})
                UNION ALL SELECT {_key_columns(group)} FROM {group.inserted}
            )
            GROUP BY ALL
        )
        GROUP BY month ORDER BY month
        """
    ).fetchall()
    spread = {month: buckets(n, group.per_file) for month, n in counts}
    db.execute("CREATE OR REPLACE TABLE spread (month VARCHAR, month_no INTEGER, n_buckets INTEGER)")
    if spread:
        db.executemany("INSERT INTO spread VALUES (?, ?, ?)", [(m, i, n) for i, (m, n) in enumerate(spread.items())])
    return spread


def _touched(db: duckdb.DuckDBPyConnection, group: Group) -> set[tuple[str, int]]:
    """The (month, bucket) in which a row is deleted or inserted."""
    return set(
        db.execute(
            f"""
            SELECT DISTINCT spread.month, {_bucket(TABLES[group.whole])}
            FROM (
                SELECT {_key_columns(group)} FROM old_{group.whole} SEMI JOIN {group.deleted} USING ({group.key})
                UNION ALL SELECT {_key_columns(group)} FROM {group.inserted}
            ) AS moved
            JOIN spread ON spread.month = {group.month}
            """
        ).fetchall()
    )


def _bucket(table: Table) -> str:
    day, days = _days(table)
    return BUCKET.format(day=day, days=days, hash=table.hash_sql)


def _days(table: Table) -> tuple[str, str]:
    return (DAY, DAYS) if table.by_month else ("0", "1")


def _key_columns(group: Group) -> str:
    return f"{group.key}, published_on" if group.month == MONTH else group.key


def _write(
    db: duckdb.DuckDBPyConnection,
    table: Table,
    rows: str,
    months: Mapping[int, tuple[str, int]],
    staging: Path,
    n_parts: int = 1,
) -> Iterator[DataFile]:
    """Write the rows of a query, which have ``month_no`` and ``bucket``, sorted, to one file per month and bucket.

    They are sorted in ``n_parts``, to bound memory.
    """
    columns = ", ".join((*table.names, "month_no * 65536 + bucket AS file_no"))
    order = ", ".join(("file_no", *(f"{name} NULLS FIRST" for name in table.order)))
    for part in _parts(db, f"SELECT {columns} FROM ({rows})", n_parts, staging / ".parts"):
        reader = db.execute(f"FROM ({part}) ORDER BY {order}").to_arrow_reader(FETCH)
        for file_no, piece in _runs(reader):
            month, n_buckets = months[file_no >> 16]
            yield _write_file(table, piece, month, file_no & 0xFFFF, n_buckets, staging)


def _parts(db: duckdb.DuckDBPyConnection, rows: str, n_parts: int, folder: Path) -> Iterator[str]:
    """The rows of a query in several queries, each with all rows of some files. More than one are written to ``folder`` first."""
    if n_parts <= 1:
        yield rows
        return
    db.execute(f"SET partitioned_write_flush_threshold = {SPLIT_ROWS}")
    db.execute(f"""
        COPY (SELECT *, file_no % {n_parts} AS part FROM ({rows})) TO {quoted(str(folder))}
        (FORMAT parquet, PARTITION_BY (part), ROW_GROUP_SIZE {SPLIT_ROWS}, COMPRESSION lz4_raw)
    """)
    for part in sorted(folder.iterdir()):
        paths = ", ".join(quoted(str(path)) for path in sorted(part.iterdir()))
        yield f"FROM read_parquet([{paths}], hive_partitioning = false)"
        shutil.rmtree(part)
    folder.rmdir()


def _runs(reader: pa.RecordBatchReader) -> Iterator[tuple[int, pa.Table]]:
    """Split a stream sorted by its last column, ``file_no``, into one table per file."""
    pieces: list[pa.RecordBatch] = []
    current = -1
    for batch in reader:
        numbers = batch.column("file_no").to_numpy()
        starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        for start, end in pairwise(starts):
            if start == end:
                continue
            if pieces and numbers[start] != current:
                yield current, pa.Table.from_batches(pieces)
                pieces = []
            current = int(numbers[start])
            pieces.append(batch.slice(start, end - start))
    if pieces:
        yield current, pa.Table.from_batches(pieces)


def _write_file(table: Table, rows: pa.Table, month: str, bucket: int, n_buckets: int, staging: Path) -> DataFile:
    """Write one file. Its name has a hash of the content, so that an outdated listing fails instead of mixing snapshots."""
    folder = staging / table.name
    if month == UNDATED:
        folder /= f"{UNDATED}-{bucket}"
    elif month:
        folder /= month
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / ".writing"
    pq.write_table(checked(table, rows.drop_columns(["file_no"])), fresh, compression="zstd")
    digest = file_sha256(fresh)
    path = fresh.rename(folder / f"{bucket:04x}-{digest[:12]}.parquet")
    return DataFile(
        table=table.name,
        path=path.relative_to(staging).as_posix(),
        month=month,
        bucket=bucket,
        n_buckets=n_buckets,
        n_rows=rows.num_rows,
        n_bytes=path.stat().st_size,
        sha256=digest,
    )
