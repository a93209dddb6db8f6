"""The build as a flow, on a real Prefect server, with real worker processes and the real model."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest

from etl.errors import StepError
from etl.store.journal import journal
from etl.store.paths import Layout
from flows.pipeline import Build, build_directly
from flows.request import BuildRequest
from flows.server import API_URL, LocalServer
from tests.flows.conftest import EXAMPLES, ontherecord
from tests.flows.test_workers import PATIENCE, is_alive, wait_until_gone
from tests.helpers import ENDLESS_CHECK, STORY, InlineWorkers, build_in_process, listed, tables, write
from tests.trust.kit import left_behind
from warehouse.reader import query

ROOT = Path(__file__).parents[2]
ROWS = "SELECT quote_id, text, speaker_name, published_on FROM quote ORDER BY quote_id"


async def flow_runs_of(root: Path) -> list[tuple[str, str, list[str]]]:
    """Each flow run that built ``root``: its name, its state, and the names of its tasks."""
    from prefect import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.client.schemas.sorting import FlowRunSort, TaskRunSort

    found = []
    async with get_client() as client:
        for run in await client.read_flow_runs(sort=FlowRunSort.START_TIME_ASC, limit=200):
            if run.parameters["request"]["warehouse"] == str(root):
                only = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
                tasks = await client.read_task_runs(flow_run_filter=only, sort=TaskRunSort.ID_DESC, limit=200)
                found.append((run.name, run.state.type.value if run.state else "", sorted(task.name for task in tasks)))
    return found


async def logged(root: Path) -> list[str]:
    """What the last flow run that built ``root`` logged to the server."""
    from prefect import get_client
    from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId

    async with get_client() as client:
        runs = [run for run in await client.read_flow_runs(limit=200) if str(root) in str(run.parameters)]
        only = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[runs[-1].id]))
        return [log.message for log in await client.read_logs(only)]


async def summary_artifact(root: Path) -> str:
    """The newest summary of a warehouse on the server."""
    from prefect.artifacts import Artifact

    from flows.flow import artifact_key

    artifact = await Artifact.aget(artifact_key(root, "summary"))
    return str(artifact.data) if artifact else ""


def test_the_flow_builds_what_the_direct_call_builds(server: LocalServer, examples: Path, tmp_path: Path) -> None:
    root = tmp_path / "warehouse"
    done = ontherecord("build", EXAMPLES, "--warehouse", root, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert "published" in done.stdout
    assert query(root, ROWS).equals(query(examples, ROWS))

    ((name, state, tasks),) = asyncio.run(flow_runs_of(root))
    assert name.startswith("build warehouse 2")
    assert state == "COMPLETED"
    assert [task.split()[0] for task in tasks] == ["assemble", "audit", "extract", "find", "load", "plan", "publish"]
    run_id = query(root, "SELECT max(run_id) AS id FROM run").to_pylist()[0]["id"]
    assert {"extract", "publish"} <= set(asyncio.run(logged(root)))
    assert f"## warehouse: published\n\nRun {run_id}" in asyncio.run(summary_artifact(root))


def test_the_slices_of_a_build_are_one_flow_run_and_publish_one_by_one(server: LocalServer, tmp_path: Path) -> None:
    news, root = write(tmp_path / "news", {"a.txt": STORY, "b.txt": STORY, "c.txt": STORY}), tmp_path / "warehouse"
    done = ontherecord("build", news, "--warehouse", root, "--workers", 1, "--slice", 2)
    assert done.returncode == 0, done.stderr
    assert "1 file left to later slices" in done.stderr
    ((_, state, tasks),) = asyncio.run(flow_runs_of(root))
    assert (state, tasks.count("publish")) == ("COMPLETED", 2)
    assert [(run.status, run.n_new) for run in journal(Layout(root).runs)] == [("published", 2), ("published", 1)]


def test_a_flow_that_fails_is_recorded_as_failed(server: LocalServer, tmp_path: Path) -> None:
    source, root = tmp_path / "news", tmp_path / "warehouse"
    source.mkdir()
    assert ontherecord("build", source, "--warehouse", root).returncode == 0
    source.rmdir()
    done = ontherecord("build", "--warehouse", root)
    assert done.returncode == 1
    assert "is missing; nothing was removed" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(state for _, state, _ in asyncio.run(flow_runs_of(root))) == ["COMPLETED", "FAILED"]


def test_a_source_that_is_away_for_a_moment_loses_nothing(server: LocalServer, tmp_path: Path) -> None:
    """Finding fails, Prefect tries it again and it finds everything; what was planned meanwhile must not count."""
    from flows.flow import build_begun

    root = tmp_path / "w"
    sources = [write(tmp_path / name, {f"{n}.txt": STORY for n in range(3)}) for name in ("near", "far")]
    build_in_process(root, *sources)
    (tmp_path / "far").rename(tmp_path / "away")
    with mock.patch("flows.pipeline.Workers", return_value=InlineWorkers()), Build(BuildRequest(warehouse=root)) as run:
        run.begin()
        while run.seconds.get("find") is None:  # until it has failed
            time.sleep(0.01)
        (tmp_path / "away").rename(tmp_path / "far")
        summary = build_begun(run)
    assert (summary.run.status, summary.plan.n_found, summary.plan.n_removed) == ("unchanged", 6, 0)
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 6}]


def test_nothing_that_an_error_quotes_reaches_prefects_database(
    server: LocalServer, prefect_home: Path, tmp_path: Path
) -> None:
    from flows.flow import build

    def quoting(*_: object, **__: object) -> None:
        raise ValueError("cannot make sense of Halvard Quill's purple spoon")

    asked = BuildRequest(warehouse=tmp_path / "w", sources=(write(tmp_path / "in", {"a.txt": STORY}),))
    with (
        mock.patch("flows.pipeline.Workers", return_value=InlineWorkers()),
        mock.patch("etl.store.publication.assemble", quoting),
        pytest.raises(StepError, match=r"assemble failed: ValueError in test_flow.py line \d+") as error,
    ):
        build(asked)
    until = time.monotonic() + PATIENCE
    while not any("Finished in state Failed" in message for message in asyncio.run(logged(asked.warehouse))):
        assert time.monotonic() < until
        time.sleep(0.5)
    kept = b"".join(path.read_bytes() for path in prefect_home.rglob("*") if path.is_file())
    assert b"assemble failed" in kept
    assert b"purple spoon" not in kept
    assert "purple spoon" not in str(error.value)


def test_a_folder_with_a_flows_of_its_own_breaks_no_server(
    prefect_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("etl", "flows", "warehouse"):
        write(tmp_path, {f"{name}/__init__.py": "raise SystemExit('this is not the one')"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(API_URL, raising=False)
    done = ontherecord("build", write(tmp_path / "in", {"a.txt": STORY}), "--warehouse", tmp_path / "w", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert query(tmp_path / "w", "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 1}]


@pytest.mark.parametrize(
    ("stage", "name", "nth"),
    [
        ("find", "at the end of etl.sources.scan.scan", 1),
        ("publish", "at the end of etl.store.publish.make_current", 1),
        ("prune", "at the start of etl.store.publish.prune", 1),
    ],
)
def test_killed_at_any_step_of_the_flow_the_next_build_ends_right(
    server: LocalServer, tmp_path: Path, stage: str, name: str, nth: int
) -> None:
    root, flag = tmp_path / "w", tmp_path / "flag"
    listed(root, f"[[source]]\nname = 'in'\npath = '{tmp_path / 'in'}'\n")
    write(tmp_path / "in", {"a.txt": STORY, "b.txt": STORY.replace("whole", "old")})
    build_in_process(root)
    before = tables(root)
    write(tmp_path / "in", {"a.txt": STORY.replace("whole", "half"), "c.txt": STORY.replace("wall", "door")})
    command = [sys.executable, "-m", "tests.trust.flow", str(root), stage, name, str(nth), str(flag)]
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=PATIENCE, check=False)
    assert (killed.returncode, flag.exists()) == (-signal.SIGKILL, True)
    is_published = tables(root) != before
    assert is_published == (name.startswith("at the end of etl.store.publish") or stage == "prune")
    assert build_in_process(root).run.status == ("unchanged" if is_published else "published")
    assert left_behind(root) == []
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 3}]
    assert query(root, "SELECT count(*) AS n FROM quote WHERE text LIKE '%half wall%'").to_pylist() == [{"n": 1}]


def children_marked(marker: str) -> list[int]:
    """The processes that have ``marker`` in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_killed_build_leaves_no_process_and_the_next_finishes_it(
    prefect_home: Path, examples: Path, tmp_path: Path, how: signal.Signals
) -> None:
    """With a server of the build's own: it, the workers and the parent are all gone, and the next build gives the same rows."""
    root, marker = tmp_path / "warehouse", f"ONTHERECORD_TEST={tmp_path}"
    environment = {**os.environ, "ONTHERECORD_TEST": str(tmp_path)}
    environment.pop(API_URL, None)
    command = (Path(sys.executable).with_name("ontherecord"), "build", EXAMPLES, "--warehouse", root, "--workers", 2)
    (check,) = (write(root, ENDLESS_CHECK) / name for name in ENDLESS_CHECK)
    # What nohup, around these tests, ignores, a build ignores too: it is to heed them here.
    before = {} if how is signal.SIGKILL else {how: signal.signal(how, signal.SIG_DFL)}
    build = subprocess.Popen(
        list(map(str, command)), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    for heeded, handler in before.items():
        signal.signal(heeded, handler)
    until = time.monotonic() + PATIENCE
    while len(processes := children_marked(marker)) < 4:  # parent, server, two workers
        assert time.monotonic() < until
        time.sleep(0.05)
    build.send_signal(how)
    _, said = build.communicate(timeout=PATIENCE)
    if how is signal.SIGKILL:
        assert build.returncode == -how
    else:
        assert build.returncode == 128 + how
        assert said.endswith(f"ontherecord: ended by {how.name}; the next build goes on from the finished shards\n")
        assert journal(Layout(root).runs)[-1].error == f"ended by {how.name}"
    check.unlink()
    assert not wait_until_gone(processes)
    assert not [pid for pid in children_marked(marker) if is_alive(pid)]

    if how is signal.SIGKILL:
        build_directly(BuildRequest(warehouse=root, sources=(EXAMPLES,), workers=1))
        assert query(root, ROWS).equals(query(examples, ROWS))


def test_a_schedule_runs_the_same_flow(server: LocalServer, examples: Path, tmp_path: Path) -> None:
    root = tmp_path / "warehouse"
    root.mkdir()
    shutil.copyfile(examples / "ontherecord.toml", root / "ontherecord.toml")
    program = str(Path(sys.executable).with_name("ontherecord"))
    command = [
        program,
        "schedule",
        "--cron",
        "0 2 * * *",
        "--warehouse",
        str(root),
        "--name",
        "nightly",
        "--workers",
        "1",
    ]
    schedule = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run = asyncio.run(trigger("build/nightly"))
        assert run == "COMPLETED"
        assert query(root, ROWS).equals(query(examples, ROWS))
    finally:
        schedule.send_signal(signal.SIGINT)
        schedule.wait(PATIENCE)


async def trigger(deployment: str, seconds: float = PATIENCE) -> str:
    """Start one run of a deployment, as soon as it is there, and wait for its end; the state it ends in."""
    from prefect import get_client
    from prefect.exceptions import ObjectNotFound

    until = time.monotonic() + seconds
    async with get_client() as client:
        while True:
            try:
                found = await client.read_deployment_by_name(deployment)
                break
            except ObjectNotFound:
                assert time.monotonic() < until, "the deployment never came"
                await asyncio.sleep(0.5)
        run = await client.create_flow_run_from_deployment(found.id)
        while not (run.state and run.state.is_final()):
            assert time.monotonic() < until, f"still {run.state}"
            await asyncio.sleep(0.5)
            run = await client.read_flow_run(run.id)
    return run.state.type.value
