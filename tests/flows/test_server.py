import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from flows.server import API_URL, HOME, LocalServer, ServerError, answers
from tests.flows.conftest import ontherecord
from tests.flows.test_workers import PATIENCE, is_alive, wait_until_gone
from tests.helpers import STORY, write

PARENT = """
import os, signal, sys, time
from flows.server import LocalServer
from flows.cli.building import ending_in_order
with ending_in_order(), LocalServer() as server:
    print(server._process.pid, flush=True)
    if sys.argv[1] == "error":
        raise ValueError("something went wrong")
    if sys.argv[1] == "success":
        sys.exit(0)
    time.sleep(600)
"""


def start_parent(tmp_path: Path, what: str) -> tuple[subprocess.Popen[str], int]:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    root = Path(__file__).parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root), "PREFECT_HOME": str(tmp_path / "home")}
    environment.pop(API_URL, None)
    parent = subprocess.Popen(
        [sys.executable, script, what], stdout=subprocess.PIPE, text=True, env=environment, stderr=subprocess.DEVNULL
    )
    assert parent.stdout
    return parent, int(parent.stdout.readline())


@pytest.mark.parametrize("what", ["success", "error"])
def test_the_server_ends_with_its_block(tmp_path: Path, what: str) -> None:
    parent, server = start_parent(tmp_path, what)
    assert parent.wait(PATIENCE) == (0 if what == "success" else 1)
    assert not wait_until_gone([server])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_server_ends_with_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    parent, server = start_parent(tmp_path, "sleep")
    time.sleep(1)  # it is importing by now
    assert is_alive(server)
    parent.send_signal(how)
    assert parent.wait(PATIENCE) != 0
    assert not wait_until_gone([server])


def test_the_server_answers_and_is_the_one_in_the_environment(server: LocalServer) -> None:
    assert os.environ[API_URL] == server.url
    with urllib.request.urlopen(f"{server.url}/health", timeout=10) as response:
        assert response.read() == b"true"


def test_a_server_that_is_there_is_used(server: LocalServer) -> None:
    with LocalServer() as second:
        second.wait()
        assert second.url == server.url
    assert os.environ[API_URL] == server.url


def test_a_server_that_should_be_there_and_is_not_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(API_URL, "http://127.0.0.1:9/api")
    with (
        LocalServer() as absent,
        pytest.raises(ServerError, match="no Prefect server answers"),
    ):
        absent.wait()


def test_a_page_that_is_no_api_does_not_answer(server: LocalServer) -> None:
    assert server.url
    assert answers(f"{server.url}/")
    assert not answers(server.url.removesuffix("/api"))
    assert not answers("nowhere")


@pytest.mark.parametrize("name", [HOME, "HOME"])
def test_a_home_that_cannot_be_written_is_refused_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, but not below a file. Without Prefect no home is needed."""
    for variable in (API_URL, HOME):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "file").touch()
    build = ("build", write(tmp_path / "news", {"a.txt": STORY}), "--warehouse", tmp_path / "w", "--workers", 1)
    refused = ontherecord(*build, **{name: str(tmp_path / "file" / "home")})
    assert refused.returncode == 1
    (said,) = refused.stderr.splitlines()
    assert "(Not a directory); set PREFECT_HOME to a folder it can write, or build with --direct" in said
    done = ontherecord(*build, "--direct", **{name: str(tmp_path / "file" / "home")})
    assert done.returncode == 0, done.stderr
