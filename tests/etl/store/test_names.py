"""Sums of names: they are counted again only where an article is counted otherwise, and add up."""

from datetime import date
from pathlib import Path

from tests.helpers import STORY, article, build_in_process, inodes, write
from warehouse.reader import query

MAY = article("Wenna Tolgarth met Odile Marrack by the quay.", day=date(2031, 5, 6))
COUNTED = "SELECT name, n_articles, n_mentions, n_utterances, first_seen, last_seen FROM entity ORDER BY ALL"


def sums(root: Path, month: str) -> dict[str, int]:
    return {path: inode for path, inode in inodes(root).items() if path.startswith(f"name_sum/{month}/")}


def test_names_are_counted_again_only_in_the_file_that_changed(tmp_path: Path) -> None:
    folder, root = write(tmp_path / "in", {"may.txt": MAY, "march.txt": STORY}), tmp_path / "w"
    build_in_process(root, folder)
    march, may = sums(root, "2031-03"), sums(root, "2031-05")
    write(folder, {"march.txt": STORY.replace("Tobias Fenwright", "Wenna Tolgarth")})
    build_in_process(root, folder)
    assert sums(root, "2031-05") == may != {}
    assert sums(root, "2031-03").keys().isdisjoint(march)
    assert [row["name"] for row in query(root, COUNTED).to_pylist()] == [
        "Halvard Quill",
        "Odile Marrack",
        "Wenna Tolgarth",
    ]


def test_a_reprint_that_becomes_the_first_of_its_story_is_counted(tmp_path: Path) -> None:
    again = STORY.replace("March 18", "April 2")
    folder, root = write(tmp_path / "in", {"march.txt": STORY, "april.txt": again, "may.txt": MAY}), tmp_path / "w"
    build_in_process(root, folder)
    (folder / "march.txt").unlink()
    build_in_process(root, folder, allow_removals=True)
    build_in_process(tmp_path / "fresh", folder)
    counted = query(root, COUNTED).to_pylist()
    assert counted == query(tmp_path / "fresh", COUNTED).to_pylist()
    assert {row["name"]: row["n_articles"] for row in counted}["Halvard Quill"] == 1
