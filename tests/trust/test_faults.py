"""When the disk, the clock, a source or a worker fails: a clear word, the last snapshot intact, and the next build goes on."""

import contextlib
import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from etl.errors import OnTheRecordError, SourceError
from etl.extract.job import ShardResult
from etl.store.journal import journal
from etl.store.paths import Layout
from flows.pipeline import build_directly
from flows.request import BuildRequest
from flows.workers import extract_job
from tests.helpers import STORY, InlineWorkers, Killed, article, build_in_process, tables, write
from tests.trust.kit import broken_checks, left_behind
from tests.trust.scale import scaled, tell
from warehouse.reader import query, snapshot

ROOT = Path(__file__).parents[2]
#: Every so many writes to disk one fails; in the soak every one.
FAIL_EVERY = scaled(41, 1)
#: What a build asks of the file system when it writes.
WRITES = ("fsync", "replace", "rename", "symlink", "link", "mkdir")


def other(n: int) -> str:
    return article(f"Wenna Tolgarth met {n} people by the quay.", title=f"Ferry {n}")


def command(*arguments: object, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it; ``limit`` is the size in bytes beyond which no file may grow."""

    def restrict() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    code = "from flows.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        preexec_fn=restrict,
        timeout=300,
        check=False,
    )


def is_clear(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a command failed with a word of its own instead of a traceback."""
    return done.returncode == 1 and "ontherecord: " in done.stderr and "Traceback" not in done.stderr


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A warehouse whose source has a new file since."""
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY, "b.txt": other(1)}))
    write(tmp_path / "in", {"c.txt": other(2), "a.txt": STORY.replace("whole", "half")})
    return tmp_path / "w"


@contextlib.contextmanager
def nth_write_fails(nth: int) -> Iterator[list[int]]:
    """Have the disk be full at the nth write, for once; yields a list that counts the writes."""
    count = [0]

    def failing(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            count[0] += 1
            if count[0] == nth:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))
            return real(*arguments, **named)

        return call

    with contextlib.ExitStack() as stack:
        for name in WRITES:
            stack.enter_context(mock.patch.object(os, name, failing(name)))
        yield count


def test_a_disk_that_is_full_at_any_write_leaves_the_last_snapshot_and_the_next_build_ends_right(
    built: Path, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    before = tables(built)
    build_in_process(fresh, tmp_path / "in")
    wanted, tried = tables(fresh), 0
    with nth_write_fails(0) as count:
        shutil.copytree(built, tmp_path / "counted", symlinks=True)
        build_in_process(tmp_path / "counted")
    for nth in range(1, count[0] + 1, FAIL_EVERY):
        root = tmp_path / "full"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(built, root, symlinks=True)
        with nth_write_fails(nth), contextlib.suppress(OSError, OnTheRecordError):
            build_in_process(root)
        assert tables(root) in (before, wanted)
        build_in_process(root)
        assert tables(root) == wanted
        assert left_behind(root) == []
        tried += 1
    tell(f"disk full at {tried} of {count[0]} writes")


@pytest.mark.parametrize("limit", [500, 5_000, 100_000])
def test_a_limit_on_the_size_of_files_is_an_error_in_words(built: Path, limit: int) -> None:
    before = tables(built)
    done = command("build", "--direct", "--workers", 1, "--warehouse", built, limit=limit)
    assert is_clear(done), done.stderr
    assert tables(built) == before
    assert broken_checks(snapshot(built)) == []
    assert build_in_process(built).run.status == "published"


def test_a_warehouse_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    news = write(tmp_path / "in", {"a.txt": STORY})
    (tmp_path / "w").write_text("a file, where a folder should be")
    done = command("build", "--direct", news, "--warehouse", tmp_path / "w")
    said = " ".join(done.stderr.replace("│", " ").split())
    assert (done.returncode, "Traceback" in said) == (2, False)
    assert f"{tmp_path / 'w'} is not a directory; name another" in said


def test_a_source_that_vanishes_between_planning_and_reading_keeps_its_rows(built: Path, tmp_path: Path) -> None:
    class Vanishing(InlineWorkers):
        def run(self, work: object, job: Path, *args: Any, seconds: float) -> ShardResult:
            (tmp_path / "in").replace(tmp_path / "away")
            try:
                return super().run(work, job, *args, seconds=seconds)
            finally:
                (tmp_path / "away").replace(tmp_path / "in")

    build_in_process(built, workers=Vanishing())
    rows = query(built, "SELECT source_uri, status, is_stale FROM file ORDER BY ALL").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("in/a.txt", "loaded", True),
        ("in/b.txt", "loaded", False),
        ("in/c.txt", "rejected", False),
    ]
    build_in_process(built)
    assert query(built, "SELECT DISTINCT status, is_stale FROM file").to_pylist() == [
        {"status": "loaded", "is_stale": False}
    ]


def test_a_clock_set_back_confuses_neither_the_journal_nor_the_order_of_snapshots(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"

    class SetBack(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "SetBack":
            return cls.fromtimestamp((datetime.now(UTC) - timedelta(days=400)).timestamp(), tz)

    (root / "ontherecord.toml").parent.mkdir()
    (root / "ontherecord.toml").write_text("keep_snapshots = 1\nkeep_hours = 0\n")
    published = []
    for n in range(4):
        with mock.patch("etl.store.journal.datetime", SetBack if n % 2 else datetime):
            summary = build_in_process(root, write(news, {f"{n}.txt": other(n)}))
        published.append(summary.run.run_id)
        assert snapshot(root).name == summary.run.run_id
        assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": n + 1}]
    assert published == sorted(published) == [run.run_id for run in journal(Layout(root).runs)]
    assert sorted(path.name for path in (root / "snapshots").iterdir()) == published[-2:]


@pytest.mark.parametrize("table", ["file", "article"])
def test_a_truncated_shard_of_a_killed_run_is_extracted_again(built: Path, table: str) -> None:
    with pytest.raises(Killed):
        build_in_process(built, workers=InlineWorkers(survives=1), patches={"etl.extract.plan.SHARD_FILES": 1})
    (path,) = (built / "work" / "shards").glob(f"*/{table}.parquet")
    os.truncate(path, path.stat().st_size // 2)
    assert build_in_process(built).plan.n_reused == 0
    assert query(built, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 3}]


def test_a_flipped_byte_is_found_and_named(built: Path) -> None:
    path = next((snapshot(built) / "quote").rglob("*.parquet"))
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    done = command("verify", "--warehouse", built)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert path.name in done.stdout


#: What a worker may die of.
DEATHS = ("SIGABRT", "SIGKILL", "SIGSEGV")


def fall_over(job: Path, *arguments: Any) -> object:
    """A worker's task that dies of certain files: killed, as the system does when memory is out, or by a fault in native code."""
    said = job.read_text(encoding="utf-8")
    for name in DEATHS:
        if f"{name}.txt" in said:
            os.kill(os.getpid(), getattr(signal, name))
    return extract_job(job, *arguments)


def test_a_worker_that_dies_costs_the_guilty_article_only(tmp_path: Path) -> None:
    news = write(tmp_path / "in", {f"{name}.txt": other(n) for n, name in enumerate(("a", "b", *DEATHS, "h"))})
    with mock.patch("flows.pipeline.extract_job", fall_over):
        build_directly(BuildRequest(warehouse=tmp_path / "w", sources=(news,), workers=1))
    rows = query(tmp_path / "w", "SELECT source_uri, reason FROM rejection ORDER BY 1").to_pylist()
    assert rows == [{"source_uri": f"in/{name}.txt", "reason": "crashed"} for name in DEATHS]
    assert query(tmp_path / "w", "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 3}]


def test_a_folder_that_cannot_be_listed_for_a_night_removes_nothing(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY, "deep/b.txt": other(1)})
    build_in_process(root, news)
    before = tables(root)
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if Path(path).name == "deep":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    with (
        mock.patch("os.scandir", refusing),
        pytest.raises(SourceError, match=r"deep cannot be listed .*nothing was removed"),
    ):
        build_in_process(root)
    assert tables(root) == before
    assert build_in_process(root).run.status == "unchanged"


def test_files_that_cannot_be_read_for_a_night_keep_their_rows(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY, "b.txt": other(1)})
    build_in_process(root, news)
    write(news, {"a.txt": STORY.replace("whole", "half"), "c.txt": other(2)})
    opened = os.open

    def refusing(path: Any, *arguments: Any, **named: Any) -> int:
        if str(path).endswith("a.txt"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *arguments, **named)

    with mock.patch("os.open", refusing):
        build_in_process(root)
    rows = query(root, "SELECT source_uri, status, is_stale FROM file ORDER BY ALL").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("in/a.txt", "loaded", True),
        ("in/b.txt", "loaded", False),
        ("in/c.txt", "loaded", False),
    ]
    assert query(root, "SELECT count(*) AS n FROM quote WHERE text LIKE '%whole wall%'").to_pylist() == [{"n": 1}]
    build_in_process(root)
    assert query(root, "SELECT count(*) AS n FROM quote WHERE text LIKE '%half wall%'").to_pylist() == [{"n": 1}]
