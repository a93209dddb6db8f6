"""The command line."""

import functools
import os
import sys
from collections.abc import Callable
from typing import NoReturn

import duckdb
import typer
from rich.console import Console
from rich.text import Text

from etl.errors import AuditError, OnTheRecordError
from flows.cli.building import build, schedule
from flows.cli.entities import entities
from flows.cli.extracting import evaluate, extract
from flows.cli.reading import path, show, sql, status
from flows.cli.redacting import redact
from flows.cli.rejections import rejected
from flows.cli.searching import search
from flows.cli.snapshots import diff, release, rollback, snapshots, verify
from flows.cli.sources import forget, rename_source
from warehouse.text import printable

#: In the order that --help lists them.
COMMANDS = (
    *(build, schedule),
    *(search, sql, show, entities, status, rejected, path),
    *(snapshots, diff, verify, rollback, release),
    *(redact, forget, rename_source),
    *(extract, evaluate),
)

app = typer.Typer(
    help="Folders of raw news text in; a warehouse of who said what, about whom, when, and where it was printed out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def until_nobody_reads(command: Callable[..., None]) -> Callable[..., None]:
    """Have a command end in order, with exit code 0, when whatever it is piped into has read enough, such as ``head``."""

    @functools.wraps(command)
    def run(*args: object, **given: object) -> None:
        try:
            command(*args, **given)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except SystemExit as end:  # no command raises it: it is how rich's console takes a broken pipe
            raise (typer.Exit(0) if end.code == 1 else end) from None

    return run


for command in COMMANDS:
    app.command()(until_nobody_reads(command))


def main() -> None:
    """Run a command; what goes wrong and a person can mend is said in a line, without a traceback."""
    # A working directory may hold an ``etl``, ``flows`` or ``warehouse`` of its own; no Python process that we start imports them.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    try:
        app()
    except AuditError as error:
        _refuse(f"{error}\n{error.findings}")
    except (OnTheRecordError, duckdb.Error) as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(f"{error}; what is published stays as it is. Make room or see to the permissions, and run it again")


def _refuse(why: str) -> NoReturn:
    Console(stderr=True, markup=False).print(
        Text(f"ontherecord: {printable(why)}"), style="red", highlight=False, soft_wrap=True
    )
    raise SystemExit(1) from None
