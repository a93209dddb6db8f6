"""Work in forked children: each a process group of its own, so that it can be killed and counted whole."""

import ctypes
import os
import pickle
import signal
import time
from collections.abc import Callable
from pathlib import Path
from traceback import format_exc
from typing import TypeVar

T = TypeVar("T")

#: prctl(2)'s option: orphans below this process become its children, so that it sees whether any is left.
PR_SET_CHILD_SUBREAPER = 36
#: Seconds a killed build's processes get to be gone, and a build to end.
GONE_WITHIN = 60.0
ENDS_WITHIN = 600.0
LOOK_EVERY = 0.01


def adopt_orphans() -> None:
    """Have this process wait for what its children leave behind."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def start(work: Callable[[], object], said: Path) -> int:
    """Fork a child that does ``work`` and leaves its result, pickled, in ``said``; its process id, which is its group's too."""
    pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)
    try:
        result: object = work()
    except BaseException as error:
        said.with_suffix(".error").write_text(format_exc())
        result = error
    try:
        said.write_bytes(pickle.dumps(result))
    finally:
        os._exit(0)


def wait(pid: int) -> bool:
    """Wait for the child to end; whether it was killed.

    Raises:
        TimeoutError: when it does not end.
    """
    until = time.monotonic() + ENDS_WITHIN
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        time.sleep(LOOK_EVERY)
    os.killpg(pid, signal.SIGKILL)
    raise TimeoutError(f"the build did not end within {ENDS_WITHIN:.0f} s")


def is_gone(group: int) -> bool:
    """Whether every process of a group ends by itself."""
    until = time.monotonic() + GONE_WITHIN
    while time.monotonic() < until:
        try:
            if os.waitpid(-group, os.WNOHANG) == (0, 0):
                time.sleep(LOOK_EVERY)
        except ChildProcessError:
            return True
    os.killpg(group, signal.SIGKILL)
    return False


def in_child(work: Callable[[], T], said: Path) -> T:
    """The result of ``work``, done in a child, since this process must stay without threads to be forked again."""
    pid = start(work, said)
    wait(pid)
    result: T = pickle.loads(said.read_bytes())  # noqa: S301  # written by our own child
    if isinstance(result, BaseException):
        raise result
    return result
