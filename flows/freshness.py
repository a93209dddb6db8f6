"""The freshness of a warehouse, for monitors: the last scan of its sources, the published snapshot, and the last runs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from etl.durable import write_whole
from etl.errors import OnTheRecordError
from etl.schema import RUN_STATUSES
from etl.store.journal import Run, journal
from etl.store.lock import is_working
from etl.store.paths import Layout
from etl.store.rollback import held
from etl.text import plural

#: The statuses of runs that have scanned their sources, whether something changed or not.
LOOKED = ("published", "unchanged")
#: Units of time in words, in seconds, the largest first.
UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
#: The number of last runs that are listed.
ATTEMPTS_SHOWN = 10
#: The file for scrapers, in the text format of Prometheus and OpenMetrics.
METRICS = "metrics"


class StaleError(OnTheRecordError):
    """The sources were last scanned longer ago than allowed."""


class Attempt(BaseModel):
    """One run, for monitors. Times are UTC."""

    run_id: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None

    @property
    def seconds(self) -> float | None:
        """The duration in seconds; None for a run that did not end."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class Health(BaseModel):
    """The state of a warehouse. ``looked_at`` is the end of the last run that scanned all sources and did not fail."""

    model_config = ConfigDict(frozen=True)

    warehouse: str
    snapshot_id: str | None
    published_at: datetime | None
    looked_at: datetime | None
    held: str | None
    n_articles: int
    n_utterances: int
    n_mentions: int
    n_rejected: int
    runs: dict[str, int]
    last_seconds: float | None
    attempts: tuple[Attempt, ...]

    def age(self, now: datetime | None = None) -> timedelta | None:
        """The time since the sources were last scanned; None for never."""
        return (now or datetime.now(UTC)) - self.looked_at if self.looked_at else None


def is_look(run: Run) -> bool:
    """Whether a run scanned all sources, left nothing out and did not fail."""
    return run.status in LOOKED and run.is_whole


def health(root: Path) -> Health:
    """The state of the warehouse in ``root``, from its journal. The published snapshot need not be readable."""
    layout = Layout(root)
    runs = journal(layout.runs)
    current = layout.published()
    published = next((run for run in reversed(runs) if current and run.run_id == current.name), None)
    looked = [run for run in runs if is_look(run)]
    hold = held(layout)
    ended = [run for run in runs if run.finished_at]
    return Health(
        warehouse=str(root),
        snapshot_id=current.name if current else None,
        published_at=published.finished_at if published else None,
        looked_at=looked[-1].finished_at if looked else None,
        held=str(hold) if hold else None,
        n_articles=published.n_articles if published else 0,
        n_utterances=published.n_utterances if published else 0,
        n_mentions=published.n_mentions if published else 0,
        n_rejected=published.n_rejected if published else 0,
        runs={status: sum(run.status == status for run in runs) for status in RUN_STATUSES},
        last_seconds=_attempt(ended[-1]).seconds if ended else None,
        attempts=_attempts(layout, runs),
    )


def _attempt(run: Run) -> Attempt:
    return Attempt(**run.model_dump(include=set(Attempt.model_fields)))


def _attempts(layout: Layout, runs: Sequence[Run]) -> tuple[Attempt, ...]:
    """The last runs, the newest first. A run without an end is running if the last writer still is, else it was killed."""
    attempts = [_attempt(run) for run in reversed(runs[-ATTEMPTS_SHOWN:])]
    if attempts and not attempts[0].finished_at and is_working(layout.lock):
        attempts[0] = attempts[0].model_copy(update={"status": "running", "error": None})
    return tuple(attempts)


def refuse_stale(found: Health, max_age: timedelta) -> None:
    """Refuse a warehouse whose sources were not scanned within ``max_age``.

    Raises:
        StaleError: when they were not.
    """
    age = found.age()
    if age is not None and age <= max_age:
        return
    seen = f"{spoken(age)} ago, at {found.looked_at:%Y-%m-%d %H:%M:%S} UTC" if age else "never"
    last = f"; the last run: {found.attempts[0].status}" if found.attempts else ""
    why = f", {found.attempts[0].error}" if found.attempts and found.attempts[0].error else ""
    raise StaleError(
        f"{found.warehouse}: the sources were last looked at {seen}, which is more than {spoken(max_age)} ago{last}{why}. "
        f"See: ontherecord status --warehouse {found.warehouse}"
    )


def spoken(span: timedelta) -> str:
    """A span of time in the largest unit that it has two of, and the rest in the next: "90 seconds", "26 hours 18 minutes"."""
    seconds = int(span.total_seconds())
    first = next((at for at, (_, size) in enumerate(UNITS) if seconds >= 2 * size), len(UNITS) - 1)
    parts: list[str] = []
    for unit, size in UNITS[first : first + 2]:
        n, seconds = divmod(seconds, size)
        parts += [plural(n, unit)] if n or not parts else []
    return " ".join(parts)


def write_metrics(root: Path) -> None:
    """Write the metrics file, atomically."""
    write_whole(root / METRICS, openmetrics(health(root)))


def openmetrics(found: Health) -> str:
    """The state as OpenMetrics text. Times are seconds since 1970. Unknown values are omitted."""
    gauges = {
        "last_look_timestamp_seconds": ("When the sources were last looked at without a failure.", found.looked_at),
        "published_timestamp_seconds": ("When the current snapshot was published.", found.published_at),
        "held": ("Whether publication is held since a rollback.", int(found.held is not None)),
        "articles": ("Articles in the current snapshot.", found.n_articles),
        "utterances": ("Utterances in the current snapshot.", found.n_utterances),
        "mentions": ("Mentions in the current snapshot.", found.n_mentions),
        "rejections": ("Rejected files and records of the current snapshot.", found.n_rejected),
        "last_run_seconds": ("How long the last run took.", found.last_seconds),
    }
    lines = []
    for name, (told, value) in gauges.items():
        if value is not None:
            number = value.timestamp() if isinstance(value, datetime) else value
            lines += [*_head(name, told), f"ontherecord_{name} {number}"]
    lines += _head("runs", "Runs in the journal by how they ended.")
    lines += [f'ontherecord_runs{{status="{status}"}} {n}' for status, n in found.runs.items()]
    return "\n".join([*lines, "# EOF", ""])


def _head(name: str, told: str) -> list[str]:
    return [f"# TYPE ontherecord_{name} gauge", f"# HELP ontherecord_{name} {told}"]
