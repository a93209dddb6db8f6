"""Publication: a snapshot becomes the current one by the move of a single link, or not at all."""

import time
from pathlib import Path

from etl.durable import move, point, sync_tree
from etl.layout import Layout
from etl.recover import discard
from etl.schema import DATABASE, MANIFEST

#: Readers that resolved a snapshot keep it at least this long, in seconds.
MIN_AGE = 24 * 3600


def publish(layout: Layout, snapshot_id: str) -> Path:
    """Flush the staging directory to disk, give it its name among the snapshots, and move ``current`` to it."""
    layout.snapshots.mkdir(parents=True, exist_ok=True)
    target = layout.snapshots / snapshot_id
    sync_tree(layout.staging)
    move(layout.staging, target)
    point(layout.current, target)
    return target


def set_aside(layout: Layout, run_id: str) -> Path:
    """Keep the staging directory of a failed audit as evidence."""
    target = layout.failed / run_id
    layout.failed.mkdir(parents=True, exist_ok=True)
    move(layout.staging, target)
    return target


def prune(layout: Layout, keep: int, previous: Path | None) -> list[str]:
    """Remove the oldest snapshots beyond ``keep``, and databases of all but the published one and the ``previous``.

    Nothing that was the published one in the last MIN_AGE seconds goes, since readers may have it open.
    """
    newest_first = sorted((path.resolve() for path in layout.snapshots.iterdir()), reverse=True)
    others = newest_first[1:]
    old = [
        path
        for path, successor in zip(others, newest_first, strict=False)
        if time.time() - (successor / MANIFEST).stat().st_mtime > MIN_AGE
    ]
    removed = [path for path in old if path in others[keep:]]
    for path in removed:
        discard(layout, path)
    for path in old:
        if path != previous and path not in removed:
            (path / DATABASE).unlink(missing_ok=True)
    return [path.name for path in removed]
