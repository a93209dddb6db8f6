from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from etl.corrections.append import append
from etl.corrections.file import read_corrections
from etl.errors import ConfigError

CELLS = {
    "kind": "speaker",
    "source_uri": "in/a.txt",
    "words": "=HYPERLINK(1), “he said”",
    "value": "Ivo Tallis",
    "corrected_by": "ann",
    "corrected_on": "2031-05-01",
    "reason": "heard",
}


def test_lines_are_added_to_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    header = "reason,kind,source_uri,words,value,corrected_by,corrected_on"
    path.write_text(f"{header}\nours,title,in/b.txt,,A title,bo,2031-05-01", encoding="utf-8")
    append(path, CELLS)
    title, speaker = read_corrections([path]).rows
    assert (title.value, speaker.words, speaker.reason) == ("A title", CELLS["words"], "heard")
    assert "'=HYPERLINK" in path.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["corrections.csv"]


def test_a_new_file_gets_a_header(tmp_path: Path) -> None:
    append(tmp_path / "corrections.csv", CELLS)
    assert len(read_corrections([tmp_path / "corrections.csv"]).rows) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": ""}, "reason is empty"),
        ({"words": CELLS["words"]}, "corrects the same as line 2"),
        ({"words": "more", "record_key": "7"}, "has no column record_key"),
    ],
)
def test_a_line_that_no_build_would_take_is_not_written(tmp_path: Path, change: dict[str, str], says: str) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text("kind,source_uri,words,value,corrected_by,corrected_on,reason\n", encoding="utf-8")
    append(path, CELLS)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=says):
        append(path, {**CELLS, **change})
    assert path.read_bytes() == before


def test_no_line_is_lost_where_many_are_added_at_once(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: append(path, {**CELLS, "source_uri": f"in/{n}.txt"}), range(24)))
    assert len({row.source_uri for row in read_corrections([path]).rows}) == 24
