"""Articles to JSON without a warehouse, with the stand-in for the language model."""

import json
import os
from pathlib import Path

import pytest

from etl.choices import DEFAULT_MODEL
from etl.errors import OnTheRecordError
from etl.extract import documents
from etl.extract.documents import from_files, from_jsonl
from tests.helpers import pair_annotator, write

WIRE = (
    "HARBOUR BOARD TO MEND WALL\n\nTERNHAVEN, March 4 - Odile Marrack met Halvard Quill at the quay wall on Friday.\n"
)


@pytest.fixture(autouse=True)
def without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "Annotator", lambda _: pair_annotator())


@pytest.mark.parametrize(("year", "day"), [(None, None), (2031, "2031-03-04")])
def test_a_year_completes_datelines_that_print_none(tmp_path: Path, year: int | None, day: str | None) -> None:
    write(tmp_path, {"wire.txt": WIRE, "in.jsonl": json.dumps({"doc_id": "a", "text": WIRE})})
    found = [
        *from_files([tmp_path / "wire.txt"], DEFAULT_MODEL, year),
        *from_jsonl(tmp_path / "in.jsonl", DEFAULT_MODEL, year),
    ]
    assert [document["published_on"] and str(document["published_on"]) for document in found] == [day, day]


def test_a_file_of_several_articles_and_one_of_none(tmp_path: Path) -> None:
    write(tmp_path, {"two.txt": f"{WIRE}\n{'=' * 40}\n\n{WIRE}", "none.txt": ""})
    found = list(from_files([tmp_path / "two.txt", tmp_path / "none.txt"], DEFAULT_MODEL))
    assert [str(document["doc_id"]).rpartition("/")[2] for document in found] == ["two.txt", "two.txt#1", "none.txt"]
    assert found[2]["rejected"] == "empty"


def test_a_file_whose_name_is_no_text_costs_no_other(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.txt")
    odd.write_text(WIRE)
    found = list(from_files([odd, tmp_path / os.fsdecode(b"th\xe9.txt")], DEFAULT_MODEL))
    assert [str(document["doc_id"]).rpartition("/")[2] for document in found] == [r"caf\udce9.txt", r"th\udce9.txt"]
    assert json.dumps(found, default=str, ensure_ascii=False).encode()


def test_a_line_with_half_a_character_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"in.jsonl": '{"doc_id": "a", "text": "Odile \\ud800 Marrack"}\n'})
    with pytest.raises(OnTheRecordError, match=r"in.jsonl, line 1: .*surrogates"):
        list(from_jsonl(tmp_path / "in.jsonl", DEFAULT_MODEL))
