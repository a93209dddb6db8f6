"""The command that lists what was rejected."""

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tests.helpers import build_in_process, write


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("rejected")
    write(base / "wire", {"empty.txt": "", "rows.jsonl": '{"text": "Rain."}\n{broken\n'})
    write(base / "city", {"bell.bin": bytes(range(256)) * 20})
    build_in_process(base / "w", base / "wire", base / "city")
    return base / "w"


def listed(root: Path, *options: str) -> list[tuple[str, ...]]:
    done = CliRunner().invoke(app, ["rejected", "--warehouse", str(root), "--csv", *options], catch_exceptions=False)
    header, *rows = csv.reader(io.StringIO(done.stdout))
    assert header == ["source_uri", "record_no", "reason", "detail"]
    assert all(row[3] for row in rows)
    return [tuple(row[:3]) for row in rows]


def test_files_and_records_are_listed_with_their_reason(root: Path) -> None:
    bell, empty, row = (
        ("city/bell.bin", "", "binary"),
        ("wire/empty.txt", "", "empty"),
        ("wire/rows.jsonl", "1", "malformed"),
    )
    assert listed(root) == [bell, empty, row]
    assert listed(root, "--source", "wire") == [empty, row]
    assert listed(root, "--reason", "binary") == [bell]
    assert listed(root, "--source", "city", "--reason", "empty") == []


def test_a_person_is_shown_a_table(root: Path) -> None:
    shown = CliRunner().invoke(app, ["rejected", "--warehouse", str(root)], catch_exceptions=False).stdout
    assert "wire/empty.txt" in shown
    assert "copy or export it again" in " ".join(shown.split())
    assert "nothing rejected" in CliRunner().invoke(app, ["rejected", "-w", str(root), "--reason", "timeout"]).stdout
