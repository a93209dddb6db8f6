"""What is published, when, from what, and what was rejected."""

from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from warehouse.reader import connect, snapshot
from warehouse.text import printable

#: Kinds of rejections listed.
REASONS_SHOWN = 20

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
VERSIONS = """
SELECT parser AS "read by", extractor AS "found by", count(*) AS files
FROM file WHERE status != 'removed' GROUP BY ALL ORDER BY files DESC
"""
REJECTIONS = f"""
SELECT reason, count(*) AS n, min(source_uri) AS "for example", arg_min(detail, source_uri) AS detail
FROM rejection GROUP BY ALL ORDER BY n DESC LIMIT {REASONS_SHOWN}
"""
RUN = """
SELECT run_id, finished_at, n_articles, n_utterances, n_mentions
FROM run WHERE snapshot_id = run_id ORDER BY run_id DESC LIMIT 1
"""


def status(root: Path) -> Group:
    """The state of the warehouse in ``root``, for a terminal.

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    with connect(root) as db:
        run = db.execute(RUN).fetchone()
        tables = [_table(db.execute(query).to_arrow_table().to_pylist()) for query in (SOURCES, VERSIONS, REJECTIONS)]
    head = Text()
    if run:
        run_id, finished_at, n_articles, n_utterances, n_mentions = run
        head.append(f"published {run_id}", style="bold")
        head.append(f" at {finished_at:%Y-%m-%d %H:%M:%S} UTC\n{snapshot(root)}\n")
        head.append(f"{n_articles:,} articles, {n_utterances:,} utterances, {n_mentions:,} mentions")
    return Group(head, *tables)


def _table(rows: list[dict[str, object]]) -> Table:
    table = Table()
    for name in rows[0] if rows else ["nothing rejected"]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(value))) for value in row.values()))
    return table
