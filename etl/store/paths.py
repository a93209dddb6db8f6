"""Where things lie in a warehouse directory.

::

    ontherecord.toml         the sources and settings, for people to edit
    lock                     who is writing now
    current -> snapshots/ID  the published snapshot; moving this link is publication
    published.json           what is published, and since when, for programs that wait for it
    metrics                  how fresh and how large it is, for monitors (OpenMetrics)
    snapshots/ID/            manifest.json, ontherecord.duckdb, TABLE/YYYY-MM/*.parquet
    runs/ID.jsonl            the journal: one file a run
    schedules/NAME/          which process serves the schedule, and when its next run was due as it stopped
    logs/                    what builds printed, a file a run
    failed/ID/               what a failed audit was about
    checks/*.sql             checks of the user's own
    hold                     who rolled back, when and why; while it is there, nothing is published
    tombstones.jsonl         the redacted articles: who, when, why, and hashes by which to know them again
    hashed.parquet           files that were touched but hold what they held, so that they are not hashed again
    work/                    the run in progress; finished shards outlive a killed run
"""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from etl.errors import BrokenCopyError
from etl.schema import CURRENT, MANIFEST
from etl.store.journal import journal

#: The mark in a snapshot that is not the current one any more.
SUPERSEDED = "superseded"


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
    def announcement(self) -> Path:
        """What is published, for programs that wait for a publication."""
        return self.root / "published.json"

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
        """The redacted articles."""
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
    def stored(self) -> Path:
        """What is extracted from stored texts."""
        return self.work / "stored"

    @property
    def hashed(self) -> Path:
        """Files whose stat moved, by which hash they hold what the published snapshot has."""
        return self.root / "hashed.parquet"

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
        """The directory of the published snapshot, resolved; None before the first.

        Raises:
            BrokenCopyError: when ``current`` is a directory, or missing though something was published; the message has the command
                that repairs it.
        """
        if self.current.is_symlink() and self.current.is_dir():
            return self.current.resolve()
        if self.current.is_dir():
            raise BrokenCopyError(self._repaired_directory())
        if last := self._last_published():
            raise BrokenCopyError(
                f"{self.current} is missing, as in a copy that dropped links; repair it with: {_linked(self.current, last)}"
            )
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
        """The kept snapshot that was current last, as far as the journal and the marks of superseded ones tell."""
        published = (
            [run.run_id for run in journal(self.runs) if run.status == "published"] if self.runs.is_dir() else []
        )
        kept = [name for name in published if (self.snapshots / name / MANIFEST).is_file()]
        current = [name for name in kept if not (self.snapshots / name / SUPERSEDED).exists()]
        return next(reversed(current or kept), None)


def _linked(link: Path, name: str) -> str:
    return shlex.join(["ln", "-s", f"snapshots/{name}", str(link)])
