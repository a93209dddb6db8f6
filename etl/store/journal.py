"""The journal: every run on record, whatever became of it, in a file of its own beside the snapshots.

A run's file has a line when it starts and another when it ends; one that was killed has only the first.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from etl.durable import sync
from etl.schema import RUN

#: How a run's id tells its moment: UTC, to the microsecond.
ID_TIME = "%Y%m%dT%H%M%S%f"
ID_DIGITS = len("20310501T120000000000")
KILLED = "killed: it left no word of how it ended"


@dataclass(frozen=True, slots=True)
class Run:
    """One run, with the columns of the ``run`` table. ``n_`` count files, or rows of the snapshot; ``seconds`` are wall time."""

    run_id: str
    started_at: datetime
    versions: Mapping[str, str]
    finished_at: datetime | None = None
    status: str = "failed"
    error: str | None = KILLED
    n_found: int = 0
    n_new: int = 0
    n_changed: int = 0
    n_removed: int = 0
    n_rejected: int = 0
    n_articles: int = 0
    n_utterances: int = 0
    n_mentions: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    snapshot_id: str | None = None
    allowed: tuple[str, ...] = ()

    def ended(self, status: str, error: str | None = None) -> "Run":
        """The run as it ends now."""
        return replace(self, status=status, error=error, finished_at=datetime.now(UTC))


def new_run(versions: Mapping[str, str], after: str = "") -> Run:
    """A run that starts now. Its id sorts after the id ``after``, even where the clock was set back since."""
    now = datetime.now(UTC)
    moment = now
    if after and after[:ID_DIGITS] >= f"{now:{ID_TIME}}":
        moment = datetime.strptime(after[:ID_DIGITS], ID_TIME).replace(tzinfo=UTC) + timedelta(microseconds=1)
    return Run(f"{moment:{ID_TIME}}Z-{secrets.token_hex(2)}", now, versions)


def record(runs: Path, run: Run) -> None:
    """Append the run, as it stands, to its file."""
    runs.mkdir(parents=True, exist_ok=True)
    path = runs / f"{run.run_id}.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(line(run))
    sync(path)
    sync(runs)


def line(run: Run) -> str:
    """The run as a line of its file."""
    return json.dumps(asdict(run), default=datetime.isoformat) + "\n"


def journal(runs: Path) -> list[Run]:
    """Every run on record, the oldest first, each as its last whole line has it."""
    return [run for path in sorted(runs.glob("*.jsonl")) if (run := read_run(path))]


def run_frame(runs: list[Run]) -> pd.DataFrame:
    """The rows of the ``run`` table."""
    rows = [
        {**asdict(run), "seconds": list(run.seconds.items()), "versions": list(run.versions.items())} for run in runs
    ]
    return pd.DataFrame.from_records(rows, columns=list(RUN.names)).astype(object)


def read_run(path: Path) -> Run | None:
    """The run in a file, as its last whole line has it; None where there is no file or no whole line."""
    if not path.exists():
        return None
    for each in reversed(path.read_text(encoding="utf-8").splitlines()):
        try:
            fields = json.loads(each)
        except ValueError:  # the machine went down in the middle of the line
            continue
        moments = {k: datetime.fromisoformat(fields[k]) for k in ("started_at", "finished_at") if fields[k]}
        return Run(**{**fields, **moments, "allowed": tuple(fields.get("allowed", ()))})
    return None
