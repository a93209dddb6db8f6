"""The composition, in this process: what a build does with what it finds."""

import errno
import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import pytest

from etl.errors import AuditError, BrokenEnvironmentError, ConfigError, LockedError, SourceError
from etl.extract.job import ShardJob, ShardResult
from etl.model.installed import TOKENIZER_FILE, WEIGHTS_FILE
from etl.page.parse import Hints, Page, parse
from etl.sources.record import Record
from etl.store.journal import journal
from etl.store.lock import writer_lock
from etl.store.paths import Layout
from etl.store.publish import FAILED_KEPT
from flows.pipeline import build_directly
from flows.request import BuildRequest
from flows.workers import WorkerDiedError, WorkerHungError
from tests.helpers import STORY, InlineWorkers, article, build_in_process, copied, write
from warehouse.reader import query, snapshot

OTHER = article("Wenna Tolgarth met Odile Marrack.", "“The ferry runs again,” Wenna Tolgarth said.", title="Ferry runs")
#: A warehouse, and the folder that it was built of.
Built = tuple[Path, Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    build_in_process(folder / "w", write(folder / "in", {"a.txt": STORY, "b.txt": OTHER}))
    return folder


@pytest.fixture
def built(made: Path, tmp_path: Path) -> Built:
    """A warehouse of two articles, and the folder that it was built of."""
    return copied(made, tmp_path), tmp_path / "in"


def states(root: Path) -> dict[str, str]:
    return {row["source_uri"]: row["status"] for row in query(root, "FROM file").to_pylist()}


def test_nothing_changed_publishes_nothing_and_is_on_record(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY})
    first = build_in_process(root, news)
    second = build_in_process(root)
    assert (first.run.status, second.run.status) == ("published", "unchanged")
    assert second.snapshot == first.snapshot == snapshot(root)
    assert [run.status for run in journal(Layout(root).runs)] == ["published", "unchanged"]
    assert query(root, "SELECT status FROM run").to_pylist() == [{"status": "published"}]


def test_a_changed_file_is_extracted_and_a_removed_ones_rows_go(built: Built) -> None:
    root, news = built
    write(news, {"a.txt": STORY.replace("whole wall", "old wall")})
    changed = build_in_process(root)
    assert (changed.plan.n_new, changed.plan.n_changed, sum(r.n_files for r in changed.results)) == (0, 1, 1)
    assert query(root, "SELECT count(*) AS n FROM quote WHERE text LIKE '%old wall%'").to_pylist() != [{"n": 0}]
    (news / "b.txt").unlink()
    removed = build_in_process(root)
    assert removed.plan.n_removed == 1
    assert states(root) == {"in/a.txt": "loaded", "in/b.txt": "removed"}
    assert query(root, "SELECT DISTINCT source_uri FROM article").to_pylist() == [{"source_uri": "in/a.txt"}]


def test_two_sources_built_in_turn_keep_both(tmp_path: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "one", {"a.txt": STORY}))
    build_in_process(root, write(tmp_path / "two", {"a.txt": OTHER}), name="second")
    assert states(root) == {"one/a.txt": "loaded", "second/a.txt": "loaded"}
    assert build_in_process(root).plan.n_found == 2


def test_a_missing_source_is_an_error_and_removes_nothing(built: Built, tmp_path: Path) -> None:
    root, news = built
    news.rename(tmp_path / "away")
    with pytest.raises(SourceError, match="is missing; nothing was removed"):
        build_in_process(root)
    assert states(root) == {"in/a.txt": "loaded", "in/b.txt": "loaded"}
    assert [run.status for run in journal(Layout(root).runs)] == ["published", "failed"]


def test_a_failure_that_cannot_be_recorded_is_told_and_the_lock_released(built: Built, tmp_path: Path) -> None:
    root, news = built
    news.rename(tmp_path / "away")
    full = OSError(errno.ENOSPC, "No space left on device")
    with (
        mock.patch("flows.pipeline.record", side_effect=full),
        pytest.raises(SourceError, match="ontherecord forget in"),
    ):
        build_in_process(root)
    (tmp_path / "away").rename(news)
    assert build_in_process(root).run.status == "unchanged"


def test_losing_much_of_a_source_is_refused_unless_it_is_meant(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {f"{n}.txt": OTHER for n in range(20)})
    build_in_process(root, news)
    for n in range(6):
        (news / f"{n}.txt").unlink()
    with pytest.raises(SourceError, match="6 of 20 files are gone; nothing was removed"):
        build_in_process(root)
    assert build_in_process(root, allow_removals=True).plan.n_removed == 6


def test_every_file_is_in_one_state_and_the_sums_agree(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.txt": STORY,
        "b/c.txt": OTHER,
        "empty.txt": "",
        "odd.bin": bytes(range(256)) * 20,
    }
    root, news = tmp_path / "w", write(tmp_path / "in", files)
    (news / "broken").symlink_to(tmp_path / "nowhere")
    build_in_process(root, news)
    walked = {f"in/{path.relative_to(news).as_posix()}" for path in news.rglob("*") if not path.is_dir()}
    assert states(root).keys() == walked
    assert {uri for uri, status in states(root).items() if status == "loaded"} == {"in/a.txt", "in/b/c.txt"}
    reasons = {row["source_uri"]: row["reason"] for row in query(root, "FROM rejection").to_pylist()}
    assert reasons == {"in/empty.txt": "empty", "in/odd.bin": "binary", "in/broken": "unreadable"}


def test_a_file_that_cannot_be_read_for_now_keeps_its_rows_and_is_marked(built: Built, tmp_path: Path) -> None:
    root, news = built
    text = (news / "a.txt").read_text()
    (news / "a.txt").unlink()
    (news / "a.txt").symlink_to(tmp_path / "nowhere")
    build_in_process(root)
    rows = query(root, "SELECT source_uri, status, is_stale, n_articles FROM file WHERE is_stale").to_pylist()
    assert rows == [{"source_uri": "in/a.txt", "status": "loaded", "is_stale": True, "n_articles": 1}]
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 2}]
    (news / "a.txt").unlink()
    write(news, {"a.txt": text})
    build_in_process(root)
    assert query(root, "SELECT count(*) AS n FROM file WHERE is_stale").to_pylist() == [{"n": 0}]


class Fragile(InlineWorkers):
    """Workers that do not survive one file."""

    def run(self, work: object, job: Path, *args: Any, seconds: float) -> ShardResult:
        guilty = [file for file in ShardJob.load(job).files if file.source_uri.endswith("guilty.txt")]
        if guilty:
            raise self.error
        return super().run(work, job, *args, seconds=seconds)

    error: Exception = WorkerDiedError("the worker process ended with code -11")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (WorkerDiedError("the worker process ended with code -11"), "crashed"),
        (WorkerHungError("took longer than 1 s"), "timeout"),
    ],
)
def test_only_the_file_that_workers_do_not_survive_is_rejected(tmp_path: Path, error: Exception, reason: str) -> None:
    files = {f"{n}.txt": article(f"Wenna Tolgarth met {n} people.", title=f"Ferry {n}") for n in range(6)} | {
        "guilty.txt": OTHER
    }
    workers = Fragile()
    workers.error = error
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", files), workers=workers)
    assert [uri for uri, status in states(root).items() if status == "rejected"] == ["in/guilty.txt"]
    assert query(root, "SELECT reason FROM rejection").to_pylist() == [{"reason": reason}]
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 6}]


def test_a_dry_run_leaves_no_trace(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY})
    assert build_in_process(root, news, dry_run=True).plan.n_new == 1
    assert not root.exists()


def test_a_dry_run_names_files_and_why(tmp_path: Path) -> None:
    root = tmp_path / "w"
    names = ("same.txt", "changed.txt", "touched.txt", "removed.txt")
    news = write(tmp_path / "in", {name: STORY + name for name in names})
    write(tmp_path / "in", {"empty.txt": ""})
    build_in_process(root, news)
    write(news, {"new.txt": OTHER, "changed.txt": OTHER})
    (news / "removed.txt").unlink()
    os.utime(news / "touched.txt", (1e9, 1e9))
    listing = build_in_process(root, dry_run=True).plan.listing
    assert listing == (
        ("changed", "in/changed.txt"),
        ("new", "in/new.txt"),
        ("gone: its rows go", "in/removed.txt"),
    )
    again = build_in_process(root, dry_run=True, retry_rejected=True).plan.listing
    assert ("again: as asked, or since it was rejected or stale", "in/empty.txt") in again
    config = Layout(root).config
    config.write_text(config.read_text() + "year = 1999\n")
    whys = {why for why, _ in build_in_process(root, dry_run=True).plan.listing}
    assert whys == {"again: its options or the parser changed", "new", "gone: its rows go"}


def test_full_extracts_everything_again(built: Built) -> None:
    root, _ = built
    assert sum(result.n_files for result in build_in_process(root, full=True).results) == 2


def test_a_broken_check_publishes_nothing_and_keeps_the_evidence(tmp_path: Path) -> None:
    root, news, checks = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY}), tmp_path / "checks"
    first = build_in_process(root, news)
    write(
        checks,
        {
            "no_ferries.sql": "-- Nobody writes about ferries.\nSELECT article_id, title FROM article WHERE title LIKE 'Ferry%'"
        },
    )
    write(news, {"b.txt": OTHER})
    with (
        mock.patch("warehouse.CHECKS", checks),
        pytest.raises(AuditError, match=r"no_ferries: 1 bad row") as broken,
    ):
        build_in_process(root)
    assert "no_ferries: 1 bad row (Nobody writes about ferries" in broken.value.findings
    assert snapshot(root) == first.snapshot
    (kept,) = (root / "failed").iterdir()
    assert (kept / "manifest.json").exists()
    assert (kept / "findings.txt").read_text().strip() == broken.value.findings
    assert build_in_process(root).run.status == "published"


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY})
    with (
        writer_lock(Layout(root).lock),
        pytest.raises(LockedError, match=r"is being written by process \d+ on .* since 2"),
    ):
        build_in_process(root, news)
    assert build_in_process(root, news).run.status == "published"


def test_a_warehouse_without_sources_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ontherecord build FOLDER"):
        build_in_process(tmp_path)


def test_the_direct_call_imports_no_prefect() -> None:
    code = (
        "import sys, flows.pipeline, flows.cli; print(sorted(m for m in sys.modules if m.split('.')[0] == 'prefect'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_files_that_stay_unusable_do_not_make_a_run_anew(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY, "large.txt": OTHER * 100, "b.txt": OTHER})
    root.mkdir()
    (root / "ontherecord.toml").write_text("max_bytes = 5000\n")
    (news / "broken").symlink_to(tmp_path / "nowhere")
    build_in_process(root, news)
    (news / "b.txt").unlink()
    (news / "b.txt").symlink_to(tmp_path / "nowhere")  # unreadable from now on: stale
    assert build_in_process(root).run.status == "published"
    assert build_in_process(root).run.status == "unchanged"
    toml = (root / "ontherecord.toml").read_text()
    (root / "ontherecord.toml").write_text(toml.replace("max_bytes = 5000", "max_bytes = 50000"))
    write(tmp_path, {"nowhere": OTHER})
    assert build_in_process(root).plan.n_changed == 3
    assert set(states(root).values()) == {"loaded"}


def test_an_archive_that_unpacks_too_large_does_not_make_a_run_anew(tmp_path: Path) -> None:
    root, news = (
        tmp_path / "w",
        write(tmp_path / "in", {"a.txt.gz": gzip.compress(OTHER.encode() * 100), "b.txt": OTHER}),
    )
    (root / "ontherecord.toml").parent.mkdir()
    (root / "ontherecord.toml").write_text("max_bytes = 5000\n")
    build_in_process(root, news)
    assert states(root) == {"in/a.txt.gz": "rejected", "in/b.txt": "loaded"}
    assert build_in_process(root).run.status == "unchanged"


def test_a_lower_limit_rejects_what_is_larger(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": OTHER * 10, "b.txt": OTHER})
    build_in_process(root, news)
    toml = root / "ontherecord.toml"
    toml.write_text("max_bytes = 500\n" + toml.read_text())
    build_in_process(root)
    assert states(root) == {"in/a.txt": "rejected", "in/b.txt": "loaded"}
    assert build_in_process(root).run.status == "unchanged"


@pytest.mark.parametrize("what", ["pipe", "device"])
def test_a_special_file_in_the_place_of_a_file_hangs_nothing(tmp_path: Path, what: str) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {f"{n}.txt": OTHER for n in range(3)})
    build_in_process(root, news)
    (news / "0.txt").unlink()
    os.mkfifo(news / "0.txt") if what == "pipe" else (news / "0.txt").symlink_to("/dev/zero")
    build_in_process(root)
    assert states(root)["in/0.txt"] == "rejected"
    assert build_in_process(root).run.status == "unchanged"
    assert build_in_process(root, retry_rejected=True).run.status == "published"


@pytest.mark.parametrize("year", [-5000, 200_000])
def test_a_file_stamped_in_an_odd_year_is_read_and_is_not_read_again(tmp_path: Path, year: int) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY, "b.txt": OTHER})
    seconds = int((year - 1970) * 365.2425 * 24 * 3600)
    os.utime(news / "a.txt", (seconds, seconds))
    assert build_in_process(root, news).plan.n_new == 2
    assert build_in_process(root).run.status == "unchanged"
    assert query(root, "SELECT count(*) AS n FROM file WHERE modified_at IS NOT NULL").to_pylist() == [{"n": 2}]


def test_a_warehouse_inside_its_source_does_not_load_itself(tmp_path: Path) -> None:
    news = write(tmp_path / "in", {"a.txt": STORY})
    root = news / "w"
    build_in_process(root, news)
    assert states(root) == {"in/a.txt": "loaded"}
    assert build_in_process(root).run.status == "unchanged"


def test_records_that_share_an_id_are_all_loaded(tmp_path: Path) -> None:
    lines = [f'{{"id": "{key}", "text": "Odile Marrack met {n} people."}}' for n, key in enumerate(("7", "7#2", "7"))]
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.jsonl": "\n".join(lines)})
    build_in_process(root, news)
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 3}]


def broken_stage(*_: object) -> NoReturn:
    raise ZeroDivisionError("one day")


def test_a_defect_of_ours_keeps_a_files_rows_and_is_tried_again_elsewhere(built: Built) -> None:
    root, news = built
    write(news, {"a.txt": STORY.replace("whole", "half"), "c.txt": OTHER.replace("ferry", "tram")})
    build_in_process(root, patches={"etl.extract.shard.parse": broken_stage})
    rows = query(root, "SELECT source_uri, status, is_stale, n_articles FROM file ORDER BY 1").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("in/a.txt", "loaded", True, 1),
        ("in/b.txt", "loaded", False, 1),
        ("in/c.txt", "rejected", False, 0),
    ]
    assert query(root, "SELECT count(*) AS n FROM quote WHERE text LIKE '%whole wall%'").to_pylist() == [{"n": 1}]
    assert build_in_process(root).run.status == "unchanged"  # in the same environment it would fail again
    elsewhere = build_in_process(root, patches={"etl.extract.versions.LIBRARIES": ("ontherecord",)})
    assert (elsewhere.run.status, elsewhere.plan.n_changed) == ("published", 2)
    assert states(root) == {"in/a.txt": "loaded", "in/b.txt": "loaded", "in/c.txt": "loaded"}
    assert query(root, "SELECT count(*) AS n FROM file WHERE is_stale").to_pylist() == [{"n": 0}]
    assert query(root, "SELECT count(*) AS n FROM quote WHERE text LIKE '%half wall%'").to_pylist() == [{"n": 1}]


def test_a_record_that_we_fail_on_keeps_the_file_it_was_in(tmp_path: Path) -> None:
    lines = [f'{{"id": "{n}", "text": "Odile Marrack met {n} people."}}' for n in range(3)]
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.jsonl": "\n".join(lines)})
    build_in_process(root, news)

    def broken_for_one(record: Record, hints: Hints) -> Page:
        return broken_stage() if record.key == "1" else parse(record, hints)

    write(news, {"a.jsonl": "\n".join([*lines, lines[0].replace("0", "9")])})
    build_in_process(root, patches={"etl.extract.shard.parse": broken_for_one})
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 3}]
    assert query(root, "SELECT is_stale FROM file").to_pylist() == [{"is_stale": True}]
    assert build_in_process(root, retry_rejected=True).run.n_articles == 4


@pytest.mark.parametrize("library", ["trafilatura", "lxml_html_clean"])
def test_a_missing_library_ends_the_run(tmp_path: Path, library: str) -> None:
    page = f"<html><body><article>{'<p>Odile Marrack met nobody by the quay that day.</p>' * 9}</article></body></html>"
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.html": page, "b.txt": OTHER})
    build_in_process(root, news)
    write(news, {"a.html": page.replace("nobody", "everybody")})
    loaded = [name for name in sys.modules if name.split(".")[0] in ("trafilatura", "justext", "lxml_html_clean")]
    with mock.patch.dict(sys.modules):
        for name in [*loaded, "lxml.html.clean"]:
            sys.modules.pop(name, None)
        sys.modules[library] = None  # type: ignore[assignment]  # as Python marks what cannot be imported
        with pytest.raises(BrokenEnvironmentError, match=library):
            build_in_process(root)
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 2}]
    assert build_in_process(root).plan.n_changed == 1


def test_a_model_that_finds_nothing_but_errors_ends_the_run(built: Built) -> None:
    root, news = built
    write(news, {"a.txt": STORY.replace("whole", "half")})
    with pytest.raises(BrokenEnvironmentError, match="not even a sample article"):
        build_in_process(root, patches={"etl.extract.shard.extract": broken_stage})
    assert states(root) == {"in/a.txt": "loaded", "in/b.txt": "loaded"}


def test_a_model_that_does_not_load_ends_the_run_and_is_not_configured(built: Built, tmp_path: Path) -> None:
    (root, _), model = built, tmp_path / "model"
    before = Layout(root).config.read_text()
    asked = {"warehouse": root, "sources": (write(tmp_path / "more", {"b.txt": OTHER}),), "workers": 1}
    with pytest.raises(
        ConfigError, match="model 'en_core_web_sm' is no directory with an encoder; take the line `model` out of"
    ):
        build_directly(BuildRequest.of(model="en_core_web_sm", **asked))
    write(model, {WEIGHTS_FILE: "no weights", TOKENIZER_FILE: "{}"})
    with pytest.raises(BrokenEnvironmentError, match=r"tokenizer.json cannot be loaded"):
        build_directly(BuildRequest.of(model=str(model), **asked))
    assert Layout(root).config.read_text() == before
    assert states(root) == {"in/a.txt": "loaded", "in/b.txt": "loaded"}


def records(n: int, of: str = "Odile Marrack") -> str:
    return "\n".join(f'{{"text": "{of} met {m} people."}}' for m in range(n))


@pytest.mark.parametrize(
    ("files", "change", "lost"),
    [
        ({f"{n}.jsonl": records(5) for n in range(4)}, {f"{n}.jsonl": None for n in range(4)}, "4 of 4 files are gone"),
        ({"a.jsonl": records(300)}, {"a.jsonl": records(1)}, "lost 299 of 300 articles"),
        ({"a.txt": OTHER}, {"a.txt": None, "b.txt": STORY}, None),
    ],
)
def test_what_nobody_meant_to_lose_is_refused(
    tmp_path: Path, files: dict[str, str], change: dict[str, str | None], lost: str | None
) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", dict(files))
    other = write(tmp_path / "other", {"story.txt": STORY})
    build_in_process(root, news, other)
    before = query(root, "SELECT count(*) AS n FROM article").to_pylist()
    for name, text in change.items():
        (news / name).unlink() if text is None else write(news, {name: text})
    if lost:
        with pytest.raises(SourceError, match=f"source 'in': .*{lost}.*nothing was removed.*--allow-removals"):
            build_in_process(root)
        assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == before
    assert build_in_process(root, allow_removals=bool(lost)).run.status == "published"


def test_a_folder_replaced_by_a_file_is_refused(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {f"{n}.txt": OTHER for n in range(4)})
    build_in_process(root, news)
    shutil.rmtree(news)
    news.write_text(STORY)
    with pytest.raises(SourceError, match="4 of 4 files are gone"):
        build_in_process(root)


def test_the_evidence_of_failed_audits_does_not_grow_without_end(built: Built) -> None:
    root, news = built
    write(root / "checks", {"never.sql": "-- Nothing is ever right.\nSELECT 1 AS one"})
    write(news, {"c.txt": OTHER})
    for _ in range(FAILED_KEPT + 2):
        with pytest.raises(AuditError, match="never"):
            build_in_process(root)
    failed = [run.run_id for run in journal(Layout(root).runs) if run.status == "failed"]
    assert [path.name for path in Layout(root).set_aside()] == failed[-FAILED_KEPT:]
