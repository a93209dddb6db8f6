"""Snapshots over time: going back, holding, comparing, verifying, keeping and letting go."""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import warehouse
from etl.errors import DamagedError, HeldError, SchemaVersionError
from etl.extract.article import Extract
from etl.extract.shard import Finder, finder
from etl.model.annotate import Annotator
from etl.page.parse import Page
from etl.schema import DATABASE, MANIFEST
from etl.store.audit import Check, all_checks, unchecked
from etl.store.diff import diff
from etl.store.journal import journal, new_run, read_run
from etl.store.manifest import DataFile
from etl.store.paths import SUPERSEDED, Layout
from etl.store.rollback import held, release, roll_back
from etl.store.snapshots import NoSnapshotError, kept, open_kept
from etl.store.verify import verify
from flows.cli import app
from tests.helpers import STORY, Killed, article, build_in_process, copied, inodes, kill, write
from warehouse import views
from warehouse.reader import connect, query, snapshot

OTHER = article("Wenna Tolgarth met Odile Marrack.", "“The ferry runs again,” Wenna Tolgarth said.", title="Ferry runs")
DAY = 24 * 3600
#: A warehouse and the names of its two snapshots.
Snapshots = tuple[Path, str, str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    news = write(folder / "in", {"story.txt": STORY})
    build_in_process(folder / "w", news)
    write(news, {"other.txt": OTHER})
    build_in_process(folder / "w")
    return folder


@pytest.fixture
def two_snapshots(made: Path, tmp_path: Path) -> Snapshots:
    """A copy in the test's folder."""
    root = copied(made, tmp_path)
    first, second = sorted(path.name for path in Layout(root).snapshots.iterdir())
    return root, first, second


def doubting(annotator: Callable[[], Annotator]) -> Finder:
    def find(page: Page) -> Extract:
        found = finder(annotator)(page)
        return replace(found, quotes=tuple(replace(quote, confidence=0.125) for quote in found.quotes))

    return find


def back(root: Path, to: str | None = None) -> None:
    roll_back(Layout(root), to, "bad counts", views(), "1GB")


def findings(root: Path, tmp_path: Path, *, full: bool = False) -> list[str]:
    layout = Layout(root)
    return list(
        verify(
            open_kept(layout, None), all_checks(warehouse.CHECKS, layout.checks), tmp_path / "spill", "1GB", full=full
        )
    )


def test_after_a_rollback_nothing_is_published_until_it_is_released(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, first, second = two_snapshots
    back(root)
    assert snapshot(root).name == first
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 1}]
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    skipped = build_in_process(root)
    assert (skipped.run.status, skipped.snapshot) == ("skipped", snapshot(root))
    assert "bad counts" in (skipped.run.error or "")
    assert snapshot(root).name == first
    release(Layout(root))
    assert held(Layout(root)) is None
    again = build_in_process(root)
    assert (again.run.status, again.plan.n_new) == ("published", 2)
    assert [run.status for run in journal(Layout(root).runs)] == ["published", "published", "skipped", "published"]
    assert second in {path.name for path in Layout(root).snapshots.iterdir()}


def test_a_rollback_makes_the_database_anew_where_it_was_let_go(two_snapshots: Snapshots) -> None:
    root, first, _ = two_snapshots
    (Layout(root).snapshots / first / DATABASE).unlink()
    back(root, first)
    assert query(root, "SELECT count(*) AS n FROM utterance").to_pylist() == [{"n": 1}]


def test_there_is_nothing_before_the_first_snapshot_and_nothing_to_release(tmp_path: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"story.txt": STORY}))
    with pytest.raises(HeldError, match="no snapshot before the published one"):
        back(root)
    with pytest.raises(HeldError, match="no snapshot 2031"):
        back(root, "2031")
    with pytest.raises(HeldError, match="nothing holds publication"):
        release(Layout(root))


def test_a_diff_tells_what_came_went_and_changed(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, first, second = two_snapshots
    (tmp_path / "in" / "other.txt").unlink()
    write(tmp_path / "in", {"story.txt": STORY.replace("whole wall", "old wall").replace("harbour", "quay")})
    third = build_in_process(root).run.run_id
    patches = {"tests.helpers.finder": doubting, "etl.quotes.VERSION": "doubting"}
    fourth = build_in_process(root, patches=patches).run.run_id
    layout = Layout(root)

    def between(before: str, after: str) -> dict[str, list[tuple[object, ...]]]:
        found = diff(open_kept(layout, before), open_kept(layout, after), tmp_path / "spill", "1GB")
        return {name: [tuple(row.values()) for row in rows.to_pylist()] for name, rows in found.items()}

    assert [row[:2] for row in between(first, second)["articles"]] == [("added", "in/other.txt")]
    changes = between(second, third)
    assert [row[:4] for row in changes["articles"]] == [
        ("changed", "in/story.txt", "Rain over the harbour", "Rain over the quay"),
        ("removed", "in/other.txt", "Ferry runs", None),
    ]
    words = "“We shall ask Halvard Quill to mend the old wall before the winter,”"
    assert ("added", words) in [(row[0], row[3]) for row in changes["quotes"]]
    assert {row[0] for row in changes["quotes"]} == {"added", "removed"}
    assert {row[0] for row in changes["counts"]} <= {"Wenna Tolgarth"}
    changes = between(third, fourth)
    assert (changes["articles"], {row[0] for row in changes["quotes"]}) == ([], {"changed"})
    assert all(rows == [] for rows in between(third, third).values())


def test_kept_snapshots_are_listed_with_what_they_share(two_snapshots: Snapshots) -> None:
    root, first, second = two_snapshots
    newest, oldest = kept(root)
    assert (newest["snapshot"], newest["is"], newest["articles"]) == (second, "published", "2 (+1)")
    assert (oldest["snapshot"], oldest["is"], oldest["articles"]) == (first, "", "1")
    with pytest.raises(NoSnapshotError, match=f"kept are: {first}, {second}"):
        open_kept(Layout(root), "2031")


def test_what_changed_on_disk_since_publication_is_found(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, _, _ = two_snapshots
    assert findings(root, tmp_path) == findings(root, tmp_path, full=True) == []
    (quotes,) = (snapshot(root) / "quote").glob("**/*.parquet")
    data = bytearray(quotes.read_bytes())
    data[len(data) // 2] ^= 1
    quotes.write_bytes(data)
    assert findings(root, tmp_path) == [f"{quotes} has changed since it was published"]
    quotes.rename(quotes.with_name("mine.parquet"))
    assert findings(root, tmp_path, full=True) == [
        f"{quotes.with_name('mine.parquet')} does not belong to this snapshot",
        f"{quotes} is missing",
    ]


def test_a_database_that_differs_from_its_parquet_is_found_by_a_full_verification(
    two_snapshots: Snapshots, tmp_path: Path
) -> None:
    root, _, _ = two_snapshots
    import duckdb

    with duckdb.connect(str(snapshot(root) / DATABASE)) as db:
        db.execute("UPDATE quote SET speaker_name = 'Nobody'")
    assert findings(root, tmp_path) == []
    assert findings(root, tmp_path, full=True) == [
        f"{snapshot(root) / DATABASE}: its table quote differs from the Parquet"
    ]


def test_snapshots_are_kept_by_number_and_by_the_time_since_they_were_current(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"
    root.mkdir()
    (root / "ontherecord.toml").write_text("keep_snapshots = 1\n")
    names = []
    for n in range(4):
        write(news, {"story.txt": STORY.replace("whole wall", f"wall {n}")})
        names.append(build_in_process(root, news).run.run_id)
    layout = Layout(root)
    assert sorted(path.name for path in layout.snapshots.iterdir()) == names  # none is old enough to go
    for n, name in enumerate(names[:-1]):
        os.utime(layout.snapshots / name / SUPERSEDED, (0, time.time() - 2 * DAY + n))
    back(root, names[0])  # now the current one: it stays, whatever its age was
    release(layout)
    write(news, {"story.txt": OTHER})
    last = build_in_process(root).run.run_id
    assert sorted(path.name for path in layout.snapshots.iterdir()) == sorted([names[0], names[3], last])


def test_a_database_is_kept_for_the_published_snapshot_and_the_one_before(
    two_snapshots: Snapshots, tmp_path: Path
) -> None:
    root, first, second = two_snapshots
    layout = Layout(root)
    for name in (first,):
        os.utime(layout.snapshots / name / SUPERSEDED, (0, time.time() - 2 * DAY))
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    third = build_in_process(root).run.run_id
    has = {path.name for path in layout.snapshots.iterdir() if (path / DATABASE).exists()}
    assert has == {second, third}


def test_a_run_killed_just_after_publishing_is_on_record_as_published(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY})
    with pytest.raises(Killed):
        build_in_process(root, news, patches={"flows.pipeline.prune": kill})
    journal_of = Layout(root).runs / f"{snapshot(root).name}.jsonl"
    begun, _ = journal_of.read_text().splitlines()
    journal_of.write_text(begun + "\n")  # as if the kill had come before the second line
    killed = read_run(journal_of)
    assert killed is not None
    assert killed.status == "failed"
    build_in_process(root)
    run, published = read_run(journal_of), snapshot(root).name
    assert run is not None
    assert (run.status, run.snapshot_id, run.n_articles) == ("published", published, 1)


def test_ids_of_runs_sort_in_their_order_though_the_clock_was_set_back() -> None:
    ahead = "29991231T235959999998Z-ffff"
    run = new_run({}, after=ahead)
    assert run.run_id > ahead
    assert run.started_at.year < 2999
    assert new_run({}, after=run.run_id).run_id > run.run_id


def test_an_older_versions_warehouse_is_recognised_and_extracted_anew_on_demand(
    two_snapshots: Snapshots,
) -> None:
    root, _, second = two_snapshots
    manifest = snapshot(root) / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema_version": 1}))
    with pytest.raises(SchemaVersionError, match="ontherecord build --full"):
        query(root, "FROM article")
    with pytest.raises(SchemaVersionError, match="ontherecord build --full"):
        build_in_process(root)
    assert snapshot_link(root) == second
    run = build_in_process(root, full=True)
    assert (run.run.status, run.plan.n_changed) == ("published", 2)
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 2}]


def test_a_newer_versions_warehouse_is_left_alone(two_snapshots: Snapshots) -> None:
    root, _, second = two_snapshots
    manifest = snapshot(root) / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema_version": 9999}))
    with pytest.raises(SchemaVersionError, match="newer"):
        build_in_process(root, full=True)
    assert snapshot_link(root) == second


def snapshot_link(root: Path) -> str:
    return Layout(root).current.resolve().name


def test_a_part_that_was_audited_is_not_audited_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY})
    build_in_process(root, news)
    before = inodes(root)
    asked: dict[str, set[str]] = {}

    def noted(check: Check, *rest: Any) -> list[DataFile]:
        files = unchecked(check, *rest)
        asked[check.name] = {file.month for file in files}
        return files

    monkeypatch.setattr("etl.store.audit.unchecked", noted)
    write(news, {"june.txt": OTHER.replace("March 18", "June 2")})
    build_in_process(root)
    assert asked["quote_text"] == {"2031-06"}  # March's files are as they were
    march = {path: inode for path, inode in before.items() if "/2031-03/" in path}
    assert march
    assert march.items() <= inodes(root).items()
    write(root / "checks", {"mine.sql": "-- scope: part\n-- No names.\nSELECT * FROM mention WHERE false"})
    write(news, {"july.txt": OTHER.replace("March 18", "July 2")})
    build_in_process(root)
    assert (asked["quote_text"], asked["mine"]) == ({"2031-07"}, {"2031-03", "2031-06", "2031-07"})
    shutil.rmtree(root / "checks")


def test_a_lost_journal_costs_no_snapshot(two_snapshots: Snapshots) -> None:
    root, first, second = two_snapshots
    shutil.rmtree(Layout(root).runs)
    assert build_in_process(root).run.status == "unchanged"
    assert {path.name for path in Layout(root).snapshots.iterdir()} == {first, second}


def test_a_run_killed_before_its_record_and_rolled_back_from_stays_published(
    two_snapshots: Snapshots, tmp_path: Path
) -> None:
    """Killed between link and journal, then rolled back, released and built again: nothing of it is lost."""
    root, first, second = two_snapshots
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    with pytest.raises(Killed):
        build_in_process(root, patches={"flows.pipeline.prune": kill})
    third = snapshot(root).name
    journal_of = Layout(root).runs / f"{third}.jsonl"
    journal_of.write_text(
        journal_of.read_text().splitlines()[0] + "\n"
    )  # as if the kill had come before the second line
    assert third not in (first, second)
    back(root)
    release(Layout(root))
    assert build_in_process(root).run.status == "published"
    assert third in {path.name for path in Layout(root).kept()}
    assert {run.run_id: run.status for run in journal(Layout(root).runs)}[third] == "published"


def test_a_run_killed_before_its_snapshot_was_current_leaves_none(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, first, second = two_snapshots
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    with pytest.raises(Killed):
        build_in_process(root, patches={"etl.store.publish.make_current": kill})
    assert len(Layout(root).kept()) == 3
    back(root)
    assert [path.name for path in Layout(root).kept()] == [first, second]


def test_stray_files_are_none_of_our_business(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, first, _ = two_snapshots
    layout = Layout(root)
    stray: list[Path] = []
    for folder in (
        layout.snapshots,
        layout.runs,
        layout.checks,
        layout.failed,
        layout.shards,
        layout.snapshots / "mine",
    ):
        write(folder, {".DS_Store": bytes(range(256)), "._mine.sql": b"\xff\xfe", "._run.jsonl": b"\xff\xfe"})
        stray += folder.iterdir()
    assert [row["snapshot"] for row in kept(root)][-1] == first
    back(root)
    release(layout)
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    assert build_in_process(root).run.status == "published"
    assert [path.name for path in stray if layout.work not in path.parents and not path.exists()] == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"why": "for later", "until": "2031-06-01"}'])
def test_a_hold_that_says_nothing_holds_and_can_be_released(
    two_snapshots: Snapshots, tmp_path: Path, text: str
) -> None:
    root, _, second = two_snapshots
    Layout(root).hold.write_text(text)
    write(tmp_path / "in", {"new.txt": OTHER})
    assert build_in_process(root).run.status == "skipped"
    assert snapshot(root).name == second
    release(Layout(root))
    assert build_in_process(root).run.status == "published"


@pytest.mark.parametrize(
    "line",
    [
        '{"run_id": "29991231T235959999998Z-ffff", "started_at": "2031-05-01T12:00:00Z", "weather": "rain"}',
        '{"run_id": "29991231T235959999998Z-ffff", "started_at": "2031-05-01T12:00:00Z", "status": "paused", "n_new": "no"}',
        '{"written": "otherwise altogether"}',
        "\ud800".encode("utf-16", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_journal_of_another_version_stops_nothing(two_snapshots: Snapshots, tmp_path: Path, line: str) -> None:
    root, _, _ = two_snapshots
    (Layout(root).runs / "29991231T235959999998Z-ffff.jsonl").write_text(line + "\n", encoding="latin-1")
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    assert build_in_process(root).run.status == "published"
    n_runs = len(journal(Layout(root).runs))
    assert query(root, "SELECT count(*) AS n FROM run").to_pylist() == [{"n": n_runs}]


def test_a_damaged_manifest_is_said_in_words(two_snapshots: Snapshots) -> None:
    root, _, _ = two_snapshots
    (snapshot(root) / MANIFEST).write_text("{")
    with pytest.raises(DamagedError, match=r"manifest.json cannot be read .*restore the snapshot from a backup"):
        build_in_process(root)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: os.truncate(path, 9)], ids=["lost", "cut short"])
def test_a_snapshot_that_is_not_whole_is_built_upon_by_nothing(
    two_snapshots: Snapshots, spoil: Callable[[Path], None]
) -> None:
    root, first, second = two_snapshots
    spoil(next((snapshot(root) / "file").rglob("*.parquet")))
    for full in (False, True):
        with pytest.raises(DamagedError, match=rf"{second}/file/.*restore .* or go back .* rollback SNAPSHOT"):
            build_in_process(root, full=full)
    back(root, first)
    with pytest.raises(DamagedError, match=f"{second}/file/"):
        back(root, second)
    release(Layout(root))
    assert build_in_process(root).run.status == "published"
    assert query(root, "FROM article").num_rows == 2


def test_a_damaged_database_is_made_again_from_the_parquet(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, *_ = two_snapshots
    os.truncate(snapshot(root) / DATABASE, 100_000)
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    assert build_in_process(root).run.status == "published"
    assert query(root, "FROM article").num_rows == 3


def test_a_reader_in_the_process_that_builds_goes_on_reading(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, *_ = two_snapshots
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    with connect(root) as reader:
        assert build_in_process(root).run.status == "published"
        assert reader.execute("FROM article").to_arrow_table().num_rows == 2
    assert query(root, "FROM article").num_rows == 3


def test_a_file_of_another_name_is_no_run(two_snapshots: Snapshots, tmp_path: Path) -> None:
    root, *_ = two_snapshots
    runs = Layout(root).runs
    for name in ("zzz", f"copy of {min(runs.iterdir()).stem}"):
        shutil.copyfile(min(runs.iterdir()), runs / f"{name}.jsonl")
    write(tmp_path / "in", {"new.txt": OTHER.replace("ferry", "tram")})
    assert build_in_process(root).run.status == "published"
    assert len(journal(runs)) == 3


def test_a_reason_is_printed_as_the_text_it_is(two_snapshots: Snapshots) -> None:
    root, _, _ = two_snapshots
    ran = CliRunner()
    reason = "[/see ticket] [bold]12"
    assert ran.invoke(app, ["rollback", "--warehouse", str(root), "--reason", reason]).exit_code == 0
    built = ran.invoke(app, ["build", "--direct", "--warehouse", str(root)])
    assert built.exit_code == 0, built.exception
    assert reason in " ".join(built.stdout.split())
    assert ran.invoke(app, ["release", "--warehouse", str(root)]).exit_code == 0


def test_hints_name_the_warehouse_that_was_given(two_snapshots: Snapshots) -> None:
    root, first, _ = two_snapshots
    done = CliRunner().invoke(app, ["rollback", "--warehouse", str(root)])
    assert f"{first} is published again" in done.stdout
    assert f"builds do nothing until: ontherecord release --warehouse {root}" in done.stdout
    status = " ".join(CliRunner().invoke(app, ["status", "--warehouse", str(root)]).stdout.split())
    assert f"rolled back to {first}; to publish again: ontherecord release --warehouse {root}" in status
    assert "ontherecord_held 1" in (root / "metrics").read_text()
    assert CliRunner().invoke(app, ["release", "--warehouse", str(root)]).exit_code == 0
    assert "ontherecord_held 0" in (root / "metrics").read_text()


@pytest.mark.parametrize("command", [["verify"], ["diff", "20310101T000000000000Z-0000"], ["rollback"]])
def test_a_folder_that_is_no_warehouse_is_called_so(tmp_path: Path, command: list[str]) -> None:
    done = CliRunner().invoke(app, [*command, "--warehouse", str(tmp_path)])
    assert done.exit_code == 1
    assert "is that the warehouse's directory?" in done.stderr
    assert list(tmp_path.iterdir()) == []
