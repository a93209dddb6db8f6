"""The guard against losses that nobody meant: a source that is half mounted, cut short, or exported wrongly.

Judged source by source, by what each file held and what it will hold. ``--allow-removals`` lets everything pass.
"""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from etl.errors import SourceError

#: Refused: the loss of more than this share of a source's files, and of at least so many. So is the loss of that many of its
#: articles from files that are still there, since people delete files but seldom empty them.
LOSS_SHARE = 0.1
LOSS_FLOOR = 5
#: Refused in any case, however small the source: that it is left with less than this share of its files or its articles.
LEAST_LEFT = 0.5

#: Of each source: its files and articles before, those lost, those lost from files that are still there, and what is left. A file
#: is lost when it is gone, or held articles and holds none now.
COUNTED = """
SELECT split_part(source_uri, '/', 1) AS source,
    count(*) FILTER (WHERE is_known) AS n_files,
    count(*) FILTER (WHERE is_known AND (is_gone OR n_before > 0 AND n_after = 0)) AS n_files_lost,
    count(*) FILTER (WHERE is_known AND is_gone) AS n_files_gone,
    count(*) FILTER (WHERE is_known AND n_before > 0) AS n_files_before,
    count(*) FILTER (WHERE n_after > 0) AS n_files_after,
    sum(n_before)::BIGINT AS n_articles_before,
    sum(n_after)::BIGINT AS n_articles_after,
    coalesce(sum(greatest(n_before - n_after, 0)) FILTER (WHERE NOT is_gone), 0)::BIGINT AS n_articles_cut
FROM (
    SELECT source_uri, old.source_uri IS NOT NULL AS is_known, coalesce(is_gone, false) AS is_gone,
        coalesce(old.n_articles, 0) AS n_before, coalesce(afterwards.n_articles, old.n_articles, 0) AS n_after
    FROM (FROM {old} WHERE status != 'removed') AS old FULL JOIN {afterwards} AS afterwards USING (source_uri)
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
    n_files_before: int
    n_files_after: int
    n_articles_before: int
    n_articles_after: int
    n_articles_cut: int

    def files_lost(self) -> str | None:
        """What is wrong with its files, if more are lost than may be by intent."""
        is_much = self.n_files_lost >= LOSS_FLOOR and self.n_files_lost > LOSS_SHARE * self.n_files
        if is_much or self.n_files_after < LEAST_LEFT * self.n_files_before:
            how = "are gone" if self.n_files_gone >= self.n_files_lost else "are gone or hold no article any more"
            return f"{self.n_files_lost:,} of {self.n_files:,} files {how}"
        return None

    def articles_lost(self) -> str | None:
        """What is wrong with its articles, if more are lost than may be by intent."""
        if self.n_articles_cut >= LOSS_FLOOR and self.n_articles_cut > LOSS_SHARE * self.n_articles_before:
            return (
                f"files that are still there have lost {self.n_articles_cut:,} of {self.n_articles_before:,} articles"
            )
        if self.n_articles_after < LEAST_LEFT * self.n_articles_before:
            return f"{self.n_articles_after:,} of {self.n_articles_before:,} articles would be left"
        return None


#: Of each source that the configuration has only now: its known files, and those that are there as they were. Of a folder that is
#: listed again, most are.
FAMILIAR = """
SELECT split_part(file.source_uri, '/', 1) AS source, count(*) AS n_files,
    count(*) FILTER (WHERE found.size = file.size) AS n_familiar
FROM file LEFT JOIN found USING (source_uri)
WHERE file.status != 'removed' AND list_contains($new, split_part(file.source_uri, '/', 1))
GROUP BY ALL ORDER BY ALL
"""


def refuse_reused_names(db: duckdb.DuckDBPyConnection, new: Collection[str]) -> None:
    """Make sure that no new source takes the name, and with it the rows, of one that the configuration no longer lists.

    ``new`` are the names of the sources that the configuration has only now; ``file`` is the published table, ``found`` the scan.

    Raises:
        SourceError: when one does.
    """
    for source, n_files, n_familiar in db.execute(FAMILIAR, {"new": list(new)}).fetchall():
        if n_familiar < LEAST_LEFT * n_files:
            raise SourceError(
                f"the warehouse has {n_files:,} files of an earlier source {source!r}, of which {n_files - n_familiar:,} are "
                "missing or different here; nothing was removed. If this is another source, choose another name with --name, "
                f"or first: ontherecord forget {source}. If it is the same, build with --allow-removals"
            )


def refuse_losses(
    db: duckdb.DuckDBPyConnection, old: str, afterwards: str, of: Collection[str] = ("file", "article")
) -> None:
    """Make sure that no source loses more than a person may be thought to mean.

    ``old`` names the published file table; ``afterwards`` a relation (source_uri, n_articles, is_gone) of the files that are new,
    changed or gone. ``of`` says whether files, articles or both are looked at.

    Raises:
        SourceError: when one does.
    """
    cursor = db.execute(COUNTED.format(old=old, afterwards=afterwards))
    names = [column[0] for column in cursor.description or ()]
    for row in cursor.fetchall():
        counts = Counts(**dict(zip(names, row, strict=True)))
        lost = counts.files_lost() if "file" in of else None
        lost = lost or (counts.articles_lost() if "article" in of else None)
        if lost:
            raise SourceError(
                f"source {counts.source!r}: {lost}; nothing was removed. If that is meant, build with --allow-removals"
            )
