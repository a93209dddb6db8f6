"""Finding files: which are settled, and which may still be growing."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from unittest import mock

import pyarrow.parquet as pq
import pytest

from etl.config import Source
from etl.errors import SourceError
from etl.sources.scan import Found, scan, settled, walk
from tests.helpers import write

HOUR = 3600.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "wire", {"old.txt": "One.", "new.txt": "Two."})


def found(folder: Path, age: float, settle_seconds: float) -> dict[str, bool]:
    """Whether each file is settled, if new.txt was written ``age`` seconds ago and the other one a day ago."""
    now = time()
    os.utime(folder / "old.txt", (now - 24 * HOUR,) * 2)
    os.utime(folder / "new.txt", (now - age,) * 2)
    target = folder.parent / "found.parquet"
    assert scan([Source(name="wire", path=folder)], target, settle_seconds) == 2
    return {row["source_uri"]: row["is_settled"] for row in pq.read_table(target).to_pylist()}


@pytest.mark.parametrize(
    ("age", "settle_seconds", "is_settled"),
    [
        (10.0, HOUR, False),
        (HOUR + 1, HOUR, True),
        (0.0, 0.0, True),
        (-10.0, HOUR, False),  # the clock that stamped it runs a little ahead of ours
        (-10 * HOUR, HOUR, True),  # or it is plainly wrong, and would have the file wait for ever
    ],
)
def test_a_file_changed_lately_may_still_be_growing(
    folder: Path, age: float, settle_seconds: float, is_settled: bool
) -> None:
    assert found(folder, age, settle_seconds) == {"wire/old.txt": True, "wire/new.txt": is_settled}


def test_a_file_that_needs_a_moment_is_given_it(folder: Path) -> None:
    began = time()
    assert found(folder, 0.0, 0.2)["wire/new.txt"]
    assert time() - began >= 0.2


def test_a_file_that_grows_while_it_is_waited_for_is_not_settled(folder: Path) -> None:
    def grow(_: float) -> None:
        with (folder / "new.txt").open("a") as file:
            file.write("and more")

    with mock.patch("etl.sources.scan.sleep", grow):
        assert found(folder, 0.0, 2.0) == {"wire/old.txt": True, "wire/new.txt": False}


def test_what_cannot_be_looked_at_is_found_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    files = list(settled(walk(Source(name="wire", path=tmp_path)), 2.0))
    assert [(file.source_uri, file.is_settled) for file in files] == [("wire/broken.txt", True)]
    assert all(isinstance(file, Found) for file in files)


def test_a_scan_that_fails_leaves_no_result_not_even_an_earlier_one(tmp_path: Path) -> None:
    sources = [Source(name=name, path=write(tmp_path / name, {"a.txt": "One."})) for name in ("near", "far")]
    target = tmp_path / "found.parquet"
    assert scan(sources, target) == 2
    (tmp_path / "far").rename(tmp_path / "away")
    with pytest.raises(SourceError, match="is missing"):
        scan(sources, target)
    assert not target.exists()


def test_an_entry_that_cannot_be_told_from_a_folder_is_not_taken_for_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "One.", "deep/b.txt": "Two."})
    scandir = os.scandir

    class Failing:
        def __init__(self, entry: "os.DirEntry[str]") -> None:
            self.name, self.path = entry.name, entry.path

        def is_dir(self, **_: bool) -> bool:
            raise OSError(errno.EIO, os.strerror(errno.EIO), self.path)

    @contextmanager
    def failing(path: Path) -> Iterator[list[object]]:
        with scandir(path) as entries:
            yield [Failing(entry) if entry.name == "deep" else entry for entry in entries]

    with mock.patch("os.scandir", failing), pytest.raises(SourceError, match="deep cannot be listed"):
        list(walk(Source(name="wire", path=tmp_path)))


def test_hidden_files_and_folders_are_read_only_if_named(tmp_path: Path) -> None:
    hidden = {".git/HEAD": "ref", ".git/hooks/a.txt": "Hook.", "deep/.b.txt.part": "Half", "deep/.c/d.txt": "Not."}
    folder = write(tmp_path / ".news", {"a.txt": "One.", "deep/b.txt": "Two.", **hidden})

    def names(path: Path) -> list[str]:
        return [file.source_uri for file in walk(Source(name="wire", path=path))]

    assert names(folder) == ["wire/a.txt", "wire/deep/b.txt"]
    assert names(folder / "deep" / ".b.txt.part") == ["wire/.b.txt.part"]


def test_the_warehouse_is_not_its_own_source(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "One.", "w/lock": "{}", "w/snapshots/b.txt": "Two."})
    found = walk(Source(name="wire", path=tmp_path), skip=tmp_path / "w")
    assert [file.source_uri for file in found] == ["wire/a.txt"]
    with pytest.raises(SourceError, match="warehouse's own folder"):
        list(walk(Source(name="wire", path=tmp_path), skip=tmp_path))
