"""A build under Prefect that is killed at a moment: ``python -m tests.trust.flow ROOT STAGE NAME NTH FLAG``.

The server is the one the environment names. The process kills itself, workers and all; ``FLAG`` says that the moment came.
"""

import os
import signal
import sys
from pathlib import Path

from tests.trust.failpoints import Moment, kill_at

if __name__ == "__main__":
    root, stage, name, nth, flag = sys.argv[1:]
    from flows.flow import build_begun
    from flows.pipeline import Build
    from flows.request import BuildRequest

    kill_at(Moment(stage, name, int(nth)), Path(flag), lambda: os.kill(os.getpid(), signal.SIGKILL))
    with Build(BuildRequest(warehouse=Path(root), workers=1)) as run:
        run.begin()
        build_begun(run)
