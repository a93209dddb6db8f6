"""Publication: everything is on disk before the one link moves."""

import os
from pathlib import Path
from unittest import mock

from etl.durable import point
from tests.helpers import STORY, build_in_process, write
from warehouse.reader import snapshot


def test_files_and_directories_are_flushed_before_current_moves(tmp_path: Path) -> None:
    flushed: set[int] = set()
    unflushed: list[str] = []
    fsync = os.fsync

    def flush(descriptor: int) -> None:
        fsync(descriptor)
        flushed.add(os.fstat(descriptor).st_ino)

    def point_after_looking(link: Path, target: Path) -> None:
        everything = [target.parent, target, *target.rglob("*")]
        unflushed.extend(path.name for path in everything if path.stat().st_ino not in flushed)
        flushed.clear()
        point(link, target)

    root = tmp_path / "w"
    for text in (STORY, STORY.replace("whole", "half")):
        write(tmp_path / "in", {"a.txt": text, "b.txt": STORY})
        flushed.clear()
        with mock.patch("os.fsync", flush), mock.patch("etl.store.publish.point", point_after_looking):
            build_in_process(root, tmp_path / "in")
        assert unflushed == []
        assert root.stat().st_ino in flushed
    assert len(list((root / "snapshots").iterdir())) == 2
    assert snapshot(root).is_dir()
