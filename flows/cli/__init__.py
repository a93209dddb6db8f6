"""The command line."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from etl.errors import AuditError, OnTheRecordError
from flows.cli.building import build, schedule, tidy
from flows.cli.correcting import corrections, review
from flows.cli.dashboard import dashboard
from flows.cli.entities import entities
from flows.cli.exporting import export
from flows.cli.extracting import evaluate, extract
from flows.cli.printing import say
from flows.cli.pushing import push
from flows.cli.reading import path, show, sql, status
from flows.cli.redacting import redact
from flows.cli.rejections import rejected
from flows.cli.searching import search
from flows.cli.snapshots import diff, release, rollback, snapshots, verify
from flows.cli.sources import forget, rename_source

#: The number of the standard error output.
STDERR = 2
#: In the order that --help lists them.
COMMANDS = (
    *(build, schedule),
    *(search, dashboard, sql, export, show, entities, review, corrections, status, rejected, path),
    *(snapshots, diff, verify, rollback, release, tidy),
    *(redact, forget, rename_source, push),
    *(extract, evaluate),
)


#: What to do about a fault, by what the operating system says of it, which messages of other libraries repeat.
REMEDIES = {
    os.strerror(errno.ENOSPC): "free some space",
    os.strerror(errno.EDQUOT): "free some space",
    os.strerror(errno.EACCES): "correct the permissions",
    os.strerror(errno.EPERM): "correct the permissions",
    os.strerror(errno.EROFS): "make it writable",
}


class Commands(TyperGroup):
    """The commands. An error that the user can correct is printed on one line, without a traceback."""

    def make_context(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # typer's own types are private
        """Parse the arguments, and print the help or the version if they ask for it."""
        with told_in_a_line():
            return super().make_context(*args, **options)

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer's own type is private
        """Run a command and flush its output."""
        with told_in_a_line():
            done = super().invoke(ctx)
            sys.stdout.flush()
        return done


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """Print an error that the user can correct and end, without a traceback."""
    try:
        yield
    except typer.Exit:
        raise
    except typer.BadParameter as error:
        error.message = error.message.removeprefix("Value error, ")  # pydantic's, by which typer converts values
        raise
    except AuditError as error:
        _refuse(f"{error}\n{error.findings}")
    except OnTheRecordError as error:
        _refuse(str(error))
    except BrokenPipeError:  # closed by the reader, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None
    except SystemExit as ended:  # what rich, with which typer prints help, makes of that
        if isinstance(ended.__context__, BrokenPipeError):
            raise typer.Exit from None
        raise
    except _foreseen() as error:
        _refuse(_explained(error))
    except (UnicodeError, RuntimeError):
        odd = next((each for each in sys.argv if not _is_text(each)), None)
        if odd is None:
            raise
        _refuse(f"{odd!a} is not text in the encoding of this terminal")


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


for command in COMMANDS:
    app.command()(command)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        say(f"ontherecord {version('ontherecord')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Folders of raw news text in; a warehouse of who said what, about whom, when, and where it was printed out."""


def open_closed_streams() -> None:
    """Open what the shell has closed of input and output, as by `>&-`: the next file or socket would get its number."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        os.set_inheritable(number, True)
    os.close(number)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123  # until the process ends


def main() -> None:
    """Run the command line.

    A pipe or a file gets UTF-8 whatever the locale, because escapes in CSV or HTML would be other data. Characters that a
    terminal's encoding lacks are printed as escapes.
    """
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            has_encoding = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=None if has_encoding else "utf-8", errors="backslashreplace")
    app()


def _foreseen() -> tuple[type[Exception], ...]:
    """Errors whose message is enough. Called only when something was raised, so that help need not import DuckDB."""
    import duckdb

    return OSError, duckdb.Error


def _explained(error: Exception) -> str:
    """An error of the operating system or DuckDB in words: which file, what happened, what to do."""
    what = str(error)
    if isinstance(error, OSError) and error.strerror:
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    remedies = [f"{remedy}, and run it again" for said, remedy in REMEDIES.items() if said in what][:1]
    is_kept = isinstance(error, OSError) or remedies
    return "; ".join([what, *["what is published stays as it is"] * bool(is_kept), *remedies])


def _is_text(argument: str) -> bool:
    """Whether all bytes of an argument could be decoded."""
    return argument.encode("utf-8", "replace") == argument.encode("utf-8", "surrogatepass")


def _refuse(why: str) -> NoReturn:
    say(f"ontherecord: {why}", "red", err=True)
    raise typer.Exit(1) from None
