"""Copies of a warehouse by tools that follow links or drop them: readers and builds say the command that repairs them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from etl.errors import BrokenCopyError
from etl.store.paths import Layout
from tests.helpers import STORY, Killed, build_in_process, kill, write
from warehouse.reader import query, snapshot


def built(tmp_path: Path) -> Path:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY})
    build_in_process(root, news)
    write(news, {"b.txt": STORY})
    build_in_process(root)
    return root


def mended_as_told(error: BrokenCopyError) -> None:
    command = str(error).partition("repair it with: ")[2]
    subprocess.run(["/bin/sh", "-c", command], check=True)


@pytest.mark.parametrize("how", ["followed links", "followed links, snapshots left out", "dropped links"])
def test_a_copy_without_its_link_says_how_it_is_mended(tmp_path: Path, how: str) -> None:
    root, copy = built(tmp_path), tmp_path / "a copy"
    shutil.copytree(root, copy)  # as cp -rL: links become what they lead to
    assert not (copy / "current").is_symlink()
    if how == "dropped links":
        shutil.rmtree(copy / "current")
    if how.endswith("left out"):
        shutil.rmtree(copy / "snapshots")
    with pytest.raises(BrokenCopyError, match="repair it with: ") as error:
        query(copy, "FROM article")
    with pytest.raises(BrokenCopyError, match="repair it with: "):
        build_in_process(copy)
    mended_as_told(error.value)
    assert snapshot(copy).name == snapshot(root).name
    assert query(copy, "FROM article").num_rows == 2
    assert build_in_process(copy).run.status == "unchanged"


def test_a_link_to_a_snapshot_that_is_gone_says_how_it_is_mended(tmp_path: Path) -> None:
    root = built(tmp_path)
    shutil.rmtree(snapshot(root))
    with pytest.raises(BrokenCopyError, match="points to a snapshot that is gone; repair it with: ") as error:
        build_in_process(root)
    mended_as_told(error.value)
    assert query(root, "FROM article").num_rows == 1
    assert build_in_process(root).run.status == "published"
    assert query(root, "FROM article").num_rows == 2


def test_a_first_build_that_was_killed_before_its_link_is_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY})
    with monkeypatch.context() as patch:
        patch.setattr("etl.store.publish.point", kill)
        with pytest.raises(Killed):
            build_in_process(root, news)
    assert Layout(root).published() is None
    assert build_in_process(root).run.status == "published"
