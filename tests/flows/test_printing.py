"""What commands print, to people, spreadsheets, programs and pipes."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner, Result

from etl.extract.job import ShardResult
from flows.cli import app
from flows.cli.printing import ROWS_SHOWN, Format, Rows, console, print_rows, say
from flows.cli.progress import Terminal
from tests.flows.conftest import ontherecord
from tests.helpers import STORY, build_in_process, write


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("printing")
    news = write(folder / "in", {f"{n}.txt": STORY.replace("harbour", f"harbour {n}") for n in range(3)})
    write(news, {"blank.txt": ""})
    build_in_process(folder / "w", news)
    return folder / "w"


def ask(root: Path, *args: str) -> Result:
    return CliRunner().invoke(app, [*args, "--warehouse", str(root)], env={"COLUMNS": "80"})


def test_a_build_goes_on_when_whoever_read_its_progress_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1, encoding="utf-8") as gone:
        monkeypatch.setattr(sys, "stderr", gone)
        with Terminal(console(err=True)) as told:
            told.stage("extract")
            told.shards(1)
            told.done(ShardResult("key", n_files=1, n_articles=1, n_foreign=0, n_words=9, seconds=0.1))
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)  # what is buffered still goes somewhere


@pytest.mark.parametrize("command", ["status", "sql 'SELECT 1'"])
def test_a_closed_output_is_no_fault(root: Path, command: str) -> None:
    script = f"{Path(sys.executable).parent / 'ontherecord'} {command} --warehouse {root} >&-"
    ended = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_numbers_of_closed_streams_are_no_files() -> None:
    code = (
        "import os, sys; from flows.cli import open_closed_streams; open_closed_streams(); "
        "sys.exit(not (os.open(os.devnull, os.O_RDONLY) > 2 and sys.stdin and sys.stdout and sys.stderr))"
    )
    script = f'{sys.executable} -c "{code}" <&- >&- 2>&-'
    assert subprocess.run(["/bin/sh", "-c", script], check=False).returncode == 0


def test_an_interval_is_shown_as_one(root: Path) -> None:
    query = "SELECT TIMESTAMP '2031-01-03 04:05:06' - TIMESTAMP '2031-01-01' AS apart"
    assert "2 days 4:05:06" in ask(root, "sql", query).stdout
    assert json.loads(ask(root, "sql", query, "--json").stdout) == [{"apart": "2 days 4:05:06"}]


def test_lists_maps_and_bytes_are_printed_as_csv_as_export_writes_them(root: Path) -> None:
    query = "SELECT ['a', 'b'] AS list, MAP {'k': 1} AS map, '\\xAB'::BLOB AS bytes"
    assert list(csv.reader(io.StringIO(ask(root, "sql", query, "--csv").stdout)))[1] == ["a; b", '{"k": 1}', "ab"]


def test_in_a_pipe_a_row_is_one_line(root: Path) -> None:
    asked = CliRunner().invoke(app, ["sql", "SELECT e'a\\nb' AS text", "--warehouse", str(root)], env={"COLUMNS": None})
    assert asked.stdout.splitlines()[-1] == "a b"


def test_a_table_without_rows_says_so_beside_what_is_piped_on(root: Path) -> None:
    asked = ask(root, "sql", "SELECT 1 AS n WHERE false")
    assert (asked.stdout.split("\n")[0], asked.stderr) == ("n", "no rows\n")
    assert ask(root, "entities", "nobody of that name").stderr == "no rows\n"
    assert ask(root, "sql", "SELECT 1 AS n WHERE false", "--csv").output == "n\n"


TWICE = "SELECT 1 AS a, 2 AS a, 3 AS b"


def test_two_columns_of_one_name_keep_their_values(root: Path) -> None:
    assert ask(root, "sql", TWICE, "--csv").stdout == "a,a,b\n1,2,3\n"
    assert json.loads(ask(root, "sql", TWICE, "--json").stdout) == [{"a": 1, "a_1": 2, "b": 3}]
    lines = ask(root, "sql", TWICE).stdout.splitlines()
    assert (lines[0].split(), lines[-1].split()) == (["a", "a", "b"], ["1", "2", "3"])


def test_json_is_json(root: Path) -> None:
    query = """SELECT 'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS inf, 1.25::DECIMAL(9, 2) AS money, sum(3::BIGINT) AS total,
        true AS yes, DATE '2031-03-04' AS day, TIMESTAMPTZ '2031-03-04 05:06:07+00' AS at, [1.5, 'nan'::DOUBLE] AS list,
        MAP {'one': 1} AS counted, {'a': NULL} AS made, 'x'::BLOB AS bytes"""
    assert json.loads(ask(root, "sql", query, "--json").stdout, parse_constant=pytest.fail) == [
        {
            "nan": None,
            "inf": None,
            "money": 1.25,
            "total": 3,
            "yes": True,
            "day": "2031-03-04",
            "at": "2031-03-04T05:06:07+00:00",
            "list": [1.5, None],
            "counted": {"one": 1},
            "made": {"a": None},
            "bytes": "78",
        }
    ]


def test_a_name_made_for_json_is_no_other_columns() -> None:
    names = ["a", "a", "a_1", "a"]
    assert [*dict.fromkeys(_names(names))] == ["a", "a_2", "a_1", "a_3"]


def _names(names: list[str]) -> list[str]:
    from flows.cli.printing import _unique

    return list(_unique(names))


@pytest.mark.parametrize("command", [["sql", "SELECT 1"], ["rejected"], ["entities"], ["snapshots"]])
def test_csv_and_json_together_are_refused(root: Path, command: list[str]) -> None:
    done = ask(root, *command, "--csv", "--json")
    assert done.exit_code == 2
    assert "either --csv or --json" in done.stderr


@pytest.mark.parametrize("command", [["rejected"], ["entities"], ["snapshots"]])
def test_every_listing_is_a_table_csv_and_json_of_the_same_rows(root: Path, command: list[str]) -> None:
    objects = json.loads(ask(root, *command, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(ask(root, *command, "--csv").stdout)))
    assert [list(each) for each in objects] == [list(row) for row in rows]
    assert objects
    printed = ask(root, *command).stdout
    assert all(name in printed for name in objects[0])


@pytest.mark.parametrize("command", [["status"], ["snapshots"], ["entities"], ["rejected"], ["sql", "FROM said"]])
def test_no_header_is_broken_and_no_line_longer_than_the_terminal(root: Path, command: list[str]) -> None:
    done = ask(root, *command)
    assert done.exit_code == 0, done.output
    unbroken = [line for line in done.stdout.splitlines() if str(root) not in line]  # paths are there to be copied
    assert max(map(len, unbroken)) <= 80


def test_in_a_pipe_a_row_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    words = "word " * 100
    print_rows(Rows(["n", "text"], [[1, words], [2, words]]))
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_rows_too_wide_for_a_table_are_records(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    print_rows(Rows(["first", "second"], [["a" * 30, "b" * 30], ["c", "d"]]))
    assert capsys.readouterr().out.splitlines() == [
        f"first   {'a' * 30}",
        f"second  {'b' * 30}",
        "",
        "first   c",
        "second  d",
    ]


def test_what_people_wrote_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(pa.table({"[bold]": ["[red]x[/red] :smile:"]}))
    say("[bold]y[/bold] \x1b[31m")
    printed = capsys.readouterr().out
    assert "[bold]" in printed
    assert "[red]x[/red] :smile:" in printed
    assert "[bold]y[/bold] \\x1b[31m" in printed


def test_a_long_table_shows_its_first_rows_and_says_how_many_more_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(pa.table({"n": range(ROWS_SHOWN + 2)}))
    printed = capsys.readouterr()
    assert [line.strip() for line in printed.out.splitlines()[2:]] == [str(n) for n in range(ROWS_SHOWN)]
    assert printed.err == "2 more rows; --csv or --json print all\n"


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_what_is_converted_in_parts_has_every_row_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], n: int
) -> None:
    monkeypatch.setattr("flows.cli.printing.CONVERTED", 2)
    for source in (pa.table({"n": pa.array(range(n), pa.int64())}), Rows(("n",), [(row,) for row in range(n)])):
        print_rows(source, Format.CSV)
        assert capsys.readouterr().out == "".join(f"{line}\n" for line in ("n", *range(n)))
        print_rows(source, Format.JSON)
        assert capsys.readouterr().out == json.dumps([{"n": number} for number in range(n)], indent=1) + "\n"


def test_confidence_is_printed_as_it_was_rounded(root: Path) -> None:
    for (confidence,) in csv.reader(ask(root, "sql", "SELECT confidence FROM quote", "--csv").stdout.splitlines()[1:]):
        assert len(confidence) <= len("0.1234")


@pytest.mark.parametrize("query", [";", "/* nothing */", " ", "CREATE TEMP TABLE mine AS SELECT 1"])
def test_a_query_that_asks_nothing_is_refused_in_a_sentence(root: Path, query: str) -> None:
    done = ask(root, "sql", query)
    assert done.exit_code == 1
    assert done.stderr.startswith("ontherecord: there is no question in")


def test_a_file_that_is_not_utf8_is_refused_in_a_sentence(root: Path, tmp_path: Path) -> None:
    write(tmp_path, {"q.sql": b"SELECT '\xff'"})
    done = ask(root, "sql", "--file", str(tmp_path / "q.sql"))
    assert done.exit_code == 1
    assert "q.sql is not UTF-8" in done.stderr


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("ontherecord 0.")


@pytest.mark.parametrize("form", ["--csv", "--json", None])
def test_an_ascii_terminal_shows_what_it_has_no_sign_for(root: Path, form: str | None) -> None:
    done = ontherecord(
        *("sql", "SELECT '“é😀”' AS a", "--warehouse", root),
        *([form] if form else []),
        PYTHONIOENCODING="ascii",
        LANG="C",
    )
    assert done.returncode == 0, done.stderr
    assert "\\u201c" in done.stdout
    if form == "--json":
        assert json.loads(done.stdout) == [{"a": "“é😀”"}]


def test_a_pipe_gets_utf8_in_any_locale(root: Path, tmp_path: Path) -> None:
    write(tmp_path, {"q.sql": "SELECT '“é😀”' AS a"})
    ascii_locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = ontherecord("sql", "--csv", "--file", tmp_path / "q.sql", "--warehouse", root, **ascii_locale)
    assert (done.stdout, done.stderr) == ("a\n“é😀”\n", "")


def test_a_lone_surrogate_is_refused_or_shown(root: Path) -> None:
    done = ontherecord("entities", "\udcffx", "--warehouse", root)
    assert (done.returncode, "is not text" in done.stderr) == (1, True)
