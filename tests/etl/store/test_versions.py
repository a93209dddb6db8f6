"""A warehouse whose tables are of an earlier version: nothing in it is lost when it is brought up to this one."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.errors import SchemaVersionError, SourceError
from etl.schema import DATABASE, MANIFEST, SCHEMA_VERSION
from etl.store.paths import Layout
from etl.store.rollback import roll_back
from etl.store.snapshots import kept, open_kept
from tests.helpers import STORY, article, build_in_process, listed, tables, write
from warehouse import views
from warehouse.reader import query, snapshot

#: Columns that the earlier version had not: some that may be empty and some that may not.
LATER = {
    "article": ("n_words", "record_key", "repairs"),
    "quote": ("confidence",),
    "rejection": ("max_bytes",),
    "file": ("is_stale",),
}
FERRY = article("“The ferry runs again,” said Wenna Tolgarth to Odile Marrack.", title="Ferry runs")
RECORDS = '{"title": "Rain", "date": "2031-03-04", "text": "“It rains,” said Halvard Quill."}\n{broken\n'


def made_older(root: Path) -> Path:
    """The published snapshot, as if the version before had made it."""
    top = snapshot(root)
    for table, columns in LATER.items():
        for path in (top / table).glob("**/*.parquet"):
            pq.write_table(pq.read_table(path, partitioning=None).drop_columns(list(columns)), path)
    fields = json.loads((top / MANIFEST).read_text())
    files = [
        {**file, "n_bytes": (top / file["path"]).stat().st_size}
        for file in fields["files"]
        if file["table"] != "utterance"
    ]
    (top / MANIFEST).write_text(json.dumps({**fields, "schema_version": SCHEMA_VERSION - 1, "files": files}))
    (top / DATABASE).write_text("of another version")
    return top


def built(tmp_path: Path) -> Path:
    """A warehouse of three sources: one whose folder is emptied once it is read, and one that comes and goes."""
    root = tmp_path / "w"
    write(tmp_path / "landing", {"a.txt": STORY, "b.jsonl": RECORDS})
    write(tmp_path / "other", {"c.txt": FERRY, "empty.txt": ""})
    write(tmp_path / "news", {"d.txt": FERRY.replace("ferry", "tram"), "e.txt": STORY.replace("whole", "half")})
    sources = [f"[[source]]\nname = '{name}'\npath = '{tmp_path / name}'" for name in ("other", "news")]
    landing = f"[[source]]\nname = 'landing'\npath = '{tmp_path / 'landing'}'\nkeep_removed = true"
    listed(root, "\n".join([landing, *sources]))
    build_in_process(root)
    for path in (tmp_path / "landing").iterdir():
        path.unlink()
    assert build_in_process(root).run.status == "unchanged"
    return root


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_change_of_tables_loses_nothing(tmp_path: Path, is_whole: bool) -> None:
    """Of the emptied folder, and of a source that is not looked at, everything is extracted from the stored texts."""
    root = built(tmp_path)
    before = tables(root)
    old = made_older(root)
    with pytest.raises(SchemaVersionError, match=f"ontherecord build --full --warehouse {root}$"):
        build_in_process(root)
    summary = build_in_process(root, *([] if is_whole else [tmp_path / "news"]), full=True)
    assert summary.plan.n_stored == (2 if is_whole else 3)
    assert tables(root) == before
    assert build_in_process(root).run.status == "unchanged"
    assert [row["is"] for row in kept(root)] == ["published", f"tables of version {SCHEMA_VERSION - 1}"]
    for name in (old.name, None):
        with pytest.raises(
            SchemaVersionError, match=rf"ontherecord rollback {old.name}`, by the version that wrote it$"
        ):
            roll_back(Layout(root), name, "", views(), "1GB")
    with pytest.raises(SchemaVersionError, match=r"by the version that wrote it$"):
        open_kept(Layout(root), old.name)


def test_an_emptied_source_is_refused_across_versions(tmp_path: Path) -> None:
    root = built(tmp_path)
    made_older(root)
    for path in (tmp_path / "news").iterdir():
        path.unlink()
    with pytest.raises(SourceError, match="source 'news': 2 of 2 files are gone"):
        build_in_process(root, full=True)
    build_in_process(root, full=True, allow_removals=True)
    rows = query(root, "SELECT source_uri, status FROM file ORDER BY 1").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("landing/a.txt", "loaded"),
        ("landing/b.jsonl", "loaded"),
        ("news/d.txt", "removed"),
        ("news/e.txt", "removed"),
        ("other/c.txt", "loaded"),
        ("other/empty.txt", "rejected"),
    ]


def test_a_file_that_cannot_be_read_meanwhile_keeps_its_rows_across_versions(tmp_path: Path) -> None:
    root = built(tmp_path)
    n = query(root, "SELECT count(*) AS n FROM article").to_pylist()
    made_older(root)
    (tmp_path / "news" / "d.txt").unlink()
    (tmp_path / "news" / "d.txt").symlink_to(tmp_path / "nowhere")
    build_in_process(root, full=True)
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == n
    assert query(root, "SELECT source_uri FROM file WHERE is_stale").to_pylist() == [{"source_uri": "news/d.txt"}]


def test_snapshots_of_an_earlier_version_are_not_pruned(tmp_path: Path) -> None:
    root = built(tmp_path)
    config = Layout(root).config
    config.write_text(f"keep_snapshots = 1\nkeep_hours = 0\n{config.read_text()}")
    old = made_older(root)
    build_in_process(root, full=True)
    for n in range(3):
        write(tmp_path / "news", {"d.txt": FERRY.replace("ferry", f"tram {n}")})
        build_in_process(root)
    assert len(Layout(root).kept()) == 3
    assert Layout(root).kept()[0].name == old.name
