import errno
import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from etl.errors import LockedError
from etl.store.lock import UnsupportedLockError, writer_lock

HOLDER = """
import sys, time
from pathlib import Path
from etl.store.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_is_waited_for_and_who_holds_it_is_said_once(tmp_path: Path) -> None:
    lock, told = tmp_path / "lock", []
    released = threading.Event()

    def hold() -> None:
        with writer_lock(lock):
            released.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    while not lock.exists() or not lock.read_text():
        time.sleep(0.01)

    def waiting(who: str) -> None:
        told.append(who)
        released.set()

    with writer_lock(lock, wait=600, waiting=waiting):
        pass
    holder.join()
    assert len(told) == 1
    assert told[0].startswith("process ")


def test_a_lock_that_is_not_given_up_in_time_is_an_error(tmp_path: Path) -> None:
    with (
        writer_lock(tmp_path / "lock"),
        pytest.raises(LockedError, match="--wait"),
        writer_lock(tmp_path / "lock", wait=0.3),
    ):
        pass


def test_the_lock_of_a_killed_process_does_not_block(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LockedError, match=f"process {holder.pid} on .* since 2"), writer_lock(lock):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with writer_lock(lock):
        assert lock.exists()


def test_a_lock_whose_file_was_deleted_admits_no_second_writer(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with writer_lock(lock):
        lock.unlink()
        with pytest.raises(LockedError, match="is being written by another process"), writer_lock(lock):
            pass
    with writer_lock(lock):
        assert lock.exists()


@pytest.mark.parametrize("can_lock_files", [True, False])
def test_a_file_system_that_cannot_lock_folders_will_do_and_one_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_lock_files: bool
) -> None:
    flock = fcntl.flock

    def without_locks(descriptor: int, operation: int) -> None:
        if not can_lock_files or Path(f"/proc/self/fd/{descriptor}").is_dir():
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", without_locks)
    lock = tmp_path / "lock"
    if can_lock_files:
        with writer_lock(lock), pytest.raises(LockedError, match="is being written by process"), writer_lock(lock):
            pass
    else:
        with (
            pytest.raises(UnsupportedLockError, match=r"lock cannot be locked .*; put the warehouse"),
            writer_lock(lock),
        ):
            pass
