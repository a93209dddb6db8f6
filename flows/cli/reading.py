"""Reading what is published."""

from pathlib import Path
from typing import Annotated

import typer

from etl.errors import OnTheRecordError
from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import Csv, Json, console, format_of, print_rows, say


def sql(
    query: Annotated[str, typer.Argument(help="A query, in DuckDB's SQL.", show_default=False)] = "",
    root: Root = DEFAULT_ROOT,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", exists=True, dir_okay=False, help="Take the query from a file, in UTF-8."),
    ] = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Ask the published warehouse a question. Read-only: files, network and settings are out of reach."""
    from warehouse.reader import query as ask

    if bool(query) == bool(file):
        raise typer.BadParameter("give either a query or --file")
    form = format_of(as_csv, as_json)
    print_rows(ask(root, _text(file) if file else query), form)


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
        bool, typer.Option("--why", help="Say why each speaker was chosen; runs the stages again on the stored text.")
    ] = False,
    html: Annotated[bool, typer.Option("--html", help="Print a web page, to be put into a file.")] = False,
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
        from etl.store.paths import Layout
        from flows.reasons import reasons as reasons_of

        reasons = reasons_of(found, load_config(Layout(root).config).model)
    console().print(render(found, reasons))


def status(root: Root = DEFAULT_ROOT) -> None:
    """Say what is published, when, from what, and what was rejected."""
    from warehouse.status import status as report

    found = report(root)
    for line in found.lines:
        say(line)
    for rows in found.tables:
        say("")
        print_rows(rows)


def path(root: Root = DEFAULT_ROOT) -> None:
    """Print the directory of the published snapshot, for tools that read its files."""
    from warehouse.reader import snapshot

    say(str(snapshot(root)))
