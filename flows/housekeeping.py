"""Delete old runs from the journal, except those that a kept snapshot or a monitor still needs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.durable import sync
from etl.store.journal import ID_DIGITS, ID_TIME, run_files
from etl.store.lock import writer_lock
from etl.store.paths import Layout

#: The number of last runs that are always kept, to compare the next run with.
KEPT_RUNS = 100


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was deleted: the number of runs, and of bytes."""

    n_runs: int
    n_bytes: int


def tidy(root: Path, older: timedelta, *, dry_run: bool = False) -> Tidied:
    """Delete the runs that began longer ago than ``older`` from the journal, but keep those of kept snapshots and `KEPT_RUNS`.

    Raises:
        LockedError: when a build is running.
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
    """When a run began, by its id. A run with another kind of id counts as new."""
    try:
        return datetime.strptime(path.stem[:ID_DIGITS], ID_TIME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)
