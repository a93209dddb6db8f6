"""Entities: look up names, and list the names that a person should decide about."""

from typing import Annotated

import typer

from flows.cli.options import DEFAULT_ROOT, MOST, Root
from flows.cli.printing import Csv, Json, format_of, print_csv, print_rows


def entities(
    name: Annotated[
        str, typer.Argument(help="Part of a name; default: the most frequent names.", show_default=False)
    ] = "",
    root: Root = DEFAULT_ROOT,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="Entities listed.")] = 50,
    ambiguous: Annotated[
        bool, typer.Option("--ambiguous", help="Print the names to decide about, as CSV for build --authority.")
    ] = False,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """List entities with their names; with --ambiguous, the names that a person should decide about."""
    from warehouse.entities import listing, questions

    if ambiguous:
        if name or as_json:
            raise typer.BadParameter(
                "--ambiguous prints all the names to decide about, as CSV; leave out NAME and --json"
            )
        # Not escaped for spreadsheets, because build --authority reads it.
        print_csv(questions(root))
    else:
        print_rows(listing(root, name, limit), format_of(as_csv, as_json))
