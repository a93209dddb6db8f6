"""Who is who: looking names up, and listing what a person should decide."""

from typing import Annotated

import typer

from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import Csv, Json, Rows, format_of, print_csv, print_rows


def entities(
    name: Annotated[
        str, typer.Argument(help="Part of a name; none: the most frequent names.", show_default=False)
    ] = "",
    root: Root = DEFAULT_ROOT,
    limit: Annotated[int, typer.Option(min=1, help="Entities listed.")] = 50,
    ambiguous: Annotated[
        bool, typer.Option("--ambiguous", help="Print what a person should decide, as CSV for build --authority.")
    ] = False,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """List entities with the names each is printed by; or, with --ambiguous, what a person should decide about names."""
    from warehouse.entities import listing, questions

    if ambiguous:
        # Exactly as it is: what is kept of it is read again by build --authority.
        print_csv(Rows.of(questions(root)))
    else:
        print_rows(listing(root, name, limit), format_of(as_csv, as_json))
