"""Read the published snapshot."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import warehouse
from etl.errors import OnTheRecordError
from flows.cli.options import DEFAULT_ROOT, Root, duration, warehouse_option
from flows.cli.printing import Csv, Json, Rows, format_of, print_rows, print_wrapped, say

if TYPE_CHECKING:
    from flows.freshness import Health


def sql(
    query: Annotated[str, typer.Argument(help="A query, in DuckDB's SQL.", show_default=False)] = "",
    root: Root = DEFAULT_ROOT,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", exists=True, dir_okay=False, help="Take the query from a file, in UTF-8."),
    ] = None,
    example: Annotated[
        str | None, typer.Option(help="Take one of the example queries, by name; any other name lists them.")
    ] = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Query the published snapshot. Read-only, without access to files, network and settings."""
    from warehouse.reader import query as ask

    if sum(map(bool, (query, file, example))) != 1:
        raise typer.BadParameter("give one of a query, --file and --example")
    form = format_of(as_csv, as_json)
    path = _example(example) if example else file
    print_rows(ask(root, _text(path) if path else query), form)


def _example(name: str) -> Path:
    known = {path.stem: path for path in sorted(warehouse.QUERIES.glob("*.sql"))}
    if name not in known:
        raise OnTheRecordError(
            f"no example query is called {name!r}; in {warehouse.QUERIES} there are: {', '.join(known)}"
        )
    return known[name]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OnTheRecordError(
            f"{file} is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
        ) from None


def show(
    identifier: Annotated[str, typer.Argument(help="The id of an article or of a quote, or the beginning of it.")],
    root: Root = DEFAULT_ROOT,
    why: Annotated[
        bool, typer.Option("--why", help="Explain each speaker; runs the stages again on the stored text.")
    ] = False,
    html: Annotated[bool, typer.Option("--html", help="Print a web page, to save as a file.")] = False,
) -> None:
    """Show an article, or the passages around a quote, with quotations and speakers marked."""
    from warehouse.article import find
    from warehouse.show import render

    found = find(root, identifier)
    if html:
        from warehouse.page import page

        typer.echo(page(found), nl=False)
        return
    reasons = None
    if why:
        from etl.config import load_config
        from etl.extract.reasons import reasons as reasons_of
        from etl.store.paths import Layout

        model = load_config(Layout(root).config).model
        reasons = reasons_of(found.article, found.passages, found.quotes, model)
    print_wrapped(render(found, reasons))


def status(
    root: Root = DEFAULT_ROOT,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object, for monitors.")] = False,
    max_age: Annotated[
        str | None, typer.Option(help="Exit with 1 if the sources were last scanned longer ago, such as 26h.")
    ] = None,
    tell: Annotated[bool, typer.Option("--notify", help="In that case, also send a notification.")] = False,
) -> None:
    """Show the last runs, the published snapshot, its sources, and what was rejected."""
    from flows.freshness import health

    found = health(root.resolve())
    if as_json:
        typer.echo(found.model_dump_json(indent=1))
    elif not max_age:
        _print_status(root, found)
    if max_age:
        _refuse_stale(found, duration(max_age), tell)


def _print_status(root: Path, found: "Health") -> None:
    from warehouse.status import status as report

    if found.held:
        say(f"{found.held}; to publish again: ontherecord release{warehouse_option(root)}\n", style="bold yellow")
    if found.attempts:
        print_rows(_attempts(found))
        say("")
    published = report(root)
    for line in published.lines:
        say(line)
    for rows in published.tables:
        say("")
        print_rows(rows)


def _attempts(found: "Health") -> Rows:
    """The last runs, the newest first."""
    return Rows(
        ("last runs", "began (UTC)", "seconds", "why"),
        [
            (run.status, f"{run.started_at:%Y-%m-%d %H:%M:%S}", run.seconds and round(run.seconds, 1), run.error or "")
            for run in found.attempts
        ],
    )


def _refuse_stale(found: "Health", max_age: timedelta, tell: bool) -> None:
    from flows.freshness import StaleError, refuse_stale
    from flows.notify import notify

    try:
        refuse_stale(found, max_age)
    except StaleError as error:
        if tell:
            notify(f"{Path(found.warehouse).name} is stale", str(error))
        raise


def path(root: Root = DEFAULT_ROOT) -> None:
    """Print the directory of the published snapshot, for tools that read its files."""
    from warehouse.reader import snapshot

    say(str(snapshot(root)))
