"""Publication: a snapshot becomes the current one by the move of a single link, or not at all.

A snapshot that another takes the place of is marked ``superseded``: the age of the mark is how long ago readers may have opened it.
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

#: Failed snapshots kept as evidence: a check that fails every night would fill the disk.
FAILED_KEPT = 3


def publish(layout: Layout, snapshot_id: str) -> Path:
    """Flush the staging directory to disk, give it its name among the snapshots, and move ``current`` to it."""
    layout.snapshots.mkdir(parents=True, exist_ok=True)
    target = layout.snapshots / snapshot_id
    sync_tree(layout.staging)
    move(layout.staging, target)
    make_current(layout, target)
    return target


def make_current(layout: Layout, target: Path) -> None:
    """Move ``current`` to a kept snapshot, and mark the one it leaves."""
    previous = layout.published()
    point(layout.current, target)
    (target / SUPERSEDED).unlink(missing_ok=True)
    if previous and previous != target.resolve():
        (previous / SUPERSEDED).touch()
    announce(layout)


def announce(layout: Layout) -> None:
    """Write ``published.json`` beside ``current``, for programs that wait for a publication: what is published, and since when."""
    if current := layout.published():
        at = datetime.fromtimestamp(layout.current.lstat().st_mtime, UTC).isoformat(timespec="seconds")
        told = {"snapshot_id": current.name, "published_at": at, "path": str(current)}
        write_whole(layout.announcement, json.dumps(told, indent=1) + "\n")


def set_aside(layout: Layout, run_id: str) -> Path:
    """Keep the staging directory of a failed audit as evidence, in the place of the oldest where there are too many."""
    target = layout.failed / run_id
    layout.failed.mkdir(parents=True, exist_ok=True)
    move(layout.staging, target)
    for oldest in layout.set_aside()[:-FAILED_KEPT]:
        shutil.rmtree(oldest)
    return target


def discard(layout: Layout, snapshot: Path) -> None:
    """Remove a snapshot: out of the way in one step, so that a kill leaves no half of it among the others."""
    target = layout.work / f"discarded-{snapshot.name}"
    layout.work.mkdir(parents=True, exist_ok=True)
    move(snapshot, target)
    shutil.rmtree(target)


def superseded(layout: Layout) -> list[Path]:
    """The kept snapshots but the current one, the latest to leave its place first."""
    current = layout.published()
    others = [path.resolve() for path in layout.kept() if path.resolve() != current]
    for path in others:
        # A run that was killed between publishing and marking: from now on it counts as having just left.
        if not (path / SUPERSEDED).exists():
            (path / SUPERSEDED).touch()
    return sorted(others, key=lambda path: ((path / SUPERSEDED).stat().st_mtime_ns, path.name), reverse=True)


def _is_ours(snapshot: Path) -> bool:
    try:
        return not read_manifest(snapshot).is_older
    except OnTheRecordError:
        return False


def prune(layout: Layout, keep: int, keep_hours: float) -> list[str]:
    """Remove the snapshots beyond ``keep``, and the databases of all but the current one and its predecessor.

    Nothing that was the current one in the last ``keep_hours`` goes, since readers may have it open. Those with an earlier
    version's tables are neither counted nor removed: they are the way back to that version, and for a person to delete.
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
