"""List rejected files and records."""

from typing import Annotated

import typer

from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import Csv, Format, Json, format_of, print_rows, say


def rejected(
    root: Root = DEFAULT_ROOT,
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only those with this reason.")] = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """List the files and records that could not be used, with what to do about each."""
    from warehouse.rejections import listing

    form = format_of(as_csv, as_json)
    rows = listing(root, source, reason)
    if form is Format.TABLE and not rows.num_rows:
        say("nothing rejected")
    else:
        print_rows(rows, form)
