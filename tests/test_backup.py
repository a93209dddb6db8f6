"""docs/backup.md, step by step, as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from etl.store.paths import Layout
from etl.store.redact import is_clean
from tests.helpers import STORY, article, build_in_process, redact_in, write
from warehouse.reader import query, snapshot

DOCS = Path(__file__).parents[1] / "docs" / "backup.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
SECRET = article("“Nobody had seen the purple spoon before,” Bertil Aspenquist said.", title="Spoon found")


def run(block: str) -> str:
    """What a block of the documentation prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", block], capture_output=True, text=True, env={**os.environ, "PATH": path}, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_backup_is_restored_and_honours_later_redactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    back_up, restore, redacted_since = BLOCK.findall(DOCS.read_text(encoding="utf-8"))
    root, restored = tmp_path / "our-warehouse", tmp_path / "restored"
    news = write(tmp_path / "news", {"a.txt": STORY})
    build_in_process(root, news)
    write(news, {"secret.txt": SECRET})
    build_in_process(root)
    run(back_up)

    printed = run(restore)
    assert "as published" in printed
    assert "nothing changed" in printed
    assert snapshot(restored).name == snapshot(root).name
    assert query(restored, "FROM quote").equals(query(root, "FROM quote"))
    assert [path.name for path in Layout(restored).kept()] == [path.name for path in Layout(root).kept()]

    redact_in(root, uri="news/secret.txt")
    assert query(restored, "SELECT title FROM article WHERE title LIKE 'Spoon%'").num_rows == 1
    run(redacted_since)
    assert is_clean(Layout(restored))
    assert query(restored, "SELECT title FROM article WHERE title LIKE 'Spoon%'").num_rows == 0
    assert len(Layout(restored).kept()) == 1
