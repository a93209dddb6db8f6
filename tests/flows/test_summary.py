"""What a person is told at the end of a build."""

import os
from pathlib import Path
from time import time

import pytest

from flows.summary import as_markdown, lines
from tests.helpers import STORY, Killed, build_in_process, kill, listed, write

GERMAN = "Die Mauer\n\nDie Stadt wird die Kaimauer noch vor dem Winter reparieren, sagte die Vorsitzende am Freitag im Rathaus.\n"


def test_what_waits_is_kept_or_is_foreign_is_counted(tmp_path: Path) -> None:
    folder, root = write(tmp_path / "wire", {"a.txt": STORY, "b.txt": STORY, "c.txt": GERMAN}), tmp_path / "w"
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    listed(root, f"settle_seconds = 3600\n[[source]]\nname = 'wire'\npath = '{folder}'\nkeep_removed = true")
    first = dict(lines(build_in_process(root)))
    assert (first["articles"], first["in other languages"]) == ("3", "1")
    assert not {"removed, but kept", "left until settled"} & set(first)

    (folder / "b.txt").unlink()
    write(folder, {"d.txt": STORY, "e.txt": STORY})
    os.utime(folder / "d.txt", (time() - 7200,) * 2)
    summary = build_in_process(root)
    second = dict(lines(summary))
    assert (second["removed, but kept"], second["left until settled"], second["articles"]) == ("1", "1", "4")
    assert "in other languages" not in second
    assert "| left until settled | 1 |" in as_markdown(summary, root)


def test_a_build_that_goes_on_with_finished_shards_tells_what_it_published(tmp_path: Path) -> None:
    root, folder = tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY, "empty.txt": ""})
    with pytest.raises(Killed):
        build_in_process(root, folder, patches={"etl.store.publication.assemble": kill})
    told = dict(lines(build_in_process(root, folder)))
    assert (told["articles"], told["rejected"], "words read" in told) == ("1", "1", False)
    assert "articles" not in dict(lines(build_in_process(root)))
