"""Child processes that never outlive their parent."""

import ctypes
import os
import signal
import sys
import threading
import time

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
