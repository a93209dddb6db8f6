"""What monitors read: `status --json` and `--max-age`, and the metrics file."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from typer.testing import CliRunner

from etl.errors import SourceError
from etl.store.journal import OF_SNAPSHOT, Run, journal, new_run, record
from etl.store.paths import Layout
from flows.cli import app
from flows.freshness import StaleError, health, openmetrics, refuse_stale, spoken
from tests.helpers import STORY, build_in_process, redact_in, write
from warehouse.reader import query

HOUR = timedelta(hours=1)


def ended(root: Path, status: str, ago: timedelta, error: str | None = None) -> Run:
    """Put a run on record that ended some time ago."""
    at = datetime.now(UTC) - ago
    run = new_run({}).with_(started_at=at, finished_at=at, status=status, error=error)
    record(Layout(root).runs, run)
    return run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "warehouse"
    build_in_process(root, write(tmp_path / "news", {"a.txt": STORY}))
    return root


def test_a_look_that_found_nothing_new_counts(root: Path) -> None:
    published = health(root).looked_at
    assert build_in_process(root).run.status == "unchanged"
    found = health(root)
    assert found.looked_at
    assert published
    assert found.looked_at > published
    assert found.runs == {"published": 1, "unchanged": 1, "skipped": 0, "failed": 0}
    assert found.n_articles == 1
    first, second = journal(Layout(root).runs)
    assert second.snapshot_id == first.snapshot_id
    assert [getattr(second, name) for name in OF_SNAPSHOT] == [getattr(first, name) for name in OF_SNAPSHOT]


def test_a_run_without_an_end_is_running_while_its_process_is(root: Path) -> None:
    record(Layout(root).runs, new_run({}))
    assert health(root).attempts[0].status == "running"  # this process took the lock last
    lock = json.loads(Layout(root).lock.read_text())
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    Layout(root).lock.write_text(json.dumps({**lock, "pid": gone.pid}))
    assert health(root).attempts[0].status == "failed"
    Layout(root).lock.write_text(json.dumps({**lock, "host": "elsewhere"}))
    assert health(root).attempts[0].status == "failed"


def test_a_run_that_failed_or_was_skipped_is_no_look(tmp_path: Path) -> None:
    ended(tmp_path, "unchanged", 3 * HOUR)
    ended(tmp_path, "failed", 2 * HOUR, "SourceError: news is missing")
    ended(tmp_path, "skipped", HOUR)
    found = health(tmp_path)
    age = found.age()
    assert age
    assert 3 * HOUR <= age < 4 * HOUR
    refuse_stale(found, 4 * HOUR)
    with pytest.raises(StaleError, match=r"3 hours ago, at .* which is more than 2 hours ago"):
        refuse_stale(found, 2 * HOUR)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 seconds"),
        (1, "1 second"),
        (90, "90 seconds"),
        (150, "2 minutes 30 seconds"),
        (26 * 3600, "26 hours"),
        (26 * 3600 + 1100, "26 hours 18 minutes"),
        (50 * 3600, "2 days 2 hours"),
    ],
)
def test_a_span_of_time_is_told_in_units_that_it_has_two_of(seconds: float, words: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == words


def test_a_run_that_leaves_something_out_is_no_look(root: Path, tmp_path: Path) -> None:
    """Neither days nor one source of two nor a dry run nor a redaction; of a build in slices, only the last."""
    looked = health(root).looked_at
    news = tmp_path / "news"
    write(news, {"b.txt": STORY, "c.txt": STORY})
    build_in_process(root, since="2031-01-01", until="2031-01-02")
    build_in_process(root, only_stale=True)
    build_in_process(root, dry_run=True)
    (article_id, *_) = (row["article_id"] for row in query(root, "SELECT article_id FROM article").to_pylist())
    redact_in(root, article_id)
    assert health(root).looked_at == looked
    build_in_process(root, write(tmp_path / "more", {"d.txt": STORY}))
    assert health(root).looked_at == looked
    build_in_process(root, slice=1)
    *_, first, last = journal(Layout(root).runs)
    assert (first.is_whole, last.is_whole) == (False, True)
    assert health(root).looked_at == last.finished_at


def test_status_is_an_exit_code_for_monitors(root: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["status", "--warehouse", str(root), "--max-age", "26h"]).exit_code == 0
    ended(tmp_path / "old", "unchanged", 27 * HOUR)
    stale = run(app, ["status", "--warehouse", str(tmp_path / "old"), "--max-age", "26h"])
    assert stale.exit_code == 1
    assert "27 hours ago" in stale.output
    told = json.loads(run(app, ["status", "--warehouse", str(root), "--json"]).stdout)
    assert told["n_articles"] == 1
    assert told["attempts"][0]["status"] == "published"
    assert run(app, ["status", "--warehouse", str(root), "--max-age", "soon"]).exit_code != 0


def test_status_tells_of_the_newest_run_first(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    root = tmp_path / "warehouse"
    build_in_process(root, folder)
    folder.rmdir()
    with pytest.raises(SourceError):
        build_in_process(root)
    told = CliRunner().invoke(app, ["status", "--warehouse", str(root)]).stdout
    assert told.index("failed") < told.index("published")
    assert "is missing" in " ".join(told.split())  # a long path of the folder wraps it
    folder.mkdir()
    build_in_process(root)
    told = CliRunner().invoke(app, ["status", "--warehouse", str(root)]).stdout
    assert told.index("unchanged") < told.index("failed")


def test_the_metrics_file_is_valid_and_follows_every_run(root: Path) -> None:
    def value(name: str, **labels: str) -> float:
        families = text_string_to_metric_families((root / "metrics").read_text())  # type: ignore[no-untyped-call]
        samples = [s for family in families for s in family.samples if s.name == f"ontherecord_{name}"]
        (sample,) = [s for s in samples if s.labels == labels]
        return float(sample.value)

    looked = value("last_look_timestamp_seconds")
    assert value("articles") == 1
    assert value("runs", status="unchanged") == 0
    build_in_process(root)
    assert value("last_look_timestamp_seconds") > looked
    assert value("runs", status="unchanged") == 1
    assert openmetrics(health(root)).endswith("# EOF\n")
    assert not list(root.glob(".metrics*"))
