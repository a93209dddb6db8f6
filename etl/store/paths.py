"""Where things lie in a warehouse directory.

::

    ontherecord.toml         the sources and settings, for people to edit
    lock                     who is writing now
    current -> snapshots/ID  the published snapshot; moving this link is publication
    snapshots/ID/            manifest.json, ontherecord.duckdb, TABLE/YYYY-MM/*.parquet
    runs/ID.jsonl            the journal: one file a run
    logs/                    what builds printed, a file a run
    failed/ID/               what a failed audit was about
    checks/*.sql             checks of the user's own
    hold                     who rolled back, when and why; while it is there, nothing is published
    tombstones.jsonl         the articles taken back: who, when, why, and hashes by which to know them again
    work/                    the run in progress; finished shards outlive a killed run
"""

from dataclasses import dataclass
from pathlib import Path

from etl.schema import CURRENT, MANIFEST


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one warehouse directory. ``work_in`` moves the work elsewhere, for runs that are to leave no trace."""

    root: Path
    work_in: Path | None = None

    @property
    def config(self) -> Path:
        """The sources and settings."""
        return self.root / "ontherecord.toml"

    @property
    def lock(self) -> Path:
        """The file the writer holds."""
        return self.root / "lock"

    @property
    def current(self) -> Path:
        """The link to the published snapshot."""
        return self.root / CURRENT

    @property
    def snapshots(self) -> Path:
        """The kept snapshots, one directory each."""
        return self.root / "snapshots"

    @property
    def runs(self) -> Path:
        """The journal."""
        return self.root / "runs"

    @property
    def failed(self) -> Path:
        """Snapshots that broke a check."""
        return self.root / "failed"

    @property
    def logs(self) -> Path:
        """What builds printed."""
        return self.root / "logs"

    @property
    def checks(self) -> Path:
        """The user's own checks."""
        return self.root / "checks"

    @property
    def hold(self) -> Path:
        """The mark of a rollback."""
        return self.root / "hold"

    @property
    def tombstones(self) -> Path:
        """The articles taken back."""
        return self.root / "tombstones.jsonl"

    @property
    def work(self) -> Path:
        """Everything of a run that is not published yet."""
        return self.work_in or self.root / "work"

    @property
    def shards(self) -> Path:
        """Finished shards."""
        return self.work / "shards"

    @property
    def jobs(self) -> Path:
        """Shards still to do."""
        return self.work / "jobs"

    @property
    def scratch(self) -> Path:
        """Shards being written."""
        return self.work / "scratch"

    @property
    def found(self) -> Path:
        """What the scan found."""
        return self.work / "found.parquet"

    @property
    def staging(self) -> Path:
        """The snapshot being assembled."""
        return self.work / "snapshot"

    @property
    def spill(self) -> Path:
        """What DuckDB puts on disk when memory is short."""
        return self.work / "spill"

    def kept(self) -> list[Path]:
        """The directories of the kept snapshots, oldest first. Whatever else lies among them is none of ours."""
        return sorted(path.parent for path in self.snapshots.glob(f"*/{MANIFEST}"))

    def set_aside(self) -> list[Path]:
        """The directories of the snapshots that broke a check, oldest first."""
        return sorted(path.parent for path in self.failed.glob(f"*/{MANIFEST}"))

    def published(self) -> Path | None:
        """The directory of the published snapshot, resolved; None before the first."""
        return self.current.resolve() if self.current.is_symlink() else None
