"""The flow against a Prefect server that keeps its records in PostgreSQL, as a server for many schedules should."""

import asyncio
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.server import API_URL, LocalServer, free_port
from tests.flows.conftest import EXAMPLES, ontherecord
from tests.flows.test_flow import flow_runs_of


def programs() -> Path:
    """Where PostgreSQL's programs are; a missing server is a failure, not a reason to skip."""
    for folder in [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin")),
        Path(shutil.which("initdb") or "/nowhere/initdb").parent,
    ]:
        if (folder / "initdb").exists():
            return folder
    pytest.fail("PostgreSQL is not installed: apt-get install postgresql")


def as_user(*command: str | Path) -> list[str]:
    """A command of PostgreSQL's, which refuses to be run by root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """The address of a fresh PostgreSQL server."""
    folder, binaries, port = tmp_path / "postgres", programs(), free_port()
    folder.mkdir()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        for parent in [tmp_path, *tmp_path.parents][:-2]:
            parent.chmod(parent.stat().st_mode | 0o011)
    data = folder / "data"
    subprocess.run(
        as_user(binaries / "initdb", "-D", data, "-U", "prefect", "--auth", "trust"), check=True, capture_output=True
    )
    control = as_user(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
    subprocess.run(
        [*control, "-o", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1", "start"],
        check=True,
        capture_output=True,
    )
    try:
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)


def test_the_flow_is_recorded_in_postgresql(
    database: str, prefect_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The session's other server has its address in the environment, and perhaps in Prefect's settings: this one is another.
    monkeypatch.delenv(API_URL, raising=False)
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", database)
    root = tmp_path / "warehouse"
    with LocalServer() as server:
        server.wait()
        done = ontherecord("build", EXAMPLES, "--warehouse", root, "--workers", 1)
        assert done.returncode == 0, done.stderr
        with temporary_settings({PREFECT_API_URL: server.url}):
            ((_, state, _),) = asyncio.run(flow_runs_of(root))
    assert state == "COMPLETED"
    assert "published" in ontherecord("status", "--warehouse", root).stdout
