"""Child processes: make them end with their parent, and detect scripts without a main guard."""

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

#: An option of prctl(2): the signal that a process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1
#: Seconds between checks of the parent on systems without this option.
LOOK_EVERY = 1.0


def die_with_parent(parent: int) -> None:
    """Have this process killed when its parent (with process id ``parent``) ends in any way, including SIGKILL.

    On Linux the kernel does this, even while this process is in native code. It is the end of the thread that started this process
    that counts, so that thread must live as long as the parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it ended already
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os._exit(1)


class NoMainGuardError(OnTheRecordError):
    """A script without a main guard starts processes, each of which would run the script again."""


def refuse_unguarded_main() -> None:
    """Refuse to start processes from a script without a main guard, because each process imports the script.

    Raises:
        NoMainGuardError: when the running statement of the script is not below ``if __name__ == "__main__":``.
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
    """The line that the module with this namespace is running in this thread, if any."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and not (frame.f_code.co_name == "<module>" and frame.f_globals is names):
        frame = frame.f_back
    return frame.f_lineno if frame else None
