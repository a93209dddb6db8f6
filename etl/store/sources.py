"""The sources of a warehouse: listing, forgetting and renaming them.

A build removes only files of sources that it scans, so that nothing is lost if a folder is not mounted. So a source that is removed
from the configuration keeps its rows until a person forgets it.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from duckdb.func import FunctionNullHandling

from etl.config import Source, forget_source, load_config, rename_source
from etl.errors import ConfigError, HeldError
from etl.ids import article_id, hash_id, span_id
from etl.schema import TABLES, quoted
from etl.store.change import leave_table, open_extracted, publish_change
from etl.store.duck import engine, parquet
from etl.store.file_changes import leave_lists
from etl.store.journal import Run
from etl.store.lock import writer_lock
from etl.store.manifest import Snapshot, open_snapshot
from etl.store.paths import Layout
from etl.store.publication import Publication
from etl.store.redact import finish
from etl.store.rollback import held
from etl.validation import validated


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The published rows of a source, without removed files. ``is_listed``: the configuration lists the source."""

    name: str
    n_files: int
    n_articles: int
    is_listed: bool


COUNTS = """
SELECT split_part(source_uri, '/', 1) AS name, count(*) FILTER (WHERE status != 'removed'), sum(n_articles)::BIGINT
FROM {file} GROUP BY ALL ORDER BY ALL
"""

#: A source's rows under its new name. The date of an article may come from digits in its path, so if the name has digits, the files
#: are marked as read by another parser, and the next build reads them again.
RENAMED_URI = "$new || substring(source_uri, length($old) + 1)"
RENAMED = {
    "moved": f"""
        SELECT article_id AS old_id, article_id_of({RENAMED_URI}, record_no, record_key) AS new_id
        FROM old_article WHERE starts_with(source_uri, $old || '/')
    """,
    "file": f"""
        SELECT * REPLACE ({RENAMED_URI} AS source_uri, CASE WHEN $may_date THEN '' ELSE parser END AS parser)
        FROM old_file WHERE starts_with(source_uri, $old || '/')
    """,
    "rejection": f"""
        SELECT * REPLACE ({RENAMED_URI} AS source_uri) FROM old_rejection WHERE starts_with(source_uri, $old || '/')
    """,
    "article": f"""
        SELECT old_article.* REPLACE (
            new_id AS article_id, {RENAMED_URI} AS source_uri,
            CASE WHEN publisher IS NULL AND outlet = $old THEN $new ELSE outlet END AS outlet
        )
        FROM old_article JOIN moved ON old_id = article_id
    """,
    "passage": "SELECT old_passage.* REPLACE (new_id AS article_id) FROM old_passage JOIN moved ON old_id = article_id",
    "quote": """
        SELECT old_quote.* REPLACE (new_id AS article_id, span_id_of(new_id, span_start, span_end, kind) AS quote_id)
        FROM old_quote JOIN moved ON old_id = article_id
    """,
    "mention": """
        SELECT old_mention.* REPLACE (new_id AS article_id, span_id_of(new_id, span_start, span_end, via) AS mention_id)
        FROM old_mention JOIN moved ON old_id = article_id
    """,
}


def sources(layout: Layout) -> list[SourceRows]:
    """All sources with files (of any status) in the published snapshot, by name."""
    config = load_config(layout.config)
    listed = {source.name for source in config.source}
    files = open_snapshot(layout.published()).paths().get("file", [])
    with TemporaryDirectory() as spill, engine(Path(spill), config.memory_limit) as db:
        rows = db.execute(COUNTS.format(file=parquet(TABLES["file"], files))).fetchall()
    return [SourceRows(name, n_files, n_articles, name in listed) for name, n_files, n_articles in rows]


def rows_of(layout: Layout, name: str) -> SourceRows:
    """The published rows of one source.

    Raises:
        ConfigError: when the source is neither published nor listed.
    """
    known = {source.name: source for source in sources(layout)}
    listed = [source.name for source in load_config(layout.config).source]
    if name not in known and name not in listed:
        there = ", ".join({**known, **dict.fromkeys(listed)}) or "none; is that the warehouse's directory?"
        raise ConfigError(f"there is no source {name!r} in {layout.root}; there are: {there}")
    return known.get(name, SourceRows(name, 0, 0, is_listed=True))


def forget(publication: Publication, versions: Mapping[str, str], name: str) -> Run | None:
    """Remove all rows of a source, and remove it from the configuration. Returns the run, or None if it had no rows.

    Raises:
        ConfigError: when there is no such source.
        HeldError: when publication is held after a rollback.
    """
    layout = publication.layout

    def leave(old: Snapshot, run: Run) -> None:
        with _opened(publication, old) as db:
            leave_lists(db, layout.work, removed=_gone(name))

    with writer_lock(layout.lock):
        _refuse_held(layout)
        finish(publication, versions)
        has_rows = name in {source.name for source in sources(layout)}
        rows_of(layout, name)
        run = publish_change(publication, versions, leave) if has_rows else None
        forget_source(layout.config, name)
        return run


def refuse_name(layout: Layout, old: str, new: str) -> None:
    """Refuse a ``new`` name that the ``old`` source cannot have.

    Raises:
        ConfigError: when the name is not valid, or is taken by rows or in the configuration.
    """
    validated(Source, {"name": new, "path": layout.root}, f"the name {new!r}")
    if new in {source.name for source in sources(layout)}:
        raise ConfigError(
            f"the warehouse has rows of a source {new!r} already; choose another name, or forget it first"
        )
    # It is no conflict if only the new name is listed: a person renamed the entry, or an earlier attempt was killed half way.
    if {old, new} <= {source.name for source in load_config(layout.config).source}:
        raise ConfigError(f"{layout.config}: the name {new!r} is taken")


def rename(publication: Publication, versions: Mapping[str, str], old: str, new: str) -> Run | None:
    """Rename a source in the configuration and in all its rows. Nothing is extracted again.

    Returns the run, or None if the source had no rows. Can be repeated after a kill.

    Raises:
        ConfigError: when there is no ``old`` source, or ``new`` is taken or not valid.
        HeldError: when publication is held after a rollback.
    """
    layout = publication.layout
    with writer_lock(layout.lock):
        _refuse_held(layout)
        finish(publication, versions)
        known = {source.name for source in sources(layout)}
        refuse_name(layout, old, new)
        is_listed = any(source.name == old for source in load_config(layout.config).source)
        if old not in known:
            rename_source(layout.config, old, new)
            return None

        def leave(was: Snapshot, run: Run) -> None:
            _leave_renamed(publication, was, run, old, new)

        def passed() -> None:
            if is_listed:
                rename_source(layout.config, old, new)

        # Rows and configuration change together: under one name each, the next build would load all files once more.
        return publish_change(publication, versions, leave, passed=passed)


def _leave_renamed(publication: Publication, was: Snapshot, run: Run, old: str, new: str) -> None:
    layout = publication.layout
    key = hash_id("rename", run.run_id)
    folder = layout.shards / key
    folder.mkdir(parents=True)
    named = {"old": old, "new": new, "may_date": re.search(r"\d", old + new) is not None}
    with _opened(publication, was) as db:
        db.create_function(
            "article_id_of",
            article_id,
            ["VARCHAR", "INTEGER", "VARCHAR"],
            "VARCHAR",
            null_handling=FunctionNullHandling.SPECIAL,
        )
        db.create_function("span_id_of", span_id, ["VARCHAR", "INTEGER", "INTEGER", "VARCHAR"], "VARCHAR")
        for name, query in RENAMED.items():
            asked = {key: value for key, value in named.items() if f"${key}" in query}
            db.execute(f"CREATE TABLE {name} AS {query}", asked)
            if name in TABLES:
                leave_table(db, name, folder)
        leave_lists(db, layout.work, f"SELECT source_uri, {quoted(key)} AS shard FROM file", _gone(old))


def _gone(source: str) -> str:
    """The query for all files of a source, as removed and to be forgotten."""
    return (
        f"SELECT source_uri, true AS is_forgotten FROM old_file WHERE starts_with(source_uri, {quoted(source + '/')})"
    )


@contextmanager
def _opened(publication: Publication, old: Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the old snapshot's tables of files, as ``old_TABLE``."""
    with engine(publication.layout.spill, publication.config.memory_limit) as db:
        open_extracted(db, old)
        yield db


def _refuse_held(layout: Layout) -> None:
    if hold := held(layout):
        raise HeldError(f"{hold}; first: ontherecord release --warehouse {shlex.quote(str(layout.root))}")
