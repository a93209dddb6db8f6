"""A server as a team has it: records in PostgreSQL that are deleted in time, a password, and a base path for a proxy."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient

from etl.store.journal import journal
from etl.store.paths import Layout
from flows.server import API_URL
from tests.flows.conftest import EXAMPLES, ontherecord
from tests.helpers import reserved_port
from tests.services.conftest import serving
from tests.services.test_schedule import begun, ended, pause_all, root, runs, scheduled, until

__all__ = ["root"]

UNIT = Path(__file__).parents[2] / "docs" / "prefect-server.service"
PASSWORD = "editor:open sesame"  # noqa: S105  # of this test's server
BASE = "/prefect"

Sql = Callable[[str], str]


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


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a fresh PostgreSQL server. It has no socket in a folder, whose path might be too long for one."""
    folder, binaries = tmp_path_factory.mktemp("postgres"), programs()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        for parent in [*folder.parents][:-2]:
            parent.chmod(parent.stat().st_mode | 0o011)
    data = folder / "data"
    subprocess.run(
        as_user(binaries / "initdb", "-D", data, "-U", "prefect", "--auth", "trust"), check=True, capture_output=True
    )
    control = as_user(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
    with reserved_port() as port:
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)
        try:
            yield port
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)


@pytest.fixture(scope="module")
def team_server(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with all of it, and what the documentation's unit says of old records; they are looked for often."""
    home = tmp_path_factory.mktemp("team")
    vacuum = dict(
        re.findall(r"^Environment=(PREFECT_SERVER_SERVICES_DB_VACUUM_\w+)=(.+)$", UNIT.read_text(), re.MULTILINE)
    )
    assert len(vacuum) == 2
    settings = {
        **vacuum,
        "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "5",
        "PREFECT_API_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres",
        "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
        "PREFECT_API_AUTH_STRING": PASSWORD,
        "PREFECT_SERVER_API_BASE_PATH": f"{BASE}/api",
        "PREFECT_UI_SERVE_BASE": BASE,
        "PREFECT_UI_STATIC_DIRECTORY": str(
            home / "ui"
        ),  # by default it is the package's, shared with servers of another base
    }
    with serving(home, **settings) as address:
        yield address


@pytest.fixture
def client(team_server: str) -> Iterator[SyncPrefectClient]:
    with SyncPrefectClient(team_server, auth_string=PASSWORD) as client:
        yield client
        pause_all(client)


@pytest.fixture
def sql(port: int) -> Sql:
    """Asks the server's database."""
    command = [
        str(programs() / "psql"),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "prefect",
        "-d",
        "postgres",
        "-qAt",
        "-c",
    ]
    return lambda query: subprocess.run([*command, query], check=True, capture_output=True, text=True).stdout.strip()


def test_missed_runs_are_made_up_for_by_one(client: SyncPrefectClient, root: Path) -> None:
    """A schedule that is killed leaves runs behind that nobody takes; once it is back, one of them builds."""
    with scheduled(root, "--interval", "10s") as schedule:
        until(ended(client, root, "Completed"))
        os.killpg(schedule.pid, signal.SIGKILL)
        schedule.wait(60)
    # Those that were taken, up to ten seconds before they were due, are not missed but Crashed.
    known = {run.id for run in begun(client)}
    missed = until(lambda: [r for r in runs(client, root) if r.id not in known and r.state_name == "Late"][1:])
    with scheduled(root, "--interval", "1h"):
        until(lambda: all(run.state and run.state.is_final() for run in runs(client, root) if run.id not in known))
    made_up_for = [run for run in runs(client, root) if run.id not in known]
    assert len(missed) < len(made_up_for)
    assert {run.state_name for run in made_up_for} == {"Completed", "Skipped"}
    assert [run.state_name for run in made_up_for].count("Completed") == 1
    assert all(run.end_time for run in made_up_for)  # without, Prefect never deletes it


def test_builds_are_recorded_and_deleted_in_time(
    client: SyncPrefectClient, team_server: str, sql: Sql, tmp_path: Path
) -> None:
    root = tmp_path / "w"
    build = ("build", EXAMPLES, "--warehouse", root, "--workers", 1)
    for _ in range(2):
        done = ontherecord(*build)
        assert done.returncode == 0, done.stderr
    assert [run.status for run in journal(Layout(root).runs)] == ["published", "unchanged"]
    old, young = runs(client, root)
    assert (old.state_name, young.state_name) == ("Completed", "Completed")

    counts = {
        table: f"SELECT count(*) FROM {table} WHERE {column} = '%s'"
        for table, column in (("log", "flow_run_id"), ("artifact", "flow_run_id"), ("flow_run", "id"))
    } | {"events": "SELECT count(*) FROM events WHERE resource_id = 'prefect.flow-run.%s'"}
    until(lambda: all(int(sql(query % run.id)) for query in counts.values() for run in (old, young)))
    sql(f"UPDATE flow_run SET end_time = end_time - interval '31 days' WHERE id = '{old.id}'")
    sql(f"UPDATE events SET occurred = occurred - interval '8 days' WHERE resource_id = 'prefect.flow-run.{old.id}'")
    until(lambda: not any(int(sql(query % old.id)) for query in counts.values()))
    assert all(int(sql(query % young.id)) for query in counts.values())


def test_what_does_not_get_in_is_told_how_to(team_server: str, tmp_path: Path) -> None:
    """A wrong password, and an address without the base path."""
    build = ("build", EXAMPLES, "--warehouse", tmp_path / "w", "--workers", 1)
    refused = ontherecord(*build, PREFECT_API_AUTH_STRING="editor:guess")
    lost = ontherecord(*build, **{API_URL: team_server.replace(BASE, "")})
    assert (refused.returncode, lost.returncode) == (1, 1)
    assert "set PREFECT_API_AUTH_STRING" in refused.stderr
    assert "no Prefect server answers at" in lost.stderr
    assert "Traceback" not in refused.stderr + lost.stderr
    assert "open sesame" not in refused.stderr + lost.stderr

    build_once = ontherecord(*build, "--direct")
    assert build_once.returncode == 0, build_once.stderr
    schedule = ("schedule", "--warehouse", tmp_path / "w", "--interval", "1h")
    lost = ontherecord(*schedule, **{API_URL: team_server.replace(BASE, "")})
    assert lost.returncode == 1
    assert "there is no Prefect API at" in lost.stderr
    assert "Traceback" not in lost.stderr


def test_the_ui_is_below_the_base_path(team_server: str) -> None:
    ui = team_server.removesuffix("/api")
    navigation = urllib.request.Request(f"{ui}/v2/runs", headers={"Accept": "text/html"})
    with urllib.request.urlopen(navigation, timeout=30) as page:
        (script,) = re.findall(r'<script type="module"[^>]* src="([^"]+)"', page.read().decode())
    assert script.startswith(f"{BASE}/v2/")
    with urllib.request.urlopen(ui.removesuffix(BASE) + script, timeout=30) as response:
        assert "javascript" in response.headers["Content-Type"]
