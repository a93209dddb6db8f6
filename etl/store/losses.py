"""The guard against unintended losses: a source that is partly mounted, truncated, or badly exported.

Each source is checked by the articles of its files before and after the run. ``--allow-removals`` skips the check.
"""

import shlex
from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from etl.errors import SourceError
from etl.sources.scan import HIDDEN
from etl.store.duck import inlined
from etl.text import plural

#: A loss of more than this share of a source's files, and of at least this many, is refused. The same limits apply to articles lost
#: from files that still exist, because people delete files but rarely empty them.
LOSS_SHARE = 0.1
LOSS_FLOOR = 5
#: A source of any size must keep at least this share of its files and of its articles.
LEAST_LEFT = 0.5

#: For each source: its files and articles before, those lost, those lost from files that still exist, and those left. A file is
#: lost if it was removed, or had articles and has none now.
COUNTED = """
SELECT split_part(source_uri, '/', 1) AS source,
    count(*) FILTER (WHERE is_known) AS n_files,
    count(*) FILTER (WHERE is_known AND (is_gone OR n_before > 0 AND n_after = 0)) AS n_files_lost,
    count(*) FILTER (WHERE is_known AND is_gone) AS n_files_gone,
    count(*) FILTER (WHERE is_known AND is_gone AND contains(source_uri, '/' || $hidden)) AS n_files_hidden,
    count(*) FILTER (WHERE is_known AND n_before > 0) AS n_files_before,
    count(*) FILTER (WHERE n_after > 0) AS n_files_after,
    sum(n_before)::BIGINT AS n_articles_before,
    sum(n_after)::BIGINT AS n_articles_after,
    coalesce(sum(greatest(n_before - n_after, 0)) FILTER (WHERE NOT is_gone), 0)::BIGINT AS n_articles_cut
FROM (
    SELECT source_uri, old.source_uri IS NOT NULL AS is_known, coalesce(is_gone, false) AS is_gone,
        coalesce(old.n_articles, 0) AS n_before, coalesce(afterwards.n_articles, old.n_articles, 0) AS n_after
    FROM (FROM {old} WHERE status != 'removed') AS old FULL JOIN afterwards USING (source_uri)
)
GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One source's row of `COUNTED`."""

    source: str
    n_files: int
    n_files_lost: int
    n_files_gone: int
    n_files_hidden: int
    n_files_before: int
    n_files_after: int
    n_articles_before: int
    n_articles_after: int
    n_articles_cut: int

    def files_lost(self) -> str | None:
        """The problem, if the source lost too many files."""
        is_much = self.n_files_lost >= LOSS_FLOOR and self.n_files_lost > LOSS_SHARE * self.n_files
        if is_much or self.n_files_after < LEAST_LEFT * self.n_files_before:
            how = "are gone" if self.n_files_gone >= self.n_files_lost else "are gone or hold no article any more"
            # An early version read them.
            skipped = f" ({self.n_files_hidden:,} of them hidden, which are skipped now)" if self.n_files_hidden else ""
            return f"{self.n_files_lost:,} of {self.n_files:,} files {how}{skipped}"
        return None

    def articles_lost(self) -> str | None:
        """The problem, if the source lost too many articles."""
        if self.n_articles_cut >= LOSS_FLOOR and self.n_articles_cut > LOSS_SHARE * self.n_articles_before:
            return (
                f"files that are still there have lost {self.n_articles_cut:,} of {self.n_articles_before:,} articles"
            )
        if self.n_articles_after < LEAST_LEFT * self.n_articles_before:
            return f"{self.n_articles_after:,} of {self.n_articles_before:,} articles would be left"
        return None


#: For each source that is new in the configuration: its known files, and those that are unchanged. If a folder is listed again,
#: most are unchanged.
FAMILIAR = """
SELECT split_part(file.source_uri, '/', 1) AS source, count(*) AS n_files,
    count(*) FILTER (WHERE found.size = file.size) AS n_familiar
FROM file LEFT JOIN found USING (source_uri)
WHERE file.status != 'removed' AND list_contains($new, split_part(file.source_uri, '/', 1))
GROUP BY ALL ORDER BY ALL
"""


def refuse_reused_names(db: duckdb.DuckDBPyConnection, new: Collection[str]) -> None:
    """Refuse a new source with the name, and so the rows, of a source that the configuration no longer lists.

    ``new`` are the names of sources that are new in the configuration. ``file`` is the published table, ``found`` the scan.

    Raises:
        SourceError: when there is one.
    """
    for source, n_files, n_familiar in db.execute(inlined(FAMILIAR, {"new": tuple(new)})).fetchall():
        if n_familiar < LEAST_LEFT * n_files:
            raise SourceError(
                f"the warehouse has {plural(n_files, 'file')} of an earlier source {source!r}, of which "
                f"{n_files - n_familiar:,} are missing or different here; nothing was removed. If this is another source, choose "
                f"another name with --name, or first: ontherecord forget {shlex.quote(source)}. "
                "If it is the same, build with --allow-removals"
            )


def refuse_losses(db: duckdb.DuckDBPyConnection, old: str, of: Collection[str] = ("file", "article")) -> None:
    """Refuse a loss that is probably not intended.

    ``old`` is the published file table; ``afterwards`` has (source_uri, n_articles, is_gone) of new, changed and removed files.
    ``of`` tells whether to check files, articles or both.

    Raises:
        SourceError: when a source loses too much.
    """
    cursor = db.execute(inlined(COUNTED, {"hidden": HIDDEN}).format(old=old))
    names = [column[0] for column in cursor.description or ()]
    for row in cursor.fetchall():
        counts = Counts(**dict(zip(names, row, strict=True)))
        lost = counts.files_lost() if "file" in of else None
        lost = lost or (counts.articles_lost() if "article" in of else None)
        if lost:
            raise SourceError(
                f"source {counts.source!r}: {lost}; nothing was removed. If this is intended, build with --allow-removals"
            )
