"""The layout of a warehouse directory.

::

    ontherecord.toml         the sources and settings, for people to edit
    lock                     the current writer
    current -> snapshots/ID  the published snapshot; a snapshot is published by moving this link
    published.json           the published snapshot and its time, for programs that wait for a publication
    metrics                  freshness and size, for monitors (OpenMetrics)
    snapshots/ID/            manifest.json, ontherecord.duckdb, TABLE/YYYY-MM/*.parquet
    runs/ID.jsonl            the journal: one file per run
    schedules/NAME/          the process that serves the schedule, and when its next run was due when it stopped
    logs/                    the output of builds, one file per run
    pushes/                  the stores the warehouse was pushed to
    failed/ID/               snapshots that failed their audit
    checks/*.sql             the user's own checks
    hold                     who rolled back, when and why; while it exists, nothing is published
    tombstones.jsonl         the redacted articles: who, when, why, and hashes to recognise them by
    hashed.parquet           files with new times but unchanged content, so that they are not hashed again
    work/                    the run in progress; finished shards survive a killed run
"""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from etl.errors import BrokenCopyError
from etl.schema import CURRENT, MANIFEST
from etl.store.journal import journal

#: The marker file in a snapshot that is no longer current.
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths in a warehouse directory. ``work_in`` is another work folder, for runs that must not change the warehouse."""

    root: Path
    work_in: Path | None = None

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.root / "ontherecord.toml"

    @property
    def lock(self) -> Path:
        """The lock file of the writer."""
        return self.root / "lock"

    @property
    def current(self) -> Path:
        """The link to the published snapshot."""
        return self.root / CURRENT

    @property
    def announcement(self) -> Path:
        """The published snapshot, for programs that wait for a publication."""
        return self.root / "published.json"

    @property
    def snapshots(self) -> Path:
        """The kept snapshots, one directory for each."""
        return self.root / "snapshots"

    @property
    def runs(self) -> Path:
        """The journal."""
        return self.root / "runs"

    @property
    def failed(self) -> Path:
        """Snapshots that failed a check."""
        return self.root / "failed"

    @property
    def logs(self) -> Path:
        """The output of builds."""
        return self.root / "logs"

    @property
    def pushes(self) -> Path:
        """Notes of the stores that the warehouse was pushed to."""
        return self.root / "pushes"

    @property
    def checks(self) -> Path:
        """The user's own checks."""
        return self.root / "checks"

    @property
    def hold(self) -> Path:
        """The marker of a rollback."""
        return self.root / "hold"

    @property
    def tombstones(self) -> Path:
        """The redacted articles."""
        return self.root / "tombstones.jsonl"

    @property
    def work(self) -> Path:
        """The files of a run that are not published yet."""
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
        """The files found by the scan."""
        return self.work / "found.parquet"

    @property
    def stored(self) -> Path:
        """Shards extracted from stored texts."""
        return self.work / "stored"

    @property
    def hashed(self) -> Path:
        """Files with new times but unchanged content, by hash."""
        return self.root / "hashed.parquet"

    @property
    def staging(self) -> Path:
        """The snapshot being assembled."""
        return self.work / "snapshot"

    @property
    def spill(self) -> Path:
        """DuckDB's temporary files."""
        return self.work / "spill"

    def kept(self) -> list[Path]:
        """The directories of the kept snapshots, oldest first. Other directories are ignored."""
        return sorted(path.parent for path in self.snapshots.glob(f"*/{MANIFEST}"))

    def set_aside(self) -> list[Path]:
        """The directories of the snapshots that failed a check, oldest first."""
        return sorted(path.parent for path in self.failed.glob(f"*/{MANIFEST}"))

    def published(self) -> Path | None:
        """The resolved directory of the published snapshot; None before the first.

        Raises:
            BrokenCopyError: when ``current`` is a directory, or is missing although a snapshot was published. The message has the
                command that repairs it.
        """
        if self.current.is_symlink() and self.current.is_dir():
            return self.current.resolve()
        if self.current.is_dir():
            raise BrokenCopyError(self._repaired_directory())
        if last := self._last_published():
            what = (
                "points to a snapshot that is gone"
                if self.current.is_symlink()
                else "is missing, as in a copy that dropped links"
            )
            raise BrokenCopyError(f"{self.current} {what}; repair it with: {_linked(self.current, last)}")
        return None

    def _repaired_directory(self) -> str:
        name = str(json.loads((self.current / MANIFEST).read_text(encoding="utf-8"))["snapshot_id"])
        is_kept = (self.snapshots / name).is_dir()
        here, kept = shlex.quote(str(self.current)), shlex.quote(str(self.snapshots))
        command = f"rm -r {here}" if is_kept else f"mkdir -p {kept} && mv {here} {kept}/{name}"
        return (
            f"{self.current} is a directory, as in a copy that followed links (cp -rL); repair it with: "
            f"{command} && {_linked(self.current, name)}"
        )

    def _last_published(self) -> str | None:
        """The kept snapshot that was current last, according to the journal and the markers of superseded snapshots."""
        published = (
            [run.run_id for run in journal(self.runs) if run.status == "published"] if self.runs.is_dir() else []
        )
        kept = [name for name in published if (self.snapshots / name / MANIFEST).is_file()]
        current = [name for name in kept if not (self.snapshots / name / SUPERSEDED).exists()]
        return next(reversed(current or kept), None)


def _linked(link: Path, name: str) -> str:
    return shlex.join(["ln", "-sfn", f"snapshots/{name}", str(link)])
