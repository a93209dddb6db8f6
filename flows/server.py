"""A local Prefect server for builds that have none to report to: ours from its first moment to its last.

Left alone, every process of a flow would boot a server of its own. This one is started before anything else, so that it
comes up while files are scanned and the model loads; every process is told its address; and it dies with its parent.
Run as a module (``python -m flows.server PORT PARENT``) it is the server process itself.
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from etl.errors import OnTheRecordError

#: Prefect's setting for where the server is; if it is set, the user has one and we start none.
API_URL = "PREFECT_API_URL"
#: Prefect's setting for the folder of its records; none: ~/.prefect.
HOME = "PREFECT_HOME"
#: Seconds a server may take to answer: some 15 as a rule, over half a minute on a new machine, more on a busy one.
START_TIMEOUT = 300.0
#: What our runs are tagged with, and Prefect's setting for the seconds between two signs of life of a run, with the fewest that it
#: takes. Where the server watches runs, one with the tag and without signs of life counts as dead.
TAG = "ontherecord"
HEARTBEAT_EVERY = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY"
HEARTBEAT = 30
#: Seconds between looks, and seconds that a server gets to end in order.
LOOK_EVERY = 0.1
#: What a server that is well says of its health.
HEALTHY = b"true"
STOP_TIMEOUT = 5.0

#: Services that a server with one flow run and no schedules has no use for.
UNUSED_SERVICES = (
    "CANCELLATION_CLEANUP",
    "EVENT_LOGGER",
    "EVENT_PERSISTER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "CLEANUP_RECONCILER",
    "SCHEDULER",
    "TRIGGERS",
)
SERVER_ENVIRONMENT = {
    "PREFECT_SERVER_API_BASE_PATH": "/api",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
    **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED_SERVICES},
}


class ServerError(OnTheRecordError):
    """The local Prefect server did not come up."""


class LocalServer:
    """A Prefect server for the length of a block, unless the environment names one already. `wait` before using Prefect."""

    def __init__(self) -> None:
        """Decide whether a server is needed; none is started yet."""
        self._process: subprocess.Popen[bytes] | None = None
        self.url = os.environ.get(API_URL)
        self.is_ours = self.url is None

    def __enter__(self) -> Self:
        """Start the server, without waiting for it, and tell this process and its children where it will be.

        Raises:
            ServerError: when it could not write its records.
        """
        if self.url is None:
            _refuse_unwritable_home()
            port = free_port()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "flows.server", str(port), str(os.getpid())],
                env={**os.environ, **SERVER_ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C is for us; we end the server when the run is told of it
            )
            self.url = os.environ[API_URL] = f"http://127.0.0.1:{port}/api"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, if it is ours."""
        if self._process is None:
            return
        del os.environ[API_URL]
        self._process.terminate()
        try:
            self._process.communicate(timeout=STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def wait(self, seconds: float = START_TIMEOUT) -> None:
        """Wait until the server answers.

        Raises:
            ServerError: when it ended or did not answer in time.
        """
        until = time.monotonic() + seconds
        while not answers(self.url or ""):
            if self._process is None:
                raise ServerError(
                    f"no Prefect server answers at {self.url}; start it, correct or unset {API_URL}, or build with --direct"
                )
            if self._process.poll() is not None:
                said = self._process.communicate()[1].decode(errors="replace").strip()[-2000:]
                raise ServerError(
                    f"the local Prefect server did not start; build with --direct to do without one. It said:\n{said}"
                )
            if time.monotonic() > until:
                raise ServerError(
                    f"the local Prefect server did not answer within {seconds:.0f} s; build with --direct"
                )
            time.sleep(LOOK_EVERY)


def _refuse_unwritable_home() -> None:
    """Refuse a home that Prefect cannot write: its server would end with a traceback of SQLite's."""
    home = Path(os.environ.get(HOME, "~/.prefect"))
    try:
        home = home.expanduser()
        home.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ServerError(
            f"Prefect cannot keep its records in {home} ({why}); set {HOME} to a folder it can write, or build with --direct"
        ) from None


def answers(url: str) -> bool:
    """Whether a Prefect server's API answers at ``url``; a page of its UI or of a proxy is no answer."""
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=5) as response:  # noqa: S310  # the address is the user's or our own
            return bool(response.read(len(HEALTHY)) == HEALTHY)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return False


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(port: int, parent: int) -> None:
    """Be the server process."""
    from flows.processes import die_with_parent

    die_with_parent(parent)
    import uvicorn

    uvicorn.run("prefect.server.api.server:create_app", factory=True, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
