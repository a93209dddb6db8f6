"""Reading what is published."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import Format, print_rows


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
    print_rows(rows, Format.CSV if as_csv else Format.JSON if as_json else Format.TABLE)


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
    Console(markup=False).print(render(found, reasons), highlight=False)


def status(root: Root = DEFAULT_ROOT) -> None:
    """Say what is published, when, from what, and what was rejected."""
    from warehouse.status import status as report

    Console(markup=False).print(report(root), highlight=False)


def path(root: Root = DEFAULT_ROOT) -> None:
    """Print the directory of the published snapshot, for tools that read its files."""
    from warehouse.reader import snapshot

    typer.echo(str(snapshot(root)))
