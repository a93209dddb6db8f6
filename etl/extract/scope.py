"""Which of the files found a run extracts: all, or those of a backfill.

A file that is left out keeps its rows, like a file that is still being written. It does not count as removed.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from etl.schema import ARTICLE
from etl.store.duck import old_rows
from etl.store.manifest import Snapshot


@dataclass(frozen=True, slots=True)
class Scope:
    """The files to extract: from ``since`` to ``until``, only stale ones if ``only_stale``, at most ``n_files`` (0: all)."""

    since: date | None = None
    until: date | None = None
    only_stale: bool = False
    n_files: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether files are left out altogether, rather than left for a later slice."""
        return bool(self.since or self.until or self.only_stale)


#: A file's days are those on which its articles were published. Without any, as for a new file, it is the day of its mtime (UTC).
OUTSIDE = """
UPDATE state SET state = 'left'
FROM (
    SELECT found.source_uri,
        coalesce(bool_or(published_on BETWEEN $since AND $until), make_timestamp(modified_us)::DATE BETWEEN $since AND $until)
            AS is_within
    FROM found LEFT JOIN article USING (source_uri)
    GROUP BY found.source_uri, modified_us
) AS day
WHERE state.source_uri = day.source_uri AND NOT is_within AND state NOT IN ('waiting', 'unchanged')
"""
#: A file is stale if its rows come from another version of the stages, the model or the source's options, or if it failed since.
NOT_STALE = """
UPDATE state SET state = 'left'
WHERE state NOT IN ('waiting', 'unchanged') AND (state = 'new' OR NOT is_outdated AND NOT is_stale)
"""
#: Files that failed before come last, so that they do not crowd the others out of a slice.
BEYOND = """
UPDATE state SET state = 'over' WHERE source_uri IN (
    SELECT source_uri FROM state WHERE state IN ('new', 'changed') ORDER BY is_stale, source_uri OFFSET $n_files
)
"""


def leave_outside(db: duckdb.DuckDBPyConnection, scope: Scope, old: Snapshot) -> None:
    """Mark the files outside the scope as ``left``, before any is read to see whether it changed."""
    if scope.since or scope.until:
        db.execute(f"CREATE VIEW article AS FROM {old_rows(old, ARTICLE)}")
        db.execute(OUTSIDE, {"since": scope.since or date.min, "until": scope.until or date.max})
    if scope.only_stale:
        db.execute(NOT_STALE)


def slice_off(db: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Mark the files beyond the scope's limit as ``over``. A later slice extracts them."""
    if scope.n_files:
        db.execute(BEYOND, {"n_files": scope.n_files})
