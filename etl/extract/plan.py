"""What a run has to do: which files are new, changed, stale or gone, and the shards that the work is cut into.

Planned in DuckDB over Parquet, so that millions of files fit in bounded memory. A shard's job lies on disk as JSON; its name
is a hash of its inputs and the stage versions, and so is that of its result: what a killed run finished is found again.
"""

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from etl.config import Config, Source
from etl.durable import move
from etl.errors import SourceError
from etl.extract.job import FileJob, ShardJob
from etl.extract.scope import Scope, leave_outside, slice_off
from etl.extract.versions import extractor_version, library_versions, parser_version
from etl.ids import hash_id
from etl.schema import ARTICLE, FILE, OUR_FAULT, PASSAGE, REJECTION, RUN, SHARD_TABLES, quoted
from etl.sources.file import hash_of
from etl.store.corrected import extracted_in
from etl.store.duck import Literal, engine, inlined, literal, number, old_rows, parquet
from etl.store.file_changes import leave_lists
from etl.store.losses import refuse_losses, refuse_reused_names
from etl.store.manifest import Snapshot
from etl.store.paths import Layout
from etl.store.tombstones import load_tombstones, marks

#: A shard holds at most this many files and, beyond its first file, this many bytes: some ten seconds of a worker's time.
SHARD_FILES = 256
SHARD_BYTES = 512 * 1024
#: Small plans are cut finer, so that every worker has a few shards and none waits long for the last.
SHARDS_PER_WORKER = 4
MIN_SHARD_BYTES = 32 * 1024

#: A shard of a plan: its key, its files and their bytes.
Shard = tuple[str, list[FileJob], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run has to do. ``n_`` counts files; ``jobs`` are the shards left to extract.

    waiting: new or changed, and may still be written to. left: outside of the run's scope. over: for later slices. kept: gone from
    a source with ``keep_removed``. reused: extracted by a run that did not finish. stored: extracted from stored texts, since the
    published snapshot has an earlier version's tables.
    ``is_resolved_again``: the published snapshot's names were resolved with another authority file, or by other rules.
    """

    n_found: int = 0
    n_new: int = 0
    n_changed: int = 0
    n_waiting: int = 0
    n_left: int = 0
    n_over: int = 0
    n_removed: int = 0
    n_kept: int = 0
    n_bytes: int = 0
    n_reused: int = 0
    n_stored: int = 0
    jobs: tuple[Path, ...] = ()
    is_resolved_again: bool = False
    #: For a dry run: each file, its state and why; unchanged files are not listed.
    listing: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is new, changed or gone, and names are resolved as they were."""
        return not (self.n_new or self.n_changed or self.n_removed or self.is_resolved_again)


NO_PLAN = Plan()

#: Every file found, and what is to become of it. A file whose stat moved is only 'touched' until its hash says otherwise, and one
#: that could not be read is worth a 'retry' only if it can be read now.
STATES = """
CREATE TABLE state AS
SELECT found.*, source.parser,
    (file.size, epoch_us(file.modified_at), epoch_us(file.changed_at)) IS DISTINCT FROM
        (found.size, found.modified_us, found.changed_us) AS is_moved,
    CASE
        WHEN NOT found.is_settled AND is_moved THEN 'waiting'
        WHEN file.source_uri IS NULL OR file.status = 'removed' THEN 'new'
        WHEN $full OR file.parser != source.parser OR file.extractor != $extractor THEN 'changed'
        WHEN $retry_rejected AND file.n_rejected > 0 THEN 'changed'
        WHEN rejected.is_of_another_environment THEN 'changed'
        WHEN rejected.is_transient OR file.is_stale AND NOT coalesce(rejected.is_our_fault, false) THEN 'retry'
        WHEN rejected.max_bytes != $max_bytes OR rejected.max_bytes IS NULL AND file.size > $max_bytes THEN 'changed'
        WHEN found.size != file.size THEN 'changed'
        WHEN is_moved AND hashed.source_uri IS NULL THEN 'touched'
        ELSE 'unchanged'
    END AS state,
    file.content_sha256, coalesce(file.is_stale, false) AS is_stale,
    coalesce(file.parser != source.parser OR file.extractor != $extractor, false) AS is_outdated
FROM found
JOIN source ON source.name = found.source
LEFT JOIN file ON file.source_uri = found.source_uri
LEFT JOIN hashed ON hashed.source_uri = found.source_uri AND hashed.content_sha256 = file.content_sha256
    AND (hashed.size, hashed.modified_us, hashed.changed_us) = (found.size, found.modified_us, found.changed_us)
LEFT JOIN (
    SELECT source_uri, bool_or(is_transient) AS is_transient, max(max_bytes) AS max_bytes,
        bool_or(list_contains($our_fault, reason)) AS is_our_fault,
        bool_or(list_contains($our_fault, reason) AND NOT list_contains($alike, run_id)) AS is_of_another_environment
    FROM rejection GROUP BY ALL
) AS rejected ON rejected.source_uri = found.source_uri
"""

#: The files that a run hashed and found to hold what they held, and those that earlier runs did and this one does not look at.
HASHED_COLUMNS = {
    "source_uri": "VARCHAR",
    "size": "BIGINT",
    "modified_us": "BIGINT",
    "changed_us": "BIGINT",
    "content_sha256": "VARCHAR",
}
HASHED = f"""
SELECT {", ".join(HASHED_COLUMNS)} FROM state
WHERE state = 'unchanged' AND is_moved AND NOT is_stale AND content_sha256 IS NOT NULL
UNION ALL FROM hashed WHERE source_uri NOT IN (SELECT source_uri FROM found)
"""

#: Files that the last snapshot has and that are gone from the sources scanned: from those that keep the rows of such files, or
#: from the others. A run of a part of the files removes none. The name of a file that a redacted article was in may tell what the
#: article said, so it is forgotten with the file.
GONE = """
CREATE TABLE {table} AS
SELECT source_uri, source.name AS source,
    source_uri IN (SELECT source_uri FROM rejection WHERE reason = 'redacted') AS is_forgotten
FROM file JOIN source ON starts_with(file.source_uri, source.name || '/')
WHERE NOT {is_partial}
    AND source.keeps_removed = {keeps} AND file.status != 'removed' AND source_uri NOT IN (SELECT source_uri FROM found)
"""

#: The state of each file and why, as a person reads it.
LISTING = """
SELECT CASE
        WHEN state.state = 'waiting' THEN 'waits: it may still be written to'
        WHEN state.state = 'left' THEN 'left: outside of what is asked'
        WHEN state.state = 'over' THEN 'later: in another slice'
        WHEN state.state = 'new' THEN 'new'
        WHEN file.parser != state.parser THEN 'again: its options or the parser changed'
        WHEN file.extractor != $extractor THEN 'again: the model or the extractor changed'
        WHEN state.size != file.size OR state.is_moved THEN 'changed'
        ELSE 'again: as asked, or since it was rejected or stale'
    END AS why, source_uri
FROM state LEFT JOIN file USING (source_uri) WHERE state.state != 'unchanged'
UNION ALL SELECT 'gone: its rows go', source_uri FROM removed
UNION ALL SELECT 'gone: its rows stay (keep_removed)', source_uri FROM kept
ORDER BY source_uri
"""

#: What is known before extraction of what each file will hold: nothing where it is gone, something where it is new.
AFTERWARDS = """
CREATE VIEW afterwards AS
SELECT source_uri, 0 AS n_articles, true AS is_gone FROM removed
UNION ALL SELECT source_uri, 1, false FROM state WHERE state = 'new'
"""

#: The files that hold articles and are neither found by this run nor removed by it, to be extracted from their stored texts where
#: the snapshot's tables are of an earlier version; and what a job reads of them.
STORED_FILE = """
CREATE TABLE stored AS
SELECT source_uri, coalesce(sum(strlen(text)), 0)::BIGINT AS n_bytes
FROM file JOIN old_article USING (source_uri)
WHERE status = 'loaded'
    AND source_uri NOT IN (SELECT source_uri FROM found) AND source_uri NOT IN (SELECT source_uri FROM removed)
GROUP BY ALL
"""
STORED = {
    "file": "SELECT * FROM file SEMI JOIN stored USING (source_uri) ORDER BY source_uri",
    "rejection": "SELECT * FROM rejection SEMI JOIN stored USING (source_uri) ORDER BY source_uri, record_no",
    "article": "SELECT * FROM old_article SEMI JOIN stored USING (source_uri) ORDER BY source_uri, record_no",
    "passage": """
        SELECT source_uri, old_passage.*
        FROM old_passage JOIN old_article USING (article_id) SEMI JOIN stored USING (source_uri)
        ORDER BY source_uri, article_id, passage_no
    """,
}
#: Rows to a row group of what a job reads: it skips the groups without its files.
STORED_ROWS = 2048

#: Of the files to do, those a finished shard holds in the very state they have now. The limit may have been another.
REUSED = """
CREATE TABLE reused AS
SELECT state.source_uri, min(parse_path(done.filename)[-2]) AS shard
FROM state JOIN {done} AS done
    ON done.source_uri = state.source_uri AND done.parser = state.parser AND done.extractor = $extractor
    AND done.size = state.size AND epoch_us(done.modified_at) = state.modified_us AND epoch_us(done.changed_at) = state.changed_us
WHERE state.state IN ('new', 'changed') AND done.size <= $max_bytes
    AND done.source_uri NOT IN (SELECT source_uri FROM {rejected} WHERE max_bytes IS NOT NULL)
GROUP BY ALL
"""

TO_DO = """
SELECT source_uri, path, source, size, modified_us, changed_us
FROM state WHERE state IN ('new', 'changed') AND source_uri NOT IN (SELECT source_uri FROM reused)
ORDER BY source_uri
"""


def make_plan(
    layout: Layout,
    config: Config,
    sources: Sequence[Source],
    old: Snapshot,
    *,
    workers: int,
    full: bool,
    retry_rejected: bool,
    allow_removals: bool,
    resolution: str,
    is_listed: bool,
    new_names: Collection[str],
    scope: Scope,
) -> Plan:
    """Compare what the scan found with the ``old`` snapshot's files, and cut what is to do into shards.

    ``is_listed``: the plan names every file and why. ``resolution`` is what names are to be resolved by, as
    `etl.store.manifest.Manifest` has it. ``new_names`` are those of sources that the configuration has only now.
    ``scope`` says which files are to be extracted.

    Besides the jobs, ``reused.parquet`` (source_uri, shard) and ``removed.parquet`` (source_uri, is_forgotten) are left in the work
    folder for assembling.

    Raises:
        SourceError: when a source lost more files than may be a coincidence, or takes the name of another.
    """
    extractor = extractor_version(config.model)
    with engine(layout.spill, config.memory_limit) as db:
        _open_inputs(db, layout, sources, old)
        _refuse_twins(db)
        values: dict[str, Literal] = {
            "full": full,
            "retry_rejected": retry_rejected,
            "extractor": extractor,
            "max_bytes": config.max_bytes,
            "our_fault": OUR_FAULT,
            "alike": _runs_alike(db, library_versions()),
        }
        db.execute(inlined(STATES, values))
        leave_outside(db, scope, old)
        _look_inside(db, layout)
        slice_off(db, scope)
        _find_gone(db, scope)
        if not allow_removals:
            _refuse_losses(db, new_names)
        _find_finished(db, layout, values)
        n_bytes = number(db, "SELECT coalesce(sum(size), 0) FROM state WHERE state IN ('new', 'changed')")
        jobs = _write_jobs(layout, config, _shards(db, sources, extractor, shard_bytes(n_bytes, workers)))
        n_stored = 0
        if old.manifest.is_older:
            n_stored = _write_stored(db, layout, old)
            shards = _stored_shards(db, old.manifest.snapshot_id, extractor)
            jobs += _write_jobs(layout, config, shards, stored=os.fsencode(layout.stored))
        is_resolved_by_others = old.manifest.resolution != resolution or old.manifest.is_older
        return Plan(
            **_counts(db),
            n_bytes=n_bytes,
            n_stored=n_stored,
            jobs=tuple(jobs),
            listing=tuple(db.execute(inlined(LISTING, values)).fetchall()) if is_listed else (),
            is_resolved_again=bool(old.manifest.snapshot_id) and is_resolved_by_others,
        )


def shard_bytes(n_bytes: int, workers: int) -> int:
    """How many bytes of files a shard of a plan of ``n_bytes`` takes."""
    return max(MIN_SHARD_BYTES, min(SHARD_BYTES, n_bytes // (workers * SHARDS_PER_WORKER)))


def cut(files: Iterable[tuple[FileJob, int]], limit: int) -> Iterator[tuple[list[FileJob], int]]:
    """Cut a stream of (file, bytes) into shards of at most ``limit`` bytes and SHARD_FILES files; each with its bytes."""
    shard: list[FileJob] = []
    total = 0
    for file, size in files:
        if shard and (total + size > limit or len(shard) == SHARD_FILES):
            yield shard, total
            shard, total = [], 0
        shard.append(file)
        total += size
    if shard:
        yield shard, total


def _whole_shards(layout: Layout) -> list[Path]:
    """The finished shards; one that the disk has damaged since is deleted, and its files are extracted again."""
    whole = []
    for shard in sorted(layout.shards.glob("*/")):
        try:
            for name in SHARD_TABLES:
                pq.read_metadata(shard / f"{name}.parquet")
            whole.append(shard)
        except (OSError, pa.ArrowInvalid):
            shutil.rmtree(shard)
    return whole


def _open_inputs(db: duckdb.DuckDBPyConnection, layout: Layout, sources: Sequence[Source], old: Snapshot) -> None:
    """The tables ``source``, ``found`` and ``hashed``, and those of the ``old`` snapshot."""
    db.execute("CREATE TABLE source (name VARCHAR, parser VARCHAR, keeps_removed BOOLEAN)")
    for source in sources:
        row = f"{literal(source.name)}, {literal(parser_version(source))}, {source.keep_removed}"
        db.execute(f"INSERT INTO source VALUES ({row})")
    db.execute(f"CREATE VIEW found AS FROM read_parquet({quoted(str(layout.found))})")
    for table in (FILE, REJECTION, RUN):
        db.execute(f"CREATE VIEW {table.name} AS FROM {old_rows(old, table)}")
    db.execute(f"CREATE TABLE hashed AS {_hashed(layout)}")


def _look_inside(db: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Set the states of files that only their hash tells, and keep these hashes for later runs, unless nothing may be kept."""
    if _hash_touched(db) and layout.work_in is None:
        fresh = layout.work / layout.hashed.name
        db.execute(f"COPY ({HASHED}) TO {quoted(str(fresh))} (FORMAT parquet)")
        move(fresh, layout.hashed)


def _find_gone(db: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Create the tables ``removed`` and ``kept`` of files that are gone."""
    for table, keeps in (("removed", False), ("kept", True)):
        db.execute(GONE.format(table=table, keeps=keeps, is_partial=scope.is_partial))


def _refuse_losses(db: duckdb.DuckDBPyConnection, new_names: Collection[str]) -> None:
    db.execute(AFTERWARDS)
    refuse_reused_names(db, new_names)
    refuse_losses(db, "file", ("file",))


def _find_finished(db: duckdb.DuckDBPyConnection, layout: Layout, values: Mapping[str, Literal]) -> None:
    """Create the table ``reused``, and leave it and ``removed`` in the work folder."""
    finished = _whole_shards(layout)
    done = parquet(FILE, (shard / "file.parquet" for shard in finished), with_filename=True)
    rejected = parquet(REJECTION, (shard / "rejection.parquet" for shard in finished))
    db.execute(inlined(REUSED.format(done=done, rejected=rejected), values))
    leave_lists(db, layout.work, "FROM reused", "FROM removed")


def _counts(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The files of a plan, by what it does with them."""
    n_in = Counter(dict(db.execute("SELECT state, count(*) FROM state GROUP BY ALL").fetchall()))
    by_state = {f"n_{state}": n_in[state] for state in ("new", "changed", "waiting", "left", "over")}
    by_table = {f"n_{name}": number(db, f"SELECT count(*) FROM {name}") for name in ("removed", "kept", "reused")}
    return {"n_found": n_in.total(), **by_state, **by_table}


def _shards(db: duckdb.DuckDBPyConnection, sources: Sequence[Source], extractor: str, limit: int) -> Iterator[Shard]:
    """The files to read, in shards of at most ``limit`` bytes."""
    by_name = {source.name: source for source in sources}
    identities: dict[str, str] = {}

    def files() -> Iterator[tuple[FileJob, int]]:
        cursor = db.cursor().execute(TO_DO)
        while rows := cursor.fetchmany(SHARD_FILES):
            for uri, path, name, size, *moments in rows:
                source = by_name[name]
                identities[uri] = f"{size} {moments}"
                yield FileJob(source_uri=uri, path=path, parser=parser_version(source), **source.reading()), size

    for shard, size in cut(files(), limit):
        states = ((file.source_uri, file.parser, identities.pop(file.source_uri)) for file in shard)
        yield hash_id(extractor, *states), shard, size


def _stored_shards(db: duckdb.DuckDBPyConnection, snapshot_id: str, extractor: str) -> Iterator[Shard]:
    """The files to extract from their stored texts."""
    rows = db.cursor().execute("FROM stored ORDER BY source_uri").fetchall()
    files = ((FileJob(source_uri=uri, path=b"", parser=""), n_bytes) for uri, n_bytes in rows)
    for shard, size in cut(files, SHARD_BYTES):
        yield hash_id("stored", snapshot_id, extractor, *(file.source_uri for file in shard)), shard, size


def _write_jobs(layout: Layout, config: Config, shards: Iterable[Shard], stored: bytes | None = None) -> list[Path]:
    """Write each shard's job; the texts of those that are ``stored`` are in that folder."""
    layout.jobs.mkdir(parents=True, exist_ok=True)
    extractor, buried = extractor_version(config.model), marks(load_tombstones(layout.tombstones))
    return [
        ShardJob(
            key=key,
            extractor=extractor,
            model=config.model,
            max_bytes=config.max_bytes,
            seconds=config.shard_seconds + size / config.shard_bytes_per_second,
            files=tuple(files),
            tombstones=buried,
            stored=stored,
        ).save(layout.jobs)
        for key, files, size in shards
    ]


def _write_stored(db: duckdb.DuckDBPyConnection, layout: Layout, old: Snapshot) -> int:
    """Leave what is stored of the files to be extracted from it in the work folder; how many there are."""
    for table in (ARTICLE, PASSAGE):
        db.execute(f"CREATE VIEW old_{table.name} AS FROM {extracted_in(old, table.name)}")
    db.execute(STORED_FILE)
    layout.stored.mkdir(parents=True, exist_ok=True)
    for name, query in STORED.items():
        to = quoted(f"{layout.stored}/{name}.parquet")
        db.execute(f"COPY ({query}) TO {to} (FORMAT parquet, ROW_GROUP_SIZE {STORED_ROWS})")
    return number(db, "SELECT count(*) FROM stored")


def _hashed(layout: Layout) -> str:
    """The query for what earlier runs hashed; of a file that cannot be read, nothing, since it only saves time."""
    with contextlib.suppress(OSError, pa.ArrowInvalid):
        if pq.read_schema(layout.hashed).names == list(HASHED_COLUMNS):
            return f"FROM read_parquet({quoted(str(layout.hashed))})"
    columns = ", ".join(f"NULL::{type_} AS {name}" for name, type_ in HASHED_COLUMNS.items())
    return f"SELECT {columns} WHERE false"


def _hash_touched(db: duckdb.DuckDBPyConnection) -> int:
    """Hash the files whose stat moved but whose size did not, and those to retry, and set their states by it.

    Returns how many hold what they held.
    """
    cursor = db.cursor().execute(
        "SELECT source_uri, path, CASE state WHEN 'touched' THEN content_sha256 END FROM state WHERE state IN ('touched', 'retry')"
    )
    db.execute("CREATE TEMP TABLE same (source_uri VARCHAR)")
    while rows := cursor.fetchmany(SHARD_FILES):
        same = [(uri,) for uri, path, known in rows if hash_of(Path(os.fsdecode(path))) == known]
        if same:
            db.executemany("INSERT INTO same VALUES (?)", same)
    db.execute("UPDATE state SET state = 'unchanged' WHERE source_uri IN (SELECT source_uri FROM same)")
    db.execute("UPDATE state SET state = 'changed' WHERE state IN ('touched', 'retry')")
    return number(db, "SELECT count(*) FROM same")


def _refuse_twins(db: duckdb.DuckDBPyConnection) -> None:
    twin = db.execute("SELECT source_uri FROM found GROUP BY ALL HAVING count(*) > 1 LIMIT 1").fetchone()
    if twin:
        raise SourceError(f"two files go by the name {twin[0]!r} once their odd bytes are made printable; rename one")


def _runs_alike(db: duckdb.DuckDBPyConnection, versions: Mapping[str, str]) -> list[str]:
    """Of the runs that rejected something by our own fault, those that ran on the same versions as this one."""
    rejected = f"SELECT run_id FROM rejection WHERE list_contains({literal(OUR_FAULT)}, reason)"
    runs = db.execute(f"SELECT run_id, versions FROM run WHERE run_id IN ({rejected})").fetchall()
    return [run_id for run_id, ran_on in runs if ran_on == dict(versions)]
