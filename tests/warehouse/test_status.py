"""What `ontherecord status` says is published."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.summary import as_markdown
from tests.helpers import STORY, build_in_process, listed, write
from warehouse.reader import NothingPublishedError
from warehouse.rejections import n_by_reason
from warehouse.status import status, unlisted


def test_the_status_counts_what_is_published_and_what_is_rejected(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY, "empty.txt": "", "blank.txt": " \n"})
    run = build_in_process(root, news).run
    found = status(root)
    assert found.lines[0].startswith(f"published {run.run_id} at 20")
    assert found.lines[1] == str((root / "current").resolve())
    assert found.lines[2] == f"1 article, 1 utterance, {run.n_mentions} mentions"
    sources, versions, rejections = (table.to_pylist() for table in found.tables)
    assert sources == [{"source": "in", "loaded": 1, "rejected": 2, "removed": 0, "stale": 0, "articles": 1}]
    assert [row["files"] for row in versions] == [3]
    assert [(row["reason"], row["n"], row["for example"]) for row in rejections] == [("empty", 2, "in/blank.txt")]
    assert n_by_reason(root) == {"empty": 2}


def test_a_source_that_is_no_longer_listed_is_named_with_what_to_do(tmp_path: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"story.txt": STORY}))
    (root / "ontherecord.toml").write_text("")
    assert "ontherecord forget in" in status(root).lines[-1]
    build_in_process(root, write(tmp_path / "the desk", {"story.txt": STORY}))
    listed(root, "")
    assert [line.partition("them: ")[2] for line in unlisted(root)] == [
        "ontherecord forget in",
        "ontherecord forget 'the desk'",
    ]
    listed(root, f"[[source]]\nname = 'wire'\npath = '{tmp_path / 'in'}'")
    built = CliRunner().invoke(app, ["build", "--direct", "--dry-run", "--warehouse", str(root)])
    assert "warning: source in is not listed" in " ".join(built.stderr.split())
    summary = build_in_process(root)
    assert "source in is not listed" in as_markdown(summary, root)


def test_without_a_snapshot_there_is_no_status(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError):
        status(tmp_path)
