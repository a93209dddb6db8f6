from pathlib import Path

import pytest

from etl.errors import OnTheRecordError
from etl.json_lines import read_json_lines
from etl.training.evaluate import read_gold


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"n": 1}\r\n\n{"n": 2}')
    assert list(read_json_lines(tmp_path / "in.jsonl", lambda row: row["n"], "…")) == [1, 2]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"\xff", "is not UTF-8"),
        (b"{", "is not JSON"),
        (b"[]", "does not fit"),
        (b'{"doc_id": "a", "text": "b"}', "quotes is missing"),
        (b'{"doc_id": "a", "text": "b", "quotes": [{"start": "x", "end": 1, "type": "direct"}]}', "does not fit"),
    ],
)
def test_a_line_that_is_wrong_is_named_with_what_it_should_be_like(tmp_path: Path, line: bytes, said: str) -> None:
    (tmp_path / "gold.jsonl").write_bytes(b"\n" + line + b"\n")
    with pytest.raises(OnTheRecordError, match=rf"gold\.jsonl, line 2: {said}.*; each line is like .\"doc_id\""):
        read_gold(tmp_path / "gold.jsonl")
