"""Commands start quickly: help and version import no library of the stages, and reading imports none that only builds need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import STORY, build_in_process, write

#: Libraries that take long to import.
HEAVY = frozenset(
    {"dask", "duckdb", "numpy", "pandas", "prefect", "pyarrow", "pydantic", "spacy", "streamlit", "tomlkit"}
)
#: What readers of a snapshot need.
READING = frozenset({"duckdb", "numpy", "pyarrow", "pydantic"})
#: Runs the command as its script does; then prints the modules imported.
SCRIPT = """
import atexit, sys
atexit.register(lambda: print("imported:", *sys.modules, file=sys.stderr))
sys.argv[0] = "ontherecord"
from flows.cli import main
main()
"""


def imported(*words: object) -> frozenset[str]:
    """The heavy libraries that a command imports."""
    command = [sys.executable, "-c", SCRIPT, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return HEAVY & set(done.stderr.partition("imported:")[2].split())


def test_help_and_version_import_nothing_heavy() -> None:
    assert not imported("--help")
    assert not imported("--version")


@pytest.mark.parametrize("command", ["build", "export", "extract", "search"])
def test_the_help_of_a_command_imports_only_what_typer_does(command: str) -> None:
    assert imported(command, "--help") <= {"pydantic"}


def test_reading_imports_only_readers(tmp_path: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"a.txt": STORY}))
    assert imported("sql", "SELECT 1", "--warehouse", root) <= READING
    assert imported("snapshots", "--warehouse", root) <= READING
    # It reads the list of sources.
    assert imported("status", "--warehouse", root) <= READING | {"tomlkit"}
