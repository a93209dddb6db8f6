"""Export the published tables."""

from pathlib import Path
from typing import Annotated

import typer

from etl.choices import Format
from etl.text import plural
from flows.cli.options import DEFAULT_ROOT, Root, folder_of


def export(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.", show_default=False, parser=folder_of)],
    root: Root = DEFAULT_ROOT,
    form: Annotated[
        Format, typer.Option("--format", help="A file a table, or one for all (xlsx, sqlite).")
    ] = Format.CSV,
    query: Annotated[str | None, typer.Option(help="Only the rows of a query, in DuckDB's SQL.")] = None,
) -> None:
    """Write the published tables, or the rows of a query, as CSV, JSON lines, SQLite or a workbook."""
    from warehouse.export import export as write

    if query is not None and not query.strip():
        raise typer.BadParameter("--query is empty; leave it out to export all tables")
    for name, n in write(root, folder, form, query or "").items():
        typer.echo(f"{name}: {plural(n, 'row')}")
