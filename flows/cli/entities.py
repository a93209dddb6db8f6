"""Who is who: looking names up, and listing what a person should decide."""

import csv
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.cli.options import DEFAULT_ROOT, Root
from warehouse.text import printable


def entities(
    name: Annotated[
        str, typer.Argument(help="Part of a name; none: the most frequent names.", show_default=False)
    ] = "",
    root: Root = DEFAULT_ROOT,
    limit: Annotated[int, typer.Option(min=1, help="Entities listed.")] = 50,
    ambiguous: Annotated[
        bool, typer.Option("--ambiguous", help="Print what a person should decide, as CSV for build --authority.")
    ] = False,
) -> None:
    """List entities with the names each is printed by; or, with --ambiguous, what a person should decide about names."""
    from warehouse.entities import listing, questions

    if ambiguous:
        rows = questions(root)
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(rows.column_names)
        out.writerows(row.values() for row in rows.to_pylist())
        return
    rows = listing(root, name, limit)
    table = Table(row_styles=["", "dim"] if rows.num_rows > 1 else None)
    for column in rows.column_names:
        table.add_column(column, overflow="fold")
    for row in rows.to_pylist():
        table.add_row(*(Text("" if value is None else printable(str(value))) for value in row.values()))
    Console(markup=False).print(table)
