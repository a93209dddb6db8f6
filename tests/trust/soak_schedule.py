"""Unattended cron, at length: a run a minute for half an hour, with overlaps, an edit, kills and a server restart among them.

``python -m tests.trust.soak_schedule --minutes 32`` prints the runs counted by state, and fails if one was lost, doubled or Failed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.store.journal import journal
from etl.store.lock import writer_lock
from etl.store.paths import Layout
from flows.server import answers
from tests.helpers import STORY, reserved_port, write

BIN = Path(sys.executable).parent
#: Seconds: a minute of cron, how long the lock is held, how long the server and the schedule are away, and take to start.
MINUTE, HELD, SERVER_AWAY, SCHEDULE_AWAY, STARTS = 60, 70, 15, 150, 60


#: How the verdict writes when a run was due.
DUE = "%Y-%m-%d %H:%M:%S"


@dataclass
class Stage:
    """The programs of the soak, and what was done to them."""

    folder: Path
    port: int
    done: list[str] = field(default_factory=list)
    stops: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.root, self.news = self.folder / "warehouse", self.folder / "news"
        self.environment = {
            **os.environ,
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }
        self.server = self.schedule = None  # type: subprocess.Popen[bytes] | None

    def start(self, name: str, *command: object) -> "subprocess.Popen[bytes]":
        """Start a program of this environment in a group of its own, with its output in a file."""
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(BIN / str(command[0])), *map(str, command[1:])],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_server(self) -> None:
        self.server = self.start("server", "prefect", "server", "start", "--port", self.port)
        while not answers(self.url):
            time.sleep(1)

    def start_schedule(self) -> None:
        command = ("ontherecord", "schedule", "--warehouse", self.root, "--cron", "* * * * *", "--workers", 1)
        self.schedule = self.start("schedule", *command)

    def tell(self, text: str) -> None:
        self.done.append(f"{datetime.now(UTC):%H:%M:%S} {text}")
        sys.stdout.write(self.done[-1] + "\n")
        sys.stdout.flush()

    def overlap(self) -> None:
        """Be another writer for over a minute."""
        with writer_lock(Layout(self.root).lock, wait=MINUTE):
            self.tell(f"held the lock for {HELD} s")
            time.sleep(HELD)

    def edit(self) -> None:
        """Add an article and change another."""
        write(self.news, {f"new-{time.time():.0f}.txt": STORY, "a.txt": STORY + "\n\nIt rained again.\n"})
        self.tell("added an article and changed one")

    def kill_run(self) -> None:
        """Kill a flow run's process in its midst."""
        while not (running := children(self.schedule)):
            time.sleep(0.2)
        time.sleep(2)
        os.kill(running[0], signal.SIGKILL)
        self.tell("killed a run")

    def restart_server(self) -> None:
        """Take the server away for a moment."""
        end(self.server, signal.SIGTERM)
        self.tell("stopped the server")
        time.sleep(SERVER_AWAY)
        self.start_server()
        self.tell("the server answers again")

    def kill_schedule(self) -> None:
        """Kill the schedule and what it runs, and start it again after minutes."""
        end(self.schedule, signal.SIGKILL)
        self.tell("killed the schedule")
        time.sleep(SCHEDULE_AWAY)
        self.start_schedule()
        self.tell("started the schedule again")

    def restart_schedule(self) -> None:
        """Stop the schedule in order, and start it again after minutes."""
        stopped = datetime.now(UTC)
        end(self.schedule, signal.SIGTERM)
        self.tell("stopped the schedule in order")
        time.sleep(SCHEDULE_AWAY)
        self.start_schedule()
        self.tell("started the schedule again")
        self.stops.append((stopped, datetime.now(UTC) + timedelta(seconds=STARTS)))

    def flow_runs(self) -> list[dict[str, str]]:
        """Every flow run that was due: when (UTC), in which state and why."""
        from prefect.client.orchestration import SyncPrefectClient
        from prefect.client.schemas.objects import FlowRun

        found: list[FlowRun] = []
        with SyncPrefectClient(self.url) as client:
            while page := client.read_flow_runs(limit=200, offset=len(found)):
                found += page
        return [
            {
                "due": f"{run.expected_start_time:{DUE}}",
                "by": "cron" if run.auto_scheduled else "catch-up",
                "state": run.state_name or "",
                "why": (run.state.message or "") if run.state else "",
            }
            for run in sorted(found, key=lambda run: run.expected_start_time or datetime.now(UTC))
            if run.expected_start_time and run.expected_start_time < datetime.now(UTC)
        ]


def children(parent: "subprocess.Popen[bytes] | None") -> list[int]:
    """The flow runs' processes below a schedule: those that multiprocessing spawned."""
    if parent is None:
        return []
    path = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    pids = [int(pid) for task in path.parent.parent.glob("*/children") for pid in task.read_text().split()]
    return [pid for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def end(process: "subprocess.Popen[bytes] | None", how: signal.Signals) -> None:
    """End a program: its whole group where it is killed, itself where it is asked."""
    if process is None:
        return
    os.killpg(process.pid, how) if how == signal.SIGKILL else process.send_signal(how)
    process.wait(120)


def soak(stage: Stage, minutes: int) -> None:
    """Run the schedule, and do one thing to it every few minutes."""
    events: dict[int, Callable[[], None]] = {
        3: stage.overlap,
        6: stage.edit,
        8: stage.kill_run,
        11: stage.restart_server,
        15: stage.kill_schedule,
        20: stage.overlap,
        23: stage.restart_schedule,
        27: stage.edit,
    }
    began = datetime.now(UTC)
    for minute in range(minutes):
        due = began + timedelta(minutes=minute)
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
        if event := events.get(minute):
            event()


def verdict(stage: Stage) -> dict[str, object]:
    """The runs counted by state, and what is wrong with them."""
    runs = stage.flow_runs()
    due = Counter(run["due"] for run in runs if run["by"] == "cron")
    minutes = [datetime.strptime(each, DUE).replace(tzinfo=UTC) for each in sorted(due)]
    every = [minutes[0] + timedelta(minutes=n) for n in range(round((minutes[-1] - minutes[0]) / timedelta(minutes=1)))]
    lost = [at for at in every if at not in minutes and not any(a <= at <= b for a, b in stage.stops)]
    return {
        "done": stage.done,
        "flow runs by state": dict(Counter(run["state"] for run in runs)),
        "journal by status": dict(Counter(run.status for run in journal(Layout(stage.root).runs))),
        "doubled": sorted(moment for moment, n in due.items() if n > 1),
        "lost": [f"{at:{DUE}}" for at in lost],
        "failed": [run for run in runs if run["state"] == "Failed"],
        "not Completed": [run for run in runs if run["state"] != "Completed"],
        "minutes": len(due),
        "runs": runs,
    }


def main() -> int:
    """Soak, and print the verdict as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=32)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, reserved_port() as port:
        stage = Stage(asked.folder or Path(temporary), port)
        write(stage.news, {"a.txt": STORY, "b.txt": STORY})
        first = stage.start("build", "ontherecord", "build", stage.news, "--warehouse", stage.root, "--direct")
        if first.wait(300):
            return 1
        try:
            stage.start_server()
            stage.start_schedule()
            soak(stage, asked.minutes)
            end(stage.schedule, signal.SIGTERM)
            found = verdict(stage)
        finally:
            for process in (stage.schedule, stage.server):
                if process and process.poll() is None:
                    end(process, signal.SIGKILL)
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return 1 if found["doubled"] or found["lost"] or found["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
