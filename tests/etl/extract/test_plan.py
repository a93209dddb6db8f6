"""Planning: files that wait, files that are gone and kept, and rejected files that are tried again."""

import os
from pathlib import Path
from time import time

import pytest

from etl.errors import SourceError
from etl.sources.file import hash_of
from etl.store.paths import Layout
from tests.helpers import STORY, InlineWorkers, article, build_in_process, listed, write
from warehouse.reader import query

FILES = "SELECT source_uri, status, is_stale, n_articles FROM file ORDER BY source_uri"

pytestmark = pytest.mark.slow  # whole builds


def files(root: Path) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in query(root, FILES).to_pylist()]


def source(folder: Path, **options: object) -> str:
    lines = [f"{key} = {str(value).lower()}" for key, value in options.items()]
    return "\n".join(["[[source]]", "name = 'wire'", f"path = '{folder}'", *lines])


def test_a_growing_file_waits_and_its_old_rows_stay(tmp_path: Path) -> None:
    folder, root = write(tmp_path / "wire", {"a.txt": STORY, "b.txt": STORY}), tmp_path / "w"
    for name in ("a.txt", "b.txt"):
        os.utime(folder / name, (0, 0))
    listed(root, f"settle_seconds = 3600\n{source(folder)}")
    build_in_process(root)

    write(folder, {"a.txt": article("Half a"), "c.txt": article("Half another")})
    summary = build_in_process(root)
    assert (summary.run.status, summary.plan.n_waiting, summary.plan.n_found) == ("unchanged", 2, 3)
    assert (summary.plan.n_new, summary.plan.n_changed, summary.plan.n_removed) == (0, 0, 0)
    assert files(root) == [("wire/a.txt", "loaded", False, 1), ("wire/b.txt", "loaded", False, 1)]

    for name in ("a.txt", "c.txt"):
        os.utime(folder / name, (time() - 7200,) * 2)
    summary = build_in_process(root)
    assert (summary.plan.n_waiting, summary.plan.n_new, summary.plan.n_changed) == (0, 1, 1)
    assert [uri for uri, *_ in files(root)] == ["wire/a.txt", "wire/b.txt", "wire/c.txt"]


def test_a_known_file_touched_by_nobody_does_not_wait(tmp_path: Path) -> None:
    folder, root = write(tmp_path / "wire", {"a.txt": STORY}), tmp_path / "w"
    listed(root, source(folder))
    build_in_process(root)
    listed(root, f"settle_seconds = 3600\n{source(folder)}")
    assert build_in_process(root).plan.n_waiting == 0


def test_files_gone_from_a_landing_folder_keep_their_rows(tmp_path: Path) -> None:
    folder, root = tmp_path / "wire", tmp_path / "w"
    write(folder, {**{f"{n}.txt": article(f"Story {n}.") for n in range(9)}, "empty.txt": ""})
    listed(root, source(folder, keep_removed=True))
    build_in_process(root)
    before = files(root)
    for path in folder.iterdir():
        path.unlink()
    summary = build_in_process(root)
    assert (summary.plan.n_found, summary.plan.n_removed, summary.plan.n_kept) == (0, 0, 10)
    assert files(root) == before
    assert {status for _, status, *_ in before} == {"loaded", "rejected"}

    listed(root, source(folder))
    with pytest.raises(SourceError, match="10 of 10 files are gone"):
        build_in_process(root)
    build_in_process(root, allow_removals=True)
    assert {status for _, status, *_ in files(root)} == {"removed"}


def test_keeping_what_is_gone_makes_no_row_stale(tmp_path: Path) -> None:
    folder, root = write(tmp_path / "wire", {"a.txt": STORY}), tmp_path / "w"
    listed(root, source(folder))
    build_in_process(root)
    listed(root, source(folder, keep_removed=True))
    assert build_in_process(root).run.status == "unchanged"


def test_rejected_files_are_tried_again_only_when_asked(tmp_path: Path) -> None:
    folder, root = tmp_path / "wire", tmp_path / "w"
    write(folder, {"good.txt": STORY, "empty.txt": "", "rows.jsonl": '{"text": "Rain."}\n{broken\n'})
    listed(root, source(folder))
    build_in_process(root)
    assert build_in_process(root).run.status == "unchanged"
    workers = InlineWorkers()
    summary = build_in_process(root, workers=workers, retry_rejected=True)
    assert (summary.run.status, summary.plan.n_changed) == ("published", 2)
    assert workers.ran
    again = query(root, "SELECT source_uri, run_id FROM rejection ORDER BY source_uri").to_pylist()
    assert [(row["source_uri"], row["run_id"]) for row in again] == [
        ("wire/empty.txt", summary.run.run_id),
        ("wire/rows.jsonl", summary.run.run_id),
    ]


def test_a_file_that_is_touched_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, root = write(tmp_path / "wire", {"a.txt": STORY, "b.txt": STORY}), tmp_path / "w"
    listed(root, source(folder))
    build_in_process(root)
    hashed: list[str] = []

    def counted(path: Path) -> str | None:
        hashed.append(path.name)
        return hash_of(path)

    monkeypatch.setattr("etl.extract.plan.hash_of", counted)
    os.utime(folder / "a.txt", (1, 1))
    assert [build_in_process(root, dry_run=True).plan.n_changed, build_in_process(root).plan.n_changed] == [0, 0]
    assert build_in_process(root).run.status == "unchanged"
    assert hashed == ["a.txt"] * 2  # the dry run leaves no trace
    write(folder, {"a.txt": STORY.replace("whole", "other")})
    os.utime(folder / "b.txt", (1, 1))
    assert build_in_process(root).plan.n_changed == 1
    write(folder, {"a.txt": STORY})
    os.utime(folder / "a.txt", (1, 1))
    assert build_in_process(root).plan.n_changed == 1
    Layout(root).hashed.write_text("damaged")
    assert build_in_process(root).run.status == "unchanged"
