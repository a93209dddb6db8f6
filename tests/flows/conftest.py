"""What the tests of the flows share: one Prefect server and one warehouse of the examples for the whole session."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from flows.pipeline import build_directly
from flows.request import BuildRequest
from flows.server import LocalServer

EXAMPLES = Path(__file__).parent.parent / "examples" / "articles"


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Prefect home of the tests' own, so that nothing of the user's is read or written."""
    home = tmp_path_factory.mktemp("prefect")
    settings = {"PREFECT_HOME": str(home)}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    yield home
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(scope="session")
def server(prefect_home: Path) -> Iterator[LocalServer]:
    """A real Prefect server, and its address in the environment. Coming up takes some 15 seconds."""
    with LocalServer() as running:
        running.wait()
        yield running


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse built from the example articles with the real model; for reading only."""
    root = tmp_path_factory.mktemp("examples") / "warehouse"
    build_directly(BuildRequest(warehouse=root, sources=(EXAMPLES,), workers=1))
    return root


def call(*args: object, **environment: str) -> Result:
    """Run the command in this process, where nothing is asked of the process itself."""
    return CliRunner().invoke(app, list(map(str, args)), env=environment)


def ontherecord(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    command = [str(Path(sys.executable).with_name("ontherecord")), *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=300, check=False
    )
