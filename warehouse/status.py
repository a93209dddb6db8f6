"""The state of a warehouse: the published snapshot, its sources, and the rejections."""

import shlex
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from etl.config import load_config
from etl.store.paths import Layout
from etl.text import plural
from warehouse.reader import connect, snapshot
from warehouse.rejections import BY_REASON

SOURCES = """
SELECT
    split_part(source_uri, '/', 1) AS source,
    count(*) FILTER (WHERE status = 'loaded') AS loaded,
    count(*) FILTER (WHERE status = 'rejected') AS rejected,
    count(*) FILTER (WHERE status = 'removed') AS removed,
    count(*) FILTER (WHERE is_stale) AS stale,
    sum(n_articles) AS articles
FROM file GROUP BY ALL ORDER BY source
"""
NAMES = "SELECT DISTINCT split_part(source_uri, '/', 1) FROM file WHERE status != 'removed'"
VERSIONS = """
SELECT parser AS "read by", extractor AS "found by", count(*) AS files
FROM file WHERE status != 'removed' GROUP BY ALL ORDER BY files DESC
"""
RUN = """
SELECT run_id, finished_at, n_articles, n_utterances, n_mentions
FROM run WHERE snapshot_id = run_id ORDER BY run_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a warehouse: lines about the published snapshot, and tables of its sources, versions and rejections."""

    lines: tuple[str, ...]
    tables: tuple[pa.Table, ...]


def status(root: Path) -> Status:
    """The state of the warehouse in ``root``.

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    with connect(root) as db:
        run = db.execute(RUN).fetchone()
        found = [db.execute(query).to_arrow_table() for query in (SOURCES, VERSIONS, BY_REASON)]
    lines: tuple[str, ...] = ()
    if run:
        run_id, finished_at, n_articles, n_utterances, n_mentions = run
        lines = (
            f"published {run_id} at {finished_at:%Y-%m-%d %H:%M:%S} UTC",
            str(snapshot(root)),
            f"{plural(n_articles, 'article')}, {plural(n_utterances, 'utterance')}, {plural(n_mentions, 'mention')}",
        )
    return Status((*lines, *unlisted(root)), tuple(table for table in found if table.num_rows))


def unlisted(root: Path) -> list[str]:
    """What to do about sources that have rows, but that the configuration does not list (any more, or by this name).

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    listed = {source.name for source in load_config(Layout(root).config).source}
    with connect(root) as db:
        has_rows = {name for (name,) in db.execute(NAMES).fetchall()}
    told = "is not listed in ontherecord.toml and keeps its rows; to remove them: ontherecord forget"
    return [f"source {name} {told} {shlex.quote(name)}" for name in sorted(has_rows - listed)]
