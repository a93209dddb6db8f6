"""The files and records that could not be used: a listing, and how many there are for each reason."""

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa

from etl.errors import ConfigError
from etl.schema import REJECTION_REASONS
from warehouse.reader import connect

LISTING = """
SELECT source_uri, record_no, reason, detail FROM rejection
WHERE ($source IS NULL OR starts_with(source_uri, $source || '/')) AND ($reason IS NULL OR reason = $reason)
ORDER BY source_uri, record_no NULLS FIRST
"""
SOURCES = "SELECT DISTINCT split_part(source_uri, '/', 1) FROM file ORDER BY ALL"
#: For each reason the number of rejections, the most frequent first, and one of them.
BY_REASON = """
SELECT reason, count(*) AS n, min(source_uri) AS "for example", arg_min(detail, source_uri) AS detail
FROM rejection GROUP BY reason ORDER BY n DESC, reason
"""


def listing(root: Path, source: str | None = None, reason: str | None = None) -> pa.Table:
    """The rejections of a source, or for a reason, or all.

    Raises:
        NothingPublishedError: when nothing was published yet.
        ConfigError: when there is no such source or reason.
    """
    with connect(root) as db:
        if reason is not None:
            _refuse_unknown("reason", reason, REJECTION_REASONS)
        if source is not None:
            _refuse_unknown("source", source, [name for (name,) in db.execute(SOURCES).fetchall()])
        return db.execute(LISTING, {"source": source, "reason": reason}).to_arrow_table()


def n_by_reason(root: Path) -> dict[str, int]:
    """The number of rejections for each reason, the most frequent first.

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    with connect(root) as db:
        return {reason: n for reason, n, *_ in db.execute(BY_REASON).fetchall()}


def _refuse_unknown(what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise ConfigError(f"no {what} is called {name!r}; there are: {', '.join(known)}")
