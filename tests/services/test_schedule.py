"""Runs that nobody starts by hand, on a real server with every service on: what a schedule does at night."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from etl.store.journal import journal
from etl.store.lock import writer_lock
from etl.store.paths import Layout
from flows.pipeline import build_directly
from flows.request import BuildRequest
from tests.helpers import STORY, write
from tests.services.conftest import BIN

#: Seconds that something may take which is due within a minute, on a busy machine.
SOON = 180
#: Seconds that a run which was interrupted has to say so to the server and end.
ENDS_WITHIN = 20


@pytest.fixture
def client(whole_server: str) -> Iterator[SyncPrefectClient]:
    # Not get_client(): Prefect reads its settings when it is imported, before the server is there.
    with SyncPrefectClient(whole_server) as client:
        yield client


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A warehouse built from two articles."""
    root = tmp_path / "warehouse"
    news = write(tmp_path / "news", {"a.txt": STORY, "b.txt": STORY})
    build_directly(BuildRequest(warehouse=root, sources=(news,), workers=1))
    return root


@contextmanager
def scheduled(root: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Serve a warehouse's schedule for the length of a block."""
    command = [str(BIN / "ontherecord"), "schedule", "--warehouse", str(root), "--workers", "1", *options]
    with (root.parent / "schedule.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def until(what: Callable[[], Any], seconds: float = SOON) -> Any:
    """Wait until something is there, and return it."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.5)
    return found


def is_gone(group: int) -> bool:
    """Whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def runs(client: SyncPrefectClient, root: Path) -> list[FlowRun]:
    """The runs of a warehouse that have begun, or were due, the first first."""
    found = client.read_flow_runs(limit=200)
    mine = (run for run in found if run.parameters.get("request", {}).get("warehouse") == str(root))
    due = (run for run in mine if run.expected_start_time and run.expected_start_time < datetime.now(UTC))
    return sorted(due, key=lambda run: str(run.expected_start_time))


def ended(client: SyncPrefectClient, root: Path, state: str) -> Callable[[], list[FlowRun]]:
    """The runs of a warehouse that ended in a state of this name."""
    return lambda: [run for run in runs(client, root) if run.state and run.state_name == state]


def logged(client: SyncPrefectClient, run: UUID) -> str:
    logs = client._client.post("/logs/filter", json={"logs": {"flow_run_id": {"any_": [str(run)]}}}).json()
    return "\n".join(log["message"] for log in logs)


def test_cron_makes_a_run(client: SyncPrefectClient, root: Path) -> None:
    """The run is made by the server's scheduler, not by a person; it publishes what is new, and the schedule ends in order."""
    write(root.parent / "news", {"c.txt": STORY})
    before = Layout(root).published()
    with scheduled(root, "--cron", "* * * * *", "--timezone", "Europe/London") as schedule:
        (run, *_) = until(ended(client, root, "Completed"))
        assert run.auto_scheduled
        assert run.name.startswith("build warehouse 2")
        assert Layout(root).published() != before
        schedule.send_signal(signal.SIGTERM)
        assert schedule.wait(60) == 0
    (deployment,) = [
        d for d in client.read_deployments() if d.name.startswith("warehouse-") and d.id == run.deployment_id
    ]
    assert deployment.paused


def test_ctrl_c_ends_the_schedule_and_leaves_nothing_behind(client: SyncPrefectClient, root: Path) -> None:
    with scheduled(root, "--interval", "10s", "--name", "interrupted") as schedule:
        until(lambda: [run for run in runs(client, root) if run.state and run.state.is_running()])
        os.killpg(schedule.pid, signal.SIGINT)  # a terminal sends it to the run's process too
        assert schedule.wait(60) in {0, 130}
        until(lambda: is_gone(schedule.pid), ENDS_WITHIN)
    (deployment,) = [d for d in client.read_deployments() if d.name == "interrupted"]
    assert deployment.paused
    assert not [run for run in runs(client, root) if run.state and run.state.is_running()]
    assert "Traceback" not in (root.parent / "schedule.log").read_text()


def test_what_keeps_a_run_from_publishing_is_said_in_its_state(client: SyncPrefectClient, root: Path) -> None:
    """Another writer: Skipped, with who it is. A missing source: Failed, in a sentence with no traceback."""
    with scheduled(root, "--interval", "10s"):
        with writer_lock(Layout(root).lock, wait=SOON):
            (skipped, *_) = until(ended(client, root, "Skipped"))
        assert skipped.state
        assert f"is being written by process {os.getpid()}" in str(skipped.state.message)
        assert any(run.status == "skipped" for run in journal(Layout(root).runs))
        shutil.rmtree(root.parent / "news")
        (failed, *_) = until(ended(client, root, "Failed"))
        assert failed.state
        assert "is missing; nothing was removed" in str(failed.state.message)
        assert "Traceback" not in logged(client, failed.id)
        assert not ended(client, root, "Crashed")()


def test_two_schedules_of_one_warehouse_do_not_fight(client: SyncPrefectClient, root: Path) -> None:
    with scheduled(root, "--interval", "1h", "--name", "hourly") as first:
        until(lambda: any(d.name == "hourly" for d in client.read_deployments()))
        with scheduled(root, "--interval", "1h", "--name", "hourly") as second:
            assert second.wait(60) == 1
        assert first.poll() is None
        assert "this schedule is served already, by process" in (root.parent / "schedule.log").read_text()


def test_missed_runs_are_made_up_for_by_one(client: SyncPrefectClient, root: Path) -> None:
    """A schedule that is killed leaves runs behind that nobody takes; once it is back, one of them builds."""
    with scheduled(root, "--interval", "10s") as schedule:
        until(ended(client, root, "Completed"))
        os.killpg(schedule.pid, signal.SIGKILL)
        schedule.wait(10)
    known = {run.id for run in client.read_flow_runs(limit=200) if run.state_name != "Scheduled"}
    missed = until(lambda: [r for r in runs(client, root) if r.id not in known and r.state_name == "Late"][2:])
    with scheduled(root, "--interval", "1h"):
        until(lambda: all(run.state and run.state.is_final() for run in runs(client, root) if run.id not in known))
    made_up_for = [run for run in runs(client, root) if run.id not in known]
    assert len(missed) < len(made_up_for)
    assert {run.state_name for run in made_up_for} == {"Completed", "Skipped"}
    assert [run.state_name for run in made_up_for].count("Completed") == 1


def test_a_run_that_died_with_its_machine_is_crashed(client: SyncPrefectClient, root: Path) -> None:
    """Nobody is left to say so: the server finds out by the missing signs of life."""
    write(root.parent / "news", {"c.txt": STORY})  # so that the run has a model to load
    with scheduled(root, "--interval", "20s") as schedule:
        (running, *_) = until(ended(client, root, "Running"))
        time.sleep(1)  # its first sign of life is on its way
        os.killpg(schedule.pid, signal.SIGKILL)
        schedule.wait(10)
        crashed = until(lambda: [r for r in ended(client, root, "Crashed")() if r.id == running.id])
    assert "no sign of life" in str(crashed[0].state.message)
