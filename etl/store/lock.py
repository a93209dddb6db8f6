"""One writer to a warehouse, by an operating-system lock: it goes with its holder, however the holder goes."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from etl.errors import LockedError

#: Seconds between two tries for a lock that another process holds.
POLL = 0.2


@contextmanager
def writer_lock(path: Path, wait: float = 0.0, waiting: Callable[[str], None] = lambda holder: None) -> Iterator[None]:
    """Hold the warehouse's lock, with who and since when written in it for others to read.

    A lock that another process holds is tried for again for ``wait`` seconds; ``waiting`` is told once who holds it.

    Raises:
        LockedError: when another process holds it still; the message says which and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _take(file, path, time.monotonic() + wait, waiting)
        file.truncate(0)
        us = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        file.write(json.dumps(us))
        file.flush()
        yield


def _take(file: IO[str], path: Path, deadline: float, waiting: Callable[[str], None]) -> None:
    is_told = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                said = f"{path.parent} is being written by {holder(path)}; wait for it to end, or build with --wait"
                raise LockedError(said) from None
        else:
            return
        if not is_told:
            waiting(holder(path))
            is_told = True
        time.sleep(POLL)


def holder(path: Path) -> str:
    """Who holds the lock, in words."""
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f"process {who['pid']} on {who['host']} since {who['since']}"
    except (ValueError, KeyError, OSError):
        return "another process"
