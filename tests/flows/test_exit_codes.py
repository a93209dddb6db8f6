"""Exit codes, as docs/exit-codes.md has them, and what is said with them."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import duckdb
import pytest

from etl.errors import EndedBySignal
from flows.cli import main
from flows.cli.building import ending_in_order
from tests.helpers import STORY, build_in_process, write

DOCS = Path(__file__).parents[2] / "docs" / "exit-codes.md"


def run(monkeypatch: pytest.MonkeyPatch, *args: object) -> int:
    """The exit code of the command, run in this process."""
    monkeypatch.setattr(sys, "argv", ["ontherecord", *map(str, args)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    build_in_process(folder / "w", write(folder / "in", {"a.txt": STORY}))
    return folder / "w"


def test_every_code_that_is_used_is_documented() -> None:
    assert re.findall(r"^\| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE) == [
        "0",
        "1",
        "2",
        "129",
        "130",
        "143",
    ]


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
    assert run(monkeypatch, "schedule", "--cron", "0 2 * * *", "--interval", "1h", "--warehouse", tmp_path) == 2


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["build", ""], "the path is empty"),
        (["build", "in", "--warehouse", ""], "the path is empty"),
        (["build", "in", "--warehouse", __file__], "is not a directory"),
        (["build", "in", "--corrections", ""], "the path is empty"),
        (["extract", ""], "the path is empty"),
        (["build", "in", "--name", ""], "name must not be empty"),
        (["build", "in", "--runner", "dask", "--scheduler", ""], "scheduler must not be empty"),
        (["build", "in", "--workers", "-1"], "workers must be at least 0"),
        (["build", "in", "--runner", "cloud"], "'cloud' is not one of 'local', 'dask'"),
        (["build", "in", "--since", "2031-05-01", "--until", "2031-04-01"], "since is later than until"),
        (["search", "***"], "has no word to search for"),
        (["search", "wall", "--since", "2031-05-01", "--until", "2031-04-01"], "--since is later than --until"),
        (["extract", "--jsonl", "nowhere"], "'nowhere' does not exist"),
        (["evaluate", "nowhere"], "'nowhere' does not exist"),
        (["export", ""], "the path is empty"),
        (["export", "out", "--query", " "], "--query is empty"),
        (["redact", "f00d", "--reason", " "], "--reason is empty"),
        (["entities", "marrack", "--ambiguous"], "leave out NAME"),
        (["corrections", "--gold", "gold.jsonl", "--csv"], "--gold writes a file"),
    ],
)
def test_a_wrong_value_is_two_and_does_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONTHERECORD_WAREHOUSE", "w")
    assert run(monkeypatch, *command) == 2
    told = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert said in told
    assert "Value error" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_is_named_without_idle_advice(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    below = write(root.parent, {"file.txt": "x"}) / "file.txt" / "below"
    assert run(monkeypatch, "export", below, "--warehouse", root) == 1
    assert f"the folder {below} cannot be made (Not a directory); name another\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "f"), "f: No space left on device; what is published stays"),
        (duckdb.IOException("Cannot write: No space left on device"), "Cannot write: No space left on device; what is"),
    ],
)
def test_a_full_disk_says_what_to_do_whoever_met_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr("warehouse.reader.query", fail)
    assert run(monkeypatch, "sql", "SELECT 1", "--warehouse", root) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"ontherecord: {said}")
    assert told.endswith("stays as it is; free some space, and run it again\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", [["--version"], ["--help"], ["status", "--help"], ["path"]])
def test_an_output_that_takes_nothing_is_one_line(root: Path, command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [Path(sys.executable).with_name("ontherecord"), *command],
            env={**os.environ, "ONTHERECORD_WAREHOUSE": str(root)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert re.fullmatch(r"ontherecord: No space left on device; .*\n", done.stderr)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["rejected", "--source", "inn"], "no source is called 'inn'; there are: in"),
        (["rejected", "--reason", "blank"], "no reason is called 'blank'; there are: not_a_file, unreadable,"),
        (["sql", "SELECT '\udce9'"], "is not text in the encoding of this terminal"),
        (["export", "out", "--query", "SELECT '\udce9'"], "is not text in the encoding of this terminal"),
        (["show", "\udce9"], "is not text in the encoding of this terminal"),
        (["sql", "SELECT 1; SELECT 2"], "these are 2 queries, and only one is answered at a time"),
        (["show", "zz"], "no article or quote has the id 'zz'; all ids are in: ontherecord sql --warehouse /"),
        (["build", "--direct", "--authority", "no.csv"], "--authority no.csv: there is no such file; name a CSV file"),
        (["build", "--direct", "--corrections", "."], "--corrections .: that is a folder; name a CSV file"),
        (["corrections", "--gold", "gold.jsonl"], "gold.jsonl was not written"),
        (["rename-source", "in", ""], "'' cannot name a source"),
        (["rename-source", "in", "a/b"], "'a/b' cannot name a source"),
        (["forget", "inn"], "there is no source 'inn'"),
    ],
)
def test_what_is_not_there_is_one(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    monkeypatch.chdir(root.parent)
    assert run(monkeypatch, *command, "--warehouse", root) == 1
    assert said in capsys.readouterr().err
    assert not Path("gold.jsonl").exists()


def test_a_signal_that_is_ignored_ends_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with ending_in_order():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


class EndsInDestructor:
    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_that_comes_in_a_destructor_is_not_lost() -> None:
    def block() -> None:
        with ending_in_order():
            EndsInDestructor()
            time.sleep(60)

    with pytest.raises(EndedBySignal, match="ended by SIGTERM"):
        block()


def test_a_check_with_a_typo_shows_its_own_line(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"
    write(root / "checks", {"titles.sql": "-- Titles.\nSELECT article_id\nFROM article WHERE titel IS NULL\n"})
    with pytest.raises(Exception, match="titles: it cannot be run") as error:
        build_in_process(root, write(news, {"a.txt": STORY}))
    assert "LINE 3: FROM article WHERE titel IS NULL" in getattr(error.value, "findings", "")
    assert "n_bad" not in getattr(error.value, "findings", "")


@pytest.mark.parametrize("command", [["--help"], ["status", "--help"], ["--version"]])
def test_help_that_nobody_reads_is_zero(command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    asked = [str(Path(sys.executable).with_name("ontherecord")), *command]
    done = subprocess.run(asked, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


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
