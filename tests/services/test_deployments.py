"""Runs started by other means than our own schedule: a worker of a work pool, and the event of a publication."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient

from etl.store.paths import Layout
from tests.helpers import STORY, write
from tests.services.conftest import BIN
from tests.services.test_schedule import client, ended, root, scheduled, until

__all__ = ["client", "root"]

PROJECT = Path(__file__).parents[2]

LISTENER = """
from pathlib import Path
from prefect import flow
from prefect.events import DeploymentEventTrigger

@flow(name="charts")
def charts(snapshot: str):
    Path(__file__).with_name("charted").write_text(snapshot)

if __name__ == "__main__":
    charts.serve(name="charts", triggers=[DeploymentEventTrigger(
        name="charts", expect={"ontherecord.published"}, parameters={"snapshot": "{{ event.payload.snapshot_id }}"})])
"""


def prefect(*command: str, **environment: str) -> None:
    subprocess.run(
        [str(BIN / "prefect"), *command],
        cwd=PROJECT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )


def test_a_worker_of_a_work_pool_runs_what_prefect_yaml_deploys(client: SyncPrefectClient, root: Path) -> None:
    write(root.parent / "news", {"c.txt": STORY})
    before = Layout(root).published()
    prefect("work-pool", "create", "ontherecord", "--type", "process")
    prefect("--no-prompt", "deploy", "--all", ONTHERECORD_WAREHOUSE=str(root))
    prefect("deployment", "run", "build/nightly")
    worker = subprocess.Popen(
        [str(BIN / "prefect"), "worker", "start", "--pool", "ontherecord"],
        cwd=root.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(ended(client, root, "Completed"))
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(60)
    assert Layout(root).published() != before


def test_a_publication_starts_another_flow(client: SyncPrefectClient, root: Path) -> None:
    script = root.parent / "listener.py"
    script.write_text(LISTENER)
    listener = subprocess.Popen([sys.executable, str(script)], start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        until(lambda: any(deployment.name == "charts" for deployment in client.read_deployments()))
        write(root.parent / "news", {"c.txt": STORY})
        with scheduled(root, "--interval", "30s"):
            charted = until(lambda: (root.parent / "charted").exists() and (root.parent / "charted").read_text())
        published = Layout(root).published()
        assert published
        assert charted == published.name
    finally:
        os.killpg(listener.pid, signal.SIGKILL)
        listener.wait(60)
