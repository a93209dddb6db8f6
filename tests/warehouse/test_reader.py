import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from etl.errors import DamagedError
from etl.schema import DATABASE
from flows.cli import app
from flows.pipeline import build_directly
from flows.request import BuildRequest
from tests.helpers import STORY, write
from warehouse.reader import NothingPublishedError, OpenOtherwiseError, connect, query, snapshot


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reader")
    news = write(folder / "in", {"story.txt": STORY, "reprint.txt": STORY, "empty.txt": ""})
    build_directly(BuildRequest(warehouse=folder / "w", sources=(news,), workers=1))
    return folder / "w"


def test_a_database_that_this_program_has_open_already_is_named(root: Path) -> None:
    with (
        duckdb.connect(str(snapshot(root) / DATABASE), read_only=True),
        pytest.raises(OpenOtherwiseError, match="close it first"),
    ):
        connect(root)


@pytest.mark.parametrize(
    "attempt",
    [
        "FROM read_text('/etc/hostname')",
        "FROM read_csv('/etc/passwd')",
        "FROM glob('/*')",
        "COPY article TO '{tmp}/out.csv'",
        "EXPORT DATABASE '{tmp}/out'",
        "ATTACH '{tmp}/other.db'",
        "INSTALL fts",
        "LOAD fts",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "SET lock_configuration = false",
        "DELETE FROM article",
        "UPDATE article SET title = ''",
    ],
)
def test_a_query_can_only_read_what_is_published(root: Path, tmp_path: Path, attempt: str) -> None:
    before = query(root, "SELECT count(*) AS n FROM article").to_pylist()
    with pytest.raises(duckdb.Error):
        query(root, attempt.format(tmp=tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == before


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError, match="ontherecord build FOLDER --warehouse"):
        query(tmp_path, "SELECT 1")


@pytest.mark.parametrize("left", [None, b"junk"])
def test_a_database_that_is_lost_is_made_again_as_the_error_says(
    root: Path, tmp_path: Path, left: bytes | None
) -> None:
    copy = shutil.copytree(root, tmp_path / "w", symlinks=True)
    database = snapshot(copy) / DATABASE
    database.unlink()
    if left:
        database.write_bytes(left)
    with pytest.raises(DamagedError, match=rf"delete it .* ontherecord rollback {database.parent.name} --warehouse"):
        query(copy, "FROM article")
    database.unlink(missing_ok=True)
    for command in (["rollback", database.parent.name], ["release"]):
        assert CliRunner().invoke(app, [*command, "--warehouse", str(copy)]).exit_code == 0
    assert query(copy, "FROM article").equals(query(root, "FROM article"))


@pytest.mark.parametrize(("name", "suggestion"), [("sayd", "Did you mean said?\n"), ("nosuch", "There are: ")])
def test_only_our_tables_are_suggested(root: Path, name: str, suggestion: str) -> None:
    with pytest.raises(duckdb.CatalogException, match=f"Table with name {name} does not exist") as refused:
        query(root, f"SELECT * FROM {name}")
    assert suggestion in str(refused.value)
    assert f"LINE 1: SELECT * FROM {name}" in str(refused.value)
    assert "pg_" not in str(refused.value)


def test_the_snapshot_is_resolved_past_the_link(root: Path) -> None:
    assert snapshot(root).parent == (root / "snapshots").resolve()
    assert snapshot(root) == (root / "current").resolve()


def test_a_reprint_is_an_article_and_its_words_count_once(root: Path) -> None:
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 2}]
    utterances = query(root, "SELECT is_reprint, speaker FROM utterance ORDER BY is_reprint").to_pylist()
    assert utterances == [
        {"is_reprint": False, "speaker": "Odile Marrack"},
        {"is_reprint": True, "speaker": "Odile Marrack"},
    ]
    assert query(root, "SELECT speaker FROM said").to_pylist() == [{"speaker": "Odile Marrack"}]


def test_who_is_named_in_whose_words(root: Path) -> None:
    assert query(root, "SELECT speaker, about FROM said_about").to_pylist() == [
        {"speaker": "Odile Marrack", "about": "Halvard Quill"}
    ]


def test_every_column_has_its_meaning_as_a_comment(root: Path) -> None:
    silent = query(root, "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL")
    views = query(root, "SELECT view_name FROM duckdb_views() WHERE NOT internal").column(0).to_pylist()
    assert {row["table_name"] for row in silent.to_pylist()} <= set(views)
    assert query(root, "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL").num_rows == 0


def test_a_second_connection_in_one_process_is_as_good_and_as_locked(root: Path) -> None:
    with connect(root) as first, connect(root) as second:
        assert (
            first.execute("SELECT count(*) FROM article").fetchone()
            == second.execute("SELECT count(*) FROM article").fetchone()
        )
        with pytest.raises(duckdb.Error):
            second.execute("SET enable_external_access = true")


def test_variables_of_the_program_are_out_of_reach(root: Path) -> None:
    secret = pa.table({"a": [1]})
    assert secret.num_rows == 1
    with connect(root) as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("FROM secret")
