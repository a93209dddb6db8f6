"""Child processes: they never outlive their parent, and a script that starts them needs a main guard."""

import ast
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from etl.errors import OnTheRecordError

#: prctl(2)'s option: the signal a process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1
#: Seconds between looks at the parent where the kernel does not tell of its end.
LOOK_EVERY = 1.0


def die_with_parent(parent: int) -> None:
    """Have this process killed when ``parent``, its parent's process id, ends in whatever way, SIGKILL included.

    On Linux the kernel sees to it, even while this process is stuck in native code. The thread that started this process has
    to live as long as the parent, since it is the thread's end that counts.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os._exit(1)


class NoMainGuardError(OnTheRecordError):
    """A script that starts processes would be run again by each of them."""


def refuse_unguarded_main() -> None:
    """Make sure that the script being run may start processes: each of them imports it.

    Raises:
        NoMainGuardError: when the script has called us outside of ``if __name__ == "__main__":``.
    """
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    line = _line_in(vars(main))
    if path is None or line is None or not path.endswith(".py"):
        return
    statements = ast.parse(Path(path).read_bytes()).body
    running = next((s for s in statements if s.lineno <= line <= (s.end_lineno or s.lineno)), None)
    if running is not None and not (isinstance(running, ast.If) and "__name__" in ast.unparse(running.test)):
        raise NoMainGuardError(
            f"{path} line {line} starts worker processes, which import the script again; put the line under\n"
            'if __name__ == "__main__":'
        )


def _line_in(names: dict[str, object]) -> int | None:
    """The line that the module with these names is running; None where it runs nothing in this thread."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and not (frame.f_code.co_name == "<module>" and frame.f_globals is names):
        frame = frame.f_back
    return frame.f_lineno if frame else None
