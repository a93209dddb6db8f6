"""A Prefect server as a user starts it, with every service on: the scheduler, late runs, events and triggers, clean-up."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from flows.server import API_URL, HOME, answers
from tests.flows.conftest import prefect_home
from tests.helpers import reserved_port

__all__ = ["prefect_home"]

BIN = Path(sys.executable).parent
#: Seconds the server may take to come up on a busy machine.
START = 180


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[str]:
    """Start a server with its own home, both in the environment for the length of a block; its address."""
    path = settings.get("PREFECT_SERVER_API_BASE_PATH", "/api")
    with reserved_port() as port, mock.patch.dict(os.environ), (home / "log").open("wb") as log:
        settings = {HOME: str(home), API_URL: f"http://127.0.0.1:{port}{path}", "DO_NOT_TRACK": "1", **settings}
        os.environ.update(settings)
        command = [str(BIN / "prefect"), "server", "start", "--port", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            until = time.monotonic() + START
            while not answers(settings[API_URL]):
                assert server.poll() is None, (home / "log").read_text()
                assert time.monotonic() < until, "the server did not come up"
                time.sleep(0.5)
            yield settings[API_URL]
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture(scope="session")
def whole_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that `prefect server start` started; it and a home of its own are in the environment."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address
