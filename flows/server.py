"""A local Prefect server, for builds without another server.

Without it, every process of a flow would start its own server. This one is started before anything else, so that it starts up while
files are scanned and the model loads. Every process gets its address, and it ends with its parent. Run as a module
(``python -m flows.server SOCKET PARENT``), this is the server process itself.
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
#: The timeout for the server to start, in seconds. It usually takes 15, over 30 on a new machine, and more on a busy one.
START_TIMEOUT = 300.0
#: The tag of the runs; and Prefect's setting for the seconds between heartbeats of a run, with the least value that it allows.
#: If the server watches runs, a tagged run without heartbeats counts as crashed.
TAG = "ontherecord"
HEARTBEAT_EVERY = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY"
HEARTBEAT = 30
#: Seconds between checks, and seconds for the server to stop before it is killed.
LOOK_EVERY, STOP_TIMEOUT = 0.1, 5.0
#: The response of a server that is ready to a request for its health.
HEALTHY = b"true"

#: Services that a server with one flow run and no schedules does not need.
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
    """The local Prefect server did not start."""


class LocalServer:
    """A Prefect server during a block, unless the environment names one. Call `wait` before using Prefect."""

    def __init__(self) -> None:
        """Decide whether a server is needed, without starting one yet."""
        self._process: subprocess.Popen[bytes] | None = None
        self.url = os.environ.get(API_URL)
        self.is_ours = self.url is None

    def __enter__(self) -> Self:
        """Start the server without waiting for it, and set its address for this process and its children.

        Raises:
            ServerError: when it could not write its records.
        """
        if self.url is None:
            _refuse_unwritable_home()
            # Bound here, because another program might take the port while the server is still importing.
            with socket.socket() as bound:
                bound.bind(("127.0.0.1", 0))
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "flows.server", str(bound.fileno()), str(os.getpid())],
                    env={**os.environ, **SERVER_ENVIRONMENT},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=[bound.fileno()],
                    start_new_session=True,  # so that Ctrl-C does not stop the server before the run has ended
                )
                self.url = os.environ[API_URL] = f"http://127.0.0.1:{bound.getsockname()[1]}/api"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, if this process started it."""
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
            ServerError: when the server ended or did not answer in time.
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
    """Whether a Prefect server's API answers at ``url``. A page of its UI or of a proxy does not count."""
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=5) as response:  # noqa: S310  # the address is the user's or our own
            return bool(response.read(len(HEALTHY)) == HEALTHY)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return False


def _serve(bound: int, parent: int) -> None:
    """Run the server in this process, on a socket that is bound already: its file descriptor."""
    from flows.processes import die_with_parent

    die_with_parent(parent)
    import uvicorn

    config = uvicorn.Config("prefect.server.api.server:create_app", factory=True, log_level="error")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=bound)])


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
