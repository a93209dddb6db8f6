"""Publish snapshots atomically, by moving a single link.

A snapshot that is replaced gets the marker file ``superseded``, whose age tells how long readers may still have it open.
"""

import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from etl.durable import move, point, sync_tree, write_whole
from etl.errors import OnTheRecordError
from etl.schema import DATABASE, SEARCH
from etl.store.manifest import read_manifest
from etl.store.paths import SUPERSEDED, Layout

#: The number of failed snapshots kept as evidence. More would fill the disk if a check fails every night.
FAILED_KEPT = 3


def publish(layout: Layout, snapshot_id: str) -> Path:
    """Flush the staging directory to disk, move it to the snapshots, and point ``current`` to it."""
    layout.snapshots.mkdir(parents=True, exist_ok=True)
    target = layout.snapshots / snapshot_id
    sync_tree(layout.staging)
    move(layout.staging, target)
    make_current(layout, target)
    return target


def make_current(layout: Layout, target: Path) -> None:
    """Point ``current`` to a kept snapshot, and mark the previous one as superseded."""
    previous = layout.published()
    point(layout.current, target)
    (target / SUPERSEDED).unlink(missing_ok=True)
    if previous and previous != target.resolve():
        (previous / SUPERSEDED).touch()
    announce(layout)


def announce(layout: Layout) -> None:
    """Write ``published.json``, with the published snapshot and its time, for programs that wait for a publication."""
    if current := layout.published():
        at = datetime.fromtimestamp(layout.current.lstat().st_mtime, UTC).isoformat(timespec="seconds")
        told = {"snapshot_id": current.name, "published_at": at, "path": str(current)}
        write_whole(layout.announcement, json.dumps(told, indent=1) + "\n")


def set_aside(layout: Layout, run_id: str) -> Path:
    """Keep the staging directory of a failed audit as evidence. Deletes the oldest if there are too many."""
    target = layout.failed / run_id
    layout.failed.mkdir(parents=True, exist_ok=True)
    move(layout.staging, target)
    for oldest in layout.set_aside()[:-FAILED_KEPT]:
        shutil.rmtree(oldest)
    return target


def discard(layout: Layout, snapshot: Path) -> None:
    """Delete a snapshot. It is moved away first, so that after a kill no partly deleted snapshot is left among the others."""
    target = layout.work / f"discarded-{snapshot.name}"
    layout.work.mkdir(parents=True, exist_ok=True)
    move(snapshot, target)
    shutil.rmtree(target)


def superseded(layout: Layout) -> list[Path]:
    """The kept snapshots except the current one, the last superseded first."""
    current = layout.published()
    others = [path.resolve() for path in layout.kept() if path.resolve() != current]
    for path in others:
        # A run was killed before it could write the marker: count the snapshot as superseded now.
        if not (path / SUPERSEDED).exists():
            (path / SUPERSEDED).touch()
    return sorted(others, key=lambda path: ((path / SUPERSEDED).stat().st_mtime_ns, path.name), reverse=True)


def _is_ours(snapshot: Path) -> bool:
    try:
        return not read_manifest(snapshot).is_older
    except OnTheRecordError:
        return False


def prune(layout: Layout, keep: int, keep_hours: float) -> list[str]:
    """Delete the snapshots beyond ``keep``, and the databases of all but the current snapshot and its predecessor.

    A snapshot that was current in the last ``keep_hours`` stays, because readers may have it open. Snapshots with tables of an
    earlier version are neither counted nor deleted, to make it possible to go back to that version; a person may delete them.
    """
    others = [path for path in superseded(layout) if _is_ours(path)]
    settled = [path for path in others if time.time() - (path / SUPERSEDED).stat().st_mtime > keep_hours * 3600]
    removed = [path for path in settled if path in others[keep:]]
    for path in settled:
        if path in removed:
            discard(layout, path)
        elif path != others[0]:
            for file in (DATABASE, SEARCH):
                (path / file).unlink(missing_ok=True)
    return [path.name for path in removed]
