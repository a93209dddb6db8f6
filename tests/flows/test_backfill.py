"""Backfills: what a build of some days, of stale files or in slices extracts, and that all of them together are a whole build."""

import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from etl.errors import ConfigError
from etl.store.journal import journal
from etl.store.lock import writer_lock
from etl.store.paths import Layout
from flows.pipeline import Summary
from flows.request import BuildRequest
from tests.helpers import InlineWorkers, Killed, article, assert_same, build_in_process, copied, write
from warehouse.reader import query

pytestmark = pytest.mark.slow  # whole builds

#: A warehouse, and the folder that it was built of.
Built = tuple[Path, Path]
NEXT_MODEL = {"etl.model.VERSION": "next"}


def said(name: str, day: date | None) -> str:
    return article(f"“The ferry is late,” said {name} to Wenna Tolgarth.", day=day)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In ``news`` articles of three months, and one without a day that was modified in the third; ``w`` is built of them."""
    days = {"jan.txt": date(2031, 1, 9), "feb.txt": date(2031, 2, 9), "mar.txt": date(2031, 3, 9), "undated.txt": None}
    folder = tmp_path_factory.mktemp("made")
    news = write(folder / "news", {name: said("Odile Marrack", day) for name, day in days.items()})
    for name, day in days.items():
        modified(news / name, day or date(2031, 3, 30))
    build_in_process(folder / "w", news)
    return folder


@pytest.fixture(scope="module")
def made_next(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse built of the same files by the next model."""
    root = tmp_path_factory.mktemp("next") / "w"
    build_in_process(root, made / "news", patches=NEXT_MODEL)
    return root


@pytest.fixture
def news(made: Path, tmp_path: Path) -> Path:
    """A copy of the articles."""
    return Path(shutil.copytree(made / "news", tmp_path / "news"))


@pytest.fixture
def built(made: Path, tmp_path: Path) -> Built:
    """A copy of the warehouse and of the articles that it was built of."""
    return copied(made, tmp_path), tmp_path / "news"


def modified(path: Path, day: date) -> None:
    os.utime(path, (datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp(),) * 2)


def extractors(root: Path) -> dict[str, str]:
    rows = query(
        root, "SELECT parse_filename(source_uri) AS name, extractor FROM file WHERE status = 'loaded'"
    ).to_pylist()
    return {row["name"]: row["extractor"] for row in rows}


def counts(summary: Summary) -> tuple[int, int, int, int]:
    plan = summary.plan
    return plan.n_new, plan.n_changed, plan.n_removed, plan.n_left


def test_new_files_are_of_the_day_they_were_modified(made: Path, news: Path, tmp_path: Path) -> None:
    root = tmp_path / "w"
    assert counts(build_in_process(root, news, since="2031-02-01", until="2031-02-28")) == (1, 0, 0, 3)
    assert set(extractors(root)) == {"feb.txt"}
    assert counts(build_in_process(root, since="2031-02-10")) == (2, 0, 0, 1)
    assert counts(build_in_process(root, until="2031-01-09")) == (1, 0, 0, 0)
    assert build_in_process(root).run.status == "unchanged"
    assert_same(root, made / "w")


def test_known_files_are_of_the_days_their_articles_were_published_on(built: Built, made_next: Path) -> None:
    root, news = built
    before = extractors(root)
    for path in news.iterdir():
        modified(path, date(2031, 2, 9))
    summary = build_in_process(root, since="2031-03-01", patches=NEXT_MODEL)
    assert counts(summary) == (0, 1, 0, 3)  # the one without a day counts as modified in February
    after = extractors(root)
    assert {name for name in after if after[name] != before[name]} == {"mar.txt"}
    assert len(after) == 4
    build_in_process(root, patches=NEXT_MODEL)
    assert_same(root, made_next)


def test_a_file_that_is_gone_stays_until_a_whole_build(built: Built) -> None:
    root, news = built
    (news / "feb.txt").unlink()
    assert build_in_process(root, since="2031-01-01").run.status == "unchanged"
    assert build_in_process(root, only_stale=True).run.status == "unchanged"
    assert "feb.txt" in extractors(root)
    assert counts(build_in_process(root, allow_removals=True)) == (0, 0, 1, 0)


def test_only_stale_takes_neither_new_nor_edited_files(built: Built, tmp_path: Path) -> None:
    root, news = built
    write(
        news,
        {"new.txt": said("Halvard Quill", date(2031, 1, 20)), "feb.txt": said("Tobias Fenwright", date(2031, 2, 9))},
    )
    assert build_in_process(root, only_stale=True).run.status == "unchanged"
    assert counts(build_in_process(root, only_stale=True, patches=NEXT_MODEL)) == (0, 4, 0, 1)
    assert "new.txt" not in extractors(root)
    assert build_in_process(root, only_stale=True, patches=NEXT_MODEL).run.status == "unchanged"
    build_in_process(root, patches=NEXT_MODEL)
    build_in_process(tmp_path / "fresh", news, patches=NEXT_MODEL)
    assert_same(root, tmp_path / "fresh")


def test_each_slice_publishes(made: Path, news: Path, tmp_path: Path) -> None:
    root = tmp_path / "w"
    summary = build_in_process(root, news, slice=3)
    assert (summary.plan.n_new, summary.plan.n_over) == (1, 0)
    assert [(run.status, run.n_new) for run in journal(Layout(root).runs)] == [("published", 3), ("published", 1)]
    assert_same(root, made / "w")


def test_a_killed_backfill_goes_on_where_it_stopped(built: Built, made_next: Path) -> None:
    root, _ = built
    with pytest.raises(Killed):
        build_in_process(root, workers=InlineWorkers(survives=2), patches=NEXT_MODEL, only_stale=True, slice=1)
    assert len(set(extractors(root).values())) == 2
    workers = InlineWorkers()
    build_in_process(root, workers=workers, patches=NEXT_MODEL, only_stale=True, slice=1)
    assert len(workers.ran) == 2
    assert_same(root, made_next)


def test_a_slice_of_files_that_fail_does_not_keep_the_others_out_or_go_on_for_ever(
    built: Built, made_next: Path, tmp_path: Path
) -> None:
    root, news = built
    away = (news / "feb.txt").replace(tmp_path / "away")
    (news / "feb.txt").symlink_to(tmp_path / "nowhere")
    build_in_process(root, patches=NEXT_MODEL, slice=1)
    now = extractors(root)
    assert {name for name in now if now[name] != now["jan.txt"]} == {"feb.txt"}
    (news / "feb.txt").unlink()
    away.replace(news / "feb.txt")
    build_in_process(root, patches=NEXT_MODEL, slice=1)
    assert_same(root, made_next)


def test_the_lock_is_free_between_slices(news: Path, tmp_path: Path) -> None:
    root, taken = tmp_path / "w", []

    class Between:
        def stage(self, text: str) -> None:
            if "later slices" in text:
                with writer_lock(Layout(root).lock):
                    taken.append(text)

        def shards(self, n_files: int) -> None: ...

        def done(self, result: object) -> None: ...

    build_in_process(root, news, report=Between(), slice=2)
    assert taken == ["2 files left to later slices"]


def test_a_dry_run_says_what_is_left(news: Path, tmp_path: Path) -> None:
    listing = build_in_process(tmp_path / "w", news, dry_run=True, until="2031-02-28", slice=1).plan.listing
    assert [(why.partition(":")[0], Path(uri).name) for why, uri in listing] == [
        ("new", "feb.txt"),
        ("later", "jan.txt"),
        ("left", "mar.txt"),
        ("left", "undated.txt"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "2031-02-01", "until": "2031-01-31"},
        {"since": "yesterday"},
        {"slice": -1},
        {"full": True, "slice": 1},
        {"full": True, "only_stale": True},
        {"retry_rejected": True, "slice": 1},
    ],
)
def test_what_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        BuildRequest.of(warehouse="here", **wrong)
