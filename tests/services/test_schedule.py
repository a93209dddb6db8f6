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
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from etl.store.journal import journal
from etl.store.lock import writer_lock
from etl.store.paths import Layout
from tests.helpers import ENDLESS_CHECK, STORY, build_in_process, write
from tests.services.conftest import BIN

#: Seconds that something may take which is due within a minute, on a busy machine.
SOON = 180


@pytest.fixture
def client(whole_server: str) -> Iterator[SyncPrefectClient]:
    # Not get_client(): Prefect reads its settings when it is imported, before the server is there.
    with SyncPrefectClient(whole_server) as client:
        yield client
        pause_all(client)


def pause_all(client: SyncPrefectClient) -> None:
    """Have the server make no more runs for what a test has left behind: they would keep it busy, and fill the lists of others."""
    for deployment in client.read_deployments():
        client.pause_deployment(deployment.id)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A warehouse built from two articles."""
    root = tmp_path / "warehouse"
    build_in_process(root, write(tmp_path / "news", {"a.txt": STORY, "b.txt": STORY}))
    return root


@contextmanager
def scheduled(root: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Serve a warehouse's schedule for the length of a block."""
    with started(root, BIN / "ontherecord", "schedule", "--warehouse", root, "--workers", 1, *options) as process:
        yield process


@contextmanager
def started(root: Path, *command: object) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command for the length of a block, in a process group of its own that is killed at the end."""
    with (root.parent / "schedule.log").open("ab") as log:
        process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


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
    due = FlowRunFilter(expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)))
    found = client.read_flow_runs(flow_run_filter=due, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=200)
    return [run for run in reversed(found) if is_of(run, root)]


def is_of(run: FlowRun, root: Path) -> bool:
    return bool(run.parameters.get("request", {}).get("warehouse") == str(root))


def in_state(client: SyncPrefectClient, root: Path, state: str) -> list[FlowRun]:
    """The runs of a warehouse that are in a state of this name."""
    return [run for run in runs(client, root) if run.state and run.state_name == state]


def ended(client: SyncPrefectClient, root: Path, state: str) -> Callable[[], list[FlowRun]]:
    """The same, to wait for."""
    return lambda: in_state(client, root, state)


def has_given_a_sign(client: SyncPrefectClient, run: UUID) -> bool:
    """Whether the server has heard a sign of life from a run; what comes before may wait a quarter of an hour for its turn."""
    signs = {"event": {"name": ["prefect.flow-run.heartbeat"]}, "resource": {"id": [f"prefect.flow-run.{run}"]}}
    return bool(client._client.post("/events/filter", json={"filter": signs}).json()["total"])


def begun(client: SyncPrefectClient) -> list[FlowRun]:
    """All runs that somebody took, whenever they were due."""
    taken = FlowRunFilterStateType(not_any_=[StateType.SCHEDULED])
    return client.read_flow_runs(flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=taken)), limit=200)


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
        assert schedule.wait(SOON) == 0
    (deployment,) = [
        d for d in client.read_deployments() if d.name.startswith("warehouse-") and d.id == run.deployment_id
    ]
    assert deployment.paused


def test_ctrl_c_ends_the_schedule_and_leaves_nothing_behind(client: SyncPrefectClient, root: Path) -> None:
    with scheduled(root, "--interval", "10s", "--name", "interrupted") as schedule:
        until(lambda: [run for run in begun(client) if is_of(run, root)])
        os.killpg(
            schedule.pid, signal.SIGINT
        )  # a terminal sends it to the run's process too, which imports at this moment
        assert schedule.wait(SOON) == 0
        until(lambda: is_gone(schedule.pid))
    (deployment,) = [d for d in client.read_deployments() if d.name == "interrupted"]
    assert deployment.paused
    assert all(run.state and run.state.is_final() for run in begun(client) if is_of(run, root))
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
            assert second.wait(SOON) == 1
        assert first.poll() is None
        assert "this schedule is served already, by process" in (root.parent / "schedule.log").read_text()


def test_a_run_that_died_with_its_machine_is_crashed(client: SyncPrefectClient, root: Path) -> None:
    """Nobody is left to say so: the server finds out by the missing signs of life, also of a run that a person started."""
    write(root.parent / "news", {"c.txt": STORY})
    write(root, ENDLESS_CHECK)
    died = []
    by_hand = (BIN / "ontherecord", "build", "--warehouse", root, "--workers", 1)
    for starting in (scheduled(root, "--interval", "20s"), started(root, *by_hand)):
        with starting as process:
            (running, *_) = until(lambda: [run for run in in_state(client, root, "Running") if run.id not in died])
            until(lambda: has_given_a_sign(client, running.id))  # noqa: B023  # it is called at once
            os.killpg(process.pid, signal.SIGKILL)
            died.append(running.id)
    crashed = until(lambda: [run for run in in_state(client, root, "Crashed") if run.id in died][len(died) - 1 :])
    assert all("no heartbeat" in str(run.state.message) for run in crashed)
