"""Keeping the journal bounded: old runs go, except those that a kept snapshot or a monitor still needs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.durable import sync
from etl.store.journal import ID_DIGITS, ID_TIME, run_files
from etl.store.lock import writer_lock
from etl.store.paths import Layout

#: The last runs, which stay whatever their age: how the next one compares with them is told.
KEPT_RUNS = 100


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was deleted: files of the journal, and bytes."""

    n_runs: int
    n_bytes: int


def tidy(root: Path, older: timedelta, *, dry_run: bool = False) -> Tidied:
    """Delete from the journal the runs that began longer ago than ``older``.

    The runs of kept snapshots stay, and so do the last `KEPT_RUNS`.

    Raises:
        LockedError: when a build is at work.
    """
    layout = Layout(root)
    with writer_lock(layout.lock):
        kept = {path.name for path in layout.kept()}
        before = datetime.now(UTC) - older
        old = [path for path in run_files(layout.runs)[:-KEPT_RUNS] if path.stem not in kept and _began(path) < before]
        n_bytes = sum(path.stat().st_size for path in old)
        if old and not dry_run:
            for path in old:
                path.unlink()
                (layout.logs / f"{path.stem}.log").unlink(missing_ok=True)
            sync(layout.runs)
    return Tidied(len(old), n_bytes)


def _began(path: Path) -> datetime:
    """When a run began, by its id; one with an id of some other kind is not old."""
    try:
        return datetime.strptime(path.stem[:ID_DIGITS], ID_TIME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)
