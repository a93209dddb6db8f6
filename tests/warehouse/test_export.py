"""Exports hold what the warehouse holds, in values that any program reads."""

import csv
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from etl.choices import Format
from etl.errors import ConfigError
from etl.schema import TABLES
from flows.cli import app
from tests.helpers import STORY, article, build_in_process, write
from warehouse.export import SQLITE, WORKBOOK, export
from warehouse.reader import NoQueryError, query

FORMULA = article("“=HYPERLINK(1) is late,” Halvard Quill said.", title="=cmd|' /C calc'!A0")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    build_in_process(folder / "w", write(folder / "in", {"story.txt": STORY, "formula.txt": FORMULA, "empty.txt": ""}))
    return folder / "w"


def counts(root: Path) -> dict[str, int]:
    return {name: query(root, f"SELECT count(*) AS n FROM {name}").column(0).to_pylist()[0] for name in TABLES}


@pytest.mark.parametrize("form", list(Format))
def test_every_format_has_every_table(root: Path, tmp_path: Path, form: Format) -> None:
    assert export(root, tmp_path / "out", form) == counts(root)


def test_csv_is_read_back_as_it_was(root: Path, tmp_path: Path) -> None:
    export(root, tmp_path, Format.CSV)
    with (tmp_path / "utterance.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = query(root, "SELECT * FROM utterance").to_pylist()
    assert [row["text"] for row in rows] == [row["text"] for row in wanted]
    assert [row["published_on"] for row in rows] == [row["published_on"].isoformat() for row in wanted]
    assert {row["title"] for row in rows} == {"Rain over the harbour", "'=cmd|' /C calc'!A0"}


def test_sqlite_keeps_numbers_and_joins_lists(root: Path, tmp_path: Path) -> None:
    export(root, tmp_path, Format.SQLITE)
    with closing(sqlite3.connect(tmp_path / SQLITE)) as db:
        rows = db.execute("SELECT typeof(n_words), typeof(authors), typeof(published_on) FROM article").fetchall()
        assert set(rows) == {("integer", "text", "text")}
        assert {kind for (kind,) in db.execute("SELECT typeof(seconds) FROM run")} == {"text"}
        assert all(json.loads(seconds) for (seconds,) in db.execute("SELECT seconds FROM run"))


def test_a_workbook_has_no_formulas(root: Path, tmp_path: Path) -> None:
    export(root, tmp_path, Format.XLSX)
    with zipfile.ZipFile(tmp_path / WORKBOOK) as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == len(TABLES)
    assert not any(b"<f>" in sheet for sheet in sheets)


def test_a_query_is_exported_alone_and_folders_are_not_overwritten(root: Path, tmp_path: Path) -> None:
    command = ["export", str(tmp_path / "out"), "--warehouse", str(root), "--format", "jsonl", "--query"]
    run = CliRunner().invoke(app, [*command, "SELECT speaker, form FROM said ORDER BY 1"])
    assert run.exit_code == 0, run.output
    lines = (tmp_path / "out" / "query.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["speaker"] for line in lines] == ["Halvard Quill", "Odile Marrack"]
    with pytest.raises(ConfigError, match="not empty"):
        export(root, tmp_path / "out", Format.CSV)


@pytest.mark.parametrize(
    ("sql", "said"),
    [("SELECT 1; SELECT 2", "these are 2 queries"), ("-- n", "no question"), ("selec", "LINE 1: selec\n")],
)
def test_what_is_no_query_is_refused_as_it_was_written(root: Path, tmp_path: Path, sql: str, said: str) -> None:
    with pytest.raises((NoQueryError, duckdb.Error), match=said):
        export(root, tmp_path / "out", Format.CSV, sql)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", list(Format))
def test_every_format_takes_every_type_and_a_query_as_people_end_them(root: Path, tmp_path: Path, form: Format) -> None:
    numbers = "1::hugeint << 100, 18446744073709551615::ubigint, 1.5::decimal(9, 2)"
    values = f"{numbers}, interval 1 day, 'a'::blob, 'nan'::float, '-inf'::double, time '10:00'"
    sql = f"SELECT {values}, uuid(), [{{'a': 1}}], map {{'a': 1}}, true, null ; "
    assert export(root, tmp_path / "out", form, sql) == {"query": 1}
    assert export(root, tmp_path / "noted", form, "FROM range(3) -- three") == {"query": 3}


def test_numbers_are_numbers_and_what_is_none_is_left_out(root: Path, tmp_path: Path) -> None:
    export(
        root,
        tmp_path / "db",
        Format.SQLITE,
        "SELECT 1.5::decimal(9, 2) AS a, 'nan'::float AS b",
    )
    with closing(sqlite3.connect(tmp_path / "db" / SQLITE)) as db:
        assert db.execute("SELECT * FROM query").fetchall() == [(1.5, None)]
    export(root, tmp_path / "json", Format.JSONL, "SELECT 'inf'::float AS a")
    assert (tmp_path / "json" / "query.jsonl").read_text() == '{"a": null}\n'


def test_values_inside_of_others_are_written_as_they_are_alone(root: Path, tmp_path: Path) -> None:
    values = "['nan'::double] AS n, map {'a': 'inf'::double} AS m, ['\\x00'::blob] AS b, [NULL, 1] AS l, 1::hugeint << 100 AS h"
    export(root, tmp_path / "json", Format.JSONL, f"SELECT {values}")
    text = (tmp_path / "json" / "query.jsonl").read_text()
    assert (
        text == '{"n": [null], "m": {"a": null}, "b": ["00"], "l": [null, 1], "h": 1267650600228229401496703205376}\n'
    )
    export(root, tmp_path / "csv", Format.CSV, f"SELECT {values}")
    lines = (tmp_path / "csv" / "query.csv").read_text().splitlines()
    assert lines[1] == ',"{""a"": null}",00,; 1,1267650600228229401496703205376'
