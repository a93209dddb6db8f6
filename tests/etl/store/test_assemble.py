"""The next snapshot's Parquet: what is shared, what is rewritten, and that nothing is lost on the way."""

import contextlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from etl.store.assemble import GROUPS, buckets
from tests.helpers import STORY, InlineWorkers, Killed, article, build_in_process, inodes, tables, write
from warehouse.reader import query, snapshot

MAY = article("Wenna Tolgarth met Odile Marrack by the quay.", day=date(2031, 5, 6))


def test_buckets_is_the_least_power_of_two_that_holds_the_rows() -> None:
    assert [buckets(n, 4) for n in (0, 1, 4, 5, 8, 9, 17)] == [1, 1, 1, 2, 2, 4, 8]


def test_month_of_names_without_quotes_survives_a_change_in_another(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"may.txt": MAY})
    build_in_process(tmp_path / "w", folder)
    write(folder, {"march.txt": STORY})
    build_in_process(tmp_path / "w", folder)
    names = (
        "SELECT text FROM mention JOIN article USING (article_id) WHERE source_uri = 'in/may.txt' ORDER BY span_start"
    )
    assert query(tmp_path / "w", names.replace("text", "mention.text", 1)).column(0).to_pylist() == [
        "Wenna Tolgarth",
        "Odile Marrack",
    ]


def test_files_of_another_month_are_the_same_files(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"may.txt": MAY, "march.txt": STORY})
    build_in_process(tmp_path / "w", folder)
    before = inodes(tmp_path / "w")
    write(folder, {"march.txt": STORY.replace("the whole wall", "half the wall")})
    build_in_process(tmp_path / "w", folder)
    after = inodes(tmp_path / "w")
    may = {path: inode for path, inode in before.items() if "2031-05" in path}
    assert may
    assert may.items() <= after.items()
    for table in ("article", "passage", "quote", "mention"):
        assert len({path for path in after.keys() - before.keys() if path.startswith(f"{table}/")}) == 1


def test_a_new_day_rewrites_its_own_files_and_not_those_of_earlier_days_of_its_month(tmp_path: Path) -> None:
    few = {"etl.store.assemble.GROUPS": tuple(replace(group, per_file=4) for group in GROUPS)}
    folder = write(tmp_path / "in", {f"{day}.txt": article("It rained.", day=date(2031, 5, day)) for day in (2, 9)})
    build_in_process(tmp_path / "w", folder, patches=few)
    before = inodes(tmp_path / "w")
    write(folder, {"16.txt": article("It rained.", day=date(2031, 5, 16))})
    build_in_process(tmp_path / "w", patches=few)
    articles = {path: inode for path, inode in before.items() if path.startswith("article/")}
    assert articles
    assert articles.items() <= inodes(tmp_path / "w").items()
    assert query(tmp_path / "w", "FROM article").num_rows == 3


def test_rows_that_are_too_many_to_sort_or_add_up_at_once_become_the_same_files(tmp_path: Path) -> None:
    """In parts or not, in a first build and in one that keeps old rows."""
    few = {"etl.store.assemble.GROUPS": tuple(replace(group, per_file=2) for group in GROUPS)}
    at_once = few | {"etl.store.assemble.SORTED": 2, "etl.store.names.SUMS": 3}
    days = {f"{day}.txt": STORY.replace("March 18", f"March {day}") for day in range(1, 10)}
    folder = write(tmp_path / "in", days)
    for files in (days, {"4.txt": MAY, "10.txt": STORY}):
        write(folder, files)
        for root, patches in ((tmp_path / "one", few), (tmp_path / "parts", at_once)):
            build_in_process(root, folder, patches=patches)
        assert tables(tmp_path / "one") == tables(tmp_path / "parts")
        assert cut(tmp_path / "one") == cut(tmp_path / "parts")
        assert len([file for file in cut(tmp_path / "parts") if file.startswith("article/2031-03/")]) > 3


def cut(root: Path) -> dict[str, int]:
    """The rows of each Parquet file, by its path without the hash of its content."""
    top = snapshot(root)
    paths = top.glob("*/*/*.parquet")
    return {f"{path.parent.relative_to(top)}/{path.name[:4]}": pq.read_metadata(path).num_rows for path in paths}


def test_texts_stay_when_only_the_extractor_changes(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"march.txt": STORY})
    build_in_process(tmp_path / "w", folder)
    before = inodes(tmp_path / "w")
    build_in_process(tmp_path / "w", patches={"etl.quotes.VERSION": "another"})
    after = inodes(tmp_path / "w")
    for table in ("article/", "passage/"):
        kept = {path: inode for path, inode in before.items() if path.startswith(table)}
        assert kept
        assert kept == {path: inode for path, inode in after.items() if path.startswith(table)}
    assert {p for p in before if p.startswith("quote/")}.isdisjoint(after)


def test_killed_build_reuses_the_shards_it_finished(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {f"{n}.txt": STORY for n in range(3)})
    first, second = InlineWorkers(survives=2), InlineWorkers()
    one_each = {"etl.extract.plan.SHARD_FILES": 1}
    with contextlib.suppress(Killed):
        build_in_process(tmp_path / "w", folder, workers=first, patches=one_each)
    summary = build_in_process(tmp_path / "w", folder, workers=second, patches=one_each)
    assert summary.plan.n_reused == len(first.ran) == 2
    assert len(second.ran) == 1
    assert set(first.ran).isdisjoint(second.ran)
    assert query(tmp_path / "w", "SELECT count(*) FROM article").column(0).to_pylist() == [3]
