"""Which of the files that a run found it is to extract: all, or those of a backfill.

A file left out keeps the rows it has, as one that is not settled yet does; nothing of it counts as removed.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from etl.schema import ARTICLE
from etl.store.duck import old_rows
from etl.store.manifest import Snapshot


@dataclass(frozen=True, slots=True)
class Scope:
    """Files to extract: of the days from ``since`` to ``until``, ``only_stale`` ones, at most ``n_files`` (0: any number)."""

    since: date | None = None
    until: date | None = None
    only_stale: bool = False
    n_files: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether files are left out for good, and not only for a later slice."""
        return bool(self.since or self.until or self.only_stale)


EVERYTHING = Scope()

#: A file is of the days its articles were published on; one without such a day, as a new one, is of the day it was modified (UTC).
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
#: A stale file's rows are of another version of the stages, the model or the source's options, or were kept when it failed.
NOT_STALE = """
UPDATE state SET state = 'left'
WHERE state NOT IN ('waiting', 'unchanged') AND (state = 'new' OR NOT is_outdated AND NOT is_stale)
"""
#: Files that failed before come last: they must not keep the others from a slice.
BEYOND = """
UPDATE state SET state = 'over' WHERE source_uri IN (
    SELECT source_uri FROM state WHERE state IN ('new', 'changed') ORDER BY is_stale, source_uri OFFSET $n_files
)
"""


def leave_outside(db: duckdb.DuckDBPyConnection, scope: Scope, old: Snapshot) -> None:
    """Mark what lies outside of the scope as left, before anything is read to tell whether it changed."""
    if scope.since or scope.until:
        db.execute(f"CREATE VIEW article AS FROM {old_rows(old, ARTICLE)}")
        db.execute(OUTSIDE, {"since": scope.since or date.min, "until": scope.until or date.max})
    if scope.only_stale:
        db.execute(NOT_STALE)


def slice_off(db: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Of what is to do, mark all but the scope's number of files as over, for later slices."""
    if scope.n_files:
        db.execute(BEYOND, {"n_files": scope.n_files})
