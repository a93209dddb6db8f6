"""The command line. Each command imports what it needs when it runs, so that none waits for what it does not use."""

import csv
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

import warehouse
from etl.annotate import DEFAULT_MODEL
from etl.errors import OnTheRecordError
from warehouse.text import printable

if TYPE_CHECKING:
    from flows.pipeline import Request, Summary

#: Where Prefect and its parts would send usage data; nothing is sent from here.
TELEMETRY_OFF = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
#: Rows of a query shown as a table; the rest are for --csv and --json.
ROWS_SHOWN = 200

app = typer.Typer(
    help="Folders of raw news text in; a warehouse of who said what, about whom, when, and where it was printed out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Root = Annotated[
    Path,
    typer.Option(
        "--warehouse", "-w", envvar="ONTHERECORD_WAREHOUSE", help="The warehouse's directory.", show_default=False
    ),
]
Model = Annotated[str | None, typer.Option(help=f"An installed spaCy pipeline.  [default: {DEFAULT_MODEL}]")]
DEFAULT_ROOT = warehouse.DEFAULT_ROOT


@app.command()
def build(
    sources: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files of news text; none: all that are listed.")
    ] = None,
    root: Root = DEFAULT_ROOT,
    name: Annotated[str | None, typer.Option(help="The source's name.  [default: the folder's]")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one to a core.")] = 0,
    model: Model = None,
    full: Annotated[bool, typer.Option("--full", help="Extract every file again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what there is to do, and do nothing.")] = False,
    direct: Annotated[bool, typer.Option("--direct", help="Without Prefect and its server.")] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Let more than a tenth of a source go.")
    ] = False,
) -> None:
    """Bring the warehouse up to its sources and publish it."""
    from flows.pipeline import Request

    request = Request(root.resolve(), tuple(sources or ()), name, workers, model, full, dry_run, allow_removals)
    console = Console(stderr=True)
    with ending_in_order():
        summary = _build(request, console) if direct or dry_run else _build_with_prefect(request, console)
    _tell(summary, request, Console())


def _build(request: "Request", console: Console) -> "Summary":
    from flows.pipeline import build_directly
    from flows.report import Terminal

    with Terminal(console) as report:
        return build_directly(request, report)


def _build_with_prefect(request: "Request", console: Console) -> "Summary":
    """Start a server first, if there is none; find and plan while it comes up; then run the flow."""
    from flows.server import LocalServer

    # What goes wrong is said once, by this command; Prefect would log it again with its traceback.
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    with LocalServer() as server:
        from flows.pipeline import Build
        from flows.report import Terminal

        with Terminal(console) as report, Build(request, report) as run:
            run.begin()
            from flows.build import build_begun

            server.wait()
            return build_begun(run)


def _tell(summary: "Summary", request: "Request", console: Console) -> None:
    from flows.summary import as_table

    where = f" --warehouse {request.root}" if request.root != DEFAULT_ROOT else ""
    if request.dry_run:
        console.print("dry run: nothing was done", style="bold")
    elif summary.run.status == "unchanged":
        console.print(f"nothing changed; {summary.run.snapshot_id} stays published", style="bold", highlight=False)
    else:
        console.print(f"published {summary.run.snapshot_id}", style="bold", highlight=False)
    console.print(as_table(summary), highlight=False)
    if summary.snapshot:
        console.print(f"files are in {summary.snapshot}", highlight=False, soft_wrap=True)
        query = "select speaker, count(*) as n from said group by all order by n desc limit 10"
        console.print(f'next: ontherecord sql{where} "{query}"', highlight=False, soft_wrap=True)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A query, in DuckDB's SQL.", show_default=False)] = "",
    root: Root = DEFAULT_ROOT,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Take the query from a file.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array of objects.")] = False,
) -> None:
    """Ask the published warehouse a question. Read-only: files, network and settings are out of reach."""
    from warehouse.reader import query as ask

    if bool(query) == bool(file):
        raise typer.BadParameter("give either a query or --file")
    rows = ask(root, file.read_text(encoding="utf-8") if file else query)
    if as_csv:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(rows.column_names)
        out.writerows(row.values() for row in rows.to_pylist())
    elif as_json:
        sys.stdout.write(json.dumps(rows.to_pylist(), default=str, ensure_ascii=False, indent=1) + "\n")
    else:
        table = Table(row_styles=["", "dim"] if rows.num_rows > 1 else None)
        for column in rows.column_names:
            table.add_column(printable(column), overflow="fold")
        for row in rows.slice(0, ROWS_SHOWN).to_pylist():
            table.add_row(*(Text("" if value is None else printable(str(value))) for value in row.values()))
        Console().print(table)
        if rows.num_rows > ROWS_SHOWN:
            typer.echo(f"{rows.num_rows - ROWS_SHOWN:,} more rows; --csv or --json print all", err=True)


@app.command()
def show(
    article_id: Annotated[str, typer.Argument(help="The article's id, or the beginning of it.")],
    root: Root = DEFAULT_ROOT,
) -> None:
    """Show an article with its passages, quotations and speakers marked."""
    from warehouse.show import show as render

    Console().print(render(root, article_id), highlight=False)


@app.command()
def status(root: Root = DEFAULT_ROOT) -> None:
    """Say what is published, when, from what, and what was rejected."""
    from warehouse.status import status as report

    Console().print(report(root), highlight=False)


@app.command()
def path(root: Root = DEFAULT_ROOT) -> None:
    """Print the directory of the published snapshot, for tools that read its files."""
    from warehouse.reader import snapshot

    typer.echo(str(snapshot(root)))


@app.command()
def extract(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of news text.")] = None,
    jsonl: Annotated[Path | None, typer.Option(help="A file of JSON lines, each with doc_id and text.")] = None,
    model: Model = None,
) -> None:
    """Print what is found in files, as JSON lines. No warehouse is involved."""
    from flows.documents import from_files, from_jsonl

    documents = [from_files(files or [], model or DEFAULT_MODEL)]
    if jsonl:
        documents.append(from_jsonl(jsonl, model or DEFAULT_MODEL))
    if not files and not jsonl:
        raise typer.BadParameter("name some files, or a file of JSON lines with --jsonl")
    for some in documents:
        for document in some:
            sys.stdout.write(json.dumps(document, default=str, ensure_ascii=False) + "\n")


@app.command()
def schedule(
    cron: Annotated[str, typer.Option(help='When to build, as a cron line such as "0 2 * * *".')],
    root: Root = DEFAULT_ROOT,
    name: Annotated[str, typer.Option(help="The deployment's name.")] = "nightly",
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one to a core.")] = 0,
) -> None:
    """Serve the build to a running Prefect server, which starts it on schedule. Ends with Ctrl-C."""
    from flows.server import API_URL

    if API_URL not in os.environ:
        raise OnTheRecordError(
            f"a schedule needs a Prefect server: run `prefect server start` and set {API_URL} to its address"
        )
    from flows.build import build as build_flow

    build_flow.serve(name=name, cron=cron, parameters={"warehouse": str(root.resolve()), "workers": workers})


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Have SIGTERM end the command as Ctrl-C does, by way of every block that has something to clean up."""
    before = signal.signal(signal.SIGTERM, _exit_on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main() -> None:
    """Run a command; what goes wrong and a person can mend is said in a line, without a traceback."""
    for variable, value in TELEMETRY_OFF.items():
        os.environ.setdefault(variable, value)
    try:
        app()
    except (OnTheRecordError, duckdb.Error) as error:
        Console(stderr=True).print(
            Text(f"ontherecord: {printable(str(error))}"), style="red", highlight=False, soft_wrap=True
        )
        raise SystemExit(1) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
