"""Exit codes, as docs/exit-codes.md has them, and what is said with them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import main
from tests.helpers import STORY, build_in_process, write

DOCS = Path(__file__).parents[2] / "docs" / "exit-codes.md"


def run(monkeypatch: pytest.MonkeyPatch, *args: object) -> int:
    """The exit code of the command, run in this process."""
    monkeypatch.setattr(sys, "argv", ["ontherecord", *map(str, args)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"a.txt": STORY}))
    return tmp_path / "w"


def test_every_code_that_is_used_is_documented() -> None:
    assert re.findall(r"^\| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE) == ["0", "1", "2", "130", "143"]


def test_what_is_done_is_zero(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "path", "--warehouse", root) == 0
    assert run(monkeypatch, "build", "--direct", "--dry-run", "--warehouse", root) == 0


def test_a_file_that_is_not_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("etl.extract.documents.Annotator", lambda model: None)
    assert run(monkeypatch, "extract", tmp_path / "nofile.txt") == 1
    out, err = capsys.readouterr()
    assert '"rejected": "unreadable"' in out
    assert "1 could not be used" in err


@pytest.mark.parametrize(
    "command", ["release", "rollback", "verify", "snapshots", "status", "path", "redact", "forget"]
)
def test_a_mistyped_warehouse_is_one_and_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    more = {"redact": ["--reason", "x", "--yes", "f00d"], "forget": ["--yes", "wire"]}.get(command, [])
    assert run(monkeypatch, command, *more, "--warehouse", tmp_path / "mistyped") == 1
    assert "mistyped" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_use_is_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run(monkeypatch, "extract") == 2
    assert run(monkeypatch, "sql", "--no-such-option", "--warehouse", tmp_path) == 2


def test_a_check_with_a_typo_shows_its_own_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root / "checks", {"titles.sql": "-- Titles.\nSELECT article_id\nFROM article WHERE titel IS NULL\n"})
    write(root.parent / "in", {"b.txt": STORY.replace("winter", "summer")})
    with pytest.raises(Exception, match="titles: 1") as error:
        build_in_process(root)
    assert "LINE 3: FROM article WHERE titel IS NULL" in getattr(error.value, "findings", "")
    assert "n_bad" not in getattr(error.value, "findings", "")


@pytest.mark.parametrize("form", ["--csv", "--json", None])
def test_a_reader_that_has_read_enough_is_zero(root: Path, form: str | None) -> None:
    command = [Path(sys.executable).with_name("ontherecord"), "sql", "--warehouse", root, "SELECT * FROM range(200000)"]
    with subprocess.Popen(
        [*map(str, command), *([form] if form else [])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    ) as asked:
        assert asked.stdout
        asked.stdout.readline()
        asked.stdout.close()
        assert asked.stderr
        said = asked.stderr.read().decode()
        assert (asked.wait(60), "Traceback" in said, "Exception ignored" in said) == (0, False, False)
