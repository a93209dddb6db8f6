import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from etl.choices import DEFAULT_MODEL
from etl.errors import BrokenEnvironmentError, StepError
from flows.workers import WorkerDiedError, WorkerHungError, Workers, cores, quoting_nothing
from tests.helpers import write

#: Seconds for what a busy machine may be slow at.
PATIENCE = 300


def identify() -> int:
    return os.getpid()


def hang() -> None:
    time.sleep(600)


def fall_over() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def fail() -> None:
    raise ValueError("a plain error")


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pids: list[int], seconds: float = PATIENCE) -> list[int]:
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(map(is_alive, pids)):
        time.sleep(0.05)
    return [pid for pid in pids if is_alive(pid)]


def test_a_hanging_worker_is_killed_and_the_pool_goes_on() -> None:
    with Workers(1, DEFAULT_MODEL) as workers:
        first = workers.run(identify, seconds=PATIENCE)
        with pytest.raises(WorkerHungError, match="longer than 1 s"):
            workers.run(hang, seconds=1)
        assert not wait_until_gone([first])
        second = workers.run(identify, seconds=PATIENCE)
    assert second != first
    assert not wait_until_gone([second])


def test_a_dying_worker_costs_its_own_work_only() -> None:
    with Workers(2, DEFAULT_MODEL) as workers:
        with pytest.raises(WorkerDiedError, match="ended with code"):
            workers.run(fall_over, seconds=PATIENCE)
        assert workers.run(identify, seconds=PATIENCE)


def test_an_error_of_the_work_is_the_callers() -> None:
    with Workers(1, DEFAULT_MODEL) as workers, pytest.raises(ValueError, match="a plain error"):
        workers.run(fail, seconds=PATIENCE)


PARENT = """
import sys, time
from etl.choices import DEFAULT_MODEL
from flows.workers import Workers
from tests.flows.test_workers import hang, identify
if __name__ == "__main__":
    workers = Workers(1, DEFAULT_MODEL)
    print(workers.run(identify, seconds=600), flush=True)
    workers.run(hang, seconds=600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_die_with_their_parent(tmp_path: Path, how: signal.Signals) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    root = Path(__file__).parent.parent.parent
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert parent.stdout
    worker = int(parent.stdout.readline())
    time.sleep(0.5)  # let it get into its work
    assert is_alive(worker)
    parent.send_signal(how)
    parent.wait(PATIENCE)
    assert not wait_until_gone([worker])


def test_cores_are_those_that_this_process_may_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr("flows.workers.CGROUPS", tmp_path)
    monkeypatch.setattr("flows.workers.CGROUP", tmp_path / "mine")
    assert cores() == 8
    write(tmp_path, {"mine": "0::/outer/inner\n", "outer/inner/cpu.max": "max 100000\n"})
    assert cores() == 8
    write(tmp_path, {"outer/cpu.max": "250000 100000\n"})
    assert cores() == 3
    write(tmp_path, {"cpu.max": "50000 100000\n"})
    assert cores() == 1


def die_of_loading(model: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_of_the_model_is_no_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.workers.load_model", die_of_loading)
    with Workers(1, DEFAULT_MODEL) as workers:
        workers.warm(workers.n)
        with pytest.raises(BrokenEnvironmentError, match="ended with code -9"):
            workers.run(identify, seconds=PATIENCE)


def test_a_full_disk_that_a_library_reports_is_no_defect() -> None:
    def load() -> None:
        raise duckdb.IOException('Could not write file "work/load.duckdb": No space left on device')

    with pytest.raises(OSError, match=r"^load: No space left on device$"):
        quoting_nothing("load", load)


def test_a_defect_is_told_by_its_place_and_without_its_words() -> None:
    with pytest.raises(StepError, match=r"^load failed: ValueError in test_workers.py line \d+") as raised:
        quoting_nothing("load", lambda: int("“enough,” said Quill"))
    assert "Quill" not in str(raised.value)
