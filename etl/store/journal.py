"""The journal: one file for each run, whether it published or failed.

A run appends a line when it starts and another when it ends. The file of a killed run has only the first.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from etl.durable import Printable, State, sync
from etl.schema import RUN, RunStatus, frame_of

if TYPE_CHECKING:
    import pandas as pd

#: The format of the time in a run's id: UTC, to the microsecond.
ID_TIME = "%Y%m%dT%H%M%S%f"
RUN_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{4}")
ID_DIGITS = len("20310501T120000000000")
KILLED = "killed: it did not record how it ended"
#: The error of a run whose record this version cannot read.
FOREIGN = "another version recorded it in a way that this one cannot read"

#: The counts that are of a run's snapshot, whether it published it or found it as it should be.
OF_SNAPSHOT = ("n_rejected", "n_articles", "n_utterances", "n_mentions", "n_corrections", "n_corrections_lost")


class Run(State):
    """One run, with the columns of the ``run`` table. ``n_`` count files, or rows of the snapshot; ``seconds`` are wall time.

    ``is_whole`` is not one of them: False for a run that left out sources or files (a backfill, a slice that is not the last) or
    that was no build (a redaction).
    """

    run_id: str
    started_at: datetime
    versions: Mapping[str, str]
    finished_at: datetime | None = None
    status: RunStatus = "failed"
    error: Printable | None = KILLED
    n_found: int = 0
    n_new: int = 0
    n_changed: int = 0
    n_removed: int = 0
    n_rejected: int = 0
    n_articles: int = 0
    n_utterances: int = 0
    n_mentions: int = 0
    n_corrections: int = 0
    n_corrections_lost: int = 0
    seconds: Mapping[str, float] = {}
    snapshot_id: str | None = None
    allowed: tuple[str, ...] = ()
    is_whole: bool = True

    def ended(self, status: RunStatus, error: str | None = None) -> "Run":
        """The run as it ends now."""
        return self.with_(status=status, error=error, finished_at=datetime.now(UTC))


def new_run(versions: Mapping[str, str], after: str = "") -> Run:
    """A run that starts now. Its id sorts after the id ``after``, even where the clock was set back since."""
    now = datetime.now(UTC)
    moment = now
    if after and after[:ID_DIGITS] >= f"{now:{ID_TIME}}":
        moment = datetime.strptime(after[:ID_DIGITS], ID_TIME).replace(tzinfo=UTC) + timedelta(microseconds=1)
    return Run(run_id=f"{moment:{ID_TIME}}Z-{secrets.token_hex(2)}", started_at=now, versions=versions)


def record(runs: Path, run: Run) -> None:
    """Append the current state of the run to its file."""
    runs.mkdir(parents=True, exist_ok=True)
    path = runs / f"{run.run_id}.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(line(run))
    sync(path)
    sync(runs)


def line(run: Run) -> str:
    """The run as a line of JSON."""
    return run.model_dump_json() + "\n"


def run_files(runs: Path) -> list[Path]:
    """The files of the journal, oldest run first. Files of other names are not ours."""
    return sorted(path for path in runs.glob("*.jsonl") if RUN_ID.fullmatch(path.stem))


def journal(runs: Path) -> list[Run]:
    """All runs, oldest first, each by the last complete line of its file."""
    return [run for path in run_files(runs) if (run := read_run(path))]


def run_frame(runs: list[Run]) -> "pd.DataFrame":
    """The rows of the ``run`` table."""
    rows = [{**dict(run), "seconds": list(run.seconds.items()), "versions": list(run.versions.items())} for run in runs]
    return frame_of(RUN, rows)


class _Begun(State):
    """The fields of a run that every version records."""

    run_id: str
    started_at: datetime


def read_run(path: Path) -> Run | None:
    """The run in a file, by its last complete line; None if there is no file or no complete line."""
    if not path.exists():
        return None
    for each in reversed(path.read_bytes().splitlines()):
        for read in (Run.model_validate_json, _foreign):
            try:
                return read(each)
            except ValidationError:  # written by another version, or incomplete after a crash
                continue
    return None


def _foreign(line: bytes) -> Run:
    begun = _Begun.model_validate_json(line)
    return Run(run_id=begun.run_id, started_at=begun.started_at, versions={}, error=FOREIGN)
