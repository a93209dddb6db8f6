"""The writer's lock of a warehouse: an operating-system lock, which is released whenever its process ends."""

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from etl.errors import LockedError, OnTheRecordError

#: Seconds between two attempts to take a lock that another process holds.
POLL = 0.2


@contextmanager
def writer_lock(path: Path, wait: float = 0.0, waiting: Callable[[str], None] = lambda holder: None) -> Iterator[None]:
    """Hold the warehouse's lock. The lock file says for others who holds it and since when.

    If another process holds it, retries for ``wait`` seconds, and calls ``waiting`` once with the holder.

    Raises:
        LockedError: when another process still holds it. The message says which, and since when.
        UnsupportedLockError: when the file system cannot lock files.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait
    # The folder is locked too: if the file were deleted while it is held, the next writer would lock a new one.
    with _opened_folder(path.parent) as folder, path.open("a+", encoding="utf-8") as file:
        with contextlib.suppress(UnsupportedLockError):
            _take(folder, path, deadline, waiting)
        _take(file.fileno(), path, deadline, waiting)
        file.truncate(0)
        us = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        file.write(json.dumps(us))
        file.flush()
        yield


class UnsupportedLockError(OnTheRecordError):
    """The file system cannot lock. Some network file systems can lock files but not folders."""


@contextmanager
def _opened_folder(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, deadline: float, waiting: Callable[[str], None]) -> None:
    is_told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                remedy = "wait longer: --wait" if is_told else "wait for it to end, or build with --wait"
                raise LockedError(f"{path.parent} is being written by {holder(path)}; {remedy}") from None
        except OSError as error:
            raise UnsupportedLockError(
                f"{path} cannot be locked ({error.strerror}); put the warehouse on a file system that has locks"
            ) from error
        else:
            return
        if not is_told:
            waiting(holder(path))
            is_told = True
        time.sleep(POLL)


def is_working(path: Path) -> bool:
    """Whether the process that took the lock last still runs on this machine. Takes no lock, which might turn a writer away."""
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        if who["host"] != socket.gethostname():
            return False
        os.kill(who["pid"], 0)
    except PermissionError:  # it runs, for another user
        return True
    except (ValueError, KeyError, OSError):
        return False
    return True


def holder(path: Path) -> str:
    """A description of the process that holds the lock."""
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f"process {who['pid']} on {who['host']} since {who['since']}"
    except (ValueError, KeyError, OSError):
        return "another process"
